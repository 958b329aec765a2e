//! One article or headline: what identifies it, its text, and what its sender declared about it.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Identity, LanguageTag, Name};

/// One article or headline.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Item {
    /// What identifies the item and all redeliveries of it.
    pub identity: Identity,
    /// Article when there is a body, headline otherwise.
    pub kind: ItemKind,
    /// Its words.
    pub text: ItemText,
    /// What its sender declared about it.
    pub declared: Declared,
}

impl Item {
    /// An article when the text has a body, a headline otherwise.
    pub fn new(identity: Identity, text: ItemText, declared: Declared) -> Self {
        let kind = if text.body.is_some() { ItemKind::Article } else { ItemKind::Headline };
        Item { identity, kind, text, declared }
    }

    /// A headline that is to be classified and has no name.
    pub fn headline(title: impl Into<String>) -> Self {
        Item::unnamed(ItemText { title: Some(title.into()), ..ItemText::default() })
    }

    /// An article that is to be classified and has no name.
    pub fn article(title: impl Into<String>, body: impl Into<String>) -> Self {
        Item::unnamed(ItemText { title: Some(title.into()), body: Some(body.into()), ..ItemText::default() })
    }

    fn unnamed(text: ItemText) -> Self {
        Item::new(Identity::Own(Name::new("")), text, Declared::default())
    }
}

/// The words of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemText {
    /// The headline, without numbering, bullet, or trailing source and time.
    pub title: Option<String>,
    /// The place (and date) line that opens an agency story, e.g. `GENEVA`.
    pub dateline: Option<String>,
    /// Who wrote it, without the leading "By".
    pub byline: Option<String>,
    /// Paragraphs joined by `\n`; lines wrapped in the source are joined by a space.
    pub body: Option<String>,
    /// The outlet named at the end of a headline, e.g. `Reuters`.
    pub credit: Option<String>,
}

/// What the sender of an item declared about it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Declared {
    /// The language it is written in.
    pub language: Option<LanguageTag>,
    /// The item's own time; never the clock's.
    pub time: Option<Timestamp>,
    /// Whether it is to be used, withheld or was withdrawn.
    pub status: PubStatus,
    /// Where it can be read.
    pub url: Option<Arc<str>>,
    /// Section label it appeared under, or category tags of the sender: may inform the topic, never evidence. Items of
    /// the same section share the list.
    pub sections: Arc<[String]>,
}

/// IPTC ninjs `pubStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PubStatus {
    /// May be published.
    #[default]
    Usable,
    /// Must not be published for now.
    Withheld,
    /// Withdrawn: a kill.
    Canceled,
}

/// A text with a body, or a line that names a story published elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// A text with a body.
    Article,
    /// A line that names a story published elsewhere.
    Headline,
}

impl ItemKind {
    /// The word used in event types, routing keys and subjects.
    pub fn as_str(self) -> &'static str {
        match self {
            ItemKind::Article => "article",
            ItemKind::Headline => "headline",
        }
    }
}
