//! The trained part: a linear model over words and pairs of words, and over static word vectors folded into one row
//! of weights per word. How it was trained is told in `config/topics/MODEL.md`; its file in [`super::model_file`].

use crate::classify::text::{Gap, Text, hash_phrase};

use super::table::Table;
use super::tally::{Tally, parts};
use super::taxonomy::{ConceptId, Taxonomy};

/// Top levels of the Media Topics, which the model tells apart.
pub(super) const TOPS: usize = 17;

/// A trained model.
#[derive(Debug, Clone)]
pub(super) struct Model {
    settings: Settings,
    bias: [f32; TOPS],
    /// Where each word and pair stands in `terms`, and each word in `words` too.
    pub(super) places: Table,
    pub(super) terms: Vec<Weights>,
    pub(super) words: Vec<Weights>,
}

/// How the model's and the lexicon's weights add up; fitted on sources that the weights were not trained on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// What a phrase of the title counts on top, when there is a body.
    pub(super) lexicon_title: f32,
    /// Words at which the lexicon's weights begin to count less, since longer texts hold more phrases.
    pub(super) lexicon_words: f32,
    /// How fast they do.
    pub(super) lexicon_exponent: f32,
    /// What the lexicon's weights count.
    pub(super) lexicon_scale: f32,
    /// What the model's weights count.
    pub(super) model_scale: f32,
    /// Words at which they begin to count more, since longer texts are surer.
    pub(super) model_words: f32,
    /// How fast they do.
    pub(super) model_exponent: f32,
    /// Calibration: the factor for headlines, for short texts and for articles.
    pub(super) sharpness: [f32; 3],
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
pub(super) struct Reading {
    /// Place of each word or pair that is known, with its first and last token; in reading order.
    pub(super) found: Vec<(u32, u32, u32)>,
    /// Distinct entries with the number of times they occur.
    counted: Vec<(u32, u32)>,
    term_norm: f32,
    static_norm: f32,
    /// Words that are known.
    pub(super) words: usize,
}

impl Model {
    pub(super) fn new(settings: Settings, bias: [f32; TOPS]) -> Self {
        Model { settings, bias, places: Table::with_capacity(0), terms: Vec::new(), words: Vec::new() }
    }

    /// Looks up the words and pairs of the read part of an item.
    pub(super) fn read(&self, text: &Text<'_>) -> Reading {
        let tokens = text.tokens();
        let mut found = Vec::with_capacity(tokens.len());
        for part in parts(text) {
            for i in part.clone() {
                if let Some(place) = self.places.get(tokens[i].hash) {
                    found.push((place, i as u32, i as u32));
                }
                if i > part.start && tokens[i].gap < Gap::Comma {
                    let pair = hash_phrase(tokens[i - 1].hash, tokens[i].hash);
                    if let Some(place) = self.places.get(pair) {
                        found.push((place, i as u32 - 1, i as u32));
                    }
                }
            }
        }
        self.count(found)
    }

    fn count(&self, found: Vec<(u32, u32, u32)>) -> Reading {
        let mut places: Vec<u32> = found.iter().map(|(place, ..)| *place).collect();
        places.sort_unstable();
        let counted: Vec<(u32, u32)> =
            places.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        let (mut squares, mut static_norm, mut words) = (0.0, 0.0, 0);
        for &(place, times) in &counted {
            squares += self.terms[place as usize].weight.powi(2);
            if let Some(word) = self.words.get(place as usize) {
                static_norm += word.weight * times as f32;
                words += 1;
            }
        }
        Reading {
            found,
            counted,
            term_norm: 1.0 / squares.sqrt().max(1e-6),
            static_norm: 1.0 / static_norm.max(1e-6),
            words,
        }
    }

    /// What speaks for each top level, in the order of the taxonomy.
    pub(super) fn weigh(&self, reading: &Reading, tally: &Tally, taxonomy: &Taxonomy) -> [Weighing; TOPS] {
        let scale = self.model_scale(tally.words_in_all());
        let of_model = self.logits(reading);
        std::array::from_fn(|class| Weighing {
            model: of_model[class] * scale,
            lexicon: self.lexicon_weight(tally, taxonomy.tops()[class]),
            sections: tally.sections[taxonomy.tops()[class].0 as usize] * SECTION_SCALE,
        })
    }

    /// Probability of each top level, calibrated for the kind of text.
    pub(super) fn probabilities(&self, weighings: &[Weighing; TOPS], tally: &Tally) -> [f64; TOPS] {
        let logits = weighings.map(|weighing| weighing.model + weighing.lexicon + weighing.sections);
        soft_maximum(&logits, self.sharpness(tally))
    }

    /// What a lexicon weight of one counts in an item's title and in its body.
    pub(super) fn lexicon_scales(&self, tally: &Tally) -> [f32; 2] {
        let settings = &self.settings;
        let words = tally.words_in_all() as f32;
        let title = 1.0 + if tally.words[1] > 0 { settings.lexicon_title } else { 0.0 };
        let scale = settings.lexicon_scale * (1.0 + words / settings.lexicon_words).powf(-settings.lexicon_exponent);
        [title * scale, scale]
    }

    /// What one entry adds to a top level, for evidence and explanation.
    pub(super) fn contribution(&self, place: u32, class: usize, reading: &Reading, words: usize) -> f32 {
        let say = |weights: &Weights| f32::from(weights.row[class]) * weights.scale;
        let term = say(&self.terms[place as usize]) * reading.term_norm;
        let fixed = self.words.get(place as usize).map_or(0.0, say) * reading.static_norm;
        (term + fixed) * self.model_scale(words)
    }

    fn logits(&self, reading: &Reading) -> [f32; TOPS] {
        if reading.counted.is_empty() {
            return [0.0; TOPS];
        }
        let (mut terms, mut fixed) = ([0.0f32; TOPS], [0.0f32; TOPS]);
        for &(place, times) in &reading.counted {
            self.terms[place as usize].add_to(&mut terms, 1.0);
            if let Some(word) = self.words.get(place as usize) {
                word.add_to(&mut fixed, times as f32);
            }
        }
        let norms = (reading.term_norm, reading.static_norm);
        std::array::from_fn(|class| self.bias[class] + terms[class] * norms.0 + fixed[class] * norms.1)
    }

    fn lexicon_weight(&self, tally: &Tally, concept: ConceptId) -> f32 {
        let [title, body] = self.lexicon_scales(tally);
        tally.title[concept.0 as usize] * title + tally.body[concept.0 as usize] * body
    }

    fn model_scale(&self, words: usize) -> f32 {
        let settings = &self.settings;
        settings.model_scale * (1.0 + words as f32 / settings.model_words).powf(settings.model_exponent)
    }

    fn sharpness(&self, tally: &Tally) -> f32 {
        match tally.words {
            [_, 0] => self.settings.sharpness[0],
            [title, body] if title + body < SHORT_WORDS => self.settings.sharpness[1],
            _ => self.settings.sharpness[2],
        }
    }
}

impl Weights {
    fn add_to(&self, sums: &mut [f32; TOPS], times: f32) {
        for (sum, weight) in sums.iter_mut().zip(&self.row) {
            *sum += f32::from(*weight) * self.scale * times;
        }
    }
}

/// Texts with a body and fewer words than this are calibrated on their own: a sentence or two.
const SHORT_WORDS: usize = 60;

fn soft_maximum(logits: &[f32; TOPS], sharpness: f32) -> [f64; TOPS] {
    let best = logits.iter().copied().fold(f32::MIN, f32::max);
    let likelihoods = logits.map(|logit| f64::from((logit - best) * sharpness).exp());
    let all: f64 = likelihoods.iter().sum();
    likelihoods.map(|likelihood| likelihood / all)
}
