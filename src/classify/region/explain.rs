//! Shows how a ranking came about: for an editor who wants to know why, and which entry or weight to change.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::classify::region::context::Readings;
use crate::classify::region::cues::Cues;
use crate::classify::region::entry::KINDS;
use crate::classify::region::focus::{Contribution, Focus, Standing};
use crate::classify::region::gazetteer::{Candidate, Gazetteer};
use crate::classify::region::weights::{FACTS, Weights, ZONES, feature_names};
use crate::classify::text::Text;
use crate::document::Evidence;

/// Readings shown of one span.
const READINGS_MAX: usize = 8;

/// Why an item is about the countries it is said to be about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegionExplanation {
    /// Every country that anything speaks for, best first, listed or not.
    pub countries: Vec<CountryScore>,
    /// Every span that is a name of the gazetteer, in reading order.
    pub spans: Vec<SpanReading>,
    /// Confidence from which a country is listed.
    pub listed: f32,
}

/// A country's score and what it is made of besides the spans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CountryScore {
    /// ISO 3166-1 alpha-2, or XK.
    pub code: String,
    /// English short name.
    pub name: String,
    /// Sum of what the spans and the extras add.
    pub score: f32,
    /// Calibrated probability that the item is about it.
    pub confidence: f32,
    /// Mentions, each as likely as its reading.
    pub mentions: f32,
    /// Those that are the country's own name, its people or its capital.
    pub by_name: f32,
    /// Of those, the ones in the title.
    pub by_name_in_title: f32,
    /// Where it is named: its mentions by zone, each as likely as its reading.
    pub zones: BTreeMap<&'static str, f32>,
    /// What its confidence is made of besides its score, as `[confidence]` of `weights.toml` names it.
    pub facts: BTreeMap<&'static str, f32>,
    /// What the spans' places and numbers add as a whole.
    pub extras: Vec<Addition>,
}

/// What one feature adds to a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Addition {
    /// The feature as `weights.toml` names it.
    pub feature: String,
    /// How much of it there is.
    pub amount: f32,
    /// What one of it is worth.
    pub weight: f32,
    /// The country it is added to; absent where it is clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// A span, what it could mean and what it adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpanReading {
    /// Where it stands.
    pub span: Evidence,
    /// What it could mean, likeliest first.
    pub readings: Vec<ReadingChance>,
    /// Probability that it names no place at all.
    pub nothing: f32,
    /// What decided, in words.
    pub decided: Vec<String>,
    /// What it adds to which country.
    pub adds: Vec<Addition>,
}

/// One thing a span could mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadingChance {
    /// The country, absent for an entry that is none.
    pub country: Option<String>,
    /// What kind of name it is.
    pub kind: &'static str,
    /// ISO 3166-2 code of the subdivision it is or lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<String>,
    /// File and line of the entry.
    pub entry: String,
    /// Logarithm before the text is known.
    pub prior: f32,
    /// Probability in this text.
    pub probability: f32,
}

/// Puts a decision into words and numbers.
pub(super) fn explain(
    gazetteer: &Gazetteer,
    weights: &Weights,
    text: &Text<'_>,
    readings: &Readings<'_>,
    focus: &Focus,
) -> RegionExplanation {
    let explainer = Explainer { gazetteer, weights, features: feature_names(), text, readings, focus };
    RegionExplanation {
        countries: focus.standings.iter().map(|standing| explainer.country(standing)).collect(),
        spans: explainer.spans(),
        listed: weights.resolve.listed,
    }
}

struct Explainer<'r, 't> {
    gazetteer: &'r Gazetteer,
    weights: &'r Weights,
    features: Vec<String>,
    text: &'r Text<'t>,
    readings: &'r Readings<'r>,
    focus: &'r Focus,
}

impl Explainer<'_, '_> {
    fn country(&self, standing: &Standing) -> CountryScore {
        let country = self.gazetteer.countries.get(standing.country);
        let extras = standing.extras.iter().filter(|(_, amount)| *amount != 0.0);
        CountryScore {
            code: country.code.clone(),
            name: country.name.clone(),
            score: standing.score,
            confidence: standing.confidence,
            mentions: standing.mentions,
            by_name: standing.by_name,
            by_name_in_title: standing.by_name_in_title,
            zones: ZONES.into_iter().zip(standing.zones).collect(),
            facts: FACTS.into_iter().zip(standing.facts).collect(),
            extras: extras.map(|&(feature, amount)| self.addition(feature, amount, None)).collect(),
        }
    }

    fn addition(&self, feature: usize, amount: f32, country: Option<String>) -> Addition {
        Addition { feature: self.features[feature].clone(), amount, weight: self.weights.features[feature], country }
    }

    fn spans(&self) -> Vec<SpanReading> {
        // Contributions stand in the order of the mentions.
        let mut contributions = self.focus.contributions.as_slice();
        let mut spans = Vec::with_capacity(self.readings.mentions.len());
        for at in 0..self.readings.mentions.len() {
            let own = contributions.iter().take_while(|contribution| contribution.mention as usize == at).count();
            let (adds, rest) = contributions.split_at(own);
            contributions = rest;
            spans.extend(self.span(at, adds));
        }
        spans
    }

    fn span(&self, at: usize, adds: &[Contribution]) -> Option<SpanReading> {
        let mention = &self.readings.mentions[at];
        let group = &self.readings.groups[self.readings.group_of[at]? as usize];
        let (first, last) = mention.ends(self.text.tokens());
        let mut readings: Vec<ReadingChance> =
            group.readings.iter().map(|reading| self.reading(reading.candidate, reading.probability)).collect();
        let nothing = 1.0 - readings.iter().map(|reading| reading.probability).sum::<f32>();
        readings.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        readings.truncate(READINGS_MAX);
        Some(SpanReading {
            span: self.text.evidence(&first, &last),
            readings,
            nothing: nothing.max(0.0),
            decided: self.decided(&self.readings.cues[at], group.mentions),
            adds: adds.iter().map(|add| self.addition(add.feature, add.amount, Some(self.code(add)))).collect(),
        })
    }

    fn code(&self, contribution: &Contribution) -> String {
        self.gazetteer.countries.get(contribution.country).code.clone()
    }

    fn reading(&self, candidate: &Candidate, probability: f32) -> ReadingChance {
        let file = &self.gazetteer.sources[candidate.origin.file()].file;
        let known = candidate.country != super::country::NO_COUNTRY;
        ReadingChance {
            country: known.then(|| self.gazetteer.countries.get(candidate.country).code.clone()),
            kind: KINDS[candidate.kind as usize].1,
            subdivision: self.gazetteer.subdivision(candidate.subdivision).map(str::to_owned),
            entry: format!("{file}:{}", candidate.origin.line()),
            prior: candidate.prior,
            probability,
        }
    }

    fn decided(&self, cues: &Cues, mentions: u32) -> Vec<String> {
        let mut decided = Vec::new();
        if let Some((country, subdivision)) = cues.pin {
            let within = self.gazetteer.subdivision(subdivision);
            let code = &self.gazetteer.countries.get(country).code;
            decided.push(format!("a place next to it says it is in {}", within.unwrap_or(code)));
        }
        if cues.person.given > 0.0 {
            decided.push("also a given name".to_owned());
        }
        if cues.person.surname > 0.0 {
            decided.push("also a surname".to_owned());
        }
        if mentions > 1 {
            decided.push(format!("read alike in all {mentions} places"));
        }
        let signs = cues.signs(&self.weights.resolve);
        decided.extend(signs.map(|(name, weight)| format!("{name} {weight:+} on its being no place")));
        decided
    }
}
