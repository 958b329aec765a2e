//! The real binary under test, as a process: started, signalled, waited for, and its log kept.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::reaper::Reaper;
use crate::wait::until;

/// The binary under test: beside the lab, and one directory above a test or a bench, for which cargo builds it.
pub fn program() -> PathBuf {
    let ours = std::env::current_exe().expect("the system reports where a program is");
    let found =
        ours.ancestors().skip(1).take(2).map(|directory| directory.join("dateline")).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("no worker near {}: build it first, cargo build", ours.display()))
}

/// A worker's process; killed when dropped.
pub struct Worker {
    // The reaper goes before the process it guards against.
    reaper: Option<Reaper>,
    child: Child,
    directory: TempDir,
}

impl Worker {
    /// Starts `dateline run` on a configuration in TOML.
    pub fn start(config: &str) -> Worker {
        Worker::start_with(config, &[])
    }

    /// The same with environment variables, e.g. `("DATELINE__BROKER__URLS", url)`.
    pub fn start_with(config: &str, environment: &[(&str, &str)]) -> Worker {
        let directory = TempDir::with_prefix("dateline-worker-").expect("the temporary directory can be written");
        let file = directory.path().join("dateline.toml");
        fs::write(&file, config).expect("the worker's directory can be written");
        let mut command = Command::new(program());
        command.arg("run").arg("--config").arg(file).envs(environment.iter().copied());
        Worker::spawn(command, directory)
    }

    /// Starts any command as a worker.
    pub fn spawn(mut command: Command, directory: TempDir) -> Worker {
        let create = |name| File::create(directory.path().join(name)).expect("the worker's directory can be written");
        command.stdin(Stdio::null()).stdout(create("stdout")).stderr(create("stderr"));
        let reaper = Reaper::guard(directory.path());
        let child = command.process_group(0).spawn().expect("cargo has built the binary");
        let note = fs::write(directory.path().join("worker.pid"), child.id().to_string());
        note.expect("the worker's directory can be written");
        Worker { reaper: Some(reaper), child, directory }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, e.g. TERM to drain, STOP to freeze, KILL to end without a word.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("our own child can be signalled");
    }

    /// Waits for its end and gives the exit code; `None` when a signal ended it.
    pub fn wait(&mut self, timeout: Duration) -> Option<i32> {
        let child = &mut self.child;
        let ended = until(timeout, || child.try_wait().expect("our own child can be waited for").is_some());
        assert!(ended, "the worker did not end in {timeout:?}");
        self.child.wait().expect("our own child can be waited for").code()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("our own child can be waited for").is_some()
    }

    /// Waits until its log has the text, and fails when it never does.
    pub fn wait_for_log(&mut self, text: &str, timeout: Duration) {
        assert!(until(timeout, || self.log().contains(text)), "the worker did not log {text:?} in {timeout:?}");
    }

    /// All it has logged so far.
    pub fn log(&self) -> String {
        self.said("stderr")
    }

    /// All it has printed so far.
    pub fn output(&self) -> String {
        self.said("stdout")
    }

    /// Its resident memory.
    pub fn resident_bytes(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The most it ever had.
    pub fn resident_bytes_max(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// How many threads it has now.
    pub fn threads(&self) -> u64 {
        let threads = self.status("Threads:").and_then(|threads| threads.parse().ok());
        threads.expect("the worker is running")
    }

    fn status(&self, of: &str) -> Option<String> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix(of)).map(|value| value.trim().to_owned())
    }

    fn memory(&self, of: &str) -> u64 {
        let kilobytes = self.status(of).and_then(|value| value.strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.expect("the worker is running") * 1024
    }

    fn said(&self, name: &str) -> String {
        let path: PathBuf = self.directory.path().join(name);
        fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.reaper = None;
        self.child.kill().expect("our own child can be killed, even when it has ended");
        self.child.wait().expect("our own child can be waited for");
        if thread::panicking() {
            eprintln!("the worker's log:\n{}", self.log());
        }
    }
}
