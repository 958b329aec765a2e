//! Undoes content encodings, within bounds. Says nothing about what the bytes are.
//!
//! A content encoding is a promise and is kept to: bytes that cannot be decompressed as it says are a fault.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::Encoding;

use super::fault::Fault;
use crate::document::Reason;

/// Maximum number of encodings applied one over another; more is an attack, not a feed.
const ENCODINGS_MAX: usize = 4;

/// Lower limit of the window that a zstd frame may ask for: what `zstd` writes at its usual levels.
const ZSTD_WINDOW_BYTES_MIN: u64 = 8 << 20;

/// The bytes of a document once its content encodings are undone.
#[derive(Debug)]
pub(super) struct Inflated<'a> {
    /// The bytes, borrowed unless something had to be undone.
    pub(super) bytes: Cow<'a, [u8]>,
    /// A charset that was named in place of an encoding.
    pub(super) charset: Option<&'static Encoding>,
}

/// Decompresses a body within `body_bytes_max`, as its `content_encoding` says.
pub(super) fn inflate<'a>(
    body: &'a [u8],
    content_encoding: Option<&str>,
    body_bytes_max: usize,
) -> Result<Inflated<'a>, Fault> {
    if body.is_empty() {
        return Err(Fault::new(Reason::Empty, "the body is empty"));
    }
    if body.len() > body_bytes_max {
        return Err(Fault::new(Reason::TooLarge, format!("the body is over {body_bytes_max} bytes")));
    }
    let encoding = ContentEncoding::parse(content_encoding)?;
    let bytes = encoding.decompress(body, body_bytes_max)?;
    Ok(Inflated { bytes, charset: encoding.charset })
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
    fn parse(declared: Option<&str>) -> Result<Self, Fault> {
        let mut encoding = ContentEncoding::default();
        for token in declared.unwrap_or_default().split(',').map(str::trim) {
            match token.to_ascii_lowercase().as_str() {
                "" | "identity" | "binary" => {}
                "gzip" | "x-gzip" => encoding.compressions.push(Compression::Gzip),
                "deflate" => encoding.compressions.push(Compression::Deflate),
                "zstd" => encoding.compressions.push(Compression::Zstd),
                label => match Encoding::for_label_no_replacement(label.as_bytes()) {
                    Some(charset) => encoding.charset = Some(charset),
                    None => return Err(unsupported(token)),
                },
            }
        }
        if encoding.compressions.len() > ENCODINGS_MAX {
            return Err(unsupported(declared.unwrap_or_default()));
        }
        Ok(encoding)
    }

    /// Undoes the encodings, last applied first.
    fn decompress<'a>(&self, body: &'a [u8], bytes_max: usize) -> Result<Cow<'a, [u8]>, Fault> {
        let mut body = Cow::Borrowed(body);
        for compression in self.compressions.iter().rev() {
            body = Cow::Owned(compression.undo(&body, bytes_max)?);
        }
        Ok(body)
    }
}

impl Compression {
    fn undo(self, body: &[u8], bytes_max: usize) -> Result<Vec<u8>, Fault> {
        let undone = match self {
            Compression::Gzip => read_bounded(flate2::read::MultiGzDecoder::new(body), bytes_max),
            // HTTP's `deflate` is zlib; senders that took the name at its word leave the header off.
            Compression::Deflate => match read_bounded(flate2::read::ZlibDecoder::new(body), bytes_max) {
                Err(_) => read_bounded(flate2::read::DeflateDecoder::new(body), bytes_max),
                read => read,
            },
            Compression::Zstd => unzstd(body, bytes_max),
        };
        let undone = undone.map_err(|error| {
            Fault::new(Reason::MalformedEncoding, format!("could not decompress the body as {self}: {error}"))
        })?;
        undone.ok_or_else(|| {
            Fault::new(Reason::TooLarge, format!("the body is over {bytes_max} bytes once decompressed"))
        })
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

fn unsupported(encoding: &str) -> Fault {
    let detail = format!("content encoding {encoding:?} is not one of identity, gzip, deflate, zstd");
    Fault::new(Reason::UnsupportedEncoding, detail)
}
