//! Why an item is classified as it is: everything that `classify` looked at, for editors in words and for machines in
//! numbers. Decides nothing.

use serde::Serialize;

use super::Judgement;
use super::language::LanguageFinding;
use super::region::explain::RegionExplanation;
use super::shown::percent;
use super::topic::TopicExplanation;
use crate::document::{Classification, Item};

/// A classification and its reasons.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// What is said about the item; the same as without an explanation.
    pub classification: Classification,
    /// Why the item is marked for review, or not, in one sentence.
    pub review: String,
    /// The texts that were read.
    pub fields: FieldsRead,
    /// The language it was read in, and how that is known.
    pub language: LanguageFinding,
    /// Home country of the feed: its code and, when it is known, its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// Section labels of the sender; they may inform the topic.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<String>,
    /// Why these countries.
    pub regions: RegionExplanation,
    /// Why these topics.
    pub topics: TopicExplanation,
}

/// The texts of an item as the classifiers read them; offsets of spans count in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FieldsRead {
    /// The headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The dateline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dateline: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// A feed's home country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Home {
    /// ISO 3166-1 alpha-2, or XK.
    pub code: String,
    /// English short name; absent when the gazetteer has no such country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Explanation {
    pub(super) fn new(classification: Classification, judged: &Judgement<'_>) -> Explanation {
        let classifier = judged.classifier;
        let home = judged
            .home
            .map(|code| Home { code: code.to_owned(), name: classifier.regions.country_name(code).map(str::to_owned) });
        Explanation {
            review: review(&classification, classifier.review_below),
            fields: FieldsRead::new(judged.item),
            language: judged.language.clone(),
            home,
            sections: judged.item.declared.sections.to_vec(),
            regions: judged.regions.explanation(),
            topics: judged.topics.explanation(),
            classification,
        }
    }

    /// What is said about the item, without the reasons.
    pub fn into_classification(self) -> Classification {
        self.classification
    }
}

impl FieldsRead {
    fn new(item: &Item) -> FieldsRead {
        let text = &item.text;
        FieldsRead { title: text.title.clone(), dateline: text.dateline.clone(), body: text.body.clone() }
    }
}

/// Why an item is marked for review, or not.
fn review(classification: &Classification, review_below: f64) -> String {
    let best = [
        ("country", classification.regions.first().map(|region| (&region.name, region.confidence))),
        ("topic", classification.topics.first().map(|topic| (&topic.name, topic.confidence))),
    ];
    let needed = percent(review_below);
    let doubts: Vec<String> = best
        .into_iter()
        .filter_map(|(what, best)| match best {
            None => Some(format!("no {what} was found")),
            Some((name, confidence)) if confidence < review_below => {
                Some(format!("the first {what}, {name}, is only {} sure", percent(confidence)))
            }
            Some(_) => None,
        })
        .collect();
    match classification.review {
        true => format!("Marked for review: {}; {needed} is needed.", doubts.join(" and ")),
        false => format!("Not marked for review: first country and first topic are at least {needed} sure."),
    }
}
