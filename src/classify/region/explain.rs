//! Shows how a ranking came about: for an editor who wants to know why, and which entry or weight to change. The words
//! are put together in `words`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::classify::region::Decision;
use crate::classify::region::country::{CountryIndex, NO_COUNTRY};
use crate::classify::region::focus::{Contribution, Standing};
use crate::classify::region::gazetteer::Candidate;
use crate::classify::region::report::listing;
use crate::classify::region::weights::{FACTS, ZONES, feature_names};
use crate::classify::region::words;
pub use crate::classify::region::words::{ReadingExplanation, Sign};
use crate::classify::shown::Entry;
use crate::document::Evidence;

/// Readings shown of one span.
const READINGS_MAX: usize = 8;

/// Why an item is about the countries it is said to be about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RegionExplanation {
    /// Every country that has any support, best first, listed or not.
    pub countries: Vec<CountryExplanation>,
    /// Every span that is a name of the gazetteer, in reading order.
    pub spans: Vec<SpanExplanation>,
    /// Confidence from which a country that is not the first is listed.
    pub listed: f32,
}

/// Why a country is listed or not: its score and what it is made of apart from the spans.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CountryExplanation {
    /// ISO 3166-1 alpha-2, or XK.
    pub code: String,
    /// English short name.
    pub name: String,
    /// Whether the classification lists it.
    pub listed: bool,
    /// Why it is listed or not, in one sentence.
    pub verdict: String,
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
    /// What its confidence is made of apart from its score, as `[confidence]` of `weights.toml` names it.
    pub facts: BTreeMap<&'static str, f32>,
    /// What the spans' places and numbers add as a whole.
    pub extras: Vec<Addition>,
}

/// What one feature adds to a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct SpanExplanation {
    /// Where it is.
    pub span: Evidence,
    /// What it was read as, and why, in one sentence.
    pub verdict: String,
    /// What to do if that is wrong, in one sentence.
    pub remedy: String,
    /// What it could mean, likeliest first.
    pub readings: Vec<ReadingExplanation>,
    /// Probability that it does not name a place at all.
    pub not_a_place: f32,
    /// How many mentions of the name are read alike, this one included.
    pub mentions: u32,
    /// What the words around it say about its being a place.
    pub signs: Vec<Sign>,
    /// What it adds to which country.
    pub adds: Vec<Addition>,
}

impl Decision<'_> {
    /// Puts the decision into words and numbers.
    pub(in crate::classify) fn explanation(&self) -> RegionExplanation {
        let explainer = Explainer { decision: self, features: feature_names() };
        let standings = self.focus.standings.iter().enumerate();
        RegionExplanation {
            countries: standings.map(|(rank, standing)| explainer.country(rank, standing)).collect(),
            spans: explainer.spans(),
            listed: self.weights.resolve.listed,
        }
    }
}

struct Explainer<'d> {
    decision: &'d Decision<'d>,
    features: Vec<String>,
}

impl Explainer<'_> {
    fn country(&self, rank: usize, standing: &Standing) -> CountryExplanation {
        let country = self.decision.gazetteer.countries.get(standing.country);
        let extras = standing.extras.iter().filter(|(_, amount)| *amount != 0.0);
        let listing = listing(rank, standing, self.decision.weights);
        CountryExplanation {
            code: country.code.to_string(),
            name: country.name.clone(),
            listed: listing.is_ok(),
            verdict: words::country(listing, rank, standing, &self.decision.weights.resolve),
            score: standing.score,
            confidence: standing.confidence,
            mentions: standing.mentions,
            by_name: standing.by_name,
            by_name_in_title: standing.by_name_in_title,
            zones: ZONES.iter().copied().zip(standing.zones).collect(),
            facts: FACTS.iter().copied().zip(standing.facts).collect(),
            extras: extras.map(|&(feature, amount)| self.addition(feature, amount, None)).collect(),
        }
    }

    fn addition(&self, feature: usize, amount: f32, country: Option<String>) -> Addition {
        let weight = self.decision.weights.features[feature];
        Addition { feature: self.features[feature].clone(), amount, weight, country }
    }

    fn spans(&self) -> Vec<SpanExplanation> {
        // Contributions are in the order of the mentions.
        let mut contributions = self.decision.focus.contributions.as_slice();
        let mut spans = Vec::with_capacity(self.decision.resolution.mentions.list.len());
        for at in 0..self.decision.resolution.mentions.list.len() {
            let own = contributions.iter().take_while(|contribution| contribution.mention as usize == at).count();
            let (adds, rest) = contributions.split_at(own);
            contributions = rest;
            spans.extend(self.span(at, adds));
        }
        spans
    }

    fn span(&self, at: usize, adds: &[Contribution]) -> Option<SpanExplanation> {
        let decision = self.decision;
        let mention = &decision.resolution.mentions.list[at];
        let cues = &decision.resolution.cues[at];
        let group = &decision.resolution.groups[decision.resolution.group_of[at]? as usize];
        let (first, last) = mention.ends(decision.text.tokens());
        let mut readings: Vec<ReadingExplanation> = decision
            .resolution
            .readings(group)
            .iter()
            .map(|reading| self.reading(reading.candidate, reading.probability))
            .collect();
        let not_a_place = 1.0 - readings.iter().map(|reading| reading.probability).sum::<f32>();
        readings.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let all = readings.len();
        readings.truncate(READINGS_MAX);
        let signs =
            words::signs(cues, decision.gazetteer.names[mention.name as usize].common, &decision.weights.resolve);
        let verdict = words::Span { readings: &readings, all, not_a_place, signs: &signs, pinned: cues.pin.is_some() };
        Some(SpanExplanation {
            span: decision.text.evidence(&first, &last),
            verdict: verdict.sentence(),
            remedy: verdict.remedy(),
            readings,
            not_a_place: not_a_place.max(0.0),
            mentions: group.mentions,
            signs,
            adds: adds.iter().map(|add| self.addition(add.feature, add.amount, Some(self.code(add.country)))).collect(),
        })
    }

    fn code(&self, country: CountryIndex) -> String {
        self.decision.gazetteer.countries.get(country).code.to_string()
    }

    fn reading(&self, candidate: &Candidate, probability: f32) -> ReadingExplanation {
        let gazetteer = self.decision.gazetteer;
        let file = gazetteer.files[candidate.origin.file()].clone();
        let country = (candidate.country != NO_COUNTRY).then(|| gazetteer.countries.get(candidate.country));
        ReadingExplanation {
            country: country.map(|country| country.code.to_string()),
            country_name: country.map(|country| country.name.clone()),
            kind: candidate.kind.name(),
            subdivision: gazetteer.subdivision(candidate.subdivision).map(str::to_owned),
            entry: Entry { file, line: candidate.origin.line() },
            prior: candidate.prior,
            probability,
        }
    }
}
