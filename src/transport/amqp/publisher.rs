//! Publishes in windows: everything of a window is sent at once, and no result is decided before all of it is
//! confirmed.
//!
//! lapin hands a returned message to whichever confirm completes next, not to that of the message returned. Since the
//! broker returns a message before it confirms it, the returns of a whole confirmed window are exact.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use lapin::options::BasicPublishOptions;
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::{Channel, Confirmation, ErrorKind};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::ending::{End, Ending};
use super::topology::address;
use super::topology::options::TopologyOptions;
use super::wire::properties_out;
use crate::error::chain;
use crate::message::{Outgoing, Target};
use crate::transport::{PublishError, Publisher};

/// Batches of one window.
const WINDOW_BATCHES_MAX: usize = 64;

/// Maximum size of an event's headers, in bytes: AMQP does not split headers over frames, and a frame holds 128 KiB by
/// default.
const HEADERS_BYTES_MAX: usize = 64 * 1024;

/// How often a window that waits is looked at.
const WINDOW_CHECK: Duration = Duration::from_millis(250);

/// Publishes over several channels of one connection.
#[derive(Debug, Clone)]
pub struct AmqpPublisher {
    channels: Arc<[mpsc::Sender<Batch>]>,
    turn: Arc<AtomicUsize>,
    message_bytes_max: usize,
}

#[derive(Debug)]
struct Batch {
    messages: Arc<[Outgoing]>,
    done: oneshot::Sender<Result<(), PublishError>>,
}

/// What one publishing channel needs to know.
#[derive(Clone)]
pub(super) struct Window {
    pub(super) topology: Arc<TopologyOptions>,
    pub(super) confirm_timeout: Duration,
    /// Whether the broker has blocked the connection: then no confirm is overdue.
    pub(super) blocked: Arc<dyn Fn() -> bool + Send + Sync>,
    /// Where the end of the channel is reported.
    pub(super) end: End,
}

/// Why a publishing channel is no longer usable.
#[derive(Debug, thiserror::Error)]
enum ChannelError {
    /// The channel failed.
    #[error("could not publish")]
    Failed(#[source] lapin::Error),
    /// No confirm came in time.
    #[error("no confirm within {0:?}")]
    Overdue(Duration),
}

impl ChannelError {
    /// Whether the exchange is missing, or not ours to publish to.
    fn is_refusal(&self) -> bool {
        let ChannelError::Failed(error) = self else { return false };
        let ErrorKind::ProtocolError(error) = error.kind() else { return false };
        matches!(error.kind(), AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND | AMQPSoftError::ACCESSREFUSED))
    }
}

impl AmqpPublisher {
    /// A publisher, and the tasks that do its work until a channel fails or nobody needs them any more.
    pub(super) fn new(
        channels: Vec<Channel>,
        window: &Window,
        message_bytes_max: usize,
    ) -> (Self, Vec<impl Future<Output = ()> + Send + 'static>) {
        let mut senders = Vec::new();
        let mut tasks = Vec::new();
        for channel in channels {
            let (sender, batches) = mpsc::channel(WINDOW_BATCHES_MAX);
            senders.push(sender);
            tasks.push(window.clone().publish_all(channel, batches));
        }
        (AmqpPublisher { channels: senders.into(), turn: Arc::default(), message_bytes_max }, tasks)
    }
}

impl Publisher for AmqpPublisher {
    async fn publish(&self, batch: Arc<[Outgoing]>) -> Result<(), PublishError> {
        for message in batch.iter().filter(|message| message.target == Target::Events) {
            check_size("body", message.body.len(), self.message_bytes_max)?;
            check_size("headers", message.properties.headers.encoded_bytes(), HEADERS_BYTES_MAX)?;
        }
        let over = || PublishError::InDoubt { tried: "the session is over", cause: None };
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.channels.len();
        let (done, published) = oneshot::channel();
        self.channels[turn].send(Batch { messages: batch, done }).await.map_err(|_| over())?;
        published.await.map_err(|_| over())?
    }
}

/// Copies of documents are not checked: the broker took them once, and `pipeline::resend` bounds their headers.
fn check_size(part: &'static str, bytes: usize, max: usize) -> Result<(), PublishError> {
    if bytes > max { Err(PublishError::TooLarge { part, bytes, max }) } else { Ok(()) }
}

impl Window {
    async fn publish_all(self, channel: Channel, mut batches: mpsc::Receiver<Batch>) {
        let mut window = Vec::with_capacity(WINDOW_BATCHES_MAX);
        while batches.recv_many(&mut window, WINDOW_BATCHES_MAX).await > 0 {
            let confirmations = match self.publish_window(&channel, &window).await {
                Ok(confirmations) => confirmations,
                // Before the batches are dropped: whoever waits for them asks next how the session ended.
                Err(error) => return self.end.report(ending(&error, &window)),
            };
            let results = attribute(&window, confirmations, &self.topology);
            for (batch, result) in window.drain(..).zip(results) {
                // A waiter that is gone handed its delivery back; it will be published again under the same ids.
                drop(batch.done.send(result));
            }
        }
    }

    /// Sends every message of the window and waits for every confirm.
    async fn publish_window(&self, channel: &Channel, window: &[Batch]) -> Result<Vec<Confirmation>, ChannelError> {
        let sent = async {
            let messages = window.iter().flat_map(|batch| batch.messages.iter());
            // All are started before any is awaited, so that they leave with few system calls.
            let sent = join_all(messages.map(|message| self.send(channel, message))).await;
            let confirmed = join_all(sent.into_iter().map(|sent| async { sent?.await })).await;
            all_or_telling_error(confirmed)
        };
        tokio::pin!(sent);
        let mut overdue = Instant::now() + self.confirm_timeout;
        loop {
            tokio::select! {
                confirmed = &mut sent => return confirmed.map_err(ChannelError::Failed),
                () = tokio::time::sleep(WINDOW_CHECK) => {
                    if (self.blocked)() {
                        overdue = Instant::now() + self.confirm_timeout;
                    } else if Instant::now() >= overdue {
                        return Err(ChannelError::Overdue(self.confirm_timeout));
                    }
                }
            }
        }
    }

    async fn send(&self, channel: &Channel, message: &Outgoing) -> Result<lapin::PublisherConfirm, lapin::Error> {
        let (exchange, routing_key) = address(&self.topology, message.target, &message.routing_key);
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let properties = properties_out(&message.properties);
        channel.basic_publish(exchange.into(), routing_key.as_ref().into(), options, &message.body, properties).await
    }
}

/// All confirmations, or the error that says most: a message which could not be sent only learns that the channel is
/// closed, one which waits for its confirm learns why.
fn all_or_telling_error(results: Vec<Result<Confirmation, lapin::Error>>) -> Result<Vec<Confirmation>, lapin::Error> {
    let is_protocol = |result: &&Result<Confirmation, lapin::Error>| {
        result.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::ProtocolError(_)))
    };
    match results.iter().find(is_protocol) {
        Some(Err(error)) => Err(error.clone()),
        _ => results.into_iter().collect(),
    }
}

/// How a session ends when a window could not be published.
fn ending(error: &ChannelError, window: &[Batch]) -> Ending {
    let reason = chain(error);
    if !error.is_refusal() {
        return Ending::Failed(reason);
    }
    // The broker does not say which message it refused, and all of a batch go to one exchange.
    let mut tried = HashSet::new();
    let batches = window.iter().filter(|batch| batch.messages.first().is_some_and(|first| tried.insert(first.target)));
    Ending::Refused { trial: batches.flat_map(|batch| batch.messages.iter().cloned()).collect(), reason }
}

/// What the broker says of a message it returns, and what we know of one we sent.
type Name = (String, String, Option<String>);

/// The result of each batch of a confirmed window.
fn attribute(
    window: &[Batch],
    confirmations: Vec<Confirmation>,
    topology: &TopologyOptions,
) -> Vec<Result<(), PublishError>> {
    let refused: Vec<bool> = confirmations.iter().map(Confirmation::is_nack).collect();
    let returned: HashSet<Name> = confirmations
        .into_iter()
        .filter_map(Confirmation::take_message)
        .map(|message| {
            let delivery = message.delivery;
            let id = delivery.properties.message_id().as_ref().map(ToString::to_string);
            (delivery.exchange.to_string(), delivery.routing_key.to_string(), id)
        })
        .collect();
    let is_returned = |message: &Outgoing| {
        if returned.is_empty() {
            return false;
        }
        let (exchange, routing_key) = address(topology, message.target, &message.routing_key);
        returned.contains(&(exchange.to_owned(), routing_key.into_owned(), message.properties.message_id.clone()))
    };
    let mut refused = refused.into_iter();
    window
        .iter()
        .map(|batch| {
            let refused: Vec<usize> = positions(refused.by_ref().take(batch.messages.len()));
            let unroutable = positions(batch.messages.iter().map(is_returned));
            match (refused.is_empty(), unroutable.is_empty()) {
                // A document is retried whole, so what is unroutable of it shows again then.
                (false, _) => Err(PublishError::Refused(refused)),
                (true, false) => Err(PublishError::Unroutable(unroutable)),
                (true, true) => Ok(()),
            }
        })
        .collect()
}

fn positions(flags: impl Iterator<Item = bool>) -> Vec<usize> {
    flags.enumerate().filter_map(|(position, flag)| flag.then_some(position)).collect()
}
