//! What a line of news looks like: lines and paragraphs, datelines and bylines, credits, boilerplate.
//!
//! Says what a text looks like, never what becomes of it: that is for the formats, `parse/formats`.

pub(super) mod lines;

pub(super) mod unwrap;

pub(super) mod paragraph;

pub(super) mod look;

pub(super) mod opening;

pub(super) mod credit;

mod outlet;

pub(super) mod furniture;

pub(super) mod label;

mod calendar;

pub(super) mod reflow;

/// Whether a byte that is looked for is in a text. Without branches, so that it is done many bytes at a time.
fn holds_byte(text: &[u8], is_sought: impl Fn(u8) -> bool) -> bool {
    text.iter().fold(false, |found, byte| found | is_sought(*byte))
}

/// Whether a word is one of a list, whatever its case.
fn is_word_of(list: &[&str], word: &str) -> bool {
    list.iter().any(|listed| listed.len() == word.len() && listed.eq_ignore_ascii_case(word))
}
