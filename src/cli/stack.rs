//! Stacks that hold what a broker may send.
//!
//! AMQP tables nest, and the client library parses, drops and copies them by recursion, on a thread of its own whose
//! stack no option makes larger. A frame of 128 KiB can nest 26,000 levels deep: on a default stack one such message
//! would end every worker it reaches, before any code of ours has seen it. The standard library gives new threads the
//! stack that this variable names, and reads it once; so the process restarts with it set.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Read by the standard library when the first thread is made.
const VARIABLE: &str = "RUST_MIN_STACK";

/// Bytes of address space for each thread; memory is taken only for what is used of it.
const STACK_BYTES: &str = "134217728";

/// Restarts this process, under the same id, with stacks that hold the deepest table a frame can.
///
/// Returns when they are there already; an operator may choose another size.
///
/// # Errors
/// When the system does not let the program restart.
pub(super) fn make_room() -> io::Result<()> {
    if env::var_os(VARIABLE).is_some() {
        return Ok(());
    }
    let mut arguments = env::args_os();
    let mut program = Command::new(env::current_exe()?);
    if let Some(name) = arguments.next() {
        program.arg0(name);
    }
    Err(program.args(arguments).env(VARIABLE, STACK_BYTES).exec())
}
