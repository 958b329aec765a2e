//! What the classifier reads of an item, in the form the training script takes it.

use serde::Serialize;

use crate::classify::phrases::joins;
use crate::classify::text::Text;

use super::tally::{Tally, parts};
use super::taxonomy::Taxonomy;

/// Folded words and lexicon weights of the title and the read part of the body.
#[derive(Debug, Serialize)]
pub struct TopicFeatures {
    /// Folded words of the title and the body.
    words: [Vec<String>; 2],
    /// Whether each word follows the one before it with only a space or a joint between them.
    adjoining: [Vec<bool>; 2],
    /// Lexicon weight per top level, in the order of their codes, of the title and the body.
    lexicon: [Vec<f32>; 2],
    /// Phrases found, of any topic.
    phrases: usize,
    /// Whether the item is written without capitals.
    lower: bool,
}

impl TopicFeatures {
    pub(super) fn new(text: &Text<'_>, tally: &Tally, taxonomy: &Taxonomy) -> Self {
        let tokens = text.tokens();
        let words = parts(text).map(|part| tokens[part].iter().map(|token| text.folded(token).to_owned()).collect());
        let adjoining = parts(text).map(|part| tokens[part].iter().map(joins).collect());
        let tops = || taxonomy.tops().iter().map(|&top| tally.weight(top));
        let lexicon = [tops().map(|weights| weights.title).collect(), tops().map(|weights| weights.body).collect()];
        TopicFeatures { words, adjoining, lexicon, phrases: tally.hits.len(), lower: tally.lower }
    }
}
