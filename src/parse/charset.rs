//! Bytes to text: byte order marks and charsets. Says nothing about what the text is.
//!
//! A charset is a claim and is checked. Old software labels UTF-8 as `iso-8859-1` or `us-ascii`, so bytes beyond ASCII
//! that are valid UTF-8 are read as such whatever Western label they carry: other text hardly ever passes that test by
//! accident.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::binary;
use super::fault::{Fault, Position};
use crate::document::Reason;

/// The charset of a label, as the WHATWG Encoding Standard lists them.
pub(super) fn named(label: &str) -> Result<&'static Encoding, Fault> {
    let charset = Encoding::for_label_no_replacement(label.as_bytes());
    charset.ok_or_else(|| {
        let detail = format!("charset {label:?} is not in the WHATWG Encoding Standard");
        Fault::new(Reason::UnsupportedCharset, detail)
    })
}

/// Text that was decoded, or found to be UTF-8 as it is.
#[derive(Debug)]
pub(super) enum Decoded {
    /// UTF-8, after a byte order mark where there is one.
    AsIs {
        /// Length of the byte order mark.
        mark_bytes: usize,
    },
    /// Converted from another charset.
    Converted(String),
}

impl Decoded {
    /// The text; `body` are the bytes that were decoded.
    pub(super) fn text<'a>(&'a self, body: &'a [u8]) -> &'a str {
        match self {
            Decoded::AsIs { mark_bytes } => {
                std::str::from_utf8(&body[*mark_bytes..]).expect("it was found to be UTF-8")
            }
            Decoded::Converted(text) => text,
        }
    }
}

/// Decodes text: byte order mark, else the charset declared, else UTF-8; nothing is replaced silently.
pub(super) fn decode(body: &[u8], charset: Option<&'static Encoding>) -> Result<Decoded, Fault> {
    let (charset, mark_bytes) = match (Encoding::for_bom(body), charset) {
        (Some((charset, mark_bytes)), _) => (charset, mark_bytes),
        (None, Some(charset)) if !mislabelled(charset, body) => (charset, 0),
        (None, _) => (UTF_8, 0),
    };
    if charset != UTF_16LE && charset != UTF_16BE {
        binary::reject(body)?;
    }
    let text = &body[mark_bytes..];
    if charset == UTF_8 {
        return match std::str::from_utf8(text) {
            Ok(_) => Ok(Decoded::AsIs { mark_bytes }),
            Err(error) => {
                let at = Position::Byte(mark_bytes + error.valid_up_to());
                Err(Fault::new(Reason::InvalidUtf8, "the body is not UTF-8").at(at))
            }
        };
    }
    match charset.decode_without_bom_handling_and_without_replacement(text) {
        Some(text) => Ok(Decoded::Converted(text.into_owned())),
        None => Err(Fault::new(Reason::MalformedCharset, format!("the body is not {}", charset.name()))),
    }
}

/// Whether text labelled as Western is UTF-8 after all.
fn mislabelled(charset: &Encoding, body: &[u8]) -> bool {
    charset == WINDOWS_1252 && !body.is_ascii() && std::str::from_utf8(body).is_ok()
}
