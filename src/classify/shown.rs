//! What every explanation shows alike: where an entry is written, and a probability.

use std::fmt;

use serde::Serialize;

/// Where an editor finds an entry of a gazetteer or a lexicon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The file.
    pub file: String,
    /// One-based line.
    pub line: u32,
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// A probability as editors read it.
pub(super) fn percent(probability: f64) -> String {
    match probability * 100.0 {
        percent if percent > 0.0 && percent < 1.0 => "under 1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}
