//! What a line of news looks like: lines and paragraphs, datelines and bylines, credits, boilerplate.
//!
//! Says what a text looks like, never what becomes of it: that is for the formats, `parse/formats`.

pub(super) mod lines;

pub(super) mod unwrap;

pub(super) mod look;

pub(super) mod opening;

pub(super) mod credit;

mod outlet;

pub(super) mod furniture;

pub(super) mod label;

mod calendar;

pub(super) mod reflow;

/// Whether a word is one of a list, whatever its case.
fn is_word_of(list: &[&str], word: &str) -> bool {
    list.iter().any(|listed| word.eq_ignore_ascii_case(listed))
}
