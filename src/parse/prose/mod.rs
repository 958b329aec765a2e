//! What a line of news looks like: lines and paragraphs, datelines and bylines, credits, boilerplate.
//!
//! Says what a text looks like, never what becomes of it: that is for the formats, `parse/formats`.

mod calendar;
pub(super) mod credit;
pub(super) mod furniture;
pub(super) mod lines;
pub(super) mod look;
pub(super) mod opening;
pub(super) mod reflow;
pub(super) mod unwrap;
