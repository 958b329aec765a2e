//! The `[broker]` section of the configuration.

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
    #[serde(deserialize_with = "super::list::urls")]
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
    /// AMQP heartbeat, in whole seconds; a silent broker is given up on after twice this time.
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
    /// Authorities trusted in addition to the system's.
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
