//! The other side of the broker: seeds documents and drains queues, to be compared with what was sent.
//!
//! It assumes a healthy broker and panics at the first sign of another; nothing here is tested by failing.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::tcp::{OwnedIdentity, OwnedTLSConfig};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use tokio::time::timeout;

use crate::tls::{Authority, Identity};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(30);
/// Publishes that are on their way before the first confirm is awaited.
const WINDOW: usize = 200;
/// A queue that delivers nothing for this long is asked whether it is empty.
const QUIET: Duration = Duration::from_millis(300);

/// The two kinds of queues a newsroom has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueKind {
    /// On one node, durable.
    Classic,
    /// Replicated by Raft.
    Quorum,
}

/// A document to seed.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Its `message_id`.
    pub id: String,
    /// Content type, when the sender declares one.
    pub content_type: Option<String>,
    /// String headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A message drained from a queue.
#[derive(Debug, Clone)]
pub struct Drained {
    /// The exchange it was last published to.
    pub exchange: String,
    /// The key it was last routed by.
    pub routing_key: String,
    /// Its `message_id`; empty when it has none.
    pub id: String,
    /// The body.
    pub body: Vec<u8>,
    /// All other properties.
    pub properties: BasicProperties,
}

/// A connection with one channel in confirm mode.
pub struct Client {
    // Held for the channel's sake.
    _connection: Connection,
    /// For what has no method here.
    pub channel: Channel,
}

impl Client {
    /// Connects in the clear.
    pub async fn connect(url: &str) -> Client {
        let connecting = Connection::connect(url, ConnectionProperties::default());
        let connection = timeout(CONNECT_TIMEOUT, connecting).await.expect("the broker answers in time");
        Client::open(connection.expect("the broker accepts the connection")).await
    }

    /// Connects by TLS, trusting the authority and showing the identity when there is one.
    pub async fn connect_tls(url: &str, authority: &Authority, identity: Option<&Identity>) -> lapin::Result<Client> {
        let read = |path| std::fs::read_to_string(path).expect("the authority wrote its files");
        let tls = OwnedTLSConfig {
            identity: identity.map(|identity| OwnedIdentity::PKCS8 {
                pem: read(&identity.certificate).into(),
                key: read(&identity.key).into(),
            }),
            cert_chain: Some(read(&authority.certificate())),
        };
        let runtime = lapin::runtime::default_runtime().expect("a test that connects runs on tokio");
        let connecting = Connection::connect_with_config(url, ConnectionProperties::default(), tls, runtime);
        let connection = timeout(CONNECT_TIMEOUT, connecting).await.expect("the broker answers in time")?;
        Ok(Client::open(connection).await)
    }

    async fn open(connection: Connection) -> Client {
        let channel = connection.create_channel().await.expect("a new connection has channels");
        channel.confirm_select(ConfirmSelectOptions::default()).await.expect("the broker confirms");
        Client { _connection: connection, channel }
    }

    /// Declares a durable queue with further arguments.
    pub async fn declare(&self, queue: &str, kind: QueueKind, mut arguments: FieldTable) {
        let kind = match kind {
            QueueKind::Classic => "classic",
            QueueKind::Quorum => "quorum",
        };
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
        let declared = self.channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await;
        declared.expect("the queue is new, or was declared alike");
    }

    /// Binds a queue to an exchange.
    pub async fn bind(&self, queue: &str, exchange: &str, key: &str) {
        let options = QueueBindOptions::default();
        let bound =
            self.channel.queue_bind(queue.into(), exchange.into(), key.into(), options, FieldTable::default()).await;
        bound.expect("queue and exchange are there");
    }

    /// Publishes the documents to a queue, in order, and returns when the broker has confirmed every one.
    pub async fn seed(&self, queue: &str, documents: &[Seed]) {
        self.seed_by("", queue, documents).await;
    }

    /// The same to an exchange, without a routing key.
    pub async fn seed_exchange(&self, exchange: &str, documents: &[Seed]) {
        self.seed_by(exchange, "", documents).await;
    }

    async fn seed_by(&self, exchange: &str, key: &str, documents: &[Seed]) {
        for window in documents.chunks(WINDOW) {
            let sent = join_all(window.iter().map(|document| self.publish(exchange, key, document))).await;
            let confirmed = timeout(CONFIRM_TIMEOUT, join_all(sent)).await.expect("the broker confirms in time");
            for confirmation in confirmed {
                let confirmation = confirmation.expect("the connection lives");
                assert_eq!(confirmation, Confirmation::Ack(None), "a document was returned or refused");
            }
        }
    }

    async fn publish(&self, exchange: &str, key: &str, document: &Seed) -> lapin::PublisherConfirm {
        let mut properties =
            BasicProperties::default().with_delivery_mode(2).with_message_id(document.id.as_str().into());
        if let Some(content_type) = &document.content_type {
            properties = properties.with_content_type(content_type.as_str().into());
        }
        let mut headers = FieldTable::default();
        for (name, value) in &document.headers {
            headers.insert(name.as_str().into(), AMQPValue::LongString(value.as_str().into()));
        }
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sending = self.channel.basic_publish(
            exchange.into(),
            key.into(),
            options,
            &document.body,
            properties.with_headers(headers),
        );
        sending.await.expect("the connection lives")
    }

    /// Takes this number of messages off a queue, and fails when they do not come in time.
    pub async fn take(&self, queue: &str, count: usize, within: Duration) -> Vec<Drained> {
        let mut taken = Vec::new();
        let taking = async {
            while taken.len() < count {
                match self.get(queue).await {
                    Some(message) => taken.push(message),
                    None => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        if timeout(within, taking).await.is_err() {
            panic!("{queue} gave {} of {count} messages in {within:?}", taken.len());
        }
        taken
    }

    /// Takes all there is off a queue; returns when it is empty.
    pub async fn drain(&self, queue: &str) -> Vec<Drained> {
        let mut drained = Vec::new();
        let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let consuming = self.channel.basic_consume(queue.into(), "drain".into(), options, FieldTable::default());
        let mut consumer = consuming.await.expect("the queue is there");
        // Consuming is fast, but cannot distinguish an empty queue from a slow one.
        while let Ok(Some(delivery)) = timeout(QUIET, consumer.next()).await {
            drained.push(Drained::from(delivery.expect("the connection lives")));
        }
        let cancelled = self.channel.basic_cancel("drain".into(), Default::default()).await;
        cancelled.expect("the consumer is ours");
        while let Some(delivery) = consumer.next().await {
            drained.push(Drained::from(delivery.expect("the connection lives")));
        }
        // Getting is slow, but can.
        while let Some(message) = self.get(queue).await {
            drained.push(message);
        }
        drained
    }

    /// Takes one message off a queue, when there is one.
    pub async fn get(&self, queue: &str) -> Option<Drained> {
        let message = self.channel.basic_get(queue.into(), BasicGetOptions { no_ack: true }).await;
        message.expect("the queue is there").map(|message| Drained::from(message.delivery))
    }
}

impl From<lapin::message::Delivery> for Drained {
    fn from(delivery: lapin::message::Delivery) -> Drained {
        let id = delivery.properties.message_id().as_ref();
        Drained {
            exchange: delivery.exchange.to_string(),
            routing_key: delivery.routing_key.to_string(),
            id: id.map(ToString::to_string).unwrap_or_default(),
            body: delivery.data,
            properties: delivery.properties,
        }
    }
}

impl Drained {
    /// Its headers as text; what is neither a string nor a number is shown as lapin shows it.
    pub fn headers(&self) -> BTreeMap<String, String> {
        let headers = self.properties.headers().as_ref().map(FieldTable::inner);
        headers.into_iter().flatten().map(|(name, value)| (name.to_string(), text(value))).collect()
    }
}

fn text(value: &AMQPValue) -> String {
    match value {
        AMQPValue::LongString(text) => text.to_string(),
        AMQPValue::ShortString(text) => text.to_string(),
        AMQPValue::LongLongInt(number) => number.to_string(),
        AMQPValue::LongInt(number) => number.to_string(),
        AMQPValue::LongUInt(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}
