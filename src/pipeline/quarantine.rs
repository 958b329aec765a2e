//! Which deliveries are suspects, and which of those that come again are excused.
//!
//! A document that ends the process holding it comes again, marked as redelivered. So does everything that was in
//! hand with it, and whatever was on its way when a connection was lost. Among the documents it came with, one that
//! comes again is only a suspect; tried alone, it is the only one that can have ended the process.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::recent::Recent;
use super::resend;
use crate::message::{Incoming, header};

/// How long a broker may take to notice that a session is lost: twice the longest heartbeat in use, and some to spare.
const NOTICED_AFTER_MAX: Duration = Duration::from_secs(60);

/// What bounds the quarantine.
#[derive(Debug, Clone)]
pub struct QuarantineOptions {
    /// Whether there is a queue from which suspects are tried alone.
    pub lane: bool,
    /// Deaths of workers after which a document becomes a dead letter.
    pub crash_attempts_max: u64,
    /// Deliveries remembered as excused.
    pub excused_remembered_max: NonZeroUsize,
}

/// What is to be done with a delivery before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// It may be processed.
    None,
    /// It is to be tried alone; this many workers have died while it was the only document they held.
    Suspect(u64),
    /// Too many workers have died while it was the only document they held.
    Proven(u64),
}

/// What this process remembers of deliveries that come again.
#[derive(Debug)]
pub struct Quarantine {
    options: QuarantineOptions,
    /// Deliveries held by a session that ended while this process continued.
    excused: Recent<u64>,
    unseen: Unseen,
}

impl Quarantine {
    /// Excuses nobody yet.
    pub fn new(options: QuarantineOptions) -> Self {
        let excused = Recent::new(options.excused_remembered_max);
        Quarantine { options, excused, unseen: Unseen::default() }
    }

    /// Notes that this delivery will come again though this process did not end with it.
    pub fn excuse(&self, message: &Incoming) {
        self.excused.insert(fingerprint(message));
    }

    /// Notes that a session is lost, and with it deliveries that may have come no further than its socket.
    pub fn session_lost(&self, deliveries_max: usize) {
        self.unseen.expect(deliveries_max, Instant::now());
    }

    /// Judges a delivery by what its headers say and by what is remembered; an excuse is used up by it.
    pub fn judge(&self, message: &Incoming) -> Suspicion {
        let suspected = message.redelivered && !self.is_excused(message);
        let crashes = match (self.options.lane, suspected) {
            (true, _) => resend::crashes(message) + u64::from(suspected && message.suspect),
            // Without a lane nobody was tried alone: the broker's own count decides.
            (false, true) => message.properties.headers.count("x-delivery-count").unwrap_or(0),
            (false, false) => 0,
        };
        if crashes >= self.options.crash_attempts_max {
            Suspicion::Proven(crashes)
        } else if suspected && self.options.lane {
            Suspicion::Suspect(crashes)
        } else {
            Suspicion::None
        }
    }

    fn is_excused(&self, message: &Incoming) -> bool {
        self.excused.remove(&fingerprint(message)) || self.unseen.claim(Instant::now())
    }
}

/// Deliveries of a lost session that this process never got to see: as many as the session may have had, for as long
/// as the broker may take to notice.
#[derive(Debug, Default)]
struct Unseen(Mutex<Option<Expected>>);

#[derive(Debug)]
struct Expected {
    left: usize,
    until: Instant,
}

impl Unseen {
    fn expect(&self, deliveries_max: usize, now: Instant) {
        let expected = Expected { left: deliveries_max, until: now + NOTICED_AFTER_MAX };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(expected);
    }

    /// Whether a delivery may be one of them; it then counts as one.
    fn claim(&self, now: Instant) -> bool {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(expected) if expected.left > 0 && now < expected.until => {
                expected.left -= 1;
                true
            }
            _ => false,
        }
    }
}

/// The same for each delivery of a message.
fn fingerprint(message: &Incoming) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.body.hash(&mut hasher);
    message.properties.message_id.hash(&mut hasher);
    message.properties.headers.text(header::ID).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_deliveries_are_excused_as_a_session_had_and_only_for_a_while() {
        let unseen = Unseen::default();
        let now = Instant::now();
        assert!(!unseen.claim(now), "no session was lost");
        unseen.expect(2, now);
        assert_eq!([unseen.claim(now), unseen.claim(now), unseen.claim(now)], [true, true, false]);
        unseen.expect(2, now);
        assert!(!unseen.claim(now + NOTICED_AFTER_MAX));
    }

    #[test]
    fn an_excuse_holds_for_one_delivery_of_the_same_message() {
        let max = NonZeroUsize::new(8).unwrap();
        let options = QuarantineOptions { lane: true, crash_attempts_max: 3, excused_remembered_max: max };
        let quarantine = Quarantine::new(options);
        let message = Incoming { redelivered: true, ..Incoming::default() };
        quarantine.excuse(&message);
        assert_eq!(quarantine.judge(&message), Suspicion::None);
        assert_eq!(quarantine.judge(&message), Suspicion::Suspect(0));
    }
}
