//! One or more lines that make up one text.

use std::borrow::Cow;
use std::ops::Range;

use super::lines::{Line, Mark};
use crate::script::is_ideographic;

/// A text and the lines it was on.
#[derive(Debug)]
pub(in crate::parse) struct Paragraph<'a> {
    /// The lines, by index.
    pub(in crate::parse) lines: Range<usize>,
    /// Blank lines above it.
    pub(in crate::parse) gap: u32,
    /// What marks its first line.
    pub(in crate::parse) mark: Option<Mark>,
    /// The lines joined.
    pub(in crate::parse) text: Cow<'a, str>,
}

impl<'a> Paragraph<'a> {
    /// Joins the lines of a range, which is not empty.
    pub(super) fn new(lines: &[Line<'a>], range: Range<usize>) -> Self {
        let first = &lines[range.start];
        let text = match &lines[range.clone()] {
            [line] => Cow::Borrowed(line.text),
            broken => Cow::Owned(join(broken)),
        };
        Paragraph { gap: first.gap, mark: first.mark, text, lines: range }
    }
}

/// Joins lines by a space, except where none was lost: after a word's hyphen, and between ideographs.
fn join(lines: &[Line<'_>]) -> String {
    let mut text = String::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
    for line in lines {
        if needs_space(&text, line.text) {
            text.push(' ');
        }
        text.push_str(line.text);
    }
    text
}

fn needs_space(text: &str, next: &str) -> bool {
    let mut before = text.chars().rev();
    let (Some(last), last_but_one) = (before.next(), before.next()) else { return false };
    let hyphened = last == '-' && last_but_one.is_some_and(char::is_alphanumeric);
    let ideographic = is_ideographic(last) && next.starts_with(is_ideographic);
    !hyphened && !ideographic
}
