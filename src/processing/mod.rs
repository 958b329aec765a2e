//! Messages in, decisions out: a document and its properties become events, or a reason to reject it. Pure,
//! synchronous, and never fails: what cannot be processed is a decision too. Knows no tokio.

pub mod encode;
#[cfg(feature = "fault-points")]
pub mod fault_points;
pub mod outcome;

use std::sync::Arc;

use crate::dateline::Dateline;
use crate::document::{DocumentKey, Reason, SourceName};
use crate::event::cloudevent::Event;
use crate::message::{Incoming, Outgoing, header};
use crate::parse::Raw;
use outcome::{Composed, Outcome, Rejection};

/// Turns messages into decisions; shared by all tasks.
pub struct Processor {
    dateline: Dateline,
    default_source: SourceName,
    encode: Encode,
}

/// How the events of a document become messages.
pub type Encode = Box<dyn Fn(&Processed) -> Vec<Outgoing> + Send + Sync>;

/// A document that was read: its events, and what identifies it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Processed {
    /// What identifies the document among all others.
    pub key: DocumentKey,
    /// The sender's W3C trace context, handed on.
    pub traceparent: Option<String>,
    /// One event an item, in the order of the document.
    pub events: Vec<Event>,
}

impl Processed {
    /// These events of this document.
    pub fn new(key: DocumentKey, events: Vec<Event>) -> Self {
        Processed { key, traceparent: None, events }
    }
}

impl Processor {
    /// A processor for documents of `default_source` and whatever sources messages name themselves.
    pub fn new(dateline: Dateline, default_source: SourceName) -> Self {
        Processor { dateline, default_source, encode: Box::new(encode::messages) }
    }

    /// The same processor, whose messages are made by another encoder.
    #[must_use]
    pub fn encode_with(self, encode: Encode) -> Self {
        Processor { encode, ..self }
    }

    /// What reads the documents.
    pub fn dateline(&self) -> &Dateline {
        &self.dateline
    }

    /// The feed a message comes from: the one it names, or the default. A document may name another itself.
    pub fn source_of<'a>(&'a self, message: &'a Incoming) -> &'a str {
        named_source(message).filter(|source| source.len() <= SourceName::BYTES_MAX).unwrap_or(&self.default_source)
    }

    /// Decides what is to become of a message.
    pub fn process(&self, message: &Incoming) -> Outcome {
        #[cfg(feature = "fault-points")]
        fault_points::strike(message);
        match self.read(message) {
            Ok(processed) => Outcome::Publish(Composed {
                events: (self.encode)(&processed),
                lane: (processed.key.source.clone(), Arc::clone(&processed.key.name.id)),
                source: processed.key.source.clone(),
                document: processed.key,
            }),
            Err(rejection) => Outcome::Reject(rejection),
        }
    }

    /// Reads a message's document.
    ///
    /// # Errors
    /// The reason to reject it.
    pub fn read(&self, message: &Incoming) -> Result<Processed, Rejection> {
        if let Some(Err(error)) = named_source(message).map(|source| source.parse::<SourceName>()) {
            let detail = format!("header {}: {error}", header::SOURCE);
            return Err(Rejection::new(Reason::MalformedHeader, "parse", detail));
        }
        let document = self.dateline.parse(&self.raw(message));
        let document = document.map_err(|fault| Rejection::new(fault.reason, "parse", fault))?;
        let headers = &message.properties.headers;
        Ok(Processed {
            key: document.key(),
            traceparent: headers.text(header::TRACEPARENT).filter(|value| is_traceparent(value)).map(str::to_owned),
            events: self.dateline.events(document),
        })
    }

    /// The document of a message, with what its properties say.
    pub fn raw<'a>(&'a self, message: &'a Incoming) -> Raw<'a> {
        let properties = &message.properties;
        let mut raw = Raw::new(&message.body).source(self.source_of(message));
        raw.content_type = properties.content_type.as_deref();
        raw.content_encoding = properties.content_encoding.as_deref();
        raw.message_id = properties.message_id.as_deref();
        raw.timestamp = properties.timestamp;
        raw.id = properties.headers.text(header::ID);
        raw
    }
}

/// The feed that a message names; an empty name names none.
fn named_source(message: &Incoming) -> Option<&str> {
    message.properties.headers.text(header::SOURCE).filter(|source| !source.trim().is_empty())
}

/// Whether a header is a W3C trace context, version 00; anything else is not handed on.
fn is_traceparent(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([2, 32, 16, 2]) && parts.iter().all(is_hex)
}
