//! One pass through a queue of dead letters, and publishing them again. Which letters are selected, and what becomes
//! of them, is decided in `crate::dead_letters`.
//!
//! AMQP cannot look without taking. A letter is got and kept unacknowledged until the pass ends: so each is met once,
//! none comes round again, and a process killed half-way leaves all of them to the broker. At the end all that
//! were not removed are handed back by one nack. A classic queue puts them where they were; a quorum queue may put them
//! in another order, counts the look in `x-delivery-count` before RabbitMQ 4.3, and either marks them as redelivered.
//! Nack is the gentlest there is: from 4.3 on it is not counted, while a reject or a lost connection still is.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions};
use lapin::{Channel, Connection};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::dial::connect_any;
use super::ending::End;
use super::options::BrokerOptions;
use super::publisher::AmqpPublisher;
use super::rpc::{Rpc, RpcError};
use super::session::{SessionError, open_publisher};
use super::topology::options::TopologyOptions;
use super::wire;
use crate::message::{Incoming, Outgoing};
use crate::transport::{PublishError, Publisher as _};

/// A pass through one queue. Only the letters that were there at its beginning are met.
pub struct LetterBox {
    connection: Connection,
    channel: Channel,
    queue: String,
    rpc: Rpc,
    close_timeout: Duration,
    /// Letters still to be met; not known before the first is.
    left: Option<u64>,
}

/// A letter in hand: removed by name, or handed back at the end of the pass.
#[derive(Debug)]
pub struct Letter {
    /// The letter.
    pub message: Incoming,
    tag: u64,
}

impl LetterBox {
    /// Begins a pass.
    ///
    /// # Errors
    /// When no broker of the list can be reached.
    pub async fn open(broker: &BrokerOptions, queue: &str) -> Result<LetterBox, SessionError> {
        let rpc = Rpc { deadline: broker.rpc_timeout };
        let connection = connect_any(broker, "looks through dead letters").await?;
        let channel = rpc.call("open a channel for the dead letters", connection.create_channel()).await?;
        let queue = queue.to_owned();
        Ok(LetterBox { connection, channel, queue, rpc, close_timeout: broker.close_timeout, left: None })
    }

    /// The next letter; `None` when all that were there at the beginning have been met.
    ///
    /// # Errors
    /// When the broker refuses; the pass is over then, and all letters in hand go back.
    pub async fn next(&mut self) -> Result<Option<Letter>, RpcError> {
        if self.left == Some(0) {
            return Ok(None);
        }
        let options = BasicGetOptions { no_ack: false };
        let got = self.channel.basic_get(self.queue.as_str().into(), options);
        let got = self.rpc.call(format!("get a letter from queue {:?}", self.queue), got).await?;
        let Some(got) = got else {
            self.left = Some(0);
            return Ok(None);
        };
        // What arrives during the pass comes after it: a letter that comes back at once is not met a second time.
        self.left = Some(self.left.map_or(u64::from(got.message_count), |left| left - 1));
        let tag = got.delivery.delivery_tag;
        Ok(Some(Letter { message: wire::incoming(got.delivery, false), tag }))
    }

    /// How many letters are still to be met; 0 before the first.
    pub fn left(&self) -> u64 {
        self.left.unwrap_or(0)
    }

    /// Takes a letter off the queue permanently.
    ///
    /// # Errors
    /// When the removal did not reach the broker; the letter goes back then.
    pub async fn remove(&self, letter: Letter) -> Result<(), RpcError> {
        let acknowledged = self.channel.basic_ack(letter.tag, BasicAckOptions { multiple: false });
        self.rpc.call("remove a letter", acknowledged).await
    }

    /// Ends the pass and hands back every letter that was not removed.
    ///
    /// # Errors
    /// When this did not reach the broker; it takes them back by itself when the connection is gone.
    pub async fn close(self) -> Result<(), RpcError> {
        if self.left.is_some() {
            let all = BasicNackOptions { multiple: true, requeue: true };
            // Tag 0 stands for every delivery of the channel.
            self.rpc.call("hand letters back", self.channel.basic_nack(0, all)).await?;
        }
        let rpc = Rpc { deadline: self.close_timeout };
        rpc.call("close the channel", self.channel.close(200, "pass is over".into())).await?;
        rpc.call("close the connection", self.connection.close(200, "pass is over".into())).await
    }
}

/// Publishes letters again, on a connection of its own: a broker in alarm stops reading from those that publish, and
/// removals must still get through.
pub struct Republisher {
    connection: Arc<Connection>,
    publisher: AmqpPublisher,
    /// Dropped with this, which ends them.
    _tasks: JoinSet<()>,
    publish_timeout: Duration,
    close_timeout: Duration,
}

impl Republisher {
    /// Connects.
    ///
    /// # Errors
    /// When no broker of the list can be reached.
    pub async fn open(broker: &BrokerOptions, topology: &TopologyOptions) -> Result<Republisher, SessionError> {
        let connection = Arc::new(connect_any(broker, "replays dead letters").await?);
        let end = End::new(CancellationToken::new());
        let mut tasks = JoinSet::new();
        let publisher = open_publisher(&connection, broker, topology, &end, &mut tasks).await?;
        let (publish_timeout, close_timeout) = (broker.confirm_timeout, broker.close_timeout);
        Ok(Republisher { connection, publisher, _tasks: tasks, publish_timeout, close_timeout })
    }

    /// Resolves once the broker has confirmed and routed the letter. Unlike a worker, whoever replays does not wait out
    /// a broker in alarm.
    ///
    /// # Errors
    /// When it has not, or has not said so in time: then the letter may still arrive.
    pub async fn publish(&self, letter: Outgoing) -> Result<(), PublishError> {
        let overdue = || PublishError::InDoubt { tried: "no confirm in time", cause: None };
        let published = self.publisher.publish(Arc::new([letter]));
        timeout(self.publish_timeout, published).await.map_err(|_| overdue())?
    }

    /// Closes the connection, when it can be within its deadline; there is nothing on it that could be lost.
    pub async fn close(self) {
        drop(timeout(self.close_timeout, self.connection.close(200, "pass is over".into())).await);
    }
}
