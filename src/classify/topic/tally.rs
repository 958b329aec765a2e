//! What the lexicon's phrases in one item add up to, concept by concept. Decides nothing; see [`super::decide`].

use std::ops::Range;

use crate::classify::text::{CaseStyle, Text};
use crate::document::Field;

use super::lexicon::{Hit, Lexicon};
use super::taxonomy::{ConceptId, Taxonomy};

/// Maximum number of words read of a body. News says what it is about in its first paragraphs; what follows is
/// background, and reading it too made the answers slower and no better.
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
    weights: ByConcept<PhraseWeights>,
    /// Words read of the title and the body.
    pub(super) words: [usize; 2],
    /// Whether the title, or the body of an item without one, has no capitals.
    pub(super) lower: bool,
}

/// What the phrases of an item weigh for one concept.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PhraseWeights {
    pub(super) title: f32,
    pub(super) body: f32,
}

impl Tally {
    /// Finds the phrases of an item's title and of the beginning of its body.
    pub(super) fn new(text: &Text<'_>, lexicon: &Lexicon, taxonomy: &Taxonomy) -> Tally {
        let [title, body] = parts(text);
        let mut hits = Vec::new();
        let words = [title.len(), body.len()];
        let lower = text.case_style(if title.is_empty() { Field::Body } else { Field::Title }) == CaseStyle::Lower;
        lexicon.find(text, title.start, title.end, &mut hits);
        let in_title = hits.len();
        lexicon.find(text, body.start, body.end, &mut hits);
        let mut weights: ByConcept<PhraseWeights> = ByConcept::new(taxonomy);
        let (of_title, of_body) = hits.split_at(in_title);
        add_up(of_title, lexicon, taxonomy, |concept, weight| weights.entry(concept).title += weight);
        add_up(of_body, lexicon, taxonomy, |concept, weight| weights.entry(concept).body += weight);
        Tally { hits, weights, words, lower }
    }

    /// Words read in all.
    pub(super) fn words_in_all(&self) -> usize {
        self.words.iter().sum()
    }

    /// What the phrases weigh for a concept.
    pub(super) fn weight(&self, concept: ConceptId) -> PhraseWeights {
        self.weights.get(concept)
    }

    /// The concepts that any phrase counts for or against, in no order.
    pub(super) fn concepts(&self) -> &[(ConceptId, PhraseWeights)] {
        &self.weights.named
    }
}

/// What the sender's section labels, category tags and slugs weigh. They inform the topic and are never evidence.
#[derive(Debug, Clone, Default)]
pub(in crate::classify) struct SectionWeights(Vec<(ConceptId, f32)>);

impl SectionWeights {
    pub(super) fn new(sections: &[String], lexicon: &Lexicon, taxonomy: &Taxonomy) -> SectionWeights {
        if sections.is_empty() {
            return SectionWeights::default();
        }
        let mut weights: ByConcept<f32> = ByConcept::new(taxonomy);
        for section in sections.iter().take(SECTIONS_MAX) {
            let text = Text::new(section, "", "");
            let mut hits = Vec::new();
            lexicon.find(&text, 0, text.tokens().len().min(SECTION_WORDS_MAX), &mut hits);
            add_up(&hits, lexicon, taxonomy, |concept, weight| *weights.entry(concept) += weight);
        }
        SectionWeights(weights.named)
    }

    /// What the labels weigh for a concept.
    pub(super) fn weight(&self, concept: ConceptId) -> f32 {
        self.0.iter().find(|(named, _)| *named == concept).map_or(0.0, |(_, weight)| *weight)
    }
}

/// A value for each concept that is named, and none for the many that are not.
#[derive(Debug)]
struct ByConcept<V> {
    /// One more than the place of each concept in `named`; 0 for one that is not there.
    places: Vec<u16>,
    named: Vec<(ConceptId, V)>,
}

impl<V: Copy + Default> ByConcept<V> {
    fn new(taxonomy: &Taxonomy) -> Self {
        ByConcept { places: vec![0; taxonomy.len()], named: Vec::new() }
    }

    fn get(&self, ConceptId(concept): ConceptId) -> V {
        let place = usize::from(self.places[concept as usize]);
        place.checked_sub(1).map_or_else(V::default, |place| self.named[place].1)
    }

    fn entry(&mut self, concept: ConceptId) -> &mut V {
        let place = &mut self.places[concept.0 as usize];
        if *place == 0 {
            self.named.push((concept, V::default()));
            *place = self.named.len() as u16;
        }
        &mut self.named[usize::from(*place) - 1].1
    }
}

/// Maximum number of section labels read for one item, and of words of each.
const SECTIONS_MAX: usize = 16;
const SECTION_WORDS_MAX: usize = 12;

/// The words that are read, as places in [`Text::tokens`]: the title's, and the first of the body's. A dateline says
/// where, not what.
pub(super) fn parts(text: &Text<'_>) -> [Range<usize>; 2] {
    let (title, body) = (text.start(Field::Dateline), text.start(Field::Body));
    [0..title.min(BODY_WORDS_MAX), body..text.tokens().len().min(body + BODY_WORDS_MAX)]
}

/// Gives what each phrase weighs to `add`, for its concept and every broader one.
fn add_up(hits: &[Hit], lexicon: &Lexicon, taxonomy: &Taxonomy, mut add: impl FnMut(ConceptId, f32)) {
    let mut hits = hits.to_vec();
    hits.sort_unstable_by_key(|hit| hit.phrase);
    for same in hits.chunk_by(|a, b| a.phrase == b.phrase) {
        let repeats: f32 = REPEATS.iter().take(same.len()).sum();
        let factor = if same[0].first == same[0].last { repeats } else { repeats * PHRASE_FACTOR };
        for term in lexicon.terms(&same[0]) {
            for concept in taxonomy.ancestry(term.concept) {
                add(concept, term.weight * factor);
            }
        }
    }
}
