//! A session: one life of the connections to a broker, built, watched and closed as one.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::ConfirmSelectOptions;
use lapin::protocol::AMQPErrorKind;
use lapin::{Connection, ErrorKind, Event};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::dial::{ConnectError, connect};
use super::ending::{End, Ending};
use super::in_hand::IdleClock;
use super::options::BrokerOptions;
use super::publisher::{AmqpPublisher, Window};
use super::rpc::{Rpc, RpcError};
use super::source::AmqpSource;
use super::topology;
use super::topology::options::TopologyOptions;
use crate::error::chain;
use crate::message::Outgoing;
use crate::secret::Secret;
use crate::transport::{PublishError, Publisher as _};

/// How often a session's connections are looked at.
const WATCH_INTERVAL: Duration = Duration::from_millis(500);

/// How long the user of a channel that failed may take to report it.
const CHANNEL_REPORT_MAX: Duration = Duration::from_millis(500);

/// A session could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A connection could not be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Connected, but the broker did not do what is needed.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// What the previous session could not publish cannot be published by this one either.
    #[error("could not publish: {0}")]
    Trial(String),
}

/// One life of the connections to a broker.
pub struct Session {
    /// Where documents come from.
    pub source: AmqpSource,
    /// Where events go.
    pub publisher: AmqpPublisher,
    /// Cancelled when the session is no longer usable; the reason is in [`Session::ending`].
    pub broken: CancellationToken,
    consume: Arc<Connection>,
    publish: Arc<Connection>,
    blocked: watch::Receiver<Option<String>>,
    end: End,
    tasks: JoinSet<()>,
    close_timeout: Duration,
}

impl Session {
    /// Connects twice, makes sure of the topology, publishes `trial`, and begins to consume.
    ///
    /// The trial is what an exchange did not take in the session before. While it does not, documents stay in their
    /// queue, where no delivery is counted against them.
    pub async fn open(
        broker: &BrokerOptions,
        topology: &TopologyOptions,
        url: &Secret,
        prefetch: u16,
        trial: Option<Arc<[Outgoing]>>,
    ) -> Result<Session, SessionError> {
        let rpc = Rpc { deadline: broker.rpc_timeout };
        let broken = CancellationToken::new();
        let end = End::new(broken.clone());
        let publish = Arc::new(connect(broker, url, "publishes").await?);
        let consume = Arc::new(connect(broker, url, "consumes").await?);
        let setup = rpc.call("open a channel for the topology", publish.create_channel()).await?;
        topology::ensure(topology, &setup, rpc).await?;
        rpc.call("close the topology's channel", setup.close(200, "topology is ensured".into())).await?;

        let mut tasks = JoinSet::new();
        let publisher = open_publisher(&publish, broker, topology, &end, &mut tasks).await?;
        if let Some(trial) = trial {
            try_publishing(&publisher, trial, broker.confirm_timeout, &end).await?;
        }
        let suspects = (!topology.suspects.is_empty()).then_some(topology.suspects.as_str());
        let settle = Rpc { deadline: broker.settle_timeout };
        let (source, settlers) =
            AmqpSource::open(&consume, &topology.documents, suspects, prefetch, settle, &end).await?;
        for settler in settlers {
            tasks.spawn(settler);
        }
        let (blocked_sender, blocked) = watch::channel(None);
        tasks.spawn(listen(Arc::clone(&publish), blocked_sender, end.clone()));
        let idle = Idle { clock: source.clock(), renewal: broker.idle_renewal };
        tasks.spawn(watch_connections(Arc::clone(&consume), Arc::clone(&publish), idle, end.clone()));
        Ok(Session {
            source,
            publisher,
            broken,
            consume,
            publish,
            blocked,
            end,
            tasks,
            close_timeout: broker.close_timeout,
        })
    }

    /// How the session ended, when it did so by itself.
    pub fn ending(&self) -> Option<&Ending> {
        self.end.first()
    }

    /// The broker's reason for taking no publishes, while it takes none.
    pub fn blocked(&self) -> watch::Receiver<Option<String>> {
        self.blocked.clone()
    }

    /// Closes both connections, each within its deadline.
    pub async fn close(mut self) {
        self.tasks.shutdown().await;
        for connection in [&self.consume, &self.publish] {
            if connection.status().connected() {
                let closed =
                    tokio::time::timeout(self.close_timeout, connection.close(200, "session ended".into())).await;
                if !matches!(closed, Ok(Ok(()))) {
                    info!("a connection could not be closed in order; it is dropped");
                }
            }
        }
    }
}

pub(super) async fn open_publisher(
    connection: &Arc<Connection>,
    broker: &BrokerOptions,
    topology: &TopologyOptions,
    end: &End,
    tasks: &mut JoinSet<()>,
) -> Result<AmqpPublisher, SessionError> {
    let rpc = Rpc { deadline: broker.rpc_timeout };
    let mut channels = Vec::new();
    for _ in 0..broker.publish_channels.get() {
        let channel = rpc.call("open a channel to publish", connection.create_channel()).await?;
        rpc.call("ask for confirms", channel.confirm_select(ConfirmSelectOptions::default())).await?;
        channels.push(channel);
    }
    let status = Arc::clone(connection);
    let window = Window {
        topology: Arc::new(topology.clone()),
        confirm_timeout: broker.confirm_timeout,
        blocked: Arc::new(move || status.status().blocked()),
        end: end.clone(),
    };
    let message_bytes_max = usize::try_from(broker.message_bytes_max.as_u64()).unwrap_or(usize::MAX);
    let (publisher, publishing) = AmqpPublisher::new(channels, &window, message_bytes_max);
    for channel in publishing {
        tasks.spawn(channel);
    }
    Ok(publisher)
}

async fn try_publishing(
    publisher: &AmqpPublisher,
    trial: Arc<[Outgoing]>,
    deadline: Duration,
    end: &End,
) -> Result<(), SessionError> {
    match tokio::time::timeout(deadline, publisher.publish(trial)).await {
        Ok(Err(error @ PublishError::InDoubt { .. })) => {
            let reason = end.first().map_or_else(|| chain(&error), ToString::to_string);
            Err(SessionError::Trial(reason))
        }
        // The pipeline can handle a full queue, or an unbound one.
        Ok(_) => Ok(()),
        Err(_) => Err(SessionError::Trial(format!("no confirm within {deadline:?}"))),
    }
}

/// Reports when the broker takes no publishes, and when the publishing connection fails.
async fn listen(connection: Arc<Connection>, blocked: watch::Sender<Option<String>>, end: End) {
    let mut events = std::pin::pin!(connection.events_listener());
    while let Some(event) = events.next().await {
        match event {
            Event::ConnectionBlocked(reason) => {
                warn!(reason, "the broker takes no publishes");
                blocked.send_replace(Some(reason));
            }
            Event::ConnectionUnblocked => {
                info!("the broker takes publishes again");
                blocked.send_replace(None);
            }
            Event::Error(error) => {
                if is_of_one_channel(&error) {
                    // Whoever publishes on it knows what was not taken, and reports that; this is for a channel that
                    // nobody is waiting on.
                    tokio::time::sleep(CHANNEL_REPORT_MAX).await;
                }
                return end.failed(chain(&error));
            }
            _ => {}
        }
    }
}

/// Whether an error closed a channel and left its connection open.
fn is_of_one_channel(error: &lapin::Error) -> bool {
    let ErrorKind::ProtocolError(error) = error.kind() else { return false };
    matches!(error.kind(), AMQPErrorKind::Soft(_))
}

struct Idle {
    clock: IdleClock,
    renewal: Duration,
}

/// Ends a session whose connections are gone without an event, or whose consumer has been silent for too long to
/// count as alive.
async fn watch_connections(consume: Arc<Connection>, publish: Arc<Connection>, idle: Idle, end: End) {
    loop {
        tokio::time::sleep(WATCH_INTERVAL).await;
        if !consume.status().connected() {
            return end.failed("the consuming connection is gone");
        }
        if !publish.status().connected() {
            return end.failed("the publishing connection is gone");
        }
        // A broker in alarm, or a delivery in hand, does not show that the consumer is dead: both have limits of their
        // own.
        if idle.clock.in_hand() == 0 && !publish.status().blocked() && idle.clock.idle() > idle.renewal {
            return end.report(Ending::Renewal);
        }
    }
}
