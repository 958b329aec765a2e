//! Which format a document is of, told by its content. A content type only decides where the content leaves it open.

use serde::de::IgnoredAny;

use super::ParseError;
use super::encoding::Media;
use crate::document::Format;

/// Openings that name a format which is not read, whatever follows. Only such as no news text begins with: two-letter
/// signatures like BMP's `BM` are left out, since they open headlines (`BMW …`); the NUL bytes after them tell instead.
const SIGNATURES: [(&[u8], &str); 9] = [
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"{\\rtf", "RTF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip without a content encoding that says so"),
    (b"\x28\xb5\x2f\xfd", "zstd without a content encoding that says so"),
    (b"\x89PNG\r\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
];

/// Control characters beyond this share of the bytes make a body binary; a stray one does not.
const CONTROLS_PER_BYTE_MAX: (usize, usize) = (1, 100);

/// Rejects bytes that are not text in any charset that keeps ASCII.
pub(super) fn reject_binary(body: &[u8]) -> Result<(), ParseError> {
    if let Some((_, name)) = SIGNATURES.iter().find(|(signature, _)| body.starts_with(signature)) {
        return Err(ParseError::UnknownFormat(name));
    }
    reject_controls(body)
}

fn reject_controls(body: &[u8]) -> Result<(), ParseError> {
    if body.contains(&0) {
        return Err(ParseError::UnknownFormat("binary, with NUL bytes"));
    }
    // Without branches, so that it is done many bytes at a time. Tab to carriage return are text.
    let controls: usize = body.iter().map(|byte| usize::from((*byte < 0x20) & !(9..=13).contains(byte))).sum();
    let (controls_max, bytes) = CONTROLS_PER_BYTE_MAX;
    if controls * bytes > body.len() * controls_max {
        return Err(ParseError::UnknownFormat("binary, with control characters"));
    }
    Ok(())
}

/// Tells the format of a text.
pub(super) fn format_of(text: &str, media: Option<Media>, expected: Option<Format>) -> Result<Format, ParseError> {
    // A charset such as UTF-16 or a shift-out code brings control characters to light only once it is decoded.
    reject_controls(text.as_bytes())?;
    if let Some(format) = expected {
        return Ok(format);
    }
    let text = text.trim_start();
    if is_markup(text) {
        return Err(ParseError::UnknownFormat("XML or HTML"));
    }
    match text.as_bytes() {
        [b'{', rest @ ..] if media == Some(Media::Json) || opens_object(rest) => Ok(Format::Json),
        [b'[', ..] if media == Some(Media::Json) => Ok(Format::Json),
        // A digest may open with a quotation or a bracket; only what is JSON to its end is taken for it.
        [b'"', ..] if media != Some(Media::Json) => Ok(Format::Digest),
        [b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n', ..] if is_json(text) => Err(ParseError::NotAnObject),
        _ => Ok(Format::Digest),
    }
}

/// Whether what follows a brace is a key or the closing brace.
fn opens_object(rest: &[u8]) -> bool {
    matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}') | None)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Whether a text opens with a tag, a declaration or a comment and has another one that closes.
fn is_markup(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('<') else { return false };
    match rest.as_bytes().first() {
        Some(b'?' | b'!') => true,
        Some(letter) if letter.is_ascii_alphabetic() => text.contains("</") || text.contains("/>"),
        _ => false,
    }
}
