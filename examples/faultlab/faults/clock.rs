//! What the wall clock does to a worker: nothing, since only headers of copies read it, and no deadline.

use std::fs;
use std::path::PathBuf;

use crate::scene::Scene;

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
    set(scene, "+0");
    let clock = scene.clock().display().to_string();
    scene.set_variable("LD_PRELOAD", library.display().to_string());
    scene.set_variable("FAKETIME_TIMESTAMP_FILE", clock);
    scene.set_variable("FAKETIME_NO_CACHE", "1");
    scene.set_variable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    scene.begin();
}

pub(super) fn set_back(scene: &mut Scene<'_>) {
    step(scene, "-3600");
}

pub(super) fn set_forward(scene: &mut Scene<'_>) {
    step(scene, "+31536000");
}

/// Sets the clock, and has something written that bears its time: the header of a dead letter.
fn step(scene: &mut Scene<'_>, offset: &str) {
    set(scene, offset);
    super::documents::malformed(scene);
}

fn set(scene: &Scene<'_>, offset: &str) {
    fs::write(scene.clock(), offset).expect("the temporary directory can be written");
}
