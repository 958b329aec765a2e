//! Deliveries of a lost session that this process never got to see: they come again, marked as redelivered, though no
//! worker died with them in its hands.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a broker may take to notice that a session is lost: twice the longest heartbeat in use, and some to spare.
const NOTICED_AFTER_MAX: Duration = Duration::from_secs(60);

/// So many deliveries are taken for those of a session that was lost lately.
#[derive(Debug, Default)]
pub struct Amnesty(Mutex<Option<Grant>>);

#[derive(Debug)]
struct Grant {
    left: usize,
    until: Instant,
}

impl Amnesty {
    /// A session was lost to which the broker may have sent so many deliveries.
    pub fn grant(&self, deliveries_max: usize, now: Instant) {
        *self.lock() = Some(Grant { left: deliveries_max, until: now + NOTICED_AFTER_MAX });
    }

    /// Whether a delivery may be one of them; it then counts as one.
    pub fn claim(&self, now: Instant) -> bool {
        match &mut *self.lock() {
            Some(grant) if grant.left > 0 && now < grant.until => {
                grant.left -= 1;
                true
            }
            _ => false,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Grant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_deliveries_are_excused_as_a_session_had_and_only_for_a_while() {
        let amnesty = Amnesty::default();
        let now = Instant::now();
        assert!(!amnesty.claim(now), "no session was lost");
        amnesty.grant(2, now);
        assert_eq!([amnesty.claim(now), amnesty.claim(now), amnesty.claim(now)], [true, true, false]);
        amnesty.grant(2, now);
        assert!(!amnesty.claim(now + NOTICED_AFTER_MAX));
    }
}
