//! `dateline dlq replay`: a confirmed move of letters back to where their documents were to go.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::filters::FilterArgs;
use super::{Mailbox, exit, report};
use crate::dead_letters::replay::{self, Destination};
use crate::transport::amqp::dead_letters::Republisher;

/// Move letters back to the documents as if never tried; those of the parked queue, to the events
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    filters: FilterArgs,
    /// Move them here [default: events for the parked queue, otherwise documents]
    #[arg(long, value_name = "TARGET")]
    to: Option<To>,
    /// Count the letters and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the report as one JSON object, also on a terminal
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// The queue of raw documents.
    Documents,
    /// The exchange of events.
    Events,
}

pub(super) async fn run(mailbox: &Mailbox, args: ReplayArgs) -> anyhow::Result<ExitCode> {
    let topology = &mailbox.config.topology;
    if mailbox.queue == topology.documents {
        writeln!(io::stderr().lock(), "dateline: queue {:?} is where letters are replayed to", mailbox.queue)?;
        return Ok(ExitCode::from(exit::USAGE));
    }
    let parked = mailbox.queue == topology.parked;
    let destination = match args.to.unwrap_or(if parked { To::Events } else { To::Documents }) {
        To::Documents => Destination::Documents,
        To::Events => Destination::Events,
    };
    let publisher = match args.dry_run {
        true => None,
        false => Some(Republisher::open(&mailbox.config.broker, topology).await?),
    };
    let mut pass = mailbox.open(args.filters.into()).await?.dry_run(args.dry_run).followed_by(mailbox.progress());
    let passed = replay::replay(&mut pass, publisher.as_ref(), destination).await;
    let counts = mailbox.close(pass).await;
    if let Some(publisher) = publisher {
        publisher.close().await;
    }
    let code = report(&counts, "replayed", args.json)?;
    passed?;
    Ok(code)
}
