//! Memory that something keeps, as Linux counts it.

use std::fs;
use std::hint::black_box;

/// Builds something and says what resident memory that added.
pub(crate) fn show_added<T>(build: impl FnOnce() -> T) {
    let before = bytes();
    let built = black_box(build());
    if let (Some(before), Some(after)) = (before, bytes()) {
        eprintln!("resident memory added by the classifier: {:.1} MB", (after - before) as f64 / 1e6);
    }
    drop(built);
}

/// Resident memory of this process.
fn bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
