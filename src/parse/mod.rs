//! Raw documents in, [`Document`]s out: bytes are decoded, the format is told by content, and the text is split
//! into articles and headlines.
//!
//! Pure and synchronous. It knows no AMQP, no tokio and no configuration file; what the transport and the
//! configuration know comes in as [`RawDocument`] and [`ParseLimits`]. Whatever the bytes, the answer is a document or
//! a [`ParseError`] with a stable reason: nothing panics, nothing recurses over the input, nothing is cut short.

mod encoding;
mod error;
mod formats;
mod prose;
mod sniff;

use sha2::{Digest, Sha256};

pub use error::ParseError;

use crate::document::{Document, Format, Identity, PubStatus};

/// A document as it arrived, with what the transport knows of it.
#[derive(Debug, Clone, Default)]
pub struct RawDocument<'a> {
    /// The bytes as received.
    pub body: &'a [u8],
    /// MIME type, perhaps with a charset; believed only where the content bears it out.
    pub content_type: Option<&'a str>,
    /// `identity`, `gzip`, `deflate` or `zstd`, or a list of them in the order they were applied.
    pub content_encoding: Option<&'a str>,
    /// The message id of the transport.
    pub message_id: Option<&'a str>,
    /// When the sender says it was sent, in POSIX seconds: the document's time when it carries none of its own.
    pub timestamp: Option<u64>,
    /// Name of the feed.
    pub source: &'a str,
    /// The sender's id of the document, given beside it.
    pub id: Option<&'a str>,
}

/// The bounds of a document. What exceeds one is rejected, never cut.
#[derive(Debug, Clone)]
pub struct ParseLimits {
    /// Most bytes of a body, as received and after decompression.
    pub body_bytes_max: usize,
    /// Most articles and headlines of one document.
    pub items_max: usize,
    /// Most non-blank lines of one document: bounds the memory that splitting takes.
    pub lines_max: usize,
    /// The one format expected; told by content when absent.
    pub format: Option<Format>,
}

impl Default for ParseLimits {
    fn default() -> Self {
        ParseLimits { body_bytes_max: 10 << 20, items_max: 1_000, lines_max: 200_000, format: None }
    }
}

/// Decodes a raw document, tells its format and splits it into items.
///
/// Deterministic: the same bytes and properties give the same document, identity included. Linear in the size of the
/// (decompressed) body.
///
/// # Errors
/// A [`ParseError`] when the bytes are no document of a supported format within the limits; its reason is stable.
pub fn parse(raw: &RawDocument<'_>, limits: &ParseLimits) -> Result<Document, ParseError> {
    let decoded = encoding::decode(raw, limits.body_bytes_max)?;
    let text = decoded.text.as_ref();
    let mut document = match sniff::format_of(text, decoded.media, limits.format)? {
        Format::Json => formats::envelope::parse(text, raw, limits)?,
        Format::Digest => Document { items: vec![], ..blank(raw, Format::Digest) }.with_digest(text, limits)?,
    };
    if document.items.is_empty() {
        return Err(ParseError::MissingText("no line holds a word of news".to_owned()));
    }
    if document.time.is_none() {
        document.time = raw.timestamp.and_then(rfc3339);
    }
    Ok(document)
}

impl Document {
    /// Splits a text as a digest and takes its items.
    fn with_digest(mut self, text: &str, limits: &ParseLimits) -> Result<Self, ParseError> {
        let split = formats::digest::split(text, limits)?;
        self.items = split.items;
        self.ignored = split.ignored;
        Ok(self)
    }
}

/// A document without items, as far as the transport alone can tell.
fn blank(raw: &RawDocument<'_>, format: Format) -> Document {
    let sha256 = sha256_hex(raw.body);
    let id = [raw.id, raw.message_id].into_iter().flatten().map(str::trim).find(|id| !id.is_empty());
    Document {
        identity: Identity { id: id.map_or_else(|| sha256.clone(), str::to_owned), version: None },
        source: raw.source.to_owned(),
        sha256,
        format,
        time: None,
        language: None,
        url: None,
        status: PubStatus::Usable,
        items: Vec::new(),
        ignored: Vec::new(),
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

/// A POSIX time as RFC 3339; none when no calendar holds it, as when a sender counts milliseconds.
fn rfc3339(seconds: u64) -> Option<String> {
    let timestamp = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(timestamp.to_string())
}
