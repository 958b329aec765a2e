//! What a format is: its name, how it is recognised, and what its reader gives. The table of all is in `formats`.

use super::fault::Fault;
use super::raw::{Content, Limits};
use crate::document::{Declared, FormatName, ItemText, Name, SourceName};

/// A raw format, how it is recognised and how it is read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Format {
    /// What events, configuration and the command line call it.
    pub name: FormatName,
    /// What it is, in a line.
    pub describes: &'static str,
    /// How well a document fits the format, by its content.
    pub(super) fits: fn(&Content<'_>) -> Fit,
    /// Reads a document of the format.
    pub(super) read: fn(&Content<'_>, &Limits) -> Result<Contents, Fault>,
}

/// How well a document fits a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Not at all.
    No,
    /// Not quite; what keeps it from being of this format is named when no other format fits.
    Near(&'static str),
    /// Only when nothing else fits better.
    Fallback,
    /// It is of this format, or meant to be.
    Yes,
}

/// What a reader found in a document.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Another format that the document turned out to wrap.
    pub(super) format: Option<FormatName>,
    /// The document's own name, where the format has one; a version alone counts with the name the transport knows.
    pub(super) id: Option<String>,
    /// The version under that name.
    pub(super) version: Option<String>,
    /// The feed, where the document names it.
    pub(super) source: Option<SourceName>,
    /// Articles and headlines in the order they appear.
    pub(super) entries: Vec<Entry>,
}

/// An article or headline as a reader found it: an item that has not been named yet.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Its own guid or uri, where the format gives it one.
    pub(super) guid: Option<Name>,
    /// Its words.
    pub(super) text: ItemText,
    /// What its sender declared about it.
    pub(super) declared: Declared,
}
