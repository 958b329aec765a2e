//! Bytes to text: decompression, byte order marks and charsets. Says nothing about what the text is.
//!
//! A content encoding is a promise and is kept to; a charset is a claim and is checked. Old software labels UTF-8 as
//! `iso-8859-1` or `us-ascii`, so bytes beyond ASCII that are valid UTF-8 are read as such whatever Western label they
//! carry: other text passes that test by accident next to never.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use mime::Mime;

use super::{ParseError, RawDocument, sniff};

/// Most encodings applied one over another; more is an attack, not a feed.
const ENCODINGS_MAX: usize = 4;

/// Least bound on the window a zstd frame may ask for: what `zstd` writes at its usual levels.
const ZSTD_WINDOW_BYTES_MIN: u64 = 8 << 20;

/// The text of a document and the part of its content type that speaks of the format.
pub(super) struct Decoded<'a> {
    /// The text, without byte order mark.
    pub(super) text: Cow<'a, str>,
    /// What the sender says it is.
    pub(super) media: Option<Media>,
}

/// What a content type says about the format, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json` or any `+json`.
    Json,
    /// Any other type.
    Other,
}

/// Decompresses a body and decodes its text, both within `body_bytes_max`.
pub(super) fn decode<'a>(raw: &RawDocument<'a>, body_bytes_max: usize) -> Result<Decoded<'a>, ParseError> {
    if raw.body.is_empty() {
        return Err(ParseError::Empty);
    }
    if raw.body.len() > body_bytes_max {
        return Err(ParseError::TooLarge { bytes_max: body_bytes_max, decompressed: false });
    }
    let encoding = ContentEncoding::parse(raw.content_encoding)?;
    let body = encoding.decompress(raw.body, body_bytes_max)?;
    let mime: Option<Mime> = raw.content_type.and_then(|declared| declared.trim().parse().ok());
    let charset = match mime.as_ref().and_then(|mime| mime.get_param(mime::CHARSET)) {
        Some(label) => Some(charset(label.as_str())?),
        None => encoding.charset,
    };
    let text = decode_text(body, charset)?;
    if text.trim().is_empty() {
        return Err(ParseError::Empty);
    }
    Ok(Decoded { text, media: mime.as_ref().map(media) })
}

/// The encodings to undo, and a charset when one was named in their place.
#[derive(Default)]
struct ContentEncoding {
    /// In the order they were applied.
    compressions: Vec<Compression>,
    charset: Option<&'static Encoding>,
}

#[derive(Clone, Copy)]
enum Compression {
    Gzip,
    Deflate,
    Zstd,
}

impl ContentEncoding {
    /// Reads a `content_encoding` property. Some AMQP clients (kombu) put the charset there, or `binary`.
    fn parse(declared: Option<&str>) -> Result<Self, ParseError> {
        let mut encoding = ContentEncoding::default();
        for token in declared.unwrap_or_default().split(',').map(str::trim) {
            match token.to_ascii_lowercase().as_str() {
                "" | "identity" | "binary" => {}
                "gzip" | "x-gzip" => encoding.compressions.push(Compression::Gzip),
                "deflate" => encoding.compressions.push(Compression::Deflate),
                "zstd" => encoding.compressions.push(Compression::Zstd),
                label => match Encoding::for_label_no_replacement(label.as_bytes()) {
                    Some(charset) => encoding.charset = Some(charset),
                    None => return Err(ParseError::UnsupportedEncoding(token.to_owned())),
                },
            }
        }
        if encoding.compressions.len() > ENCODINGS_MAX {
            return Err(ParseError::UnsupportedEncoding(declared.unwrap_or_default().to_owned()));
        }
        Ok(encoding)
    }

    /// Undoes the encodings, last applied first.
    fn decompress<'a>(&self, body: &'a [u8], bytes_max: usize) -> Result<Cow<'a, [u8]>, ParseError> {
        let mut body = Cow::Borrowed(body);
        for compression in self.compressions.iter().rev() {
            body = Cow::Owned(compression.undo(&body, bytes_max)?);
        }
        Ok(body)
    }
}

impl Compression {
    fn undo(self, body: &[u8], bytes_max: usize) -> Result<Vec<u8>, ParseError> {
        let undone = match self {
            Compression::Gzip => read_bounded(flate2::read::MultiGzDecoder::new(body), bytes_max),
            // HTTP's `deflate` is zlib; senders that took the name at its word leave the header off.
            Compression::Deflate => match read_bounded(flate2::read::ZlibDecoder::new(body), bytes_max) {
                Err(_) => read_bounded(flate2::read::DeflateDecoder::new(body), bytes_max),
                read => read,
            },
            Compression::Zstd => unzstd(body, bytes_max),
        };
        let undone = undone.map_err(|source| ParseError::MalformedEncoding { encoding: self.to_string(), source })?;
        undone.ok_or(ParseError::TooLarge { bytes_max, decompressed: true })
    }
}

impl std::fmt::Display for Compression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Compression::Gzip => "gzip",
            Compression::Deflate => "deflate",
            Compression::Zstd => "zstd",
        })
    }
}

/// Reads to the end; `None` when that is over the bound.
fn read_bounded(reader: impl Read, bytes_max: usize) -> std::io::Result<Option<Vec<u8>>> {
    let mut read = Vec::new();
    reader.take(bytes_max as u64 + 1).read_to_end(&mut read)?;
    Ok((read.len() <= bytes_max).then_some(read))
}

/// Decodes one or more zstd frames. The window is bounded too: a frame of twenty bytes may ask for gigabytes.
fn unzstd(mut body: &[u8], bytes_max: usize) -> std::io::Result<Option<Vec<u8>>> {
    let window_bytes_max = ZSTD_WINDOW_BYTES_MIN.max(bytes_max as u64);
    let mut read = Vec::new();
    while !body.is_empty() {
        let frame = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(&mut body, window_bytes_max)
            .map_err(std::io::Error::other)?;
        match read_bounded(frame, bytes_max - read.len())? {
            Some(decoded) => read.extend_from_slice(&decoded),
            None => return Ok(None),
        }
    }
    Ok(Some(read))
}

fn charset(label: &str) -> Result<&'static Encoding, ParseError> {
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| ParseError::UnsupportedCharset(label.to_owned()))
}

fn media(mime: &Mime) -> Media {
    let json = mime.subtype() == mime::JSON || mime.suffix() == Some(mime::JSON);
    if json { Media::Json } else { Media::Other }
}

/// Decodes text: byte order mark, else the charset declared, else UTF-8; nothing is replaced on the quiet.
fn decode_text<'a>(body: Cow<'a, [u8]>, charset: Option<&'static Encoding>) -> Result<Cow<'a, str>, ParseError> {
    let (charset, mark_bytes) = match (Encoding::for_bom(&body), charset) {
        (Some((charset, mark_bytes)), _) => (charset, mark_bytes),
        (None, Some(charset)) if !mislabelled(charset, &body) => (charset, 0),
        (None, _) => (UTF_8, 0),
    };
    if charset != UTF_16LE && charset != UTF_16BE {
        sniff::reject_binary(&body)?;
    }
    if charset == UTF_8 {
        return decode_utf8(body, mark_bytes);
    }
    let text = charset.decode_without_bom_handling_and_without_replacement(&body[mark_bytes..]);
    text.map(|text| Cow::Owned(text.into_owned())).ok_or(ParseError::MalformedCharset(charset.name()))
}

/// Whether text labelled as Western is UTF-8 after all.
fn mislabelled(charset: &Encoding, body: &[u8]) -> bool {
    charset == WINDOWS_1252 && !body.is_ascii() && std::str::from_utf8(body).is_ok()
}

fn decode_utf8(body: Cow<'_, [u8]>, mark_bytes: usize) -> Result<Cow<'_, str>, ParseError> {
    let invalid = |error: std::str::Utf8Error| ParseError::InvalidUtf8(mark_bytes + error.valid_up_to());
    match body {
        Cow::Borrowed(body) => std::str::from_utf8(&body[mark_bytes..]).map(Cow::Borrowed).map_err(invalid),
        Cow::Owned(mut body) => {
            body.drain(..mark_bytes);
            String::from_utf8(body).map(Cow::Owned).map_err(|error| invalid(error.utf8_error()))
        }
    }
}
