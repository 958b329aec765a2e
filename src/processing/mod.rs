//! Bytes in, decision out: decode, parse, classify, compose. Pure, synchronous, and never fails: what cannot be
//! processed is a decision too. Knows no tokio.

#[cfg(feature = "fault-points")]
pub mod fault_points;
pub mod outcome;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::classify::Classifier;
use crate::document::{Document, Identity, SOURCE_BYTES_MAX};
use crate::event;
use crate::message::{Incoming, header};
use crate::parse::{self, ParseLimits, RawDocument};
use outcome::{Composed, Outcome, Rejection};

/// What is known of a feed besides what it sends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceOptions {
    /// ISO 3166-1 alpha-2 code of the country the feed writes from.
    pub home: Option<String>,
}

/// Turns messages into decisions; shared by all tasks.
pub struct Processor {
    classifier: Arc<Classifier>,
    limits: ParseLimits,
    default_source: String,
    sources: BTreeMap<String, SourceOptions>,
}

impl Processor {
    /// A processor for documents of `default_source` and whatever sources messages name themselves.
    pub fn new(
        classifier: Arc<Classifier>,
        limits: ParseLimits,
        default_source: String,
        sources: BTreeMap<String, SourceOptions>,
    ) -> Self {
        Processor { classifier, limits, default_source, sources }
    }

    /// The feed a message comes from: the one it names, or the default. A document may name another itself.
    pub fn source_of<'a>(&'a self, message: &'a Incoming) -> &'a str {
        named_source(message).filter(|source| source.len() <= SOURCE_BYTES_MAX).unwrap_or(&self.default_source)
    }

    /// Decides what is to become of a message.
    pub fn process(&self, message: &Incoming) -> Outcome {
        #[cfg(feature = "fault-points")]
        fault_points::strike(message);
        if named_source(message).is_some_and(|source| source.len() > SOURCE_BYTES_MAX) {
            let detail = format!("header {} is over {SOURCE_BYTES_MAX} bytes", header::SOURCE);
            return Outcome::Reject(Rejection::new("malformed-header", "parse", detail));
        }
        match parse::parse(&self.raw(message), &self.limits) {
            Ok(document) => Outcome::Publish(self.compose(&document, message)),
            Err(error) => Outcome::Reject(Rejection::new(error.reason(), "parse", crate::error::chain(&error))),
        }
    }

    fn raw<'a>(&'a self, message: &'a Incoming) -> RawDocument<'a> {
        let properties = &message.properties;
        RawDocument {
            body: &message.body,
            content_type: properties.content_type.as_deref(),
            content_encoding: properties.content_encoding.as_deref(),
            message_id: properties.message_id.as_deref(),
            timestamp: properties.timestamp,
            source: self.source_of(message),
            id: properties.headers.text(header::ID),
        }
    }

    fn compose(&self, document: &Document, message: &Incoming) -> Composed {
        let home = self.sources.get(&document.source).and_then(|source| source.home.as_deref());
        let traceparent = message.properties.headers.text(header::TRACEPARENT).filter(|value| is_traceparent(value));
        let classifier = self.classifier.of_document(document, home);
        let events = (0..document.items.len()).map(|ordinal| {
            event::outgoing(&event::compose(document, ordinal, classifier.classify(ordinal)), traceparent)
        });
        let Identity { id, version } = &document.identity;
        let version = version.as_deref().unwrap_or_default();
        Composed {
            document: format!("{}\n{id}\n{version}\n{:?}\n{}", document.source, document.status, document.sha256),
            lane: format!("{}\n{id}", document.source),
            source: document.source.clone(),
            events: events.collect(),
        }
    }
}

fn named_source(message: &Incoming) -> Option<&str> {
    message.properties.headers.text(header::SOURCE)
}

/// Whether a header is a W3C trace context, version 00; anything else is not handed on.
fn is_traceparent(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([2, 32, 16, 2]) && parts.iter().all(is_hex)
}
