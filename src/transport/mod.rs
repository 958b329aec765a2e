//! How documents come in and events go out: three traits, and the transports that keep them.
//!
//! AMQP is for production, stdio for work without a broker, memory for tests. What becomes of a delivery is decided
//! in `pipeline`; here it is only carried out.

pub mod amqp;
pub mod memory;
pub mod stdio;

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;

use crate::message::{Incoming, Outgoing};

/// A message and the right to settle it, together so that neither can be lost without the other.
#[derive(Debug)]
pub struct Delivery<A> {
    /// What arrived.
    pub message: Arc<Incoming>,
    /// Settles this delivery and no other.
    pub acker: A,
}

/// What a delivery's sender is to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It is ours now: its events, dead letter or retry are confirmed.
    Ack,
    /// This worker is leaving; the document is not to blame and goes back untouched.
    Requeue,
}

/// Where deliveries come from.
pub trait Source: Send {
    /// Settles the deliveries of this source.
    type Acker: Acker;

    /// Waits for a delivery; `None` when the source is exhausted or was stopped.
    ///
    /// Cancel-safe: dropping the future before it resolves loses no delivery.
    fn next(&mut self) -> impl Future<Output = Result<Option<Delivery<Self::Acker>>, SourceError>> + Send;

    /// Asks for no more deliveries. `next` then gives those already handed to this process, and after them `None`.
    fn stop(&mut self) -> impl Future<Output = Result<(), SourceError>> + Send;
}

/// Settles one delivery, once: it is consumed by doing so.
pub trait Acker: Send + 'static {
    /// Sends the settlement; resolves once it has left this process.
    fn settle(self, settlement: Settlement) -> impl Future<Output = Result<(), SettleError>> + Send;
}

/// Where messages go.
pub trait Publisher: Send + Sync + 'static {
    /// Resolves once every message of the batch is confirmed and routed, or says which are not.
    ///
    /// Dropping the future leaves the batch in doubt: some of it may still arrive.
    fn publish(&self, batch: Arc<[Outgoing]>) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// A source that can deliver no more; the session it belongs to is over.
#[derive(Debug, thiserror::Error)]
#[error("{tried}")]
pub struct SourceError {
    /// What was tried, in a few words.
    pub tried: &'static str,
    /// Why it failed.
    #[source]
    pub cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl SourceError {
    /// The session ended; who watches it knows why.
    pub fn over() -> Self {
        SourceError { tried: "the session is over", cause: None }
    }
}

/// A delivery that could not be settled; its sender will deliver it again.
#[derive(Debug, thiserror::Error)]
#[error("could not settle the delivery")]
pub struct SettleError(#[source] pub Option<Box<dyn StdError + Send + Sync>>);

/// Why a batch is not known to have arrived, by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The session is over or the confirm never came. Whether the messages arrived is not known: they are published
    /// again, under the same ids, when their document is delivered again.
    #[error("in doubt: {tried}")]
    InDoubt {
        /// What was waited for.
        tried: &'static str,
        /// Why it failed, when the broker or the network said so.
        #[source]
        cause: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The broker took some messages and refused others, as a full queue does. It may take them later.
    #[error("refused by the broker: {} message(s)", .0.len())]
    Refused(Vec<usize>),
    /// No queue is bound for these messages (positions in the batch); all others are confirmed.
    #[error("no queue is bound: {} message(s)", .0.len())]
    Unroutable(Vec<usize>),
    /// This message is larger than the broker takes; no part of the batch was sent.
    #[error("{part} of {bytes} bytes is over the limit of {max} bytes")]
    TooLarge {
        /// Which part of the message is too large.
        part: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
}
