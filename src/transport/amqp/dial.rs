//! One connection: where to, as whom, under which certificates, and by when. Everything that can change while the
//! worker runs is read again at each attempt.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::tcp::{AMQPUriTcpExt as _, AsyncTcpStream, OwnedIdentity, OwnedTLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Connection, ConnectionProperties};
use tokio::time::timeout;

use super::options::BrokerOptions;
use crate::secret::Secret;

/// A connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL cannot be understood.
    #[error("broker.urls: {url}: {reason}")]
    Url {
        /// The URL without its credentials.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of secrets or certificates cannot be read.
    #[error("could not read {file}")]
    File {
        /// The file.
        file: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The broker did not answer in time.
    #[error("no answer from {url} within {after:?}")]
    Timeout {
        /// The URL without its credentials.
        url: String,
        /// The time waited.
        after: Duration,
    },
    /// The network or the broker refused.
    #[error("could not connect to {url}")]
    Refused {
        /// The URL without its credentials.
        url: String,
        /// Why.
        #[source]
        cause: lapin::Error,
    },
}

/// Opens a connection; `purpose` is added to its name.
pub(super) async fn connect(options: &BrokerOptions, url: &Secret, purpose: &str) -> Result<Connection, ConnectError> {
    let uri = uri(options, url).await?;
    let tls = tls(options).await?;
    let name = format!("{} {purpose}", options.connection_name);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let runtime =
        lapin::runtime::default_runtime().map_err(|cause| ConnectError::Refused { url: url.redacted(), cause })?;
    let line = Line::default();
    let held = line.clone();
    let deadline = options.connect_timeout;
    let connected = Connection::connector(
        uri,
        runtime,
        async move |uri: AMQPUri, runtime| {
            let dialled = async {
                // Plain TCP first, to hold the socket; TLS then goes over it.
                let plain = AMQPUri { scheme: AMQPScheme::AMQP, ..uri.clone() };
                let stream = plain.connect_async(&runtime).await?;
                if let AsyncTcpStream::Plain(socket) = &stream {
                    held.hold(socket.get_ref().as_fd().try_clone_to_owned()?.into());
                }
                match uri.scheme {
                    AMQPScheme::AMQP => Ok(stream),
                    AMQPScheme::AMQPS => stream.into_tls(&uri.authority.host, tls.as_ref()).await,
                }
            };
            let dialled = timeout(deadline, dialled).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            dialled.map_err(lapin::Error::from)
        },
        properties,
    );
    // lapin's own deadline covers TCP only; a broker that accepts and stays silent would be waited for without end.
    match timeout(deadline, connected).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(cause)) => Err(ConnectError::Refused { url: url.redacted(), cause }),
        Err(_) => {
            line.cut();
            Err(ConnectError::Timeout { url: url.redacted(), after: deadline })
        }
    }
}

/// A second hold on a connection's socket: lapin's thread waits on a silent broker for as long as the socket is open,
/// though nobody waits for the connection any more.
#[derive(Debug, Clone, Default)]
struct Line(Arc<Mutex<Option<TcpStream>>>);

impl Line {
    fn hold(&self, socket: TcpStream) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket);
    }

    fn cut(&self) {
        if let Some(socket) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // An error means that it is not connected any more, which is as good.
            socket.shutdown(Shutdown::Both).ok();
        }
    }
}

/// Opens a connection to the first broker of the list that takes one; gives the last one's error when none does.
pub(super) async fn connect_any(options: &BrokerOptions, purpose: &str) -> Result<Connection, ConnectError> {
    let mut refused = None;
    for url in &options.urls {
        match connect(options, url, purpose).await {
            Ok(connection) => return Ok(connection),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.expect("the configuration has at least one url"))
}

/// The URL with the user and heartbeat of the options.
pub(super) async fn uri(options: &BrokerOptions, url: &Secret) -> Result<AMQPUri, ConnectError> {
    let mut uri: AMQPUri = url.0.parse().map_err(|reason: String| ConnectError::Url { url: url.redacted(), reason })?;
    uri.query.heartbeat = Some(u16::try_from(options.heartbeat.as_secs().max(1)).unwrap_or(u16::MAX));
    if let Some(username) = &options.username {
        uri.authority.userinfo.username.clone_from(username);
    }
    if let Some(password) = password(options).await? {
        uri.authority.userinfo.password = password;
    }
    Ok(uri)
}

async fn password(options: &BrokerOptions) -> Result<Option<String>, ConnectError> {
    match &options.password_file {
        Some(file) => {
            let text = String::from_utf8_lossy(&read(file).await?).into_owned();
            Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        None => Ok(options.password.as_ref().map(|password| password.0.clone())),
    }
}

/// The certificates of the options.
pub(super) async fn tls(options: &BrokerOptions) -> Result<OwnedTLSConfig, ConnectError> {
    let mut tls = OwnedTLSConfig::default();
    if let Some(file) = &options.tls.ca_file {
        tls.cert_chain = Some(String::from_utf8_lossy(&read(file).await?).into_owned());
    }
    if let (Some(cert_file), Some(key_file)) = (&options.tls.cert_file, &options.tls.key_file) {
        tls.identity = Some(OwnedIdentity::PKCS8 { pem: read(cert_file).await?, key: read(key_file).await? });
    }
    Ok(tls)
}

async fn read(file: &Path) -> Result<Vec<u8>, ConnectError> {
    let file_name = || file.display().to_string();
    tokio::fs::read(file).await.map_err(|cause| ConnectError::File { file: file_name(), cause })
}
