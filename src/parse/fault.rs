//! Why bytes did not become a document: a stable reason for machines, a sentence for people, a place to look.

use std::fmt;

use crate::document::Reason;

/// Why bytes did not become a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The stable code of the `dateline-reason` header.
    pub reason: Reason,
    /// What is wrong and what is allowed, in words.
    pub detail: String,
    /// Where in the document, when it is at one place.
    pub at: Option<Position>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// Offset in bytes from the start of the (decompressed) body.
    Byte(usize),
    /// One-based line and column.
    Line {
        /// The line.
        line: usize,
        /// The column, in bytes.
        column: usize,
    },
    /// Path of a key, such as `sections[2]`.
    Key(String),
}

impl Fault {
    /// A fault of the document as a whole.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Fault { reason, detail: detail.into(), at: None }
    }

    /// The same fault, at a place.
    #[must_use]
    pub fn at(self, position: Position) -> Self {
        Fault { at: Some(position), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { detail, at, .. } = self;
        match at {
            Some(Position::Byte(offset)) => write!(formatter, "{detail}, at byte {offset}"),
            Some(Position::Line { line, column }) => write!(formatter, "{detail}, at line {line} column {column}"),
            Some(Position::Key(key)) => write!(formatter, "key {key:?}: {detail}"),
            None => formatter.write_str(detail),
        }
    }
}

impl std::error::Error for Fault {}
