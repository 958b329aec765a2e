//! Reads TOML files whose faults are named with their line.

use serde::de::DeserializeOwned;

use super::line_of;
use crate::classify::DataError;

/// A TOML file as text.
#[derive(Debug, Clone, Copy)]
pub(in crate::classify) struct TomlFile<'f> {
    /// Its name for errors.
    pub(in crate::classify) file: &'f str,
    pub(in crate::classify) text: &'f str,
}

impl TomlFile<'_> {
    /// Reads the file.
    pub(in crate::classify) fn parse<T: DeserializeOwned>(&self) -> Result<T, DataError> {
        toml::from_str(self.text).map_err(|error| DataError {
            line: error.span().map(|span| self.line(span.start)),
            file: self.file.to_owned(),
            message: error.message().to_owned(),
        })
    }

    /// One-based line of a byte, as spans give it.
    pub(in crate::classify) fn line(&self, at: usize) -> u32 {
        line_of(self.text.as_bytes(), at)
    }

    /// What is wrong at a byte.
    pub(in crate::classify) fn fault(&self, at: usize, message: String) -> DataError {
        DataError { file: self.file.to_owned(), line: Some(self.line(at)), message }
    }
}
