//! How every command meets a reader that has gone, and a disk that is full.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::thread;

use tempfile::TempDir;

const ROW: &str = r#"{"id":"1","source":"own","title":"Ferry to Oslo resumes","body":"","primary":"NO","countries":["NO"],"iptc":"medtop:04000000"}"#;

/// Each command that writes to standard output, by the words it is called with, and its exit code when it cannot.
const ROWS: [(&[&str], i32); 20] = [
    (&["--help"], 65),
    (&["--version"], 65),
    (&["help", "dlq"], 65),
    (&["process"], 75),
    (&["process", "--output", "table"], 75),
    (&["schema"], 65),
    (&["schema", "--list"], 65),
    (&["check"], 65),
    (&["topics"], 65),
    (&["topics", "peace"], 65),
    (&["explain"], 65),
    (&["explain", "--json"], 65),
    (&["eval", "regions", "rows.jsonl"], 65),
    (&["eval", "regions", "rows.jsonl", "--features"], 65),
    (&["eval", "topics", "rows.jsonl"], 65),
    (&["eval", "topics", "rows.jsonl", "--json"], 65),
    (&["health"], 65),
    (&["reasons"], 65),
    (&["reasons", "panic"], 65),
    (&["reasons", "--json"], 65),
];

/// Exit code and standard error of a command with this as its standard output.
fn run(words: &[&str], stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let directory = TempDir::with_prefix("dateline-output-").expect("the temporary directory can be written");
    std::fs::write(directory.path().join("rows.jsonl"), ROW).expect("the directory can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.args(words).current_dir(&directory).stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
    let worker = (words == ["health"]).then(ready_worker);
    if let Some((address, _)) = &worker {
        command.env("DATELINE__HEALTH__LISTEN", address);
    }
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    // A command that reads nothing may have ended by now.
    drop(stdin.write_all(b"Glacier Lake Drains Overnight in Iceland\n"));
    drop(stdin);
    let output = child.wait_with_output().expect("the binary ends");
    if let Some((_, answered)) = worker {
        answered.join().expect("the command asks once");
    }
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Answers one request as a ready worker does.
fn ready_worker() -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let answer = move || {
        let (mut stream, _) = listener.accept().expect("the command connects");
        let request = BufReader::new(&stream).lines().map_while(Result::ok);
        assert!(request.take_while(|line| !line.is_empty()).count() > 0, "the command sent no request");
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nready\n";
        stream.write_all(answer).expect("the command listens");
    };
    (address, thread::spawn(answer))
}

#[test]
fn a_reader_that_has_seen_enough_is_never_an_error() {
    for (words, _) in ROWS {
        let closed = std::io::pipe().expect("a pipe").1;
        assert_eq!(run(words, closed), (Some(0), String::new()), "dateline {words:?} into a closed pipe");
    }
}

#[test]
fn a_full_disk_is_an_error_that_says_so_in_one_line() {
    for (words, code) in ROWS {
        let full: File = OpenOptions::new().write(true).open("/dev/full").expect("Linux has /dev/full");
        let (ended, says) = run(words, full);
        assert_eq!(ended, Some(code), "dateline {words:?} on a full disk says {says:?}");
        let explained = says.contains("standard output") && says.contains("No space left");
        assert!(explained && says.lines().count() == 1, "dateline {words:?} on a full disk says {says:?}");
    }
}
