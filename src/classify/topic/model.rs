//! The trained part: a linear model over words and pairs of words, and over static word vectors folded into one row
//! of weights per word. `config/topics/MODEL.md` says how it was trained; its file is read in [`super::model_file`].

use std::ops::Range;

use crate::classify::phrases::{Bits, Table, joins};
use crate::classify::text::{Text, Token, hash_phrase};

use super::order::{self, Numbered};
use super::scale::{Scales, Settings};
use super::tally::{SectionWeights, Tally, parts};
use super::taxonomy::Taxonomy;

/// Top levels of the Media Topics, between which the model decides.
pub(super) const TOPS: usize = 17;

/// Binary logarithm of the bits kept for known words and pairs: most pairs of a text are not known.
pub(super) const KNOWN_LOG: u32 = 21;

/// A trained model.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) settings: Settings,
    bias: [f32; TOPS],
    /// The place of each word and pair in `terms`, and of each word in `words` too, plus one.
    pub(super) places: Table<u32>,
    pub(super) known: Bits,
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

/// The evidence for one top level, in units of log odds.
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
    /// Each word or pair that is known, in reading order.
    pub(super) found: Vec<Match>,
    /// Distinct entries, by place.
    counted: Vec<Counted>,
    /// Places in `found`, those of one entry together.
    by_place: Vec<Numbered>,
    term_norm: f32,
    vector_norm: f32,
    /// Different words that are known.
    pub(super) words: usize,
    /// Share of the item's words that training rows held.
    pub(super) words_known: f32,
    /// Share of its pairs that they held.
    pub(super) pairs_known: f32,
}

/// A word or pair of a text that the model knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    /// Its entry.
    pub(super) place: u32,
    /// Its first and last token.
    pub(super) first: u32,
    pub(super) last: u32,
}

/// An entry of the model with its occurrences in a text.
#[derive(Debug, Clone, Copy)]
struct Counted {
    place: u32,
    times: u32,
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
        Model {
            settings,
            bias,
            places: Table::with_capacity(0),
            known: Bits::new(6),
            terms: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Looks up the words and pairs of the read part of an item.
    pub(super) fn read(&self, text: &Text<'_>) -> Matches {
        let parts = parts(text);
        let tokens = text.tokens();
        let mut found = Vec::with_capacity(2 * parts.iter().map(Range::len).sum::<usize>());
        let (mut words, mut pairs) = (Known::default(), Known::default());
        for part in parts {
            let mut before: Option<&Token> = None;
            for (at, token) in (part.start as u32..).zip(&tokens[part]) {
                let word = self.place(token.hash);
                if let Some(place) = word {
                    found.push(Match { place, first: at, last: at });
                }
                words.add(word.is_some_and(|place| self.terms[place as usize].weight > 0.0));
                if let Some(before) = before.filter(|_| joins(token)) {
                    let pair = self.place(hash_phrase(before.hash, token.hash));
                    if let Some(place) = pair {
                        found.push(Match { place, first: at - 1, last: at });
                    }
                    pairs.add(pair.is_some());
                }
                before = Some(token);
            }
        }
        Matches { words_known: words.share(), pairs_known: pairs.share(), ..self.count(found) }
    }

    /// The place of a word or pair by its hash.
    #[inline]
    fn place(&self, hash: u64) -> Option<u32> {
        if !self.known.may_contain(hash) {
            return None;
        }
        self.places.get(hash).map(|place| place - 1)
    }

    fn count(&self, found: Vec<Match>) -> Matches {
        let by_place = order::by_key(found.iter().map(|found| found.place), self.terms.len());
        let mut counted: Vec<Counted> = Vec::with_capacity(found.len());
        for place in by_place.iter().map(|numbered| numbered.key()) {
            match counted.last_mut() {
                Some(last) if last.place == place => last.times += 1,
                _ => counted.push(Counted { place, times: 1 }),
            }
        }
        let (mut squares, mut vector_norm, mut words) = (0.0, 0.0, 0);
        for &Counted { place, times } in &counted {
            squares += self.terms[place as usize].weight.powi(2);
            if let Some(word) = self.words.get(place as usize) {
                vector_norm += word.weight * times as f32;
                words += 1;
            }
        }
        Matches {
            found,
            counted,
            by_place,
            term_norm: 1.0 / squares.sqrt().max(1e-6),
            vector_norm: 1.0 / vector_norm.max(1e-6),
            words,
            words_known: 0.0,
            pairs_known: 0.0,
        }
    }

    /// The evidence for each top level, in the order of the taxonomy.
    pub(super) fn weigh(
        &self,
        matches: &Matches,
        tally: &Tally,
        sections: &SectionWeights,
        scales: &Scales,
        taxonomy: &Taxonomy,
    ) -> [Weighing; TOPS] {
        let of_model = self.logits(matches, scales);
        std::array::from_fn(|class| {
            let top = taxonomy.tops()[class];
            let phrases = tally.weight(top);
            Weighing {
                model: of_model[class],
                lexicon: phrases.title * scales.title + phrases.body * scales.body,
                sections: sections.weight(top) * SECTION_SCALE,
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

    /// The words and pairs that add at least this much to a top level, in reading order, each with what it adds.
    pub(super) fn contributions(
        &self,
        class: usize,
        least: f32,
        matches: &Matches,
        scales: &Scales,
    ) -> Vec<(Match, f32)> {
        let mut strong: Vec<(u32, f32)> = Vec::new();
        let mut occurrences = matches.by_place.as_slice();
        for &Counted { place, times } in &matches.counted {
            let (own, others) = occurrences.split_at(times as usize);
            occurrences = others;
            let weight = self.contribution(place, class, matches, scales);
            if weight >= least {
                strong.extend(own.iter().map(|numbered| (numbered.number(), weight)));
            }
        }
        strong.sort_unstable_by_key(|(at, _)| *at);
        strong.into_iter().map(|(at, weight)| (matches.found[at as usize], weight)).collect()
    }

    fn logits(&self, matches: &Matches, scales: &Scales) -> [f32; TOPS] {
        if matches.counted.is_empty() {
            return [0.0; TOPS];
        }
        let (mut terms, mut vectors) = ([0.0f32; TOPS], [0.0f32; TOPS]);
        for &Counted { place, times } in &matches.counted {
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
