//! What an item is about: which countries, which subjects, in which language.
//!
//! Pure and synchronous; knows no AMQP, no tokio and no configuration file. An item is cut into words once
//! ([`text`]) and every classifier reads the same words.

pub mod language;
pub mod region;
pub mod text;
pub mod topic;

use crate::document::{Classification, ClassifierVersion, Document, Identity, Item, Language};
use region::RegionClassifier;
use text::Text;
use topic::TopicClassifier;

/// Says what items are about; shared by all tasks.
pub struct Classifier {
    regions: RegionClassifier,
    topics: TopicClassifier,
    review_below: f64,
    version: ClassifierVersion,
}

impl Classifier {
    /// A classifier over this data. An item whose best region or topic is less sure than `review_below`, a
    /// probability in [0, 1], is marked for review.
    pub fn new(regions: RegionClassifier, topics: TopicClassifier, review_below: f64) -> Self {
        let version = ClassifierVersion {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            gazetteer: regions.digest().to_owned(),
            topics: topics.digest().to_owned(),
        };
        Classifier { regions, topics, review_below, version }
    }

    /// A classifier of one document's items; `home` is the ISO 3166-1 alpha-2 code of the feed's home country.
    pub fn of_document<'a>(&'a self, document: &'a Document, home: Option<&'a str>) -> DocumentClassifier<'a> {
        let borrows = |item: &Item| matches!(item.identity, Identity::Part { .. }) && item.declared.language.is_none();
        let alone = document.items.len() == 1 || !document.items.iter().any(borrows);
        let language = if alone { None } else { language::of_document(document) };
        DocumentClassifier { classifier: self, document, home, language }
    }
}

/// Classifies the items of one document.
pub struct DocumentClassifier<'a> {
    classifier: &'a Classifier,
    document: &'a Document,
    home: Option<&'a str>,
    language: Option<Language>,
}

impl DocumentClassifier<'_> {
    /// Says what the item at position `ordinal` of the document is about.
    pub fn classify(&self, ordinal: usize) -> Classification {
        let item = &self.document.items[ordinal];
        // What an item with a name of its own says must not depend on the document it came in.
        let of_document = self.language.as_ref().filter(|_| item.identity.ordinal().is_some());
        let language = language::of_item(item, of_document);
        let context = Context { language: language.as_ref(), home: self.home, sections: &item.declared.sections };
        let text = Text::of(item);
        let regions = self.classifier.regions.classify(&text, &context);
        let topics = self.classifier.topics.classify(&text, &context);
        let best = |confidence: Option<f64>| confidence.unwrap_or(0.0);
        let region_confidence = best(regions.first().map(|region| region.confidence));
        let topic_confidence = best(topics.first().map(|topic| topic.confidence));
        let review = region_confidence.min(topic_confidence) < self.classifier.review_below;
        Classification { regions, topics, language, review, classifier: self.classifier.version.clone() }
    }
}

/// What is known of an item besides its own words.
#[derive(Debug, Clone, Default)]
pub struct Context<'a> {
    /// The language the item is written in, declared or detected.
    pub language: Option<&'a Language>,
    /// ISO 3166-1 alpha-2 code of the feed's home country: where a town is when nothing says otherwise.
    pub home: Option<&'a str>,
    /// Section labels, category tags, slugs and genres of the sender; they may inform the topic.
    pub sections: &'a [String],
}

/// A gazetteer, lexicon or model file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct DataError {
    /// The file as the caller named it.
    pub file: String,
    /// One-based line, when the fault has one.
    pub line: Option<u32>,
    /// What is wrong, and what is allowed.
    pub message: String,
}
