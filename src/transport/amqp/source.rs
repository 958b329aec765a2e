//! Deliveries of a session: from the queue of documents, and one at a time from the suspects' lane.

use std::sync::Arc;

use futures_util::StreamExt as _;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, Consumer};
use tokio_util::sync::CancellationToken;

use super::ending::End;
use super::in_hand::IdleClock;
use super::rpc::{Rpc, RpcError};
use super::settler::{AmqpAcker, Settler};
use super::wire;
use crate::transport::{Delivery, Source, SourceError};

/// Documents in hand from the suspects' lane: if this process dies, only one can be to blame.
const SUSPECTS_IN_HAND_MAX: u16 = 1;

/// Deliveries of a session.
pub struct AmqpSource {
    documents: Lane,
    suspects: Option<Lane>,
    broken: CancellationToken,
    stopped: bool,
    rpc: Rpc,
    clock: IdleClock,
}

/// One queue, consumed on a channel of its own.
struct Lane {
    channel: Channel,
    consumer: Consumer,
    settler: Settler,
    clock: IdleClock,
}

/// A task of the session: it ends when what it serves is over.
pub(super) type SettlerTask = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

impl AmqpSource {
    /// Consumes from the named queues; the tasks returned must run for as long as the source is used.
    pub(super) async fn open(
        connection: &Connection,
        documents: &str,
        suspects: Option<&str>,
        prefetch: u16,
        rpc: Rpc,
        end: &End,
    ) -> Result<(Self, Vec<SettlerTask>), RpcError> {
        let clock = IdleClock::new();
        let (documents, task) = Lane::open(connection, documents, prefetch, rpc, &clock, end).await?;
        let mut tasks = vec![task];
        let mut lane = None;
        if let Some(suspects) = suspects {
            let (opened, task) = Lane::open(connection, suspects, SUSPECTS_IN_HAND_MAX, rpc, &clock, end).await?;
            lane = Some(opened);
            tasks.push(task);
        }
        let broken = end.broken();
        Ok((AmqpSource { documents, suspects: lane, broken, stopped: false, rpc, clock }, tasks))
    }

    pub(super) fn clock(&self) -> IdleClock {
        self.clock.clone()
    }

    fn ended(&self, tried: &'static str, cause: Option<lapin::Error>) -> SourceError {
        SourceError { tried, cause: cause.map(Into::into) }
    }
}

impl Lane {
    async fn open(
        connection: &Connection,
        queue: &str,
        prefetch: u16,
        rpc: Rpc,
        clock: &IdleClock,
        end: &End,
    ) -> Result<(Self, SettlerTask), RpcError> {
        let channel = rpc.call("open a channel to consume", connection.create_channel()).await?;
        // Before consuming: it is the only bound on what the broker sends.
        rpc.call("set the prefetch", channel.basic_qos(prefetch, BasicQosOptions::default())).await?;
        let options = BasicConsumeOptions::default();
        let consumed = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let consumer = rpc.call(format!("consume from queue {queue:?}"), consumed).await?;
        let (settler, task) = Settler::new(channel.clone(), rpc, end.clone());
        Ok((Lane { channel, consumer, settler, clock: clock.clone() }, Box::pin(task)))
    }

    async fn next(&mut self, suspect: bool) -> Option<Result<Delivery<AmqpAcker>, lapin::Error>> {
        let received = self.consumer.next().await?;
        Some(received.map(|received| {
            let acker = self.settler.acker(received.delivery_tag, self.clock.take());
            Delivery { message: Arc::new(wire::incoming(received, suspect)), acker }
        }))
    }

    async fn cancel(&self, rpc: Rpc) -> Result<(), RpcError> {
        let cancelled = self.channel.basic_cancel(self.consumer.tag(), BasicCancelOptions::default());
        rpc.call("cancel the consumer", cancelled).await
    }
}

impl Source for AmqpSource {
    type Acker = AmqpAcker;

    async fn next(&mut self) -> Result<Option<Delivery<AmqpAcker>>, SourceError> {
        let received = tokio::select! {
            biased;
            () = self.broken.cancelled() => return Err(SourceError::over()),
            received = next_suspect(&mut self.suspects) => match received {
                // A cancelled lane has nothing more; what is left of the documents is still to come.
                None if self.stopped => {
                    self.suspects = None;
                    self.documents.next(false).await
                }
                received => received,
            },
            received = self.documents.next(false) => match received {
                None if self.stopped && self.suspects.is_some() => next_suspect(&mut self.suspects).await,
                received => received,
            },
        };
        match received {
            Some(Ok(delivery)) => Ok(Some(delivery)),
            Some(Err(cause)) => Err(self.ended("the consumer failed", Some(cause))),
            None if self.stopped => Ok(None),
            None => Err(self.ended("the broker cancelled the consumer", None)),
        }
    }

    async fn stop(&mut self) -> Result<(), SourceError> {
        self.stopped = true;
        let failed = |cause: RpcError| SourceError { tried: "could not stop consuming", cause: Some(Box::new(cause)) };
        if let Some(suspects) = &self.suspects {
            suspects.cancel(self.rpc).await.map_err(failed)?;
        }
        self.documents.cancel(self.rpc).await.map_err(failed)
    }
}

async fn next_suspect(lane: &mut Option<Lane>) -> Option<Result<Delivery<AmqpAcker>, lapin::Error>> {
    match lane {
        Some(lane) => lane.next(true).await,
        None => std::future::pending().await,
    }
}
