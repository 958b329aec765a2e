//! The nouns: a document as it arrives, what it is split into, and what is said about each part.
//!
//! Nothing here decides anything. `parse` makes documents, `classify` makes classifications, `event` publishes both.

mod classification;
mod country;
mod format;
mod identity;
mod item;
mod language;
mod reason;
mod sha256;
mod source;

use std::sync::Arc;

pub use classification::{Classification, ClassifierVersion, Evidence, Field, Language, Place, Region, Role, Topic};
pub use country::{CountryCode, CountryCodeError};
pub use format::FormatName;
pub use identity::{DocumentKey, Identity, Name};
pub use item::{Declared, Item, ItemKind, ItemText, PubStatus};
pub use language::{LanguageTag, LanguageTagError};
pub use reason::{Reason, UnknownReason};
pub use sha256::Sha256;
pub use source::{SourceName, SourceNameError};

/// What a raw document becomes once it is decoded and split.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Document {
    /// The feed it came from, as configured or as the sender says.
    pub source: SourceName,
    /// The name under which the document and all its redeliveries are the same within its source.
    ///
    /// First that exists: the sender's id, the message id, the SHA-256 of the body.
    pub name: Name,
    /// Digest of the body as received.
    pub sha256: Sha256,
    /// Name of the format it was read as.
    pub format: FormatName,
    /// Articles and headlines in the order they appear in the document.
    pub items: Vec<Item>,
}

impl Document {
    /// A document without items.
    pub fn new(source: SourceName, name: Name, sha256: Sha256, format: FormatName) -> Self {
        Document { source, name, sha256, format, items: Vec::new() }
    }

    /// Identifies this version of this document among all others.
    pub fn key(&self) -> DocumentKey {
        DocumentKey { source: self.source.clone(), name: self.name.clone(), sha256: self.sha256 }
    }

    /// What its versions have in common: the source, and the id within it.
    pub fn lane(&self) -> (SourceName, Arc<str>) {
        (self.source.clone(), Arc::clone(&self.name.id))
    }
}
