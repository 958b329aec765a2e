//! What comes in: the bytes of a document and what the transport knows of them; the bounds it is read within.

use std::cell::OnceCell;

use jiff::Timestamp;

use super::binary;
use super::charset::{self, Decoded};
use super::fault::Fault;
use super::inflate::{self, Inflated};
use super::media::Media;
use crate::document::{FormatName, Name, Reason, Sha256};

/// A document as it arrived, with what the transport knows of it. Begin with [`Raw::new`] and set the fields that are
/// known.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Raw<'a> {
    /// The bytes as received.
    pub body: &'a [u8],
    /// MIME type, perhaps with a charset; believed only where the content bears it out.
    pub content_type: Option<&'a str>,
    /// `identity`, `gzip`, `deflate` or `zstd`, or a list of them in the order they were applied.
    pub content_encoding: Option<&'a str>,
    /// The message id of the transport.
    pub message_id: Option<&'a str>,
    /// When the sender says it was sent, in POSIX seconds: the time of items that carry none of their own.
    pub timestamp: Option<u64>,
    /// Name of the feed; `default` when absent.
    pub source: Option<&'a str>,
    /// The sender's id of the document, given beside it.
    pub id: Option<&'a str>,
}

impl<'a> Raw<'a> {
    /// These bytes, of which nothing else is known.
    pub fn new(body: &'a [u8]) -> Self {
        Raw { body, ..Raw::default() }
    }

    /// From this feed.
    #[must_use]
    pub fn source(self, name: &'a str) -> Self {
        Raw { source: Some(name), ..self }
    }

    /// Declared to be of this MIME type.
    #[must_use]
    pub fn content_type(self, content_type: impl Into<Option<&'a str>>) -> Self {
        Raw { content_type: content_type.into(), ..self }
    }

    /// Declared to be encoded so.
    #[must_use]
    pub fn content_encoding(self, content_encoding: impl Into<Option<&'a str>>) -> Self {
        Raw { content_encoding: content_encoding.into(), ..self }
    }

    /// The document's name as far as the transport knows it: the sender's id, the message id, the digest of the bytes.
    pub(super) fn name(&self, sha256: &Sha256) -> Name {
        let known = [self.id, self.message_id].into_iter().flatten().map(str::trim).find(|id| !id.is_empty());
        known.map_or_else(|| Name::new(sha256.to_string()), Name::new)
    }

    /// When the sender says it was sent; `None` when no calendar holds it, as when a sender counts milliseconds.
    pub(super) fn time(&self) -> Option<Timestamp> {
        Timestamp::from_second(i64::try_from(self.timestamp?).ok()?).ok()
    }
}

/// The bounds of a document. What exceeds one is rejected, never cut.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum number of bytes of a body, as received and after decompression.
    pub body_bytes_max: usize,
    /// Maximum number of articles and headlines in one document.
    pub items_max: usize,
    /// Maximum number of non-blank lines in one document: bounds the memory that splitting takes.
    pub lines_max: usize,
    /// The format of every document; recognised by content when absent.
    pub format: Option<FormatName>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { body_bytes_max: 10 << 20, items_max: 1_000, lines_max: 200_000, format: None }
    }
}

/// The decompressed bytes of a document, and its text once somebody has asked for it.
#[derive(Debug)]
pub struct Content<'a> {
    inflated: Inflated<'a>,
    media: Media,
    text: OnceCell<Result<Decoded, Fault>>,
}

impl<'a> Content<'a> {
    /// Decompresses a body within `body_bytes_max`.
    pub(super) fn of(raw: &Raw<'a>, body_bytes_max: usize) -> Result<Self, Fault> {
        let inflated = inflate::inflate(raw.body, raw.content_encoding, body_bytes_max)?;
        Ok(Content { inflated, media: Media::parse(raw.content_type), text: OnceCell::new() })
    }

    /// The bytes, decompressed.
    pub fn bytes(&self) -> &[u8] {
        &self.inflated.bytes
    }

    /// What the sender says the bytes are.
    pub(super) fn media(&self) -> &Media {
        &self.media
    }

    /// The bytes as text, for formats that name no charset of their own: by byte order mark, else in the charset that
    /// the content type declares, else UTF-8. Decoded once, whoever asks.
    ///
    /// # Errors
    /// When they are not text, or not in that charset; nothing is replaced.
    pub fn text(&self) -> Result<&str, Fault> {
        match self.text.get_or_init(|| self.decode()) {
            Ok(decoded) => Ok(decoded.text(self.bytes())),
            Err(fault) => Err(fault.clone()),
        }
    }

    fn decode(&self) -> Result<Decoded, Fault> {
        let declared = match self.media.charset() {
            Some(label) => Some(charset::named(label)?),
            None => self.inflated.charset,
        };
        let decoded = charset::decode(self.bytes(), declared)?;
        let text = decoded.text(self.bytes());
        if text.trim().is_empty() {
            return Err(Fault::new(Reason::Empty, "the body is empty"));
        }
        // A charset such as UTF-16 or a shift-out code brings control characters to light only once it is decoded.
        binary::reject_controls(text.as_bytes())?;
        Ok(decoded)
    }
}
