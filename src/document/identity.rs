//! What identifies a document or an item, and all redeliveries of it.

use std::sync::Arc;

use super::{Sha256, SourceName};

/// An id within a source, and the version under that id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// Opaque id, unique within the source.
    pub id: Arc<str>,
    /// Version under that id; absent when the sender keeps none.
    pub version: Option<Arc<str>>,
}

impl Name {
    /// A name without a version.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Name { id: id.into(), version: None }
    }

    /// The same id with a version.
    #[must_use]
    pub fn with_version(self, version: Option<impl Into<Arc<str>>>) -> Self {
        Name { version: version.map(Into::into), ..self }
    }
}

/// What identifies an item within its source: event ids and item URIs are derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The item's own guid or uri. An event of it depends on the item alone: the same item in another document, or at
    /// another position, is the same item.
    Own(Name),
    /// The item has no name of its own: it is known as a part of its document.
    Part {
        /// The document's name.
        of: Name,
        /// Position of the item in the document, from 0.
        ordinal: u32,
    },
}

impl Identity {
    /// The item's own name, or that of the document it is a part of.
    pub fn name(&self) -> &Name {
        match self {
            Identity::Own(name) | Identity::Part { of: name, .. } => name,
        }
    }

    /// Position in the document, of an item that has no name of its own.
    pub fn ordinal(&self) -> Option<u32> {
        match self {
            Identity::Own(_) => None,
            Identity::Part { ordinal, .. } => Some(*ordinal),
        }
    }
}

/// Identifies one version of one document, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    /// The feed.
    pub source: SourceName,
    /// Id and version within the feed.
    pub name: Name,
    /// Digest of the body: a sender may reuse a name.
    pub sha256: Sha256,
}
