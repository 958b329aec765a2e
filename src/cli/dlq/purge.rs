//! `dateline dlq purge`: letters removed permanently.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Args;

use super::filters::FilterArgs;
use super::{Mailbox, exit, report};
use crate::dead_letters::purge;

/// Remove letters permanently
#[derive(Debug, Args)]
pub(super) struct PurgeArgs {
    #[command(flatten)]
    filters: FilterArgs,
    /// Count the letters and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove them without asking
    #[arg(long)]
    yes: bool,
    /// Print the report as one JSON object, also on a terminal
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(mailbox: &Mailbox, args: PurgeArgs) -> anyhow::Result<ExitCode> {
    if !args.dry_run && !args.yes && !agreed(&mailbox.queue)? {
        return Ok(ExitCode::from(exit::USAGE));
    }
    let mut pass = mailbox.open(args.filters.into()).await?.dry_run(args.dry_run).followed_by(mailbox.progress());
    let passed = purge::purge(&mut pass).await;
    let counts = mailbox.close(pass).await;
    let code = report(&counts, "removed", args.json)?;
    passed?;
    Ok(code)
}

/// Asks for the name of the queue, which nobody types by mistake; without a terminal, nobody can be asked.
fn agreed(queue: &str) -> io::Result<bool> {
    let mut stderr = io::stderr().lock();
    if !io::stdin().is_terminal() {
        writeln!(stderr, "dateline: a purge cannot be undone; confirm it with --yes, or try --dry-run")?;
        return Ok(false);
    }
    write!(
        stderr,
        "The letters that match will be removed permanently. To confirm, type the queue's name ({queue}): "
    )?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let agreed = answer.trim() == queue;
    if !agreed {
        writeln!(stderr, "dateline: nothing was removed")?;
    }
    Ok(agreed)
}
