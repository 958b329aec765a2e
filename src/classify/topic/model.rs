//! The trained part: a linear model over words and pairs of words, and over static word vectors folded into one row
//! of weights per word. How it was trained is told in `config/topics/MODEL.md`; its file in [`super::model_file`].

use crate::classify::text::{Gap, Text, hash_phrase};

use super::scale::{Scales, Settings};
use super::table::Table;
use super::tally::{Tally, parts};
use super::taxonomy::{ConceptId, Taxonomy};

/// Top levels of the Media Topics, which the model tells apart.
pub(super) const TOPS: usize = 17;

/// A trained model.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) settings: Settings,
    bias: [f32; TOPS],
    /// Where each word and pair stands in `terms`, and each word in `words` too.
    pub(super) places: Table,
    pub(super) terms: Vec<Weights>,
    pub(super) words: Vec<Weights>,
}

/// What an entry says about each top level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    /// What the entry counts among the others of an item.
    pub(super) weight: f32,
    /// That weight times the unit of the row.
    pub(super) scale: f32,
    pub(super) row: [i8; TOPS],
}

/// What speaks for one top level, in units of log odds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighing {
    pub(super) model: f32,
    pub(super) lexicon: f32,
    pub(super) sections: f32,
}

/// What a weight of one in a section label counts: a label of weight four makes its topic seven times as likely.
const SECTION_SCALE: f32 = 0.5;

/// Entries of the model that one item holds.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Place of each word or pair that is known, with its first and last token; in reading order.
    pub(super) found: Vec<(u32, u32, u32)>,
    /// Distinct entries with the number of times they occur.
    counted: Vec<(u32, u32)>,
    term_norm: f32,
    vector_norm: f32,
    /// Different words that are known.
    pub(super) words: usize,
    /// Share of the item's words that training rows held.
    pub(super) words_known: f32,
    /// Share of its pairs that they held.
    pub(super) pairs_known: f32,
}

#[derive(Default)]
struct Known {
    known: f32,
    all: f32,
}

impl Known {
    fn add(&mut self, known: bool) {
        self.all += 1.0;
        self.known += f32::from(u8::from(known));
    }

    fn share(&self) -> f32 {
        self.known / self.all.max(1.0)
    }
}

impl Model {
    pub(super) fn new(settings: Settings, bias: [f32; TOPS]) -> Self {
        Model { settings, bias, places: Table::with_capacity(0), terms: Vec::new(), words: Vec::new() }
    }

    /// Looks up the words and pairs of the read part of an item.
    pub(super) fn read(&self, text: &Text<'_>) -> Matches {
        let tokens = text.tokens();
        let mut found = Vec::with_capacity(tokens.len());
        let (mut words, mut pairs) = (Known::default(), Known::default());
        for part in parts(text) {
            for i in part.clone() {
                let word = self.places.get(tokens[i].hash);
                found.extend(word.map(|place| (place, i as u32, i as u32)));
                words.add(word.is_some_and(|place| self.terms[place as usize].weight > 0.0));
                if i > part.start && tokens[i].gap < Gap::Comma {
                    let pair = self.places.get(hash_phrase(tokens[i - 1].hash, tokens[i].hash));
                    found.extend(pair.map(|place| (place, i as u32 - 1, i as u32)));
                    pairs.add(pair.is_some());
                }
            }
        }
        Matches { words_known: words.share(), pairs_known: pairs.share(), ..self.count(found) }
    }

    fn count(&self, found: Vec<(u32, u32, u32)>) -> Matches {
        let mut places: Vec<u32> = found.iter().map(|(place, ..)| *place).collect();
        places.sort_unstable();
        let counted: Vec<(u32, u32)> =
            places.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        let (mut squares, mut vector_norm, mut words) = (0.0, 0.0, 0);
        for &(place, times) in &counted {
            squares += self.terms[place as usize].weight.powi(2);
            if let Some(word) = self.words.get(place as usize) {
                vector_norm += word.weight * times as f32;
                words += 1;
            }
        }
        Matches {
            found,
            counted,
            term_norm: 1.0 / squares.sqrt().max(1e-6),
            vector_norm: 1.0 / vector_norm.max(1e-6),
            words,
            words_known: 0.0,
            pairs_known: 0.0,
        }
    }

    /// What speaks for each top level, in the order of the taxonomy.
    pub(super) fn weigh(
        &self,
        matches: &Matches,
        tally: &Tally,
        scales: &Scales,
        taxonomy: &Taxonomy,
    ) -> [Weighing; TOPS] {
        let of_model = self.logits(matches, scales);
        std::array::from_fn(|class| {
            let ConceptId(top) = taxonomy.tops()[class];
            let weight = |weights: &[f32]| weights[top as usize];
            Weighing {
                model: of_model[class],
                lexicon: weight(&tally.title) * scales.title + weight(&tally.body) * scales.body,
                sections: weight(&tally.sections) * SECTION_SCALE,
            }
        })
    }

    /// What one entry adds to a top level, for evidence and explanation.
    pub(super) fn contribution(&self, place: u32, class: usize, matches: &Matches, scales: &Scales) -> f32 {
        let say = |weights: &Weights| f32::from(weights.row[class]) * weights.scale;
        let term = say(&self.terms[place as usize]) * matches.term_norm;
        let vector = self.words.get(place as usize).map_or(0.0, say) * matches.vector_norm;
        term * scales.terms + vector * scales.vectors
    }

    fn logits(&self, matches: &Matches, scales: &Scales) -> [f32; TOPS] {
        if matches.counted.is_empty() {
            return [0.0; TOPS];
        }
        let (mut terms, mut vectors) = ([0.0f32; TOPS], [0.0f32; TOPS]);
        for &(place, times) in &matches.counted {
            self.terms[place as usize].add_to(&mut terms, 1.0);
            if let Some(word) = self.words.get(place as usize) {
                word.add_to(&mut vectors, times as f32);
            }
        }
        std::array::from_fn(|class| {
            let of_terms = self.bias[class] + terms[class] * matches.term_norm;
            of_terms * scales.terms + vectors[class] * matches.vector_norm * scales.vectors
        })
    }
}

/// Probability of each top level.
pub(super) fn probabilities(weighings: &[Weighing; TOPS]) -> [f64; TOPS] {
    let logits = weighings.map(|weighing| weighing.model + weighing.lexicon + weighing.sections);
    let best = logits.iter().copied().fold(f32::MIN, f32::max);
    let likelihoods = logits.map(|logit| f64::from(logit - best).exp());
    let all: f64 = likelihoods.iter().sum();
    likelihoods.map(|likelihood| likelihood / all)
}

impl Weights {
    fn add_to(&self, sums: &mut [f32; TOPS], times: f32) {
        for (sum, weight) in sums.iter_mut().zip(&self.row) {
            *sum += f32::from(*weight) * self.scale * times;
        }
    }
}
