//! What became of every document: each one received is counted into exactly one fate.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::document::Reason;

/// Sources counted by name; documents of further ones are counted under [`OTHER_SOURCES`].
pub const SOURCES_MAX: usize = 1000;

/// The name used for every source beyond [`SOURCES_MAX`].
pub const OTHER_SOURCES: &str = "(others)";

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// All its events are confirmed and it is acknowledged.
    Published {
        /// Events published, parked ones included.
        events: u64,
        /// Those of them that no queue was bound for and that were parked.
        parked: u64,
    },
    /// Nothing was to be published.
    Skipped(Skip),
    /// A copy is confirmed in a retry queue or in the suspects' lane.
    Retried(Retry),
    /// A dead letter is confirmed.
    DeadLettered(Reason),
    /// Handed back to the sender.
    Requeued(Requeue),
    /// The session ended before it could be settled; the sender delivers it again.
    Unsettled(Unsettled),
}

/// Why nothing was published although nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// The same version of the same document was published lately.
    Duplicate,
}

/// Why a document is to be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The broker refused its events.
    Refused,
    /// A worker may have ended with it in hand; it is tried alone.
    Suspect,
}

/// Why a document was handed back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requeue {
    /// The worker stops, or its session ends.
    Leaving,
    /// It was held as long as it may be.
    Held,
}

/// Why a document could not be settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsettled {
    /// Its events, dead letter or copy are not known to have arrived.
    Unpublished,
    /// The settlement did not get through.
    SettlementFailed,
    /// It was given up before anything else could become of it.
    GivenUp,
}

impl Fate {
    /// The fate and its cause, as they are counted; all that is published needs no cause.
    fn cause(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Fate::Published { .. } => return None,
            Fate::Skipped(Skip::Duplicate) => ("skipped", "duplicate"),
            Fate::Retried(Retry::Refused) => ("retried", "refused"),
            Fate::Retried(Retry::Suspect) => ("retried", "suspect"),
            Fate::DeadLettered(reason) => ("dead_lettered", reason.as_str()),
            Fate::Requeued(Requeue::Leaving) => ("requeued", "leaving"),
            Fate::Requeued(Requeue::Held) => ("requeued", "held"),
            Fate::Unsettled(Unsettled::Unpublished) => ("unsettled", "unpublished"),
            Fate::Unsettled(Unsettled::SettlementFailed) => ("unsettled", "settlement-failed"),
            Fate::Unsettled(Unsettled::GivenUp) => ("unsettled", "given-up"),
        })
    }
}

/// Counts of documents, and of the events made of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Documents delivered to this process.
    pub received: u64,
    /// See [`Fate::Published`].
    pub published: u64,
    /// See [`Fate::Skipped`].
    pub skipped: u64,
    /// See [`Fate::Retried`].
    pub retried: u64,
    /// See [`Fate::DeadLettered`].
    pub dead_lettered: u64,
    /// See [`Fate::Requeued`].
    pub requeued: u64,
    /// See [`Fate::Unsettled`].
    pub unsettled: u64,
    /// Received and not yet in any fate.
    pub in_flight: u64,
    /// Events published, parked ones included. Not part of the sum.
    pub events: u64,
    /// Events no queue was bound for, parked. Not part of the sum.
    pub parked: u64,
}

impl Counts {
    /// Documents received less documents in a fate or in flight: zero unless documents were lost count of.
    pub fn residue(&self) -> i128 {
        let fates = [self.published, self.skipped, self.retried, self.dead_lettered, self.requeued, self.unsettled];
        let accounted: u64 = fates.iter().sum::<u64>() + self.in_flight;
        i128::from(self.received) - i128::from(accounted)
    }

    fn settle(&mut self, fate: Fate) {
        self.in_flight -= 1;
        match fate {
            Fate::Published { events, parked } => {
                self.published += 1;
                self.events += events;
                self.parked += parked;
            }
            Fate::Skipped(_) => self.skipped += 1,
            Fate::Retried(_) => self.retried += 1,
            Fate::DeadLettered(_) => self.dead_lettered += 1,
            Fate::Requeued(_) => self.requeued += 1,
            Fate::Unsettled(_) => self.unsettled += 1,
        }
    }
}

/// All counts at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Over all sources.
    #[serde(flatten)]
    pub total: Counts,
    /// By source.
    pub sources: BTreeMap<String, Counts>,
    /// Documents by fate and cause, over all sources; the causes of a fate add up to it.
    pub causes: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
}

impl Balance {
    /// The name a source is counted under.
    fn known(&self, source: &str) -> String {
        let known = self.sources.contains_key(source) || self.sources.len() < SOURCES_MAX;
        if known { source } else { OTHER_SOURCES }.to_owned()
    }
}

/// Counts documents from many tasks; clones share the counts.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    balance: Arc<Mutex<Balance>>,
}

impl Ledger {
    /// Counts a document in. It is in flight until its entry is closed.
    pub fn receive(&self, source: &str) -> Entry {
        let mut balance = self.lock();
        let source = balance.known(source);
        let counts = balance.sources.entry(source.clone()).or_default();
        counts.received += 1;
        counts.in_flight += 1;
        balance.total.received += 1;
        balance.total.in_flight += 1;
        Entry { ledger: self.clone(), source, fate: Fate::Unsettled(Unsettled::GivenUp) }
    }

    /// All counts at this moment; the sum holds in each.
    pub fn balance(&self) -> Balance {
        self.lock().clone()
    }

    /// The counts over all sources at this moment.
    pub fn total(&self) -> Counts {
        self.lock().total
    }

    fn lock(&self) -> MutexGuard<'_, Balance> {
        self.balance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One document in flight. Dropped without being closed, it counts as unsettled.
#[derive(Debug)]
pub struct Entry {
    ledger: Ledger,
    source: String,
    fate: Fate,
}

impl Entry {
    /// Counts the document for the source it names itself, now that it has been read.
    pub fn attribute(&mut self, source: &str) {
        if source == self.source {
            return;
        }
        let mut balance = self.ledger.lock();
        let before = balance.sources.entry(std::mem::take(&mut self.source)).or_default();
        before.received -= 1;
        before.in_flight -= 1;
        let source = balance.known(source);
        let after = balance.sources.entry(source.clone()).or_default();
        after.received += 1;
        after.in_flight += 1;
        drop(balance);
        self.source = source;
    }

    /// Counts the document into its fate.
    pub fn close(mut self, fate: Fate) {
        self.fate = fate;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut balance = self.ledger.lock();
        balance.total.settle(self.fate);
        if let Some((fate, cause)) = self.fate.cause() {
            *balance.causes.entry(fate).or_default().entry(cause).or_default() += 1;
        }
        balance.sources.entry(std::mem::take(&mut self.source)).or_default().settle(self.fate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fate_keeps_the_sum() {
        let ledger = Ledger::default();
        let fates = [
            Fate::Published { events: 3, parked: 1 },
            Fate::Skipped(Skip::Duplicate),
            Fate::Retried(Retry::Refused),
            Fate::DeadLettered(Reason::InvalidUtf8),
            Fate::Requeued(Requeue::Leaving),
            Fate::Unsettled(Unsettled::Unpublished),
        ];
        for fate in fates {
            let entry = ledger.receive("desk");
            assert_eq!(ledger.total().residue(), 0);
            assert_eq!(ledger.total().in_flight, 1);
            entry.close(fate);
            assert_eq!(ledger.total().residue(), 0);
        }
        let total = ledger.total();
        assert_eq!((total.received, total.in_flight, total.events, total.parked), (6, 0, 3, 1));
        assert_eq!(ledger.balance().sources["desk"], total);
    }

    #[test]
    fn the_causes_of_a_fate_add_up_to_it() {
        let ledger = Ledger::default();
        let reasons = [Reason::InvalidUtf8, Reason::Panic, Reason::InvalidUtf8];
        let dead = reasons.map(Fate::DeadLettered);
        for fate in dead.into_iter().chain([Fate::Retried(Retry::Suspect), Fate::Published { events: 1, parked: 0 }]) {
            ledger.receive("desk").close(fate);
        }
        let balance = serde_json::to_value(ledger.balance()).unwrap();
        let causes = serde_json::json!({
            "dead_lettered": { "invalid-utf8": 2, "panic": 1 }, "retried": { "suspect": 1 },
        });
        assert_eq!((&balance["causes"], &balance["dead_lettered"]), (&causes, &3.into()));
    }

    #[test]
    fn a_dropped_entry_counts_as_unsettled() {
        let ledger = Ledger::default();
        drop(ledger.receive("desk"));
        assert_eq!(ledger.total().unsettled, 1);
    }

    #[test]
    fn a_document_that_names_its_source_is_counted_there_alone() {
        let ledger = Ledger::default();
        let mut entry = ledger.receive("default");
        entry.attribute("wire");
        assert_eq!((ledger.balance().sources["default"].received, ledger.balance().sources["wire"].in_flight), (0, 1));
        entry.close(Fate::Retried(Retry::Suspect));
        let balance = ledger.balance();
        assert_eq!((balance.sources["wire"].retried, balance.sources["wire"].in_flight), (1, 0));
        assert!(balance.sources.values().all(|counts| counts.residue() == 0));
    }

    #[test]
    fn sources_beyond_the_bound_share_a_count() {
        let ledger = Ledger::default();
        for number in 0..SOURCES_MAX + 5 {
            ledger.receive(&number.to_string()).close(Fate::Requeued(Requeue::Held));
        }
        let balance = ledger.balance();
        assert_eq!(balance.sources[OTHER_SOURCES].requeued, 5);
        assert_eq!(balance.total.residue(), 0);
    }
}
