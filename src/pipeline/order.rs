//! Order on demand: deliveries of one key are published in the order they arrived, all others in parallel.
//!
//! The key of a delivery is known only after processing. So it takes a place at intake, is processed side by side with
//! the others, and then waits twice: until all that arrived before it have chosen their lanes, and for its turn in
//! its own.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// Which deliveries keep their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderBy {
    /// Nothing: everything is published in parallel.
    #[default]
    None,
    /// Everything, as it arrived: for output that people read. Not for a broker, where all would wait for one.
    #[serde(skip)]
    Arrival,
    /// Documents of one source.
    Source,
    /// Versions of one document.
    Document,
}

/// Who is published before whom, for as long as one session lasts.
#[derive(Debug)]
pub struct Lanes {
    order_by: OrderBy,
    queues: Mutex<Queues>,
}

/// The last of each queue. A queue exists while somebody is in it; none is longer than the deliveries in hand.
#[derive(Debug, Default)]
struct Queues {
    arrivals: Option<oneshot::Sender<()>>,
    lanes: HashMap<u64, oneshot::Sender<()>>,
    /// Turns that never end.
    held: Vec<Turn>,
}

/// A delivery's place among the others.
///
/// A place that is dropped rather than left is held until the session is over: what was handed back, given up or in
/// doubt comes again, and what comes after it must not be published before it.
#[derive(Debug)]
pub struct Place {
    lanes: Arc<Lanes>,
    turn: Turn,
}

/// A place in one queue: waits for the one before it, and lets the next one go when it is dropped.
#[derive(Debug, Default)]
struct Turn {
    before: Option<oneshot::Sender<()>>,
    held: Option<oneshot::Receiver<()>>,
}

impl Lanes {
    /// Lanes nobody is in.
    pub fn new(order_by: OrderBy) -> Arc<Lanes> {
        Arc::new(Lanes { order_by, queues: Mutex::default() })
    }

    /// Takes the place after all that arrived before.
    pub fn arrive(self: &Arc<Self>) -> Place {
        let turn = match self.order_by {
            OrderBy::None => Turn::default(),
            OrderBy::Arrival | OrderBy::Source | OrderBy::Document => {
                let mut queues = self.lock();
                let (last, turn) = queues.arrivals.take().map_or_else(Turn::first, Turn::after);
                queues.arrivals = Some(last);
                turn
            }
        };
        Place { lanes: Arc::clone(self), turn }
    }

    /// Takes the last place in the lane of a key.
    fn join(&self, key: &impl Hash) -> Turn {
        let mut queues = self.lock();
        // Lanes whose last place was left are empty.
        queues.lanes.retain(|_, last| !last.is_closed());
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let key = hasher.finish();
        let (last, turn) = queues.lanes.remove(&key).map_or_else(Turn::first, Turn::after);
        queues.lanes.insert(key, last);
        turn
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits for the turn of a delivery whose source is known, and the id of its document within it if there is one.
    pub async fn wait(&mut self, source: &str, document: Option<&str>) {
        self.turn.wait().await;
        let lane = match self.lanes.order_by {
            OrderBy::None | OrderBy::Arrival => return,
            OrderBy::Source => Some((source, "")),
            OrderBy::Document => document.map(|document| (source, document)),
        };
        // The lane is joined before the place among the arrivals is given up.
        self.turn = lane.map(|lane| self.lanes.join(&lane)).unwrap_or_default();
        self.turn.wait().await;
    }

    /// Lets the next one go: the delivery is settled and will not come again. Before its turn has come, a place is
    /// still held.
    pub fn leave(mut self) {
        if self.turn.before.is_none() {
            self.turn = Turn::default();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.turn.held.is_some() {
            let turn = std::mem::take(&mut self.turn);
            self.lanes.lock().held.push(turn);
        }
    }
}

impl Turn {
    fn first() -> (oneshot::Sender<()>, Turn) {
        let (last, held) = oneshot::channel();
        (last, Turn { before: None, held: Some(held) })
    }

    fn after(before: oneshot::Sender<()>) -> (oneshot::Sender<()>, Turn) {
        let (last, turn) = Turn::first();
        (last, Turn { before: Some(before), ..turn })
    }

    async fn wait(&mut self) {
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

    /// Whether the turn of a delivery of this source has come.
    fn has_come(place: &mut Place, source: &str) -> bool {
        place.wait(source, None).now_or_never().is_some()
    }

    #[test]
    fn a_turn_comes_when_the_one_before_has_left_and_not_earlier() {
        let lanes = Lanes::new(OrderBy::Source);
        let [mut first, mut second, mut other] = std::array::from_fn(|_| lanes.arrive());
        assert!(has_come(&mut first, "desk"));
        assert!(!has_come(&mut second, "desk"));
        assert!(has_come(&mut other, "wire"), "another lane has nothing to wait for");
        first.leave();
        assert!(has_come(&mut second, "desk"));
    }

    #[test]
    fn nobody_chooses_a_lane_before_all_that_arrived_earlier_have() {
        let lanes = Lanes::new(OrderBy::Source);
        let [mut first, mut second] = std::array::from_fn(|_| lanes.arrive());
        assert!(!has_come(&mut second, "desk"), "the first is still being processed and may be of the same desk");
        assert!(has_come(&mut first, "desk"));
        assert!(!has_come(&mut second, "desk"));
        first.leave();
        assert!(has_come(&mut second, "desk"));
    }

    #[test]
    fn a_place_that_is_not_left_in_its_turn_holds_whatever_comes_after_it() {
        for (name, in_its_turn, end) in [
            ("dropped before its turn", false, drop as fn(Place)),
            ("left before its turn", false, Place::leave),
            ("dropped in its turn", true, drop),
        ] {
            let lanes = Lanes::new(OrderBy::Source);
            let [mut first, mut second, mut third] = std::array::from_fn(|_| lanes.arrive());
            assert!(has_come(&mut first, "desk"), "{name}");
            if in_its_turn {
                first.leave();
                assert!(has_come(&mut second, "desk"), "{name}");
                end(second);
            } else {
                end(second);
                first.leave();
            }
            assert!(!has_come(&mut third, "desk"), "{name}");
        }
    }

    #[test]
    fn by_document_what_has_no_document_waits_for_no_lane() {
        let lanes = Lanes::new(OrderBy::Document);
        let [mut first, mut refused, mut next] = std::array::from_fn(|_| lanes.arrive());
        assert!(first.wait("desk", Some("story")).now_or_never().is_some());
        assert!(has_come(&mut refused, "desk"));
        refused.leave();
        assert!(next.wait("desk", Some("story")).now_or_never().is_none());
        first.leave();
        assert!(next.wait("desk", Some("story")).now_or_never().is_some());
    }

    #[test]
    fn without_order_there_is_nothing_to_wait_for() {
        let lanes = Lanes::new(OrderBy::None);
        let first = lanes.arrive();
        assert!(has_come(&mut lanes.arrive(), "desk"));
        drop(first);
    }

    #[test]
    fn empty_lanes_are_forgotten() {
        let lanes = Lanes::new(OrderBy::Source);
        for number in 0..1000 {
            let mut place = lanes.arrive();
            assert!(has_come(&mut place, &number.to_string()));
            place.leave();
        }
        let queues = lanes.lock();
        assert_eq!((queues.lanes.len(), queues.held.len()), (1, 0));
    }
}
