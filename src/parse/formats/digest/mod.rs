//! The plain-text digest: any number of articles and headlines in one text, in any order.
//!
//! Read in four steps, each in its file: [`lines`] cuts the text, [`unwrap`] joins lines that were broken to fit a
//! column, [`rule`] (with [`furniture`] and [`opening`]) says what each text is, and [`assemble`] puts items together.
//! Every non-blank line ends in exactly one item or is ignored with a reason. Linear in the text; nothing recurses.

mod assemble;
mod rule;

use std::borrow::Cow;

use crate::document::{IgnoredLine, Item};
use crate::parse::prose::{lines, opening, unwrap};
use crate::parse::{ParseError, ParseLimits};

/// A text in which fewer bytes than one in this many are capitals does not use capitals.
const BYTES_PER_CAPITAL_MAX: usize = 500;

/// What a digest was split into.
#[derive(Debug)]
pub(in crate::parse) struct Split {
    /// Articles and headlines in the order of the text.
    pub(in crate::parse) items: Vec<Item>,
    /// Lines that belong to none.
    pub(in crate::parse) ignored: Vec<IgnoredLine>,
}

/// Splits a text into articles and headlines.
pub(in crate::parse) fn split(text: &str, limits: &ParseLimits) -> Result<Split, ParseError> {
    let text = plain_spaces(text);
    let mut lines = lines::cut(&text, limits.lines_max)?;
    lines::mark_entries(&mut lines);
    let paragraphs = unwrap::unwrap(&lines, has_case(&text));
    assemble::assemble(&lines, &paragraphs, limits.items_max)
}

/// The body of an article that came by itself, and the dateline it opened with.
pub(in crate::parse) struct Body {
    pub(in crate::parse) body: String,
    pub(in crate::parse) dateline: Option<String>,
}

/// Sets a body as items carry it: paragraphs by line feeds, broken lines joined. It is not split, and nothing is left
/// out.
pub(in crate::parse) fn body_of(text: &str, limits: &ParseLimits) -> Result<Body, ParseError> {
    let text = plain_spaces(text);
    let lines = lines::cut(&text, limits.lines_max)?;
    let paragraphs = unwrap::unwrap(&lines, has_case(&text));
    let mut body = String::with_capacity(text.len());
    for paragraph in &paragraphs {
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(&paragraph.text);
    }
    let dateline = opening::dateline(&body).filter(|dateline| !dateline.rest.is_empty());
    Ok(match dateline.map(|dateline| (dateline.place.to_owned(), dateline.rest.to_owned())) {
        Some((place, rest)) => Body { body: rest, dateline: Some(place) },
        None => Body { body, dateline: None },
    })
}

/// Sets a title on one line.
pub(in crate::parse) fn line_of(text: &str) -> String {
    plain_spaces(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Turns non-breaking spaces into plain ones; they count as one character both.
fn plain_spaces(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !['\u{a0}', '\u{202f}', '\u{2007}'].iter().any(|space| text.contains(*space)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(['\u{a0}', '\u{202f}', '\u{2007}'], " "))
}

/// Whether a text uses capitals, so that they and their absence can tell something.
fn has_case(text: &str) -> bool {
    let enough = |capitals: usize| capitals * BYTES_PER_CAPITAL_MAX > text.len();
    // Asked first because bytes are counted many times faster than characters are read.
    enough(text.bytes().filter(u8::is_ascii_uppercase).count())
        || !text.is_ascii() && enough(text.chars().filter(|character| character.is_uppercase()).count())
}
