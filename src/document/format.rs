//! The name of a format: what events, configuration and the command line call it by.

use std::fmt;

use serde::{Serialize, Serializer};

/// Name of a format that can be read, e.g. `digest`. Names come from the table of formats (`parse::FORMATS`) alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FormatName(&'static str);

impl FormatName {
    /// For the table of formats.
    pub(crate) const fn new(name: &'static str) -> Self {
        FormatName(name)
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for FormatName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.0)
    }
}

impl Serialize for FormatName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}
