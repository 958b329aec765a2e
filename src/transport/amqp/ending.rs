//! How a session ends by itself: the first report of one of its tasks counts.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::message::Outgoing;

/// How a session ended by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// Nothing was delivered for a while: the next session is to prove that a consumer still lives.
    Renewal,
    /// An exchange is missing, or this user may not publish to it: that is so for every document.
    Refused {
        /// What was not taken, a batch for each place it was to go to. The next session tries it first.
        trial: Arc<[Outgoing]>,
        /// What the broker said.
        reason: String,
    },
    /// Anything else.
    Failed(String),
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Renewal => formatter.write_str("no delivery for a while; renewing the session"),
            Ending::Refused { reason, .. } | Ending::Failed(reason) => formatter.write_str(reason),
        }
    }
}

/// Where a session's tasks report its ending. The first report is kept whole: later ones follow from it.
#[derive(Debug, Clone)]
pub(super) struct End {
    broken: CancellationToken,
    first: Arc<OnceLock<Ending>>,
}

impl End {
    pub(super) fn new(broken: CancellationToken) -> Self {
        End { broken, first: Arc::default() }
    }

    /// Cancelled by the first report.
    pub(super) fn broken(&self) -> CancellationToken {
        self.broken.clone()
    }

    pub(super) fn report(&self, ending: Ending) {
        // A second report is dropped.
        drop(self.first.set(ending));
        self.broken.cancel();
    }

    /// How the session ended, once it has.
    pub(super) fn first(&self) -> Option<&Ending> {
        self.first.get()
    }

    pub(super) fn failed(&self, reason: impl Into<String>) {
        self.report(Ending::Failed(reason.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ending_stands_whole_whatever_other_channels_report_after_it() {
        let end = End::new(CancellationToken::new());
        assert!(end.first.get().is_none() && !end.broken.is_cancelled());
        let refused = Ending::Refused { trial: Arc::new([]), reason: "no exchange".to_owned() };
        end.report(refused.clone());
        for other in [Ending::Renewal, Ending::Failed("the channel was closed with it".to_owned())] {
            end.report(other);
        }
        assert_eq!(end.first.get(), Some(&refused));
        assert!(end.broken.is_cancelled());
    }
}
