//! The plain-text digest: any number of articles and headlines in one text, in any order.
//!
//! Read in four steps: [`prose`](crate::parse::prose) cuts the text into lines and joins those that were broken to fit
//! a column, [`role`] (with [`rule`]) says what each paragraph is, and [`assemble`] puts items together (with
//! [`draft`], the article under way). Every non-blank line ends in exactly one item or is ignored with a reason. Linear
//! in the text; nothing recurses.

mod assemble;
mod draft;
mod role;
mod rule;
#[cfg(test)]
mod tests;

use assemble::Fate;

use crate::document::FormatName;
use crate::parse::binary;
use crate::parse::fault::Fault;
use crate::parse::format::{Contents, Entry, Fit, Format};
use crate::parse::prose::lines::{self, plain_spaces};
use crate::parse::prose::look::has_case;
use crate::parse::prose::unwrap::unwrap;
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
    Ok(Contents { entries: split(content.text()?, limits)?, ..Contents::default() })
}

/// Splits a text into articles and headlines, in the order of the text.
pub(in crate::parse) fn split(text: &str, limits: &Limits) -> Result<Vec<Entry>, Fault> {
    trace(text, limits, |_, _| ())
}

/// Splits a text and reports the number of each non-blank line and where the line went.
fn trace(text: &str, limits: &Limits, mut report: impl FnMut(u32, Fate)) -> Result<Vec<Entry>, Fault> {
    let text = plain_spaces(text);
    let mut lines = lines::cut(&text, limits.lines_max)?;
    lines::mark_entries(&mut lines);
    let paragraphs = unwrap(&lines, has_case(&text));
    assemble::assemble(&role::passages(&paragraphs), limits.items_max, |paragraph, fate| {
        lines[paragraph.lines.clone()].iter().for_each(|line| report(line.number, fate));
    })
}
