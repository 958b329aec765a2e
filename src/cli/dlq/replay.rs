//! `dateline dlq replay`: a confirmed move of letters back to where their documents were to go.
//!
//! A letter is removed only after its copy is confirmed and routed. Whoever is killed between the two leaves the letter
//! and its copy, with the same message id; running the command again goes on from there.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use futures_util::future::join_all;
use indicatif::ProgressBar;

use super::select::{Filters, Selection};
use super::{Desk, Tally, advance, exit, progress_bar};
use crate::error::chain;
use crate::message::{Incoming, Outgoing};
use crate::pipeline::resend;
use crate::transport::PublishError;
use crate::transport::amqp::dead_letters::{Letter, LetterBox, Republisher};

/// Letters published side by side.
const BATCH_LETTERS_MAX: usize = 64;

/// Bytes of letters published side by side, unless a single one is larger.
const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Complaints about single letters written out; all are counted.
const COMPLAINTS_MAX: u64 = 10;

/// Move letters back to the documents, their attempts forgotten; those of the parked queue, to the events
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    filters: Filters,
    /// Where to [default: events for the parked queue, else documents]
    #[arg(long, value_name = "TARGET")]
    to: Option<To>,
    /// Change nothing, only count
    #[arg(long)]
    dry_run: bool,
    /// Report as one JSON object, also on a terminal
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

pub(super) async fn replay(desk: &Desk, args: ReplayArgs) -> anyhow::Result<ExitCode> {
    let parked = desk.queue == desk.config.topology.parked;
    let rewrite = match args.to.unwrap_or(if parked { To::Events } else { To::Documents }) {
        To::Documents => resend::replay,
        To::Events => resend::replay_event,
    };
    let topology = &desk.config.topology;
    if desk.queue == topology.documents {
        writeln!(io::stderr().lock(), "dateline: queue {:?} is where letters are replayed to", desk.queue)?;
        return Ok(ExitCode::from(exit::USAGE));
    }
    let publisher = match args.dry_run {
        true => None,
        false => Some(Republisher::open(&desk.config.broker, topology).await?),
    };
    let mut letters = desk.open().await?;
    let mut moving = Move {
        selection: desk.select(args.filters),
        publisher,
        rewrite,
        tally: Tally { dry_run: args.dry_run, ..Tally::default() },
        bar: progress_bar(),
    };
    let passed = moving.pass(&mut letters).await;
    moving.bar.finish_and_clear();
    desk.close(letters).await;
    if let Some(publisher) = moving.publisher {
        publisher.close().await;
    }
    let code = moving.tally.report("replayed", args.json)?;
    passed.map(|()| code)
}

/// A replay under way.
struct Move {
    selection: Selection,
    /// Absent when nothing is to be changed.
    publisher: Option<Republisher>,
    rewrite: fn(&Incoming) -> Outgoing,
    tally: Tally,
    bar: ProgressBar,
}

impl Move {
    async fn pass(&mut self, letters: &mut LetterBox) -> anyhow::Result<()> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while !self.selection.is_full()
            && let Some(letter) = letters.next().await?
        {
            self.tally.met += 1;
            advance(&self.bar, letters, self.tally.met);
            if self.selection.admit(&letter.message).is_none() {
                continue;
            }
            self.tally.selected += 1;
            if self.publisher.is_none() {
                continue;
            }
            bytes += letter.message.body.len();
            batch.push(letter);
            if batch.len() >= BATCH_LETTERS_MAX || bytes >= BATCH_BYTES_MAX {
                bytes = 0;
                self.move_all(letters, std::mem::take(&mut batch)).await?;
            }
        }
        self.move_all(letters, batch).await
    }

    /// Publishes a batch, and removes what of it is confirmed.
    async fn move_all(&mut self, letters: &LetterBox, batch: Vec<Letter>) -> anyhow::Result<()> {
        let Some(publisher) = &self.publisher else { return Ok(()) };
        let copies = batch.iter().map(|letter| publisher.publish((self.rewrite)(&letter.message)));
        let published = join_all(copies).await;
        // Until proven otherwise: an error on the way leaves the rest of the batch where it is.
        self.tally.stayed += batch.len() as u64;
        let mut in_doubt = None;
        for (letter, published) in batch.into_iter().zip(published) {
            match published {
                Ok(()) => {
                    letters.remove(letter).await?;
                    self.tally.removed += 1;
                    self.tally.stayed -= 1;
                }
                Err(error @ PublishError::InDoubt { .. }) => in_doubt = Some(error),
                Err(error) => self.complain(&letter, &error),
            }
        }
        match in_doubt {
            Some(error) => Err(anyhow::Error::new(error).context("replay ended; letters in doubt stay where they are")),
            None => Ok(()),
        }
    }

    fn complain(&self, letter: &Letter, error: &PublishError) {
        if self.tally.stayed <= COMPLAINTS_MAX {
            let id = letter.message.properties.message_id.as_deref().unwrap_or("(without id)");
            // Nothing is left to tell the user when stderr is closed; the exit code still speaks.
            drop(writeln!(io::stderr().lock(), "dateline: letter {id} stays: {}", chain(error)));
        }
    }
}
