//! From weights to topics: which are asserted, in which order, how surely.

use super::local::HOUSE;
use super::model::{self, Matches, Model, TOPS, Weighing};
use super::scale::Scales;
use super::tally::{SectionWeights, Tally};
use super::taxonomy::{ConceptId, Taxonomy};

/// A topic that is asserted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asserted {
    pub(super) concept: ConceptId,
    /// Calibrated probability, in [0, 1].
    pub(super) confidence: f64,
}

/// A top level under this probability is not listed.
pub(super) const CONFIDENCE_MIN: f64 = 0.15;

/// Fewer known words than this and no phrase of the lexicon: there is no evidence.
const KNOWN_WORDS_MIN: usize = 3;

/// Maximum number of deeper topics listed for one item.
const DEEPER_MAX: usize = 4;

/// A deeper topic is asserted only below the likeliest top level, when that has at least this probability …
const DEEPER_TOP_MIN: f64 = 0.6;

/// … with at least this weight of its own phrases: one that leaves no doubt, or two that are strong …
const DEEPER_WEIGHT_MIN: f32 = 5.0;

/// … and at least this part of the weight of the best topic that is as deep as itself.
const DEEPER_SHARE_MIN: f32 = 0.5;

/// Weight at which a deeper topic is as sure as it gets, apart from its top level.
const DEEPER_WEIGHT_SURE: f32 = 3.0;

/// Words of a body at which its phrases count half for deeper topics.
const DEEPER_WORDS: f32 = 150.0;

/// The result of one item's evidence.
#[derive(Debug)]
pub(super) struct Verdict {
    /// The evidence for each top level, in the order of the taxonomy.
    pub(super) weighings: [Weighing; TOPS],
    /// Calibrated probability of each top level.
    pub(super) probabilities: [f64; TOPS],
    /// What is asserted, best first: the top levels, then the deeper topics.
    pub(super) asserted: Vec<Asserted>,
}

/// Whether an item holds too little to say anything.
pub(super) fn is_silent(matches: &Matches, tally: &Tally) -> bool {
    tally.hits.is_empty() && matches.words < KNOWN_WORDS_MIN
}

/// Ranks the top levels and the deeper topics that the evidence supports.
pub(super) fn decide(
    model: &Model,
    matches: &Matches,
    tally: &Tally,
    sections: &SectionWeights,
    scales: &Scales,
    taxonomy: &Taxonomy,
) -> Verdict {
    let weighings = model.weigh(matches, tally, sections, scales, taxonomy);
    let probabilities = model::probabilities(&weighings);
    let asserted = match is_silent(matches, tally) {
        true => Vec::new(),
        false => assert(&probabilities, tally, taxonomy),
    };
    Verdict { weighings, probabilities, asserted }
}

fn assert(probabilities: &[f64; TOPS], tally: &Tally, taxonomy: &Taxonomy) -> Vec<Asserted> {
    let tops = taxonomy.tops().iter().zip(probabilities);
    let mut asserted: Vec<Asserted> = tops
        .map(|(&concept, &confidence)| Asserted { concept, confidence })
        .filter(|top| top.confidence >= CONFIDENCE_MIN)
        .collect();
    asserted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    asserted.extend(deeper(probabilities, tally, taxonomy));
    asserted
}

/// Topics below the top levels, the surest first. Precision comes before recall: better no deeper topic than a wrong
/// one.
fn deeper(probabilities: &[f64; TOPS], tally: &Tally, taxonomy: &Taxonomy) -> Vec<Asserted> {
    let of_body = 1.0 / (1.0 + tally.words[1] as f32 / DEEPER_WORDS);
    let mut candidates: Vec<(ConceptId, usize, f32)> = tally
        .concepts()
        .iter()
        .map(|&(id, weights)| (id, weights.title + weights.body * of_body))
        .filter(|&(id, weight)| weight >= DEEPER_WEIGHT_MIN && !taxonomy.is_top(taxonomy.get(id)))
        .map(|(id, weight)| (id, taxonomy.ancestry(id).count(), weight))
        .collect();
    candidates.sort_unstable_by_key(|(id, ..)| *id);
    let best_at =
        |depth: usize| candidates.iter().filter(|found| found.1 == depth).map(|found| found.2).fold(0.0, f32::max);
    let likeliest = probabilities.iter().copied().fold(0.0, f64::max);
    let mut decisions: Vec<Asserted> = candidates
        .iter()
        .filter(|(_, depth, weight)| *weight >= best_at(*depth) * DEEPER_SHARE_MIN)
        .filter_map(|&(concept, _, weight)| {
            let top = top_probability(concept, probabilities, taxonomy);
            let confidence = top * f64::from(1.0 - (-weight / DEEPER_WEIGHT_SURE).exp());
            (top >= likeliest.max(DEEPER_TOP_MIN)).then_some(Asserted { concept, confidence })
        })
        .collect();
    decisions.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    decisions.truncate(DEEPER_MAX);
    decisions
}

/// The probability of the top level a concept is under. A house topic rests on its own phrases, whatever the model,
/// which does not know it, makes of the rest.
fn top_probability(concept: ConceptId, probabilities: &[f64; TOPS], taxonomy: &Taxonomy) -> f64 {
    if taxonomy.get(concept).code.starts_with(HOUSE) {
        return 1.0;
    }
    let top = taxonomy.ancestry(concept).last().expect("a concept is its own ancestry");
    taxonomy.tops().iter().position(|id| *id == top).map_or(1.0, |class| probabilities[class])
}
