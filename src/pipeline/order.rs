//! Order on demand: deliveries of one key are published in the order they arrived, all others in parallel.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// What keeps its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderBy {
    /// Nothing: everything runs in parallel.
    #[default]
    None,
    /// Everything, as it arrived: for output that people read. Not for a broker, where it would keep one waiting for all.
    #[serde(skip)]
    Arrival,
    /// Documents of one source. Documents are then processed one after another, and published in parallel.
    Source,
    /// Versions of one document. Documents are then processed one after another, and published in parallel.
    Document,
}

/// Queues before which deliveries wait their turn, one a key. A queue exists while a delivery is in it.
#[derive(Debug, Default)]
pub struct Lanes {
    last: HashMap<u64, oneshot::Sender<()>>,
}

/// A place in a lane: waits for the one before it, and lets the next one go when it is dropped.
#[derive(Debug, Default)]
pub struct Turn {
    before: Option<oneshot::Sender<()>>,
    _held: Option<oneshot::Receiver<()>>,
}

impl Lanes {
    /// Takes the last place in the lane of `key`.
    pub fn join(&mut self, key: &impl Hash) -> Turn {
        // Lanes whose last place was dropped are empty.
        self.last.retain(|_, last| !last.is_closed());
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let (last, held) = oneshot::channel();
        let before = self.last.insert(hasher.finish(), last);
        Turn { before, _held: Some(held) }
    }
}

impl Turn {
    /// Waits until the delivery before this one is settled, or given up.
    pub async fn wait(&mut self) {
        if let Some(before) = &mut self.before {
            before.closed().await;
        }
        self.before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn a_turn_comes_when_the_one_before_is_dropped_and_not_earlier() {
        let mut lanes = Lanes::default();
        let mut first = lanes.join(&"desk");
        let mut second = lanes.join(&"desk");
        let mut other = lanes.join(&"wire");
        assert_eq!(first.wait().now_or_never(), Some(()));
        assert_eq!(other.wait().now_or_never(), Some(()));
        assert_eq!(second.wait().now_or_never(), None);
        drop(first);
        assert_eq!(second.wait().now_or_never(), Some(()));
    }

    #[test]
    fn empty_lanes_are_forgotten() {
        let mut lanes = Lanes::default();
        for key in 0..1000 {
            drop(lanes.join(&key));
        }
        assert_eq!(lanes.last.len(), 1);
    }
}
