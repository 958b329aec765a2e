//! What processing decided about a document. What then becomes of it is the pipeline's business.

use std::sync::Arc;

use crate::document::{DocumentKey, Reason, SourceName};
use crate::message::Outgoing;

/// What processing decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// These events are to be published.
    Publish(Composed),
    /// This document can never be published as it is: it becomes a dead letter.
    Reject(Rejection),
}

/// The events of a document and the name they go by.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    /// What identifies this version of the document: the same for each delivery of it.
    pub document: DocumentKey,
    /// The document's id within its source, whatever the version.
    pub lane: (SourceName, Arc<str>),
    /// The feed it comes from: the one it names itself, or the one its message does.
    pub source: SourceName,
    /// One event per item, in the order of the document.
    pub events: Vec<Outgoing>,
}

/// Longest detail of a rejection, in characters: headers must fit one frame.
pub const DETAIL_CHARS_MAX: usize = 500;

/// Why a document cannot be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The stable code.
    pub reason: Reason,
    /// The stage that rejected it.
    pub stage: &'static str,
    /// The reason in words, at most [`DETAIL_CHARS_MAX`] characters.
    pub detail: String,
}

impl Rejection {
    /// A rejection whose detail is cut to its bound.
    pub fn new(reason: Reason, stage: &'static str, detail: impl ToString) -> Self {
        let mut detail = detail.to_string();
        if let Some((cut, _)) = detail.char_indices().nth(DETAIL_CHARS_MAX) {
            detail.truncate(cut);
        }
        Rejection { reason, stage, detail }
    }
}
