//! What a broker says about itself before anybody logs in: its version, and its certificate.
//!
//! lapin keeps neither, so the first frame of a connection of our own is read, and the connection dropped.

use amq_protocol::frame::{AMQPFrame, parse_frame};
use amq_protocol::protocol::AMQPClass;
use amq_protocol::protocol::connection::AMQPMethod;
use futures_util::{AsyncReadExt as _, AsyncWriteExt as _};
use lapin::tcp::{AMQPUriTcpExt as _, AsyncTcpStream};
use lapin::types::{AMQPValue, FieldTable};
use tokio::time::timeout;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::super::dial::{tls, uri};
use super::super::options::BrokerOptions;
use super::super::topology::options::{QueueType, TopologyOptions};
use super::{Finding, Severity};
use crate::secret::Secret;

/// What a client says first.
const PROTOCOL_HEADER: &[u8] = b"AMQP\x00\x00\x09\x01";

/// Largest first frame read; RabbitMQ's is under 1 KiB.
const FRAME_BYTES_MAX: usize = 64 * 1024;

/// Oldest RabbitMQ whose quorum queues expire messages and dead-letter them at least once, as retries need.
const VERSION_MIN: (u32, u32) = (3, 10);

/// A certificate that ends within this many days is worth a warning.
const CERTIFICATE_DAYS_MIN: i64 = 30;

/// What a broker says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Greeting {
    pub(super) product: String,
    pub(super) version: String,
    /// `None` without TLS.
    tls: Option<Tls>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tls {
    version: String,
    /// POSIX seconds.
    expires: Option<i64>,
}

impl Greeting {
    /// A greeting without TLS.
    #[cfg(test)]
    pub(super) fn of(product: &str, version: &str) -> Greeting {
        Greeting { product: product.to_owned(), version: version.to_owned(), tls: None }
    }

    /// Major and minor version.
    pub(super) fn version(&self) -> Option<(u32, u32)> {
        let mut parts = self.version.split('.').map(|part| part.parse().ok());
        Some((parts.next()??, parts.next()??))
    }
}

/// Connects, hears the greeting and hangs up.
pub(super) async fn greet(broker: &BrokerOptions, url: &Secret) -> Result<Greeting, String> {
    match timeout(broker.connect_timeout, listen(broker, url)).await {
        Ok(heard) => heard.map_err(|error| format!("{error:#}")),
        Err(_) => Err(format!("no greeting within {:?}", broker.connect_timeout)),
    }
}

async fn listen(broker: &BrokerOptions, url: &Secret) -> Result<Greeting, Box<dyn std::error::Error + Send + Sync>> {
    let uri = uri(broker, url).await?;
    let config = tls(broker).await?;
    let runtime = lapin::runtime::default_runtime()?;
    let mut stream = uri.connect_with_config_async(config.as_ref(), &runtime).await?;
    stream.write_all(PROTOCOL_HEADER).await?;
    stream.flush().await?;
    let mut heard = Vec::new();
    let mut chunk = [0; 4096];
    while heard.len() < FRAME_BYTES_MAX {
        let read = stream.read(&mut chunk).await?;
        heard.extend_from_slice(&chunk[..read]);
        if let Ok((_, AMQPFrame::Method(_, AMQPClass::Connection(AMQPMethod::Start(start))))) = parse_frame(&heard[..])
        {
            let said = |name: &str| text(&start.server_properties, name);
            return Ok(Greeting { product: said("product"), version: said("version"), tls: certificate(&stream) });
        }
        if read == 0 {
            break;
        }
    }
    Err("the first bytes of the broker are not AMQP".into())
}

fn text(table: &FieldTable, name: &str) -> String {
    match table.inner().get(name) {
        Some(AMQPValue::LongString(text)) => text.to_string(),
        _ => String::new(),
    }
}

fn certificate<S>(stream: &AsyncTcpStream<S>) -> Option<Tls>
where
    S: futures_util::AsyncRead + futures_util::AsyncWrite + Send + Unpin + 'static,
{
    let AsyncTcpStream::Rustls(stream) = stream else { return None };
    let session = stream.get_ref().1;
    let version = session.protocol_version().map_or_else(|| "?".to_owned(), |version| format!("{version:?}"));
    let expires = session.peer_certificates().and_then(<[_]>::first).and_then(|certificate| {
        let (_, certificate) = X509Certificate::from_der(certificate.as_ref()).ok()?;
        Some(certificate.validity().not_after.timestamp())
    });
    Some(Tls { version, expires })
}

/// What the greeting means for a worker.
pub(super) fn findings(greeting: Result<&Greeting, &String>, object: &str, topology: &TopologyOptions) -> Vec<Finding> {
    let greeting = match greeting {
        Ok(greeting) => greeting,
        Err(error) => {
            let unchecked = Finding::new(Severity::Unchecked, "version", object, error.as_str());
            return vec![unchecked.remedy("rabbitmqctl version")];
        }
    };
    vec![version(greeting, object, topology), tls_finding(greeting.tls.as_ref(), object, jiff::Timestamp::now())]
}

fn version(greeting: &Greeting, object: &str, topology: &TopologyOptions) -> Finding {
    let named = format!("{} {}", greeting.product, greeting.version);
    let finding = |severity, message: String| Finding::new(severity, "version", object, message);
    if greeting.product != "RabbitMQ" {
        return finding(Severity::Warning, format!("{named}: only RabbitMQ is known to keep what a worker relies on"));
    }
    match greeting.version() {
        Some(version) if version < VERSION_MIN && topology.queue_type == QueueType::Quorum => {
            let message =
                format!("{named}: quorum queues neither expire messages nor dead-letter them safely before 3.10");
            finding(Severity::Error, message)
                .remedy("upgrade RabbitMQ to 3.10 or later, or set topology.queue_type = \"classic\"")
        }
        _ => finding(Severity::Ok, named),
    }
}

fn tls_finding(tls: Option<&Tls>, object: &str, now: jiff::Timestamp) -> Finding {
    let finding = |severity, message: String| Finding::new(severity, "tls", object, message);
    let Some(tls) = tls else {
        let local = ["127.", "localhost", "[::1]"].iter().any(|host| {
            object.rsplit_once("://").is_some_and(|(_, rest)| rest.trim_start_matches("***@").starts_with(host))
        });
        return match local {
            true => finding(Severity::Ok, "in the clear, on this machine".to_owned()),
            false => {
                finding(Severity::Warning, "in the clear: passwords and documents can be read on the way".to_owned())
                    .remedy("use an amqps:// URL in broker.urls")
            }
        };
    };
    let Some(expires) = tls.expires else {
        return finding(Severity::Unchecked, format!("{}, verified; its end cannot be read", tls.version));
    };
    let days = (expires - now.as_second()) / 86_400;
    let message = format!("{}, certificate verified, valid for {days} days more", tls.version);
    match days < CERTIFICATE_DAYS_MIN {
        true => finding(Severity::Warning, message).remedy("renew the broker's certificate"),
        false => finding(Severity::Ok, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(product: &str, said: &str, expected: Severity) {
        let greeting = Greeting::of(product, said);
        assert_eq!(version(&greeting, "broker", &TopologyOptions::default()).severity, expected, "{product} {said}");
    }

    #[test]
    fn versions_that_cannot_keep_retries_are_errors() {
        check("RabbitMQ", "3.9.29", Severity::Error);
        check("RabbitMQ", "3.10.8", Severity::Ok);
        check("RabbitMQ", "4.3.0-rc.1", Severity::Ok);
        check("Another", "1.0", Severity::Warning);
    }

    #[test]
    fn a_certificate_that_soon_ends_and_a_link_in_the_clear_are_warned_of() {
        let now = jiff::Timestamp::from_second(0).expect("0 is a time");
        let tls = |days: i64| Tls { version: "TLSv1_3".to_owned(), expires: Some(days * 86_400) };
        assert_eq!(tls_finding(Some(&tls(29)), "", now).severity, Severity::Warning);
        assert_eq!(tls_finding(Some(&tls(31)), "", now).severity, Severity::Ok);
        assert_eq!(tls_finding(None, "amqp://***@broker.example:5672/%2f", now).severity, Severity::Warning);
        assert_eq!(tls_finding(None, "amqp://***@127.0.0.1:5672/%2f", now).severity, Severity::Ok);
    }
}
