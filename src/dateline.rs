//! Raw documents in, classified events out: parse, classify, compose. Knows nothing of brokers or messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::classify::{Classifier, DocumentClassifier};
use crate::document::{CountryCode, Document, SourceName};
use crate::event::{self, cloudevent::Event};
use crate::parse::{self, Fault, Limits, Raw};

/// Turns raw documents into events. Made once, shared by all threads.
#[derive(Clone)]
pub struct Dateline {
    classifier: Arc<Classifier>,
    limits: Limits,
    sources: BTreeMap<SourceName, SourceOptions>,
}

/// What is known about a feed apart from what it sends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SourceOptions {
    /// ISO 3166-1 alpha-2 code of the country the feed writes from.
    pub home: Option<CountryCode>,
}

impl Dateline {
    /// Reads documents within the default limits, and classifies with the data compiled in.
    pub fn builtin() -> Self {
        Dateline::new(Arc::new(Classifier::builtin()), Limits::default(), BTreeMap::new())
    }

    /// Reads documents within these limits and says with this classifier what their items are about.
    pub fn new(classifier: Arc<Classifier>, limits: Limits, sources: BTreeMap<SourceName, SourceOptions>) -> Self {
        Dateline { classifier, limits, sources }
    }

    /// The events of a document, one an item, in the order of the document. The same bytes and properties give the same
    /// events, byte for byte.
    ///
    /// # Errors
    /// A [`Fault`] when the bytes are not a document of a supported format within the limits.
    pub fn read(&self, raw: &Raw<'_>) -> Result<Vec<Event>, Fault> {
        self.parse(raw).map(|document| self.events(document))
    }

    /// The document that these bytes are.
    ///
    /// # Errors
    /// As for [`Dateline::read`].
    pub fn parse(&self, raw: &Raw<'_>) -> Result<Document, Fault> {
        parse::parse(raw, &self.limits)
    }

    /// The classifier that items are given to.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// A classifier of the document's items, which knows what is known of its feed.
    pub fn classifier_of<'a>(&'a self, document: &'a Document) -> DocumentClassifier<'a> {
        let home = self.sources.get(&document.source).and_then(|source| source.home.as_ref()).map(CountryCode::as_str);
        self.classifier.of_document(document, home)
    }

    /// The events of a document.
    pub fn events(&self, document: Document) -> Vec<Event> {
        let classifier = self.classifier_of(&document);
        let classifications: Vec<_> = (0..document.items.len()).map(|i| classifier.classify(i)).collect();
        event::compose(document, classifications)
    }
}
