//! What bytes are that are not text: known by their openings, or by their control characters.

use super::fault::Fault;
use crate::document::Reason;

/// Openings of formats that are not read. Only those that no news text begins with: two-letter signatures like BMP's
/// `BM` are left out, since they open headlines (`BMW …`); the NUL bytes that follow them give such files away.
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

/// What bytes are that are not text in any charset which keeps ASCII.
pub(super) fn what_is(body: &[u8]) -> Option<&'static str> {
    match SIGNATURES.iter().find(|(signature, _)| body.starts_with(signature)) {
        Some((_, name)) => Some(name),
        None => controls(body),
    }
}

fn controls(body: &[u8]) -> Option<&'static str> {
    if body.contains(&0) {
        return Some("binary data, with NUL bytes");
    }
    // Without branches, so that it is done many bytes at a time. Tab to carriage return are text.
    let controls: usize = body.iter().map(|byte| usize::from((*byte < 0x20) & !(9..=13).contains(byte))).sum();
    let (controls_max, bytes) = CONTROLS_PER_BYTE_MAX;
    (controls * bytes > body.len() * controls_max).then_some("binary data, with control characters")
}

/// Rejects bytes that are not text in any charset that keeps ASCII.
pub(super) fn reject(body: &[u8]) -> Result<(), Fault> {
    what_is(body).map_or(Ok(()), |what| Err(unknown(what)))
}

/// Rejects a text with more control characters than any text has.
pub(super) fn reject_controls(body: &[u8]) -> Result<(), Fault> {
    controls(body).map_or(Ok(()), |what| Err(unknown(what)))
}

/// Whether a text opens with a tag, a declaration or a comment and has another one that closes.
pub(super) fn is_markup(text: &str) -> bool {
    let Some(rest) = text.trim_start().strip_prefix('<') else { return false };
    match rest.as_bytes().first() {
        Some(b'?' | b'!') => true,
        Some(letter) if letter.is_ascii_alphabetic() => text.contains("</") || text.contains("/>"),
        _ => false,
    }
}

/// Bytes that are not in a supported format; `what` says what they look like.
pub(super) fn unknown(what: &str) -> Fault {
    Fault::new(Reason::UnknownFormat, format!("the body is not in a supported format; it looks like {what}"))
}
