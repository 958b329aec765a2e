//! The `[broker]` and `[topology]` sections of the configuration.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// How to reach the broker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BrokerOptions {
    /// Brokers, tried in turn: `amqp://` or `amqps://`, with the virtual host percent-encoded (`/%2f` is `/`).
    #[serde(deserialize_with = "list::urls")]
    pub urls: Vec<Secret>,
    /// User name; overrides that of the URL.
    pub username: Option<String>,
    /// Password; overrides that of the URL.
    pub password: Option<Secret>,
    /// File that holds the password, read again at each attempt; overrides `password`.
    pub password_file: Option<PathBuf>,
    /// `http://` URL of the management API, asked by `dateline check --broker` only; its user and password, when it has
    /// them, go before those above.
    pub management_url: Option<Secret>,
    /// Name shown in the broker's list of connections.
    pub connection_name: String,
    /// AMQP heartbeat, in whole seconds; a silent broker is given up after twice this time.
    #[serde(with = "humantime_serde")]
    pub heartbeat: Duration,
    /// Longest time for name resolution, TCP, TLS and AMQP handshake together.
    #[serde(with = "humantime_serde")]
    pub connect_timeout: Duration,
    /// Longest time for one request to the broker.
    #[serde(with = "humantime_serde")]
    pub rpc_timeout: Duration,
    /// Longest time for a publish to be confirmed; then it is in doubt and the session ends.
    #[serde(with = "humantime_serde")]
    pub confirm_timeout: Duration,
    /// Longest time for a settlement to leave.
    #[serde(with = "humantime_serde")]
    pub settle_timeout: Duration,
    /// Longest time for closing a connection.
    #[serde(with = "humantime_serde")]
    pub close_timeout: Duration,
    /// A session without a delivery for this long is renewed, to prove that its consumer lives.
    #[serde(with = "humantime_serde")]
    pub idle_renewal: Duration,
    /// Shortest wait before connecting again.
    #[serde(with = "humantime_serde")]
    pub backoff_min: Duration,
    /// Longest wait before connecting again; waits are spread at random below it.
    #[serde(with = "humantime_serde")]
    pub backoff_max: Duration,
    /// Largest message the broker takes; larger events are not sent.
    pub message_bytes_max: ByteSize,
    /// Channels that publish side by side.
    pub publish_channels: std::num::NonZeroU8,
    /// TLS for `amqps://`.
    pub tls: TlsOptions,
}

impl Default for BrokerOptions {
    fn default() -> Self {
        BrokerOptions {
            urls: vec![Secret("amqp://127.0.0.1:5672/%2f".to_owned())],
            username: None,
            password: None,
            password_file: None,
            management_url: None,
            connection_name: "dateline".to_owned(),
            heartbeat: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(10),
            rpc_timeout: Duration::from_secs(5),
            confirm_timeout: Duration::from_secs(30),
            settle_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(3),
            idle_renewal: Duration::from_secs(60),
            backoff_min: Duration::from_millis(100),
            backoff_max: Duration::from_secs(2),
            message_bytes_max: ByteSize::mib(16),
            publish_channels: std::num::NonZeroU8::new(4).expect("4 is not 0"),
            tls: TlsOptions::default(),
        }
    }
}

/// Certificates for `amqps://`, PEM files read again at each attempt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsOptions {
    /// Authorities trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Certificate shown to the broker.
    pub cert_file: Option<PathBuf>,
    /// Its private key, PKCS #8.
    pub key_file: Option<PathBuf>,
}

impl Secret {
    /// Whether the text is a broker's URL.
    ///
    /// # Errors
    /// What is wrong with it, without a word of it: the parser's own message may quote the password.
    pub fn check_url(&self) -> Result<(), &'static str> {
        match self.0.split_once("://") {
            None => Err("it has no ://"),
            Some((scheme, _)) if !["amqp", "amqps"].contains(&scheme) => Err("its scheme is neither amqp nor amqps"),
            Some(_) => match self.0.parse::<lapin::uri::AMQPUri>() {
                Ok(_) => Ok(()),
                Err(_) => Err("its user, password, host, port or virtual host cannot be read; percent-encode them"),
            },
        }
    }
}

/// What is to be done about exchanges and queues when a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TopologyMode {
    /// Declare them all.
    #[default]
    Declare,
    /// Check that they are there.
    Verify,
    /// Take them for granted.
    None,
}

/// Types of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueType {
    /// Replicated; the default.
    #[default]
    Quorum,
    /// On one node.
    Classic,
}

/// Names of exchanges and queues, and what they are declared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TopologyOptions {
    /// Declare, verify or take for granted.
    pub mode: TopologyMode,
    /// Type of the queues declared.
    pub queue_type: QueueType,
    /// Queue of raw documents.
    pub documents: String,
    /// Deliveries after which the broker dead-letters a document of a quorum queue by itself.
    pub delivery_limit: u32,
    /// Whether the broker lets one worker at a time have documents, and the next only when that one is gone.
    pub single_active_consumer: bool,
    /// Topic exchange of events.
    pub events: String,
    /// Exchange of events no queue is bound for.
    pub unrouted: String,
    /// Queue that keeps them.
    pub parked: String,
    /// Exchange of dead letters; the routing key is the reason.
    pub dead: String,
    /// Queue that keeps them.
    pub dead_letters: String,
    /// Queue of documents that are tried one at a time, since a worker died with them in its hands; empty for none.
    pub suspects: String,
    /// Retry queues are called this and their delay.
    pub retry: String,
    /// Delay of each retry step, in whole milliseconds; as many retries as there are steps.
    #[serde(deserialize_with = "list::durations", serialize_with = "list::durations_out")]
    pub retry_delays: Vec<Duration>,
    /// Queues of events, declared and bound.
    pub bindings: Vec<Binding>,
}

/// A queue of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Name of the queue.
    pub queue: String,
    /// Routing keys it is bound with, such as `*.europe.#`.
    pub keys: Vec<String>,
}

impl Default for TopologyOptions {
    fn default() -> Self {
        TopologyOptions {
            mode: TopologyMode::default(),
            queue_type: QueueType::default(),
            documents: "dateline.documents".to_owned(),
            delivery_limit: 20,
            single_active_consumer: false,
            events: "dateline.events".to_owned(),
            unrouted: "dateline.unrouted".to_owned(),
            parked: "dateline.parked".to_owned(),
            dead: "dateline.dead".to_owned(),
            dead_letters: "dateline.dead-letters".to_owned(),
            suspects: "dateline.suspects".to_owned(),
            retry: "dateline.retry".to_owned(),
            retry_delays: [1, 10, 60, 600].map(Duration::from_secs).to_vec(),
            bindings: vec![Binding { queue: "dateline.items".to_owned(), keys: vec!["#".to_owned()] }],
        }
    }
}

impl TopologyOptions {
    /// Every name, under its key.
    pub fn names(&self) -> Vec<(&'static str, &str)> {
        let mut names = vec![
            ("topology.documents", self.documents.as_str()),
            ("topology.events", &self.events),
            ("topology.unrouted", &self.unrouted),
            ("topology.parked", &self.parked),
            ("topology.dead", &self.dead),
            ("topology.dead_letters", &self.dead_letters),
            ("topology.suspects", &self.suspects),
            ("topology.retry", &self.retry),
        ];
        names.extend(self.bindings.iter().map(|binding| ("topology.bindings", binding.queue.as_str())));
        names
    }

    /// Name of the queue of a retry step, counted from 0; it tells the delay, since the delay is part of the queue.
    pub fn retry_queue(&self, step: usize) -> String {
        let delay = humantime::format_duration(self.retry_delays[step]).to_string();
        format!("{}.{}", self.retry, delay.replace(' ', ""))
    }
}

/// Lists that may also be written as one text with commas, as environment variables have it.
mod list {
    use std::fmt;
    use std::time::Duration;

    use serde::de::{SeqAccess, Visitor};
    use serde::{Deserializer, Serializer};

    use super::Secret;

    pub(super) fn urls<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Secret>, D::Error> {
        Ok(texts(deserializer)?.into_iter().map(Secret).collect())
    }

    pub(super) fn durations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
        texts(deserializer)?
            .iter()
            .map(|text| humantime::parse_duration(text).map_err(serde::de::Error::custom))
            .collect()
    }

    pub(super) fn durations_out<S: Serializer>(durations: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(durations.iter().map(|duration| humantime::format_duration(*duration).to_string()))
    }

    fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(Texts)
    }

    struct Texts;

    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list of strings, or one string with commas")
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<String>, A::Error> {
            let mut texts = Vec::new();
            while let Some(text) = elements.next_element::<String>()? {
                texts.push(text);
            }
            Ok(texts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_queue_is_named_after_its_delay() {
        let topology = TopologyOptions::default();
        let names: Vec<String> = (0..4).map(|step| topology.retry_queue(step)).collect();
        assert_eq!(names, ["dateline.retry.1s", "dateline.retry.10s", "dateline.retry.1m", "dateline.retry.10m"]);
    }
}
