//! What the wall clock does to a worker: nothing, since only headers of copies read it, and no deadline.

use std::fs;
use std::path::PathBuf;

use crate::scene::Scene;
use testbed::newsroom::PATIENCE;
use testbed::wait::until;

/// Where Debian keeps the library, for whichever machine.
const LIBRARIES: &str = "/usr/lib";

/// The library that gives a program a clock of its own; `None` where it is not installed.
pub(crate) fn library() -> Option<PathBuf> {
    let machines = fs::read_dir(LIBRARIES).ok()?.flatten();
    machines.map(|machine| machine.path().join("faketime/libfaketime.so.1")).find(|library| library.is_file())
}

/// Starts a worker whose wall clock is read from a file; the monotonic clock is the machine's.
pub(super) fn begin(scene: &mut Scene<'_>) {
    let library = library().expect("the fault runs only where the library is");
    set(scene, 0);
    let clock = scene.clock().display().to_string();
    scene.set_variable("LD_PRELOAD", library.display().to_string());
    scene.set_variable("FAKETIME_TIMESTAMP_FILE", clock);
    scene.set_variable("FAKETIME_NO_CACHE", "1");
    scene.set_variable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    scene.begin();
}

pub(super) fn set_back(scene: &mut Scene<'_>) {
    step(scene, -3600);
}

pub(super) fn set_forward(scene: &mut Scene<'_>) {
    step(scene, 31_536_000);
}

/// Sets the clock, and has documents fail, whose dead letters and log bear its time.
fn step(scene: &mut Scene<'_>, seconds: i64) {
    set(scene, seconds);
    super::documents::malformed(scene);
    let stepped = |scene: &mut Scene<'_>| logged_about(&scene.worker().log(), seconds);
    assert!(until(PATIENCE, || stepped(scene)), "the worker's clock was not set");
}

fn set(scene: &Scene<'_>, seconds: i64) {
    fs::write(scene.clock(), format!("{seconds:+}")).expect("the temporary directory can be written");
}

/// Whether a line was logged at this number of seconds from now, give or take a minute.
fn logged_about(log: &str, seconds: i64) -> bool {
    let now = jiff::Timestamp::now().as_second();
    let times = log.lines().filter_map(|line| line.split_whitespace().next()?.parse::<jiff::Timestamp>().ok());
    times.into_iter().any(|time| (time.as_second() - now - seconds).abs() < 60)
}
