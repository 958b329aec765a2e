//! Ends what a test left running when the test process itself is killed, for then nothing is dropped.
//!
//! A shell waits for the end of its standard input, which the kernel closes with our process however that dies. It then
//! kills every process whose id is in a `*.pid` of the guarded directory, and removes the directory. In a test that
//! ends as it should the reaper is dropped first and does nothing.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use std::os::unix::process::CommandExt;

const SCRIPT: &str = r#"
trap '' INT TERM HUP
while read -r line; do :; done
for file in "$1"/*.pid; do kill -9 "$(cat "$file")"; done 2>/dev/null
rm -rf "$1"
"#;

/// The shell that waits for our end.
pub struct Reaper(Child);

impl Reaper {
    /// Guards a directory from now on.
    pub fn guard(directory: &Path) -> Reaper {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "reaper"]).arg(directory);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // In a group of its own, an interrupt from the terminal does not reach it.
        Reaper(command.process_group(0).spawn().expect("every system the tests run on has sh"))
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        self.0.kill().expect("our own child can be killed");
        self.0.wait().expect("our own child can be waited for");
    }
}

#[test]
fn the_end_of_the_test_process_ends_what_it_started() {
    let directory = tempfile::tempdir().expect("the temporary directory can be written");
    let mut left_behind = Command::new("sleep").arg("600").spawn().expect("every system has sleep");
    std::fs::write(directory.path().join("left.pid"), left_behind.id().to_string()).expect("it can be written");
    let mut reaper = Reaper::guard(directory.path());
    // What the kernel does when our process dies.
    drop(reaper.0.stdin.take());
    let ended = crate::wait::until(std::time::Duration::from_secs(10), || {
        left_behind.try_wait().expect("our own child can be waited for").is_some() && !directory.path().exists()
    });
    left_behind.kill().expect("our own child can be killed, even when it has ended");
    assert!(ended, "the process or its directory outlived us");
}
