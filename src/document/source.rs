//! The name of a feed.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Name of a feed: one to [`SourceName::BYTES_MAX`] bytes that are not all white space.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, JsonSchema)]
#[schemars(transparent)]
pub struct SourceName(#[schemars(with = "String")] Arc<str>);

/// A text that cannot name a feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceNameError {
    /// Only white space.
    #[error("expected the name of a feed, found nothing")]
    Empty,
    /// Longer than a header may be.
    #[error("expected at most {} bytes, found {bytes}", SourceName::BYTES_MAX)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

impl SourceName {
    /// Longest name: it travels in headers, which must fit one frame.
    pub const BYTES_MAX: usize = 255;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceName {
    type Err = SourceNameError;

    fn from_str(text: &str) -> Result<Self, SourceNameError> {
        match text.len() {
            _ if text.trim().is_empty() => Err(SourceNameError::Empty),
            bytes if bytes > SourceName::BYTES_MAX => Err(SourceNameError::TooLong { bytes }),
            _ => Ok(SourceName(text.into())),
        }
    }
}

impl Deref for SourceName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for SourceName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl Serialize for SourceName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for SourceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_a_name_that_fits_a_header() {
        assert_eq!("wire desk".parse::<SourceName>().unwrap().as_str(), "wire desk");
        assert_eq!(" ".parse::<SourceName>(), Err(SourceNameError::Empty));
        assert_eq!("x".repeat(256).parse::<SourceName>(), Err(SourceNameError::TooLong { bytes: 256 }));
    }
}
