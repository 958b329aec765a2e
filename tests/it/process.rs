//! `dateline process` and its kin, run as a person or a pipeline would.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use testbed::published;

/// Runs the real binary with this on its standard input.
fn dateline(arguments: &[&str], input: &[u8]) -> Output {
    run(command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()), input)
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.args(arguments);
    command
}

/// Runs a command to its end; what it writes to pipes is kept.
fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let input = input.to_vec();
    // The binary may end before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("the writer ends");
    output
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("output is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The events on its standard output, each valid against the published schemas.
fn events(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).expect("output is UTF-8");
    text.lines().map(|line| published::event(line.as_bytes(), line)).collect()
}

#[test]
fn piped_output_is_one_event_a_line() {
    let output =
        dateline(&["process", "-"], b"Harbour Pilots Call Off Strike\nGlacier Lake Drains Overnight in Iceland\n");
    assert_eq!(output.status.code(), Some(0));
    let events = events(&output);
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["data"]["item"]["headlines"][0]["value"], "Glacier Lake Drains Overnight in Iceland");
}

#[test]
fn each_ndjson_line_is_a_document_under_its_own_id_and_order_is_kept() {
    let input: String = (0..500)
        .map(|number| format!("{{\"id\":\"n{number}\",\"title\":\"Ferry {number} resumes service after storm\"}}\n\n"))
        .collect();
    let output = dateline(&["process", "--format", "ndjson", "--source", "ferries"], input.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let ids: Vec<String> =
        events(&output).iter().map(|event| event["data"]["document"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, (0..500).map(|number| format!("n{number}")).collect::<Vec<_>>());
}

#[test]
fn rejected_documents_go_to_stderr_with_reason_and_bytes_and_the_exit_code_says_so() {
    let input = b"{\"id\":\"good\",\"title\":\"Ferry resumes service\"}\n[1]\n{\"id\":3,\n{\"id\":\"x\"}\n{\"title\":\"\xfd\"}\n";
    let output = dateline(&["process", "--format", "ndjson"], input);
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(events(&output).len(), 1);
    let letters = lines(&output.stderr);
    let rows: Vec<(&str, &str)> =
        letters.iter().map(|letter| (letter["reason"].as_str().unwrap(), letter["input"].as_str().unwrap())).collect();
    assert_eq!(
        rows,
        [("not-an-object", "-:2"), ("malformed-json", "-:3"), ("missing-text", "-:4"), ("invalid-utf8", "-:5")]
    );
    assert_eq!(letters[0]["body"], "[1]\n");
    assert_eq!(letters[3]["body_base64"], "eyJ0aXRsZSI6Iv0ifQo=");
}

#[track_caller]
fn check_rejected(input: &[u8], reason: &str) {
    let output = dateline(&["process", "-"], input);
    let letters = lines(&output.stderr);
    assert_eq!((output.status.code(), letters.len()), (Some(65), 1), "{reason}");
    assert_eq!(letters[0]["reason"], reason);
    assert!(output.stdout.is_empty());
}

/// Every other rejection is a row of `parse`; these are the command's own bounds.
#[test]
fn input_without_a_document_is_one_dead_letter() {
    check_rejected(b"", "empty");
    check_rejected(&vec![b'a'; (4 << 20) + 10], "too-large");
}

/// A device that is full.
fn full() -> std::fs::File {
    std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has /dev/full")
}

/// A pipe that nobody reads any more.
fn closed() -> std::io::PipeWriter {
    std::io::pipe().expect("a pipe").1
}

const EVENT: &[u8] = b"Glacier Lake Drains Overnight in Iceland\n";

#[test]
fn events_that_could_not_be_written_are_no_success() {
    // One document ends in the drain, many end while documents are still taken in.
    let many: String =
        (0..500).map(|number| format!("{{\"title\":\"Ferry {number} resumes service after storm\"}}\n")).collect();
    for (arguments, input) in [(["--format", "auto"], EVENT), (["--format", "ndjson"], many.as_bytes())] {
        let output = run(command(&["process"]).args(arguments).stdout(full()).stderr(Stdio::piped()), input);
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(75), "{says}");
        assert!(says.contains("standard output") && says.contains("No space left"), "{says}");
        assert_eq!(says.lines().count(), 1, "{says}");
    }
}

#[test]
fn dead_letters_that_could_not_be_written_are_no_success() {
    let into = |stderr: Stdio| run(command(&["process"]).stdout(Stdio::piped()).stderr(stderr), b"").status.code();
    assert_eq!(into(full().into()), Some(75));
    assert_eq!(into(closed().into()), Some(75));
}

#[test]
fn a_reader_that_has_had_enough_of_events_is_forgiven() {
    let into_closed = |input| run(command(&["process"]).stdout(closed()).stderr(Stdio::piped()), input);
    let output = into_closed(EVENT);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
    assert_eq!(into_closed(b"").status.code(), Some(65));
}

#[test]
fn no_document_is_held_too_long_where_it_cannot_be_handed_back() {
    let input: String =
        (0..200).map(|number| format!("{{\"title\":\"Ferry {number} resumes service after storm\"}}\n")).collect();
    let mut process = command(&["process", "--format", "ndjson"]);
    process.env("DATELINE__PIPELINE__HOLD_MAX", "1ms").stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = run(&mut process, input.as_bytes());
    assert_eq!((output.status.code(), events(&output).len()), (Some(0), 200));
}

#[test]
fn a_dead_letter_that_is_cut_says_so_and_how_large_the_document_was() {
    for arguments in [&["process"][..], &["process", "--format", "ndjson"]] {
        let letter = |bytes: usize| lines(&dateline(arguments, &vec![b'a'; bytes]).stderr).remove(0);
        let cut = letter(10 << 20);
        assert_eq!((&cut["truncated"], &cut["original_bytes"]), (&true.into(), &(10 << 20).into()));
        assert_eq!(cut["body"].as_str().map(str::len), Some((4 << 20) + 1));
        assert!(letter((4 << 20) + 1).get("truncated").is_none());
    }
}

#[test]
fn a_table_is_drawn_when_asked_for() {
    let output = dateline(&["process", "--output", "table"], b"Glacier Lake Drains Overnight in Iceland\n");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("headline") && text.contains("Glacier Lake") && text.contains("IS"), "{text}");
}

#[test]
fn schemas_are_listed_and_printed() {
    let list = dateline(&["schema", "--list"], b"");
    let names: Vec<String> = String::from_utf8_lossy(&list.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert_eq!(names, ["event", "item", "ninjs"]);
    for name in names {
        let schema: Value =
            serde_json::from_slice(&dateline(&["schema", &name], b"").stdout).expect("a schema is JSON");
        assert!(schema["$id"].as_str().is_some_and(|id| id.starts_with("urn:dateline:schema:")));
    }
}

#[test]
fn usage_errors_and_configuration_errors_have_their_exit_codes() {
    assert_eq!(dateline(&["process", "--format", "xml"], b"").status.code(), Some(64));
    let help = dateline(&["run", "--help"], b"");
    assert!(String::from_utf8_lossy(&help.stdout).contains("78 the configuration is wrong"));
    let missing = dateline(&["check", "--config", "no-such-file.toml"], b"");
    assert_eq!(missing.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-file.toml"));
    let folder = dateline(&["process", env!("CARGO_MANIFEST_DIR")], b"");
    assert_eq!(folder.status.code(), Some(66));
    let missing = dateline(&["process", "no-such-document.txt"], b"");
    assert_eq!(missing.status.code(), Some(66));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-document.txt"));
    assert!(String::from_utf8_lossy(&folder.stderr).contains("folder"));
}

#[test]
fn check_prints_the_configuration_without_its_secrets() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(b"[broker]\nurls = [\"amqp://feed:s3cret@broker/%2f\"]\npassword = \"hidden\"\n").expect("written");
    let output = dateline(&["check", "--config", &file.path().display().to_string()], b"");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0));
    assert!(text.contains("amqp://***@broker/%2f") && text.contains("in_flight_max = 256"), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("hidden"), "{text}");
}

#[test]
fn check_names_the_files_it_cannot_read() {
    for key in ["BROKER__PASSWORD_FILE", "BROKER__TLS__CA_FILE"] {
        let mut check = command(&["check"]);
        check.env(format!("DATELINE__{key}"), "/no/such/file").stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = run(&mut check, b"");
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        let name = key.to_lowercase().replace("__", ".");
        assert_eq!(output.status.code(), Some(78), "{says}");
        assert!(says.contains(&name) && says.contains("/no/such/file"), "{says}");
    }
}

#[test]
fn a_worker_whose_log_filter_cannot_be_read_is_misconfigured() {
    let mut worker = command(&["run"]);
    worker.env("DATELINE__LOG__FILTER", "info,lapin=loud").stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = run(&mut worker, b"");
    assert_eq!(output.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&output.stderr).contains("log.filter"));
}

#[test]
fn a_worker_whose_health_port_is_taken_says_which_key_to_change() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut worker = command(&["run"]);
    worker.env("DATELINE__HEALTH__LISTEN", &address).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = run(&mut worker, b"");
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{says}");
    assert!(says.contains("health.listen") && says.contains(&address) && says.contains("another port"), "{says}");
}

#[test]
fn every_item_of_a_bulletin_is_found_where_and_about_what_it_must_be() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/documents/bulletin.txt");
    let labels = std::fs::read(document.with_extension("json")).expect("the labels are there");
    let labels: Vec<Value> = serde_json::from_slice(&labels).expect("labels are JSON");
    let output = dateline(&["process", &document.display().to_string(), "--output", "ndjson"], b"");
    let events = events(&output);
    assert_eq!((events.len(), labels.len()), (18, 18));
    for (event, label) in events.iter().zip(&labels) {
        check_label(event, label);
    }
}

#[track_caller]
fn check_label(event: &Value, label: &Value) {
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let classification = &event["data"]["classification"];
    let regions: Vec<String> = classification["regions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|region| region["code"].as_str().unwrap().into())
        .collect();
    let topic =
        classification["topics"][0]["path"][0].as_str().unwrap_or("none").trim_start_matches("medtop:").to_owned();
    let item = &event["data"]["item"];
    let text = item.get("headlines").unwrap_or(&item["bodies"])[0]["value"].as_str().unwrap();
    assert!(text.starts_with(label["starts_with"].as_str().unwrap()), "{label}: {text}");
    assert_eq!(event["data"]["kind"], label["kind"], "{label}");
    assert!(
        regions.first().is_some_and(|first| texts(&label["primary_any_of"]).contains(first)),
        "{label}: {regions:?}"
    );
    assert!(texts(&label["countries_required"]).iter().all(|code| regions.contains(code)), "{label}: {regions:?}");
    assert!(texts(&label["topic_any_of"]).contains(&topic), "{label}: {topic}");
}
