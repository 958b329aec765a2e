//! Why an item has the topics it has, in words and in numbers. Decides nothing.

use serde::Serialize;

use crate::classify::shown::Entry;
use crate::classify::shown::percent;
use crate::document::Evidence;

use super::decide::{Asserted, CONFIDENCE_MIN, is_silent};
use super::lexicon::{Hit, Term};
use super::model::Match;
use super::taxonomy::{Concept, ConceptId};
use super::{Decision, Read};

/// Why an item has the topics it has.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TopicExplanation {
    /// The language it was read in, as a BCP 47 primary tag.
    pub language: String,
    /// Words read of the title and the body; what follows in the body is left out.
    pub words: [usize; 2],
    /// Different words that the model knows.
    pub words_known: usize,
    /// Why there is no topic at all, in one sentence; absent when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence: Option<String>,
    /// Why each topic is asserted, in the order of the classification.
    pub topics: Vec<TopicVerdict>,
    /// What each top level got, the likeliest first. Empty for a language without a lexicon.
    pub tops: Vec<TopExplanation>,
    /// Phrases of the lexicon and words of the model that counted, in reading order; bounded.
    pub terms: Vec<TermExplanation>,
}

/// Why one topic is asserted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TopicVerdict {
    /// `medtop:` code, or a house topic's.
    pub code: String,
    /// British English label.
    pub name: String,
    /// Calibrated probability.
    pub confidence: f64,
    /// Why, in one sentence.
    pub verdict: String,
}

/// The evidence for one top level, in units of log odds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TopExplanation {
    /// `medtop:` code.
    pub code: String,
    /// British English label.
    pub name: String,
    /// Whether the classification lists it.
    pub listed: bool,
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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TermExplanation {
    /// Where it is.
    pub span: Evidence,
    /// Whether the lexicon or the model knows it.
    pub by: Knower,
    /// The concept it counts for, or against.
    pub code: String,
    /// British English label of that concept.
    pub name: String,
    /// How much, in units of log odds for the model and as written for the lexicon.
    pub weight: f32,
    /// Where the lexicon's entry is; words of the model have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
}

/// Where a term comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Knower {
    /// A line of a lexicon file.
    Lexicon,
    /// The trained model.
    Model,
}

/// Maximum number of terms explained for one item.
const TERMS_MAX: usize = 200;

/// A word that adds less than this to the likeliest top level is not worth showing.
const CONTRIBUTION_MIN: f32 = 0.05;

impl Decision<'_> {
    /// Puts the decision into words and numbers.
    pub(in crate::classify) fn explanation(&self) -> TopicExplanation {
        let read = self.read.as_ref();
        let asserted = read.map_or(&[][..], |read| &read.verdict.asserted);
        TopicExplanation {
            language: self.language.to_owned(),
            words: read.map_or([0, 0], |read| read.tally.words),
            words_known: read.map_or(0, |read| read.matches.words),
            silence: asserted.is_empty().then(|| self.silence()),
            topics: read.map_or_else(Vec::new, |read| self.verdicts(read)),
            tops: read.map_or_else(Vec::new, |read| self.tops(read)),
            terms: read.map_or_else(Vec::new, |read| self.terms(read)),
        }
    }

    fn silence(&self) -> String {
        match &self.read {
            None => format!("There is no lexicon for the language {:?}, so there is no topic.", self.language),
            Some(read) if is_silent(&read.matches, &read.tally) => {
                "The item has no phrase of the lexicon and hardly a word that the model knows.".to_owned()
            }
            Some(_) => format!("No top level reaches {}.", percent(CONFIDENCE_MIN)),
        }
    }

    fn verdicts(&self, read: &Read<'_>) -> Vec<TopicVerdict> {
        let topics = self.topics();
        let asserted = read.verdict.asserted.iter().zip(&topics);
        let verdict = |(asserted, topic): (&Asserted, &crate::document::Topic)| TopicVerdict {
            code: topic.code.clone(),
            name: topic.name.clone(),
            confidence: topic.confidence,
            verdict: self.verdict(asserted, &topic.evidence),
        };
        asserted.map(verdict).collect()
    }

    fn verdict(&self, asserted: &Asserted, evidence: &[Evidence]) -> String {
        let taxonomy = &self.classifier.taxonomy;
        let sure = percent(asserted.confidence);
        let spans: Vec<String> = evidence.iter().map(|span| format!("{:?}", span.text)).collect();
        let because = match spans.is_empty() {
            true => "by many words that each say little, or by the sender's section".to_owned(),
            false => format!("by {}", spans.join(", ")),
        };
        match taxonomy.is_top(taxonomy.get(asserted.concept)) {
            true => format!("{sure} sure, {because}; {} is needed.", percent(CONFIDENCE_MIN)),
            false => format!("{sure} sure, {because} in the lexicon, below its top level."),
        }
    }

    fn tops(&self, read: &Read<'_>) -> Vec<TopExplanation> {
        let verdict = &read.verdict;
        let tops = self.classifier.taxonomy.tops().iter().zip(verdict.weighings.iter().zip(verdict.probabilities));
        let mut tops: Vec<TopExplanation> = tops
            .map(|(&id, (weighing, probability))| TopExplanation {
                code: self.concept(id).qcode(),
                name: self.concept(id).name().to_owned(),
                listed: verdict.asserted.iter().any(|asserted| asserted.concept == id),
                probability,
                model: weighing.model,
                lexicon: weighing.lexicon,
                sections: weighing.sections,
            })
            .collect();
        tops.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        tops
    }

    fn terms(&self, read: &Read<'_>) -> Vec<TermExplanation> {
        let mut terms: Vec<(u32, TermExplanation)> = Vec::new();
        for hit in &read.tally.hits {
            terms.extend(read.lexicon.terms(hit).iter().map(|term| (hit.first, self.of_lexicon(hit, term))));
        }
        terms.extend(self.of_model(read));
        terms.sort_by_key(|(first, _)| *first);
        terms.truncate(TERMS_MAX);
        terms.into_iter().map(|(_, term)| term).collect()
    }

    fn of_lexicon(&self, hit: &Hit, term: &Term) -> TermExplanation {
        let entry = Entry { file: self.classifier.files[term.origin.file()].clone(), line: term.origin.line() };
        self.term([hit.first, hit.last], Knower::Lexicon, term.concept, term.weight, Some(entry))
    }

    /// The model's words by what they add to the likeliest top level.
    fn of_model(&self, read: &Read<'_>) -> impl Iterator<Item = (u32, TermExplanation)> {
        let probabilities = read.verdict.probabilities.iter().enumerate();
        let (class, _) = probabilities.rev().max_by(|a, b| a.1.total_cmp(b.1)).expect("there are seventeen top levels");
        let top = self.classifier.taxonomy.tops()[class];
        read.matches.found.iter().filter_map(move |&Match { place, first, last }| {
            let weight = self.classifier.model.contribution(place, class, &read.matches, &read.scales);
            let counts = weight.abs() >= CONTRIBUTION_MIN;
            counts.then(|| (first, self.term([first, last], Knower::Model, top, weight, None)))
        })
    }

    fn term(
        &self,
        [first, last]: [u32; 2],
        by: Knower,
        concept: ConceptId,
        weight: f32,
        entry: Option<Entry>,
    ) -> TermExplanation {
        let tokens = self.text.tokens();
        let span = self.text.evidence(&tokens[first as usize], &tokens[last as usize]);
        let concept = self.concept(concept);
        TermExplanation { span, by, code: concept.qcode(), name: concept.name().to_owned(), weight, entry }
    }

    fn concept(&self, id: ConceptId) -> &Concept {
        self.classifier.taxonomy.get(id)
    }
}
