//! The plain-text digest: any number of articles and headlines in one text, in any order.
//!
//! Read in four steps: [`prose`](crate::parse::prose) cuts the text into lines and joins those that were broken to fit
//! a column, [`rule`] says what each paragraph is by itself, and [`assemble`] puts items together.
//! Every non-blank line ends in exactly one item or is ignored with a reason. Linear in the text; nothing recurses.

mod assemble;
mod rule;

use crate::document::{IgnoredLine, Item};
use crate::parse::prose::{lines, look, unwrap};
use crate::parse::{ParseError, ParseLimits};

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
    let text = lines::plain_spaces(text);
    let mut lines = lines::cut(&text, limits.lines_max)?;
    lines::mark_entries(&mut lines);
    let paragraphs = unwrap::unwrap(&lines, look::has_case(&text));
    assemble::assemble(&lines, &paragraphs, limits.items_max)
}
