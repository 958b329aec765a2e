//! What an item is about: which countries, which subjects, in which language.
//!
//! Pure and synchronous; knows no AMQP, no tokio and no configuration file. An item is cut into words once
//! ([`text`]) and every classifier reads the same words.

mod data;
mod explanation;
pub mod language;
mod phrases;
pub mod region;
mod shown;
pub mod text;
pub mod topic;

use crate::document::{Classification, ClassifierVersion, Document, Identity, Item, Language, Region, Topic};
pub use explanation::{Explanation, FieldsRead};
use language::LanguageFinding;
use region::RegionClassifier;
pub use shown::Entry;
use text::Text;
use topic::{SectionWeights, TopicClassifier};

/// Default confidence below which an item is marked for review.
pub const REVIEW_BELOW: f64 = 0.5;

/// Says what items are about. Immutable once built: share it behind an `Arc`.
#[derive(Debug)]
pub struct Classifier {
    regions: RegionClassifier,
    topics: TopicClassifier,
    review_below: f64,
    version: ClassifierVersion,
}

impl Classifier {
    /// A classifier with the data compiled in, which marks items for review below [`REVIEW_BELOW`].
    pub fn builtin() -> Self {
        Classifier::new(RegionClassifier::builtin(), TopicClassifier::builtin(), REVIEW_BELOW)
    }

    /// A classifier with this data. An item whose best region or topic is less sure than `review_below`, a
    /// probability in [0, 1], is marked for review.
    pub fn new(regions: RegionClassifier, topics: TopicClassifier, review_below: f64) -> Self {
        let version = ClassifierVersion {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            gazetteer: regions.digest().to_owned(),
            topics: topics.digest().to_owned(),
        };
        Classifier { regions, topics, review_below, version }
    }

    /// Says what one item that comes without a document is about.
    pub fn classify(&self, item: &Item) -> Classification {
        self.judge_alone(item, |classification, _| classification)
    }

    /// The same as [`classify`](Self::classify), with the reasons.
    pub fn explain(&self, item: &Item) -> Explanation {
        self.judge_alone(item, Explanation::new)
    }

    /// A classifier of one document's items; `home` is the ISO 3166-1 alpha-2 code of the feed's home country.
    pub fn of_document<'a>(&'a self, document: &'a Document, home: Option<&'a str>) -> DocumentClassifier<'a> {
        let borrows = |item: &Item| matches!(item.identity, Identity::Part { .. }) && item.declared.language.is_none();
        let alone = document.items.len() == 1 || !document.items.iter().any(borrows);
        let language = if alone { None } else { language::of_document(document) };
        let sections = Sections::new(&self.topics, &document.items);
        DocumentClassifier { classifier: self, document, home, language, sections }
    }

    fn judge_alone<T>(&self, item: &Item, conclude: impl FnOnce(Classification, &Judgement<'_>) -> T) -> T {
        let sections = self.topics.read_sections(&item.declared.sections);
        self.judge(item, &language::of_item(item, None), None, &sections, conclude)
    }

    /// Classifies an item and gives the classification and all that led to it to `conclude`: the one way to both a
    /// classification and its explanation.
    fn judge<T>(
        &self,
        item: &Item,
        language: &LanguageFinding,
        home: Option<&str>,
        sections: &SectionWeights,
        conclude: impl FnOnce(Classification, &Judgement<'_>) -> T,
    ) -> T {
        let context = Context { language: language.language.as_ref(), home, sections: &item.declared.sections };
        let text = Text::of_item(item);
        let regions = self.regions.decide(&text, &context);
        let topics = self.topics.decide(&text, &context, sections);
        let classification = self.classification(regions.regions(), topics.topics(), language);
        conclude(classification, &Judgement { classifier: self, item, language, home, regions, topics })
    }

    fn classification(&self, regions: Vec<Region>, topics: Vec<Topic>, language: &LanguageFinding) -> Classification {
        let best_region = regions.first().map_or(0.0, |region| region.confidence);
        let best_topic = topics.first().map_or(0.0, |topic| topic.confidence);
        Classification {
            review: best_region.min(best_topic) < self.review_below,
            regions,
            topics,
            language: language.language.clone(),
            classifier: self.version.clone(),
        }
    }
}

/// All that led to a classification.
struct Judgement<'a> {
    classifier: &'a Classifier,
    item: &'a Item,
    language: &'a LanguageFinding,
    home: Option<&'a str>,
    regions: region::Decision<'a>,
    topics: topic::Decision<'a>,
}

/// Classifies the items of one document.
#[derive(Debug)]
pub struct DocumentClassifier<'a> {
    classifier: &'a Classifier,
    document: &'a Document,
    home: Option<&'a str>,
    language: Option<Language>,
    sections: Sections,
}

/// The section labels of a document's items, read once for all items of a section.
#[derive(Debug)]
struct Sections {
    read: Vec<SectionWeights>,
    /// Where the weights of each item's labels are.
    of_item: Vec<usize>,
}

impl Sections {
    fn new(topics: &TopicClassifier, items: &[Item]) -> Sections {
        let mut sections = Sections { read: Vec::new(), of_item: Vec::with_capacity(items.len()) };
        let mut last: Option<&[String]> = None;
        for labels in items.iter().map(|item| &*item.declared.sections) {
            if last != Some(labels) {
                sections.read.push(topics.read_sections(labels));
                last = Some(labels);
            }
            sections.of_item.push(sections.read.len() - 1);
        }
        sections
    }

    fn of(&self, ordinal: usize) -> &SectionWeights {
        &self.read[self.of_item[ordinal]]
    }
}

impl DocumentClassifier<'_> {
    /// Says what the item at position `ordinal` of the document is about.
    ///
    /// # Panics
    /// When the document has no such item.
    pub fn classify(&self, ordinal: usize) -> Classification {
        self.judge(ordinal, |classification, _| classification)
    }

    /// The same as [`classify`](Self::classify) for that item, with the reasons.
    ///
    /// # Panics
    /// When the document has no such item.
    pub fn explain(&self, ordinal: usize) -> Explanation {
        self.judge(ordinal, Explanation::new)
    }

    fn judge<T>(&self, ordinal: usize, conclude: impl FnOnce(Classification, &Judgement<'_>) -> T) -> T {
        let item = &self.document.items[ordinal];
        // The classification of an item with a name of its own must not depend on the document it came in.
        let of_document = self.language.as_ref().filter(|_| item.identity.ordinal().is_some());
        let language = language::of_item(item, of_document);
        self.classifier.judge(item, &language, self.home, self.sections.of(ordinal), conclude)
    }
}

/// What is known about an item apart from its own words.
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
