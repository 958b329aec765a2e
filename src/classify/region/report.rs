//! Puts a focus into the nouns of the event: regions with their evidence and places. Decides only what is listed.

use crate::classify::region::Decision;
use crate::classify::region::country::CountryIndex;
use crate::classify::region::focus::{Contribution, Standing};
use crate::classify::region::gazetteer::{Candidate, Gazetteer};
use crate::classify::region::weights::Weights;
use crate::document::{Evidence, Place, Region, Role};

/// Maximum number of countries listed for one item.
const REGIONS_MAX: usize = 16;
/// Minimum number of mentions, each as likely as its reading: below it, the name is more likely not a place at all.
const MENTIONS_MIN: f32 = 0.4;
/// Maximum number of spans given for one country.
const EVIDENCE_MAX: usize = 8;
/// A name that more likely means something else is not evidence.
const EVIDENCE_PROBABILITY_MIN: f32 = 0.3;
/// Maximum number of places given for one country.
const PLACES_MAX: usize = 8;
/// A place less likely than this is not named.
const PLACE_PROBABILITY_MIN: f32 = 0.5;

/// Why a country is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// It is sure enough.
    Confident,
    /// It is named often enough, however little the item is about it.
    NamedOften,
    /// It is named in the title.
    NamedInTitle,
}

/// Why a country is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Omission {
    /// Enough others are listed.
    Many,
    /// Its names more likely mean something else.
    Doubtful,
    /// It is not sure enough.
    Unsure,
}

/// Whether the country at a rank is listed, and why.
pub(super) fn listing(rank: usize, standing: &Standing, weights: &Weights) -> Result<Listing, Omission> {
    let resolve = &weights.resolve;
    if rank >= REGIONS_MAX {
        Err(Omission::Many)
    } else if standing.mentions < MENTIONS_MIN {
        Err(Omission::Doubtful)
    } else if standing.confidence >= resolve.confidence_listed(rank) {
        Ok(Listing::Confident)
    } else if standing.by_name >= resolve.listed_by_name {
        Ok(Listing::NamedOften)
    } else if standing.by_name_in_title >= resolve.listed_in_title {
        Ok(Listing::NamedInTitle)
    } else {
        Err(Omission::Unsure)
    }
}

impl Decision<'_> {
    /// The countries worth listing, best first.
    pub(in crate::classify) fn regions(&self) -> Vec<Region> {
        let standings = self.focus.standings.iter().enumerate();
        let listed = standings.filter(|(rank, standing)| listing(*rank, standing, self.weights).is_ok());
        listed.map(|(rank, standing)| self.region(rank, standing)).collect()
    }

    fn region(&self, rank: usize, standing: &Standing) -> Region {
        let country = self.gazetteer.countries.get(standing.country);
        let role = if rank == 0 { Role::Primary } else { Role::Mentioned };
        Region {
            code: country.code,
            name: country.name.clone(),
            m49: country.m49.clone(),
            role,
            confidence: round(standing.confidence),
            evidence: self.evidence(standing.country),
            places: self.places(standing.country),
        }
    }

    fn contributions(&self, country: CountryIndex) -> impl Iterator<Item = &Contribution> {
        self.focus.contributions.iter().filter(move |contribution| contribution.country == country)
    }

    fn evidence(&self, country: CountryIndex) -> Vec<Evidence> {
        let mut names = Vec::new();
        let mut evidence = Vec::new();
        let likely = |contribution: &&Contribution| contribution.probability >= EVIDENCE_PROBABILITY_MIN;
        for contribution in self.contributions(country).filter(likely) {
            let mention = &self.resolution.mentions.list[contribution.mention as usize];
            if evidence.len() == EVIDENCE_MAX {
                break;
            }
            // Each name once: the first span shows it.
            if !names.contains(&mention.name) {
                names.push(mention.name);
                let (first, last) = mention.ends(self.text.tokens());
                evidence.push(self.text.evidence(&first, &last));
            }
        }
        evidence
    }

    fn places(&self, country: CountryIndex) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for group in &self.resolution.groups {
            let likeliest =
                self.resolution.readings(group).iter().max_by(|a, b| a.probability.total_cmp(&b.probability));
            let place = likeliest
                .filter(|reading| reading.candidate.country == country && reading.probability >= PLACE_PROBABILITY_MIN)
                .and_then(|reading| place(self.gazetteer, reading.candidate));
            if let Some(place) = place.filter(|place| !places.contains(place)) {
                places.push(place);
            }
            if places.len() == PLACES_MAX {
                break;
            }
        }
        places
    }
}

/// The place that an entry names.
fn place(gazetteer: &Gazetteer, candidate: &Candidate) -> Option<Place> {
    let (name, geonames) = gazetteer.places.get(candidate.origin)?;
    let subdivision = gazetteer.subdivision(candidate.subdivision).map(str::to_owned);
    Some(Place { name: name.to_owned(), subdivision, geonames })
}

/// To four digits, so that events carry no noise.
fn round(confidence: f32) -> f64 {
    (f64::from(confidence) * 10_000.0).round() / 10_000.0
}
