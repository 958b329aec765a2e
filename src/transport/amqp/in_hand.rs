//! What a session has in hand, and since when nothing came or went: for whoever watches whether its consumer lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// When the last delivery came or went, and how many are in hand, for whoever watches.
#[derive(Debug, Clone)]
pub(super) struct IdleClock {
    start: Instant,
    last_millis: Arc<AtomicU64>,
    in_hand: Arc<AtomicU64>,
}

/// A delivery in hand, for as long as it lives.
#[derive(Debug)]
pub(super) struct InHand(IdleClock);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.tick();
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl IdleClock {
    pub(super) fn new() -> Self {
        IdleClock { start: Instant::now(), last_millis: Arc::default(), in_hand: Arc::default() }
    }

    /// Counts a delivery in.
    pub(super) fn take(&self) -> InHand {
        self.tick();
        self.in_hand.fetch_add(1, Ordering::Relaxed);
        InHand(self.clone())
    }

    /// Deliveries that were handed out and not settled.
    pub(super) fn in_hand(&self) -> u64 {
        self.in_hand.load(Ordering::Relaxed)
    }

    fn tick(&self) {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_millis.store(millis, Ordering::Relaxed);
    }

    /// Time since a delivery last came or went, or since the session began.
    pub(super) fn idle(&self) -> std::time::Duration {
        let last = std::time::Duration::from_millis(self.last_millis.load(Ordering::Relaxed));
        self.start.elapsed().saturating_sub(last)
    }
}
