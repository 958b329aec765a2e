//! What the lexicon's phrases in one item add up to, concept by concept. Decides nothing; see [`super::decide`].

use std::ops::Range;

use crate::classify::text::{CaseStyle, Text};
use crate::document::Field;

use super::lexicon::{Hit, Lexicon};
use super::taxonomy::{ConceptId, Taxonomy};

/// Words of a body that are read. News says what it is about in its first paragraphs; what follows is background, and
/// reading it too made the answers slower and no better.
pub(super) const BODY_WORDS_MAX: usize = 400;

/// What a phrase counts for the first, second and third time; after that it says nothing new.
const REPEATS: [f32; 3] = [1.0, 0.5, 0.25];

/// How far a phrase of several words outweighs a single word of the same weight: it is seldom meant otherwise.
const PHRASE_FACTOR: f32 = 1.25;

/// The phrases found and their weight per concept, broader concepts included.
#[derive(Debug)]
pub(super) struct Tally {
    /// In reading order.
    pub(super) hits: Vec<Hit>,
    /// Weight of the title's phrases by place of the concept.
    pub(super) title: Vec<f32>,
    /// Weight of the body's phrases by place of the concept.
    pub(super) body: Vec<f32>,
    /// Weight of the sender's section labels by place of the concept.
    pub(super) sections: Vec<f32>,
    /// Words read of the title and the body.
    pub(super) words: [usize; 2],
    /// Whether the title, or the body of an item without one, has no capitals.
    pub(super) lower: bool,
}

impl Tally {
    /// Finds the phrases of an item's title and of the beginning of its body.
    pub(super) fn new(text: &Text<'_>, lexicon: &Lexicon, taxonomy: &Taxonomy) -> Tally {
        let [title, body] = parts(text);
        let mut tally = Tally {
            hits: Vec::new(),
            title: vec![0.0; taxonomy.len()],
            body: vec![0.0; taxonomy.len()],
            sections: vec![0.0; taxonomy.len()],
            words: [title.len(), body.len()],
            lower: text.case_style(if title.is_empty() { Field::Body } else { Field::Title }) == CaseStyle::Lower,
        };
        lexicon.find(text, title.start, title.end, &mut tally.hits);
        let in_title = tally.hits.len();
        lexicon.find(text, body.start, body.end, &mut tally.hits);
        add_up(&tally.hits[..in_title], lexicon, taxonomy, &mut tally.title);
        add_up(&tally.hits[in_title..], lexicon, taxonomy, &mut tally.body);
        tally
    }

    /// Reads the sender's section labels, category tags and slugs. They inform the topic and are never evidence.
    pub(super) fn read_sections(&mut self, sections: &[String], lexicon: &Lexicon, taxonomy: &Taxonomy) {
        for section in sections.iter().take(SECTIONS_MAX) {
            let text = Text::new(section, "", "");
            let mut hits = Vec::new();
            lexicon.find(&text, 0, text.tokens().len().min(SECTION_WORDS_MAX), &mut hits);
            add_up(&hits, lexicon, taxonomy, &mut self.sections);
        }
    }

    /// Words read in all.
    pub(super) fn words_in_all(&self) -> usize {
        self.words.iter().sum()
    }
}

/// Section labels read per item, and words of each.
const SECTIONS_MAX: usize = 16;
const SECTION_WORDS_MAX: usize = 12;

/// The words that are read, as places in [`Text::tokens`]: the title's, and the first of the body's. A dateline tells
/// where, not what.
pub(super) fn parts(text: &Text<'_>) -> [Range<usize>; 2] {
    let tokens = text.tokens();
    let title = tokens.partition_point(|token| token.field <= Field::Title);
    let dateline = tokens.partition_point(|token| token.field <= Field::Dateline);
    [0..title.min(BODY_WORDS_MAX), dateline..tokens.len().min(dateline + BODY_WORDS_MAX)]
}

fn add_up(hits: &[Hit], lexicon: &Lexicon, taxonomy: &Taxonomy, weights: &mut [f32]) {
    let mut nodes: Vec<&Hit> = hits.iter().collect();
    nodes.sort_unstable_by_key(|hit| hit.node);
    for same in nodes.chunk_by(|a, b| a.node == b.node) {
        let repeats: f32 = REPEATS.iter().take(same.len()).sum();
        let factor = if same[0].first == same[0].last { repeats } else { repeats * PHRASE_FACTOR };
        for term in lexicon.terms(same[0]) {
            for ConceptId(concept) in taxonomy.ancestry(term.concept) {
                weights[concept as usize] += term.weight * factor;
            }
        }
    }
}
