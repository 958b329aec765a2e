//! Settles the deliveries of one channel, many with one frame where their order allows.
//!
//! Tags of a channel count up from 1, and every one is settled once, by the acker that holds it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::try_join_all;
use lapin::Channel;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use tokio::sync::{mpsc, oneshot};

use super::ending::End;
use super::in_hand::InHand;
use super::rpc::{Rpc, RpcError};
use crate::error::chain;
use crate::transport::{Acker, SettleError, Settlement};

/// Settlements taken together at once.
const BATCH_MAX: usize = 256;

struct Request {
    tag: u64,
    settlement: Settlement,
    done: oneshot::Sender<()>,
}

/// Makes ackers for one channel's deliveries.
#[derive(Debug, Clone)]
pub(super) struct Settler {
    requests: mpsc::Sender<Request>,
    open: Open,
}

/// Settles one delivery.
#[derive(Debug)]
pub struct AmqpAcker {
    tag: u64,
    requests: mpsc::Sender<Request>,
    _in_hand: InHand,
}

impl Settler {
    /// A settler, and the task that does its work until its channel fails or nobody needs it any more.
    pub(super) fn new(channel: Channel, rpc: Rpc, end: End) -> (Self, impl Future<Output = ()> + Send) {
        let (requests, received) = mpsc::channel(BATCH_MAX);
        let open = Open::default();
        (Settler { requests, open: open.clone() }, settle_all(channel, rpc, received, open, end))
    }

    /// The acker of one delivery, which is in hand for as long as it lives.
    pub(super) fn acker(&self, tag: u64, in_hand: InHand) -> AmqpAcker {
        self.open.lock().insert(tag);
        AmqpAcker { tag, requests: self.requests.clone(), _in_hand: in_hand }
    }
}

impl Acker for AmqpAcker {
    async fn settle(self, settlement: Settlement) -> Result<(), SettleError> {
        let (done, settled) = oneshot::channel();
        let request = Request { tag: self.tag, settlement, done };
        // When the task is gone, so is the channel: the broker takes the delivery back by itself.
        self.requests.send(request).await.map_err(|_| SettleError(None))?;
        settled.await.map_err(|_| SettleError(None))
    }
}

async fn settle_all(channel: Channel, rpc: Rpc, mut requests: mpsc::Receiver<Request>, open: Open, end: End) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while requests.recv_many(&mut batch, BATCH_MAX).await > 0 {
        if let Err(error) = settle(&channel, rpc, &batch, &open).await {
            // Before the requests are dropped: whoever waits for them asks next how the session ended.
            return end.failed(chain(&error));
        }
        for request in batch.drain(..) {
            // A waiter that is gone was given up at shutdown: nobody waits for it any more.
            request.done.send(()).ok();
        }
    }
}

async fn settle(channel: &Channel, rpc: Rpc, batch: &[Request], open: &Open) -> Result<(), RpcError> {
    let mut acks = BTreeSet::new();
    for request in batch {
        match request.settlement {
            Settlement::Ack => {
                acks.insert(request.tag);
            }
            Settlement::Requeue => {
                let options = BasicNackOptions { requeue: true, multiple: false };
                rpc.call("requeue a delivery", channel.basic_nack(request.tag, options)).await?;
            }
        }
    }
    let others = batch.iter().map(|request| request.tag).filter(|tag| !acks.contains(tag)).collect::<Vec<_>>();
    // All are started before any is awaited: each resolves only when it has been written.
    let frames = frames(&mut open.lock(), acks, &others).into_iter();
    let acknowledged = frames.map(|(tag, multiple)| channel.basic_ack(tag, BasicAckOptions { multiple }));
    rpc.call("acknowledge", try_join_all(acknowledged)).await.map(drop)
}

/// The tags that were handed out and not settled: as many as the prefetch allows.
#[derive(Debug, Clone, Default)]
struct Open(Arc<Mutex<BTreeSet<u64>>>);

impl Open {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ack frames for `acks`, as tag and `multiple`; `others` were settled otherwise.
fn frames(open: &mut BTreeSet<u64>, acks: BTreeSet<u64>, others: &[u64]) -> Vec<(u64, bool)> {
    open.retain(|tag| !acks.contains(tag) && !others.contains(tag));
    // What was not handed out yet has a higher tag than any of these.
    let first_open = open.first().copied().unwrap_or(u64::MAX);
    let below: Vec<u64> = acks.range(..first_open).copied().collect();
    let mut frames = match below.as_slice() {
        [] => Vec::new(),
        [tag] => vec![(*tag, false)],
        // Everything up to the last of them is settled or among them.
        [.., last] => vec![(*last, true)],
    };
    frames.extend(acks.range(first_open..).map(|tag| (*tag, false)));
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(open: &mut BTreeSet<u64>, acks: &[u64], others: &[u64], expected: &[(u64, bool)]) {
        assert_eq!(frames(open, acks.iter().copied().collect(), others), expected);
    }

    #[test]
    fn acks_in_order_share_a_frame_and_no_open_delivery_is_acknowledged_with_them() {
        let mut open = (1..=12).collect();
        check(&mut open, &[1, 2, 3], &[], &[(3, true)]);
        check(&mut open, &[5, 6], &[], &[(5, false), (6, false)]);
        check(&mut open, &[4], &[], &[(4, false)]);
        check(&mut open, &[8, 9], &[7], &[(9, true)]);
        check(&mut open, &[12], &[], &[(12, false)]);
        check(&mut open, &[], &[10], &[]);
        check(&mut open, &[11], &[], &[(11, false)]);
        assert!(open.is_empty());
    }
}
