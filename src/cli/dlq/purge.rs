//! `dateline dlq purge`: letters removed for ever.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Args;
use indicatif::ProgressBar;

use super::select::{Filters, Selection};
use super::{Desk, Tally, advance, exit, progress_bar};
use crate::transport::amqp::dead_letters::LetterBox;

/// Remove letters for ever
#[derive(Debug, Args)]
pub(super) struct PurgeArgs {
    #[command(flatten)]
    filters: Filters,
    /// Change nothing, only count
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Report as one JSON object, also on a terminal
    #[arg(long)]
    json: bool,
}

pub(super) async fn purge(desk: &Desk, args: PurgeArgs) -> anyhow::Result<ExitCode> {
    if !args.dry_run && !args.yes && !agreed(&desk.queue)? {
        return Ok(ExitCode::from(exit::USAGE));
    }
    let mut letters = desk.open().await?;
    let mut selection = desk.select(args.filters);
    let mut tally = Tally { dry_run: args.dry_run, ..Tally::default() };
    let bar = progress_bar();
    let passed = pass(&mut letters, &mut selection, &mut tally, &bar).await;
    bar.finish_and_clear();
    desk.close(letters).await;
    let code = tally.report("removed", args.json)?;
    passed.map(|()| code)
}

async fn pass(
    letters: &mut LetterBox,
    selection: &mut Selection,
    tally: &mut Tally,
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    while !selection.is_full()
        && let Some(letter) = letters.next().await?
    {
        tally.met += 1;
        advance(bar, letters, tally.met);
        if selection.admit(&letter.message).is_none() {
            continue;
        }
        tally.selected += 1;
        if !tally.dry_run {
            letters.remove(letter).await?;
            tally.removed += 1;
        }
    }
    Ok(())
}

/// Asks for the queue's name, which nobody types by mistake; without a terminal nobody can be asked.
fn agreed(queue: &str) -> io::Result<bool> {
    let mut stderr = io::stderr().lock();
    if !io::stdin().is_terminal() {
        writeln!(stderr, "dateline: a purge cannot be undone; agree to it with --yes, or try --dry-run")?;
        return Ok(false);
    }
    write!(stderr, "The letters that match are removed for ever. To agree, type the queue's name ({queue}): ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let agreed = answer.trim() == queue;
    if !agreed {
        writeln!(stderr, "dateline: nothing was removed")?;
    }
    Ok(agreed)
}
