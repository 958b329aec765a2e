//! Faults that a document can ask for, so that tests can have a processor that panics, aborts or exhausts memory
//! without one that really does. Compiled under the feature `fault-points` only; no release has it.

use std::hint::black_box;
use std::process;
use std::thread;
use std::time::Duration;

use crate::message::Incoming;

/// Names the fault: `panic`, `abort`, `exhaust-memory` or `linger`. Kept on the copies of a document.
pub const HEADER: &str = "dateline-fault-point";

/// How much memory is asked for at once.
const CHUNK_BYTES: usize = 64 << 20;

/// How long a document lingers: long enough to be caught in the middle of a batch.
const LINGER: Duration = Duration::from_millis(5);

/// Does what the document asks for. A fault that is not known is none.
pub(super) fn strike(message: &Incoming) {
    match message.properties.headers.text(HEADER) {
        Some("panic") => panic!("the document asked for a panic"),
        Some("abort") => process::abort(),
        Some("exhaust-memory") => exhaust_memory(),
        Some("linger") => thread::sleep(LINGER),
        _ => {}
    }
}

/// Ends when the system gives no more; the allocator then aborts the process.
fn exhaust_memory() -> ! {
    let mut held: Vec<Vec<u8>> = Vec::new();
    loop {
        // Out of the optimiser's sight: it may leave out memory that nobody uses.
        held.push(black_box(Vec::with_capacity(CHUNK_BYTES)));
    }
}
