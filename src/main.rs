//! The `dateline` command: see [`dateline::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    dateline::cli::main()
}
