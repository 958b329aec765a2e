//! Why an item has the topics it has, for `dateline explain`. Decides nothing.

use serde::Serialize;

use crate::classify::text::Text;
use crate::document::{Field, Topic};

use super::{Read, TopicClassifier, model};

/// What decided, for people.
#[derive(Debug, Serialize)]
pub struct TopicExplanation {
    /// Words read of the title and the body; what follows in the body is left out.
    pub words: [usize; 2],
    /// Different words that the model knows.
    pub words_known: usize,
    /// What each top level got, the likeliest first. Empty for a language without support.
    pub tops: Vec<ExplainedTop>,
    /// Phrases of the lexicon and words of the model that counted, in reading order; bounded.
    pub terms: Vec<ExplainedTerm>,
    /// What was asserted.
    pub topics: Vec<Topic>,
}

/// What spoke for one top level, in units of log odds.
#[derive(Debug, Serialize)]
pub struct ExplainedTop {
    /// `medtop:` code.
    pub code: String,
    /// British English label.
    pub name: String,
    /// Calibrated probability.
    pub probability: f64,
    /// The model's part.
    pub model: f32,
    /// The lexicon's part.
    pub lexicon: f32,
    /// The part of the sender's section labels.
    pub sections: f32,
}

/// A span that counted.
#[derive(Debug, Serialize)]
pub struct ExplainedTerm {
    /// As it stands in the item.
    pub text: String,
    /// Where it stands.
    pub field: Field,
    /// Whether the lexicon or the model knows it.
    pub by: Knower,
    /// The concept it spoke for, or against.
    pub code: String,
    /// How much, in units of log odds for the model and as written for the lexicon.
    pub weight: f32,
}

/// Who knows a term.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Knower {
    /// A line of a lexicon file.
    Lexicon,
    /// The trained model.
    Model,
}

/// Terms explained per item.
const TERMS_MAX: usize = 200;

/// A word that adds less than this to the likeliest top level is not worth showing.
const CONTRIBUTION_MIN: f32 = 0.05;

impl TopicExplanation {
    pub(super) fn of(
        classifier: &TopicClassifier,
        read: Option<&Read<'_>>,
        text: &Text<'_>,
        topics: Vec<Topic>,
    ) -> TopicExplanation {
        let Some(read) = read else {
            return TopicExplanation { words: [0, 0], words_known: 0, tops: Vec::new(), terms: Vec::new(), topics };
        };
        let tops = tops(classifier, read);
        let mut terms = lexicon_terms(classifier, read, text);
        if let Some(best) = tops.first() {
            terms.extend(model_terms(classifier, read, text, &best.code));
        }
        terms.sort_by_key(|(first, _)| *first);
        terms.truncate(TERMS_MAX);
        let terms = terms.into_iter().map(|(_, term)| term).collect();
        TopicExplanation { words: read.tally.words, words_known: read.reading.words, tops, terms, topics }
    }
}

fn tops(classifier: &TopicClassifier, read: &Read<'_>) -> Vec<ExplainedTop> {
    let taxonomy = classifier.taxonomy();
    let weighings = classifier.model.weigh(&read.reading, &read.tally, &read.scales, taxonomy);
    let probabilities = model::probabilities(&weighings);
    let explained = taxonomy.tops().iter().zip(weighings.iter().zip(probabilities));
    let mut tops: Vec<ExplainedTop> = explained
        .map(|(&id, (weighing, probability))| ExplainedTop {
            code: taxonomy.get(id).qcode(),
            name: taxonomy.get(id).name().to_owned(),
            probability,
            model: weighing.model,
            lexicon: weighing.lexicon,
            sections: weighing.sections,
        })
        .collect();
    tops.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    tops
}

fn lexicon_terms(classifier: &TopicClassifier, read: &Read<'_>, text: &Text<'_>) -> Vec<(u32, ExplainedTerm)> {
    let hits = read.tally.hits.iter();
    let terms = hits.flat_map(|hit| read.lexicon.terms(hit).iter().map(move |term| (hit.first, hit.last, term)));
    let explain = |(first, last, term): (u32, u32, &super::lexicon::Term)| {
        let code = classifier.taxonomy().get(term.concept).qcode();
        (first, explained(text, [first, last], Knower::Lexicon, code, term.weight))
    };
    terms.map(explain).collect()
}

/// The model's words by what they add to the likeliest top level.
fn model_terms(
    classifier: &TopicClassifier,
    read: &Read<'_>,
    text: &Text<'_>,
    code: &str,
) -> Vec<(u32, ExplainedTerm)> {
    let taxonomy = classifier.taxonomy();
    let Some(class) = taxonomy.tops().iter().position(|top| taxonomy.get(*top).qcode() == code) else {
        return Vec::new();
    };
    let weighed = read.reading.found.iter().map(|&(place, first, last)| {
        (first, last, classifier.model.contribution(place, class, &read.reading, &read.scales))
    });
    weighed
        .filter(|(_, _, weight)| weight.abs() >= CONTRIBUTION_MIN)
        .map(|(first, last, weight)| (first, explained(text, [first, last], Knower::Model, code.to_owned(), weight)))
        .collect()
}

fn explained(text: &Text<'_>, [first, last]: [u32; 2], by: Knower, code: String, weight: f32) -> ExplainedTerm {
    let (first, last) = (&text.tokens()[first as usize], &text.tokens()[last as usize]);
    ExplainedTerm { text: text.span(first, last).to_owned(), field: first.field, by, code, weight }
}
