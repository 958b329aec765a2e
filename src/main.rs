//! The `dateline` command: see [`dateline::cli`].

use std::process::ExitCode;

/// Documents and frames are allocated on one thread and freed on another, in sizes that make the system's allocator
/// merge and split its blocks all the time: it took an eighth of the worker's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dateline::cli::main()
}
