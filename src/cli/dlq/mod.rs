//! `dateline dlq`: list dead letters, show, replay or remove them.
//!
//! Each command is one pass over the letters that are there when it begins; see `transport::amqp::dead_letters` for
//! what a pass leaves in the queue, and `dead_letters` for what is done. Exit codes: 0 done; 64 the command line is wrong, or
//! a purge was not confirmed; 65 output could not be written; 66 no letter has this id; 69 the broker could not be
//! reached or refused; 75 some of the selected letters stayed where they were; 78 the configuration is wrong.

mod filters;
mod list;
mod purge;
mod replay;
mod show;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{self, OutputError};
use super::{exit, fail, load_config};
use crate::daemon::config::Config;
use crate::dead_letters::select::Filters;
use crate::dead_letters::{Pass, PassCounts, Progress};
use crate::error::chain;
use crate::transport::amqp::preflight;
use crate::transport::amqp::session::SessionError;

/// Complaints about single letters written out; all are counted.
const COMPLAINTS_MAX: u64 = 10;

/// From this number of looks on, a letter is at risk: RabbitMQ 4 drops it after 20 unless its queue has no delivery
/// limit.
const LOOKS_MAX: u64 = 10;

/// List dead letters, show, replay or remove them
#[derive(Debug, Args)]
pub(super) struct DlqArgs {
    /// Configuration file; without it, the defaults and the environment
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Queue to work on [default: topology.dead_letters]
    #[arg(long, value_name = "NAME", global = true)]
    queue: Option<String>,
    #[command(subcommand)]
    command: DlqCommand,
}

#[derive(Debug, Subcommand)]
enum DlqCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Replay(replay::ReplayArgs),
    Purge(purge::PurgeArgs),
}

/// The queue that every subcommand works on, and where it is.
struct Mailbox {
    config: Config,
    queue: String,
}

pub(super) fn run(args: DlqArgs) -> anyhow::Result<ExitCode> {
    let config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let queue = args.queue.unwrap_or_else(|| config.topology.dead_letters.clone());
    let mailbox = Mailbox { config, queue };
    let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
    let done = runtime.block_on(async {
        match args.command {
            DlqCommand::List(args) => list::run(&mailbox, args).await,
            DlqCommand::Show(args) => show::run(&mailbox, &args).await,
            DlqCommand::Replay(args) => replay::run(&mailbox, args).await,
            DlqCommand::Purge(args) => purge::run(&mailbox, args).await,
        }
    });
    runtime.shutdown_background();
    Ok(done.unwrap_or_else(|error| unavailable(&error)))
}

/// What fails here is the broker, unless it is the terminal or the file that our output goes to.
fn unavailable(error: &anyhow::Error) -> ExitCode {
    let ours = error.is::<OutputError>() || error.is::<io::Error>();
    fail(if ours { exit::DATA } else { exit::UNAVAILABLE }, error)
}

impl Mailbox {
    /// Begins a pass through the letters that match these filters.
    async fn open(&self, filters: Filters) -> Result<Pass<'static>, SessionError> {
        Pass::open(&self.config.broker, &self.queue, filters, &self.config.processing.source).await
    }

    /// Ends a pass. Its counts do not depend on whether ending succeeds: letters in hand go back in any case.
    async fn close(&self, pass: Pass<'_>) -> PassCounts {
        let counts = pass.counts();
        if let Err(error) = pass.close().await {
            complain(format_args!("{}; the broker takes them back", chain(&error)));
        }
        counts
    }

    /// Warns once that each look at a letter counts as a delivery.
    fn warn_of_looks(&self, deliveries: Option<u64>, warned: &mut bool) {
        if deliveries.is_none_or(|looks| looks < LOOKS_MAX) || std::mem::replace(warned, true) {
            return;
        }
        let queue = &self.queue;
        complain(format_args!(
            "letters of {queue:?} were looked at {LOOKS_MAX} times or more; RabbitMQ 4 drops a letter after 20 unless \
             its queue has no delivery limit:\n  {}",
            preflight::looking_policy(&self.config.broker, queue)
        ));
    }

    /// Shows how far a pass has come, and which letters stay; hidden without a terminal.
    fn progress(&self) -> impl FnMut(Progress<'_>) + 'static {
        let bar = ClearedBar(progress_bar());
        let mut complaints = 0;
        move |progress| match progress {
            Progress::Met { met, left } => {
                bar.0.set_length(met + left);
                bar.0.set_position(met);
            }
            Progress::Stayed { letter, error } if complaints < COMPLAINTS_MAX => {
                complaints += 1;
                let id = letter.properties.message_id.as_deref().unwrap_or("(without id)");
                bar.0.suspend(|| complain(format_args!("letter {id} stays: {}", chain(error))));
            }
            Progress::Stayed { .. } => {}
        }
    }
}

/// A progress bar that leaves no trace when the pass is over.
struct ClearedBar(ProgressBar);

impl Drop for ClearedBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} letters {per_sec} {eta}");
    ProgressBar::new(0).with_style(style.expect("the template is valid"))
}

/// A line on standard error. When that is closed, only the exit code can report.
fn complain(says: std::fmt::Arguments<'_>) {
    drop(writeln!(io::stderr().lock(), "dateline: {says}"));
}

/// Reports what became of the letters of a pass, and gives its exit code.
fn report(counts: &PassCounts, did: &str, json: bool) -> Result<ExitCode, OutputError> {
    let PassCounts { met, selected, removed, stayed, dry_run } = *counts;
    if json || !io::stdout().is_terminal() {
        output::print_json(counts)?;
    } else if dry_run {
        output::print(format!("{selected} of {met} letters would be {did}; nothing was changed\n"))?;
    } else {
        output::print(format!("{removed} of {met} letters {did}; {} stayed\n", met - removed))?;
    }
    Ok(if stayed == 0 { ExitCode::SUCCESS } else { ExitCode::from(exit::RESIDUE) })
}
