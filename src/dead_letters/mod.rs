//! Dead letters: which are selected, and what becomes of them. Knows nothing of terminals or pages: both are
//! built on this.
//!
//! Whatever is done is one pass over the letters that are in the queue when it begins; what a pass leaves in the
//! queue is described in `transport::amqp::dead_letters`.

pub mod purge;
pub mod reason;
pub mod replay;
pub mod rewrite;
pub mod select;

use serde::Serialize;

use crate::message::Incoming;
use crate::transport::PublishError;
use crate::transport::amqp::dead_letters::{Letter, LetterBox};
use crate::transport::amqp::options::BrokerOptions;
use crate::transport::amqp::rpc::RpcError;
use crate::transport::amqp::session::SessionError;
use select::{Filters, Label, Selection};

/// What became of the letters of a pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PassCounts {
    /// Letters met.
    pub met: u64,
    /// Letters that passed the filters.
    pub selected: u64,
    /// Letters that left the queue.
    pub removed: u64,
    /// Letters that passed the filters and stayed although they were to leave.
    pub stayed: u64,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
}

/// What a pass reports while it is under way.
#[derive(Debug)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Another letter was met.
    Met {
        /// Letters met, this one included.
        met: u64,
        /// Letters still to be met.
        left: u64,
    },
    /// A letter that was to be moved stays where it is.
    Stayed {
        /// The letter.
        letter: &'a Incoming,
        /// Why it could not be moved.
        error: &'a PublishError,
    },
}

/// An observer of a pass: a progress bar, a page.
pub type Report<'r> = Box<dyn FnMut(Progress<'_>) + 'r>;

/// One pass through a queue, and what became of its letters so far.
pub struct Pass<'r> {
    letters: LetterBox,
    selection: Selection,
    report: Report<'r>,
    counts: PassCounts,
}

impl<'r> Pass<'r> {
    /// Begins a pass through `queue` for the letters that pass `filters`. `source_default` is the feed of letters that
    /// name none.
    ///
    /// # Errors
    /// When no broker of the list can be reached.
    pub async fn open(
        broker: &BrokerOptions,
        queue: &str,
        filters: Filters,
        source_default: &str,
    ) -> Result<Pass<'r>, SessionError> {
        let letters = LetterBox::open(broker, queue).await?;
        let selection = Selection::new(filters, source_default.to_owned());
        Ok(Pass { letters, selection, report: Box::new(|_| ()), counts: PassCounts::default() })
    }

    /// The same pass, followed by `report`.
    pub fn followed_by(mut self, report: impl FnMut(Progress<'_>) + 'r) -> Pass<'r> {
        self.report = Box::new(report);
        self
    }

    /// The same pass, which counts what it would do and changes nothing.
    pub fn dry_run(mut self, dry_run: bool) -> Pass<'r> {
        self.counts.dry_run = dry_run;
        self
    }

    /// The next letter that passes the filters; `None` when all have been met, or as many as were asked for.
    ///
    /// # Errors
    /// When the broker refuses; the pass is over then, and all letters in hand go back.
    pub async fn next(&mut self) -> Result<Option<(Label, Letter)>, RpcError> {
        while !self.selection.is_full()
            && let Some(letter) = self.letters.next().await?
        {
            self.counts.met += 1;
            (self.report)(Progress::Met { met: self.counts.met, left: self.letters.left() });
            if let Some(label) = self.selection.admit(&letter.message) {
                self.counts.selected += 1;
                return Ok(Some((label, letter)));
            }
        }
        Ok(None)
    }

    /// How many letters are still to be met; 0 before the first.
    pub fn left(&self) -> u64 {
        self.letters.left()
    }

    /// What became of the letters so far.
    pub fn counts(&self) -> PassCounts {
        self.counts
    }

    /// Ends the pass: every letter that was not removed goes back.
    ///
    /// # Errors
    /// When the broker could not be reached; it takes them back by itself once the connection is gone.
    pub async fn close(self) -> Result<(), RpcError> {
        self.letters.close().await
    }

    /// Takes a letter off the queue permanently.
    async fn remove(&mut self, letter: Letter) -> Result<(), RpcError> {
        self.letters.remove(letter).await?;
        self.counts.removed += 1;
        Ok(())
    }
}
