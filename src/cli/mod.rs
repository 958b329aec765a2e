//! The command line: arguments in, exit code out. One file a subcommand.

mod check;
mod dlq;
mod eval;
mod explain;
mod health;
mod output;
mod process;
mod reasons;
mod run;
mod schema;
mod stack;
mod table;
mod topics;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::OutputError;

use crate::daemon::config::{Config, ConfigFault};

/// Raw news documents in, one classified event per article and headline out.
#[derive(Debug, Parser)]
#[command(name = "dateline", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArgs),
    Process(process::ProcessArgs),
    Check(check::CheckArgs),
    Dlq(dlq::DlqArgs),
    Reasons(reasons::ReasonsArgs),
    Schema(schema::SchemaArgs),
    Health(health::HealthArgs),
    Eval(eval::EvalArgs),
    Explain(explain::ExplainArgs),
    Topics(topics::TopicsArgs),
}

impl Command {
    fn meets_a_broker(&self) -> bool {
        matches!(self, Command::Run(_) | Command::Check(_) | Command::Dlq(_))
    }
}

/// Exit codes, after sysexits.h.
pub mod exit {
    /// It works, but an operator should look.
    pub const WARNING: u8 = 1;
    /// The command line could not be understood.
    pub const USAGE: u8 = 64;
    /// Input data was rejected.
    pub const DATA: u8 = 65;
    /// What was asked for is not there, or cannot be read.
    pub const NO_INPUT: u8 = 66;
    /// The broker could not be reached, or refused.
    pub const UNAVAILABLE: u8 = 69;
    /// A drain timed out or the ledger shows a residue: something was handed back, remained, or is unaccounted for.
    pub const RESIDUE: u8 = 75;
    /// The configuration is wrong.
    pub const CONFIG: u8 = 78;
}

/// Parses the command line, runs the subcommand and gives the exit code of the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    if cli.command.meets_a_broker()
        && let Err(error) = stack::make_room()
    {
        return fail(exit::DATA, &anyhow::Error::new(error).context("could not begin with larger stacks"));
    }
    let done = match cli.command {
        Command::Run(args) => run::run(args),
        Command::Process(args) => process::run(args),
        Command::Check(args) => check::run(args),
        Command::Dlq(args) => dlq::run(args),
        Command::Reasons(args) => reasons::run(&args).map(|()| ExitCode::SUCCESS).map_err(Into::into),
        Command::Schema(args) => schema::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Health(args) => health::run(&args),
        Command::Eval(args) => eval::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Topics(args) => topics::run(&args),
    };
    done.unwrap_or_else(|error| fail(exit::DATA, &error))
}

/// Loads the configuration, or reports what is wrong with it.
fn load_config(file: Option<&Path>) -> Result<Config, ExitCode> {
    Config::load(file).map_err(|faults| misconfigured(&faults))
}

/// Reports what is wrong with the configuration.
fn misconfigured(faults: &[ConfigFault]) -> ExitCode {
    let mut stderr = io::stderr().lock();
    for fault in faults {
        drop(writeln!(stderr, "{fault}"));
    }
    ExitCode::from(exit::CONFIG)
}

/// Reports on stderr what went wrong and why; a subcommand with a more precise code returns it itself.
fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    // When stderr is closed, only the exit code can report.
    drop(writeln!(io::stderr().lock(), "dateline: {error:#}"));
    ExitCode::from(code)
}

/// Help and version go to standard output and succeed; anything else is a usage error on standard error.
fn usage(error: &clap::Error) -> ExitCode {
    match error.print() {
        _ if error.use_stderr() => ExitCode::from(exit::USAGE),
        Err(unwritten) if unwritten.kind() != io::ErrorKind::BrokenPipe => {
            fail(exit::DATA, &anyhow::Error::new(OutputError::from(unwritten)))
        }
        _ => ExitCode::SUCCESS,
    }
}
