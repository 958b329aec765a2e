//! Faults that a document can ask for, so that tests can have a processor that panics, aborts or exhausts memory
//! without one that really does. Compiled under the feature `fault-points` only; no release has it.

use std::hint::black_box;
use std::process;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::message::Incoming;

/// Names the fault: `panic`, `abort`, `exhaust-memory`, `linger` or `meet`. Kept on the copies of a document.
pub const HEADER: &str = "dateline-fault-point";

/// How much memory is asked for at once.
const CHUNK_BYTES: usize = 64 << 20;

/// How long a document lingers: long enough to be caught in the middle of a batch.
const LINGER: Duration = Duration::from_millis(5);

/// How long a document waits for another: longer than anything takes on a busy machine.
const MEETING_MAX: Duration = Duration::from_secs(30);

/// Does what the document asks for. An unknown fault is ignored.
pub(super) fn strike(message: &Incoming) {
    match message.properties.headers.text(HEADER) {
        Some("panic") => panic!("the document asked for a panic"),
        Some("abort") => process::abort(),
        Some("exhaust-memory") => exhaust_memory(),
        Some("linger") => thread::sleep(LINGER),
        Some("meet") => meet(),
        _ => {}
    }
}

/// Waits until another document that asks for the same is processed at the same time.
fn meet() {
    static ARRIVED: Mutex<usize> = Mutex::new(0);
    static CHANGED: Condvar = Condvar::new();
    let mut arrived = ARRIVED.lock().unwrap_or_else(PoisonError::into_inner);
    *arrived += 1;
    CHANGED.notify_all();
    let both = arrived.next_multiple_of(2);
    let met = CHANGED.wait_timeout_while(arrived, MEETING_MAX, |arrived| *arrived < both);
    let timed_out = met.unwrap_or_else(PoisonError::into_inner).1.timed_out();
    assert!(!timed_out, "no other document was processed at the same time");
}

/// Ends when the system gives no more; the allocator then aborts the process.
fn exhaust_memory() -> ! {
    let mut held: Vec<Vec<u8>> = Vec::new();
    loop {
        // Hidden from the optimiser, which may leave out memory that nobody uses.
        held.push(black_box(Vec::with_capacity(CHUNK_BYTES)));
    }
}
