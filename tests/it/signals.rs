//! A worker listens for signals before it does anything that takes time.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer, within bounds.
fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_worker_that_still_loads_its_data_ends_in_order() {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    // A file that ends when we close it: until then the worker loads.
    let lexicon = directory.path().join("lexicon");
    std::fs::create_dir_all(lexicon.join("en")).expect("the directory is ours");
    let data = lexicon.join("en/slow.txt");
    mknodat(CWD, &data, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("the directory is ours");
    let config = directory.path().join("dateline.toml");
    let text = format!(
        "[broker]\nurls = [\"amqp://127.0.0.1:1/%2f\"]\n[health]\nlisten = \"\"\n[classify]\ntopic_lexicon = {lexicon:?}\n"
    );
    std::fs::write(&config, text).expect("the directory is ours");
    let mut worker = Command::new(env!("CARGO_BIN_EXE_dateline"))
        .args(["run", "--config"])
        .arg(&config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary was built for this test");
    // Opening it to write succeeds once the worker reads it.
    let flags = OFlags::NONBLOCK.bits() as i32;
    let open = || OpenOptions::new().write(true).custom_flags(flags).open(&data).ok();
    let writing = wait_for("the worker to load its data", open);
    kill_process(Pid::from_child(&worker), Signal::TERM).expect("our own child can be signalled");
    drop(writing);
    let ended = wait_for("the worker to end", || worker.try_wait().expect("our own child can be waited for"));
    assert_eq!(ended.code(), Some(0), "{ended}");
}
