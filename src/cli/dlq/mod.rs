//! `dateline dlq`: look through dead letters, replay them, or remove them for ever.
//!
//! Each command is one pass over the letters that are there when it begins; see `transport::amqp::dead_letters` for
//! what a pass leaves behind. Exit codes: 0 done; 64 the command line is wrong, or a purge was not agreed to; 66 no
//! letter has this id; 69 the broker could not be reached or refused; 75 some of the letters meant stayed where they
//! are; 78 the configuration is wrong.

mod list;
mod purge;
mod replay;
mod select;
mod show;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::output::{self, OutputError};
use super::{exit, fail, load_config};
use crate::daemon::config::Config;
use crate::error::chain;
use crate::transport::amqp::dead_letters::LetterBox;
use select::{Filters, Selection};

/// From this number of looks on, a letter is in danger: brokers from 4.0 on drop it after 20 unless told otherwise.
const LOOKS_MAX: u64 = 10;

/// Look through dead letters, replay them, or remove them for ever
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

/// What every subcommand works on.
struct Desk {
    config: Config,
    queue: String,
}

/// What became of the letters of a pass.
#[derive(Debug, Default, Serialize)]
struct Tally {
    /// Letters met.
    met: u64,
    /// Letters that passed the filters.
    selected: u64,
    /// Letters that left the queue.
    removed: u64,
    /// Letters that passed the filters and stayed, for whatever reason.
    stayed: u64,
    /// Whether nothing was to be changed.
    dry_run: bool,
}

pub(super) fn run(args: DlqArgs) -> anyhow::Result<ExitCode> {
    let config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let queue = args.queue.unwrap_or_else(|| config.topology.dead_letters.clone());
    let desk = Desk { config, queue };
    let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
    let done = runtime.block_on(async {
        match args.command {
            DlqCommand::List(args) => list::list(&desk, args).await,
            DlqCommand::Show(args) => show::show(&desk, &args).await,
            DlqCommand::Replay(args) => replay::replay(&desk, args).await,
            DlqCommand::Purge(args) => purge::purge(&desk, args).await,
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

impl Desk {
    async fn open(&self) -> anyhow::Result<LetterBox> {
        Ok(LetterBox::open(&self.config.broker, &self.queue).await?)
    }

    fn select(&self, filters: Filters) -> Selection {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Selection::new(filters, self.config.processing.source.clone(), now)
    }

    /// Ends a pass. The outcome of the pass is not changed by how its end goes: letters in hand go back in any case.
    async fn close(&self, letters: LetterBox) {
        if let Err(error) = letters.close().await {
            // Nothing is left to tell the user when stderr is closed.
            drop(writeln!(io::stderr().lock(), "dateline: {}; the broker takes them back", chain(&error)));
        }
    }

    /// Says once that looking does harm in the end.
    fn warn_of_looks(&self, deliveries: Option<u64>, warned: &mut bool) {
        if deliveries.is_none_or(|looks| looks < LOOKS_MAX) || std::mem::replace(warned, true) {
            return;
        }
        let queue = &self.queue;
        let advice = format!(
            "dateline: letters of {queue:?} were looked at {LOOKS_MAX} times or more; RabbitMQ 4 drops a letter after \
             20 unless its queue has no delivery limit:\n  rabbitmqctl set_policy --apply-to queues \
             dateline-dead-letters '^{}$' '{{\"delivery-limit\": -1}}'",
            queue.replace('.', "\\.")
        );
        // Nothing is left to tell the user when stderr is closed.
        drop(writeln!(io::stderr().lock(), "{advice}"));
    }
}

impl Tally {
    /// Says what became of the letters, and gives the exit code of the pass.
    fn report(&self, did: &str, json: bool) -> anyhow::Result<ExitCode> {
        if json || !io::stdout().is_terminal() {
            output::print_json(self)?;
        } else if self.dry_run {
            output::print(format!("{} of {} letters would be {did}; nothing was changed\n", self.selected, self.met))?;
        } else {
            let stayed = self.met - self.removed;
            output::print(format!("{} of {} letters {did}; {stayed} stayed\n", self.removed, self.met))?;
        }
        Ok(if self.stayed == 0 { ExitCode::SUCCESS } else { ExitCode::from(exit::RESIDUE) })
    }
}

/// A bar over the letters of a pass; hidden when there is no terminal to show it on.
fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} letters {per_sec} {eta}");
    ProgressBar::new(0).with_style(style.expect("the template is valid"))
}

/// Moves the bar on by a letter.
fn advance(bar: &ProgressBar, letters: &LetterBox, met: u64) {
    bar.set_length(met + letters.left());
    bar.set_position(met);
}
