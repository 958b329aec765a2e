//! What travels: a body, its properties, and where it came from or goes to. The same on every transport.

use std::collections::BTreeMap;

use bytes::Bytes;

/// Header names of this project's own; senders may set the first three.
pub mod header {
    /// Name of the feed a document comes from.
    pub const SOURCE: &str = "dateline-source";
    /// Id of the document within its feed.
    pub const ID: &str = "dateline-id";
    /// W3C trace context, handed on to every event.
    pub const TRACEPARENT: &str = "traceparent";
    /// SHA-256 of the document that an event's item came in, when the event itself does not say.
    pub const DOCUMENT_SHA256: &str = "dateline-document-sha256";
    /// How often the document was tried.
    pub const ATTEMPTS: &str = "dateline-attempts";
    /// How often a worker died while it held the document.
    pub const CRASHES: &str = "dateline-crashes";
    /// POSIX seconds at which the document first failed.
    pub const FIRST_SEEN: &str = "dateline-first-seen";
    /// Stable code of the reason for a dead letter or a retry.
    pub const REASON: &str = "dateline-reason";
    /// Stage that rejected the document.
    pub const STAGE: &str = "dateline-stage";
    /// The reason in words, bounded.
    pub const DETAIL: &str = "dateline-detail";
    /// Exchange the document was first published to.
    pub const ORIGINAL_EXCHANGE: &str = "dateline-original-exchange";
    /// Routing key the document was first published with.
    pub const ORIGINAL_ROUTING_KEY: &str = "dateline-original-routing-key";
    /// The property or header that had to be taken off the original is kept under this prefix.
    pub const ORIGINAL_PREFIX: &str = "dateline-original-";
    /// Size of a document of which a transport without a broker kept only the beginning.
    pub const ORIGINAL_BYTES: &str = "dateline-original-bytes";
    /// Set when the sender's headers were too large to be carried along.
    pub const HEADERS_DROPPED: &str = "dateline-headers-dropped";
}

/// A raw document as a transport delivers it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Incoming {
    /// The bytes, untouched. Copies of the document share them.
    pub body: Bytes,
    /// What the sender said about them.
    pub properties: Properties,
    /// Exchange it was published to; empty without a broker.
    pub exchange: String,
    /// Routing key it was published with; the file's name on stdio.
    pub routing_key: String,
    /// Whether it may have been delivered before.
    pub redelivered: bool,
    /// Whether it came through the lane where suspects are tried alone.
    pub suspect: bool,
}

/// Where an outgoing message goes; the transport knows the exchange by that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// An event, to the desks.
    Events,
    /// An event that no desk's queue is bound for.
    Unrouted,
    /// A dead letter.
    Dead,
    /// Back to the documents after the delay of this step, counted from 0.
    Retry(usize),
    /// To the lane where suspects are tried alone.
    Suspects,
    /// Back to the documents at once, as a dead letter that is replayed.
    Documents,
}

/// A message to be published.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Where to.
    pub target: Target,
    /// Routing key.
    pub routing_key: String,
    /// Properties, persistent always.
    pub properties: Properties,
    /// The bytes.
    pub body: Bytes,
}

/// The properties of AMQP's basic class, but for the delivery mode: every message is persistent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Properties {
    /// MIME type of the body.
    pub content_type: Option<String>,
    /// Coding of the body, such as `gzip`.
    pub content_encoding: Option<String>,
    /// 0 to 9.
    pub priority: Option<u8>,
    /// Sender's correlation id.
    pub correlation_id: Option<String>,
    /// Sender's reply queue.
    pub reply_to: Option<String>,
    /// Time to live in milliseconds, as text.
    pub expiration: Option<String>,
    /// Id of the message.
    pub message_id: Option<String>,
    /// POSIX seconds.
    pub timestamp: Option<u64>,
    /// AMQP's `type`.
    pub kind: Option<String>,
    /// User the broker authenticated.
    pub user_id: Option<String>,
    /// Sending application.
    pub app_id: Option<String>,
    /// Headers.
    pub headers: Headers,
}

/// Headers by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Headers(pub BTreeMap<String, HeaderValue>);

/// A value of an AMQP field table. Integers of every width arrive as [`HeaderValue::Int`].
#[derive(Debug, Clone, PartialEq)]
pub enum HeaderValue {
    /// True or false.
    Bool(bool),
    /// An integer of any width.
    Int(i64),
    /// An unsigned integer beyond `i64`.
    UInt(u64),
    /// A floating-point number.
    Float(f64),
    /// UTF-8 text.
    Text(String),
    /// Octets that are not UTF-8.
    Octets(Vec<u8>),
    /// POSIX seconds.
    Timestamp(u64),
    /// A list.
    Array(Vec<HeaderValue>),
    /// A table.
    Table(Headers),
    /// Nothing.
    Void,
}

impl Headers {
    /// The text under a name; `None` when it is absent or of another type.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(HeaderValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The non-negative integer under a name; `None` when it is absent or of another type.
    pub fn count(&self, name: &str) -> Option<u64> {
        match self.0.get(name) {
            Some(HeaderValue::Int(count)) => u64::try_from(*count).ok(),
            Some(HeaderValue::UInt(count)) => Some(*count),
            _ => None,
        }
    }

    /// Sets a header.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<HeaderValue>) {
        self.0.insert(name.into(), value.into());
    }

    /// About how many bytes the headers take in a frame; AMQP does not split headers over frames.
    pub fn encoded_bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + 2 + value.encoded_bytes()).sum()
    }
}

impl HeaderValue {
    fn encoded_bytes(&self) -> usize {
        match self {
            HeaderValue::Bool(_) => 1,
            HeaderValue::Int(_) | HeaderValue::UInt(_) | HeaderValue::Float(_) | HeaderValue::Timestamp(_) => 8,
            HeaderValue::Text(text) => text.len() + 4,
            HeaderValue::Octets(octets) => octets.len() + 4,
            HeaderValue::Array(values) => 4 + values.iter().map(|value| 1 + value.encoded_bytes()).sum::<usize>(),
            HeaderValue::Table(headers) => 4 + headers.encoded_bytes(),
            HeaderValue::Void => 0,
        }
    }
}

impl From<&str> for HeaderValue {
    fn from(text: &str) -> Self {
        HeaderValue::Text(text.to_owned())
    }
}

impl From<String> for HeaderValue {
    fn from(text: String) -> Self {
        HeaderValue::Text(text)
    }
}

impl From<u64> for HeaderValue {
    fn from(count: u64) -> Self {
        i64::try_from(count).map_or(HeaderValue::UInt(count), HeaderValue::Int)
    }
}

impl From<bool> for HeaderValue {
    fn from(flag: bool) -> Self {
        HeaderValue::Bool(flag)
    }
}

impl From<Vec<String>> for HeaderValue {
    fn from(texts: Vec<String>) -> Self {
        HeaderValue::Array(texts.into_iter().map(HeaderValue::Text).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_another_type_is_not_read_as_text_or_count() {
        let mut headers = Headers::default();
        headers.set(header::ATTEMPTS, "3");
        headers.set(header::SOURCE, 3u64);
        assert_eq!(headers.count(header::ATTEMPTS), None);
        assert_eq!(headers.text(header::SOURCE), None);
        assert_eq!(headers.count(header::SOURCE), Some(3));
    }
}
