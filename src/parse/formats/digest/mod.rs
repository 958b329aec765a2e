//! The plain-text digest: any number of articles and headlines in one text, in any order.
//!
//! Read in four steps: [`prose`](crate::parse::prose) cuts the text into lines and joins those that were broken to fit
//! a column, [`rule`] says what each paragraph is by itself, and [`assemble`] puts items together.
//! Every non-blank line ends in exactly one item or is ignored with a reason. Linear in the text; nothing recurses.

mod assemble;
mod rule;

use crate::document::{FormatName, IgnoredLine};
use crate::parse::binary;
use crate::parse::fault::Fault;
use crate::parse::format::{Contents, Entry, Fit, Format};
use crate::parse::prose::{lines, look, unwrap};
use crate::parse::raw::{Content, Limits};

/// Plain text holding any number of articles and headlines.
pub(in crate::parse) const FORMAT: Format = Format {
    name: FormatName::new("digest"),
    describes: "plain text holding any number of articles and headlines",
    fits,
    read,
};

/// Any text that is not marked up is a digest when it is nothing else.
fn fits(content: &Content<'_>) -> Fit {
    match content.text() {
        Ok(text) if binary::is_markup(text) => Fit::Near("XML or HTML"),
        // Of what is not text, reading it says what it is.
        Ok(_) | Err(_) => Fit::Fallback,
    }
}

fn read(content: &Content<'_>, limits: &Limits) -> Result<Contents, Fault> {
    let Split { entries, ignored } = split(content.text()?, limits)?;
    Ok(Contents { entries, ignored, ..Contents::default() })
}

/// What a digest was split into.
#[derive(Debug)]
pub(in crate::parse) struct Split {
    /// Articles and headlines in the order of the text.
    pub(in crate::parse) entries: Vec<Entry>,
    /// Lines that belong to none.
    pub(in crate::parse) ignored: Vec<IgnoredLine>,
}

/// Splits a text into articles and headlines.
pub(in crate::parse) fn split(text: &str, limits: &Limits) -> Result<Split, Fault> {
    let text = lines::plain_spaces(text);
    let mut lines = lines::cut(&text, limits.lines_max)?;
    lines::mark_entries(&mut lines);
    let paragraphs = unwrap::unwrap(&lines, look::has_case(&text));
    assemble::assemble(&lines, &paragraphs, limits.items_max)
}
