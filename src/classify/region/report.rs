//! Puts a focus into the nouns of the event: regions with their evidence and places. Decides only what is listed.

use crate::classify::region::context::Readings;
use crate::classify::region::country::CountryIndex;
use crate::classify::region::entry::Kind;
use crate::classify::region::focus::{Contribution, Focus, Standing};
use crate::classify::region::gazetteer::{Candidate, Gazetteer};
use crate::classify::region::weights::Weights;
use crate::classify::text::Text;
use crate::document::{Evidence, Place, Region, Role};

/// Countries listed for one item.
const REGIONS_MAX: usize = 16;
/// Mentions, each as likely as its reading, below which nothing is listed: a name that is likelier no place at all.
const MENTIONS_MIN: f32 = 0.4;
/// Spans given for one country.
const EVIDENCE_MAX: usize = 8;
/// A name that likelier means something else is no evidence.
const EVIDENCE_PROBABILITY_MIN: f32 = 0.3;
/// Places given for one country.
const PLACES_MAX: usize = 8;
/// A place less likely than this is not named.
const PLACE_PROBABILITY_MIN: f32 = 0.5;

/// The countries worth listing, best first.
pub(super) fn regions(
    gazetteer: &Gazetteer,
    weights: &Weights,
    text: &Text<'_>,
    readings: &Readings<'_>,
    focus: &Focus,
) -> Vec<Region> {
    let listed = focus.standings.iter().take(REGIONS_MAX).enumerate();
    let listed = listed.filter(|(_, standing)| standing.mentions >= MENTIONS_MIN);
    let listed = listed.filter(|(at, standing)| {
        standing.confidence >= if *at == 0 { weights.resolve.listed_first } else { weights.resolve.listed }
            || standing.by_name >= weights.resolve.listed_by_name
            || standing.by_name_in_title >= weights.resolve.listed_in_title
    });
    let reporter = Reporter { gazetteer, text, readings, focus };
    listed.map(|(at, standing)| reporter.region(at, standing)).collect()
}

struct Reporter<'r, 't> {
    gazetteer: &'r Gazetteer,
    text: &'r Text<'t>,
    readings: &'r Readings<'r>,
    focus: &'r Focus,
}

impl Reporter<'_, '_> {
    fn region(&self, at: usize, standing: &Standing) -> Region {
        let country = self.gazetteer.countries.get(standing.country);
        let role = if at == 0 { Role::Primary } else { Role::Mentioned };
        Region {
            code: country.code.clone(),
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
            let mention = &self.readings.mentions[contribution.mention as usize];
            // Each name once: the first span shows it.
            if evidence.len() == EVIDENCE_MAX {
                break;
            }
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
        for group in &self.readings.groups {
            let likeliest = group.readings.iter().max_by(|a, b| a.probability.total_cmp(&b.probability));
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

/// The place an entry of the table of places stands for.
fn place(gazetteer: &Gazetteer, candidate: &Candidate) -> Option<Place> {
    let row = gazetteer.row(candidate.origin);
    let mut columns = row.split('\t');
    match candidate.kind {
        Kind::Subdivision | Kind::District | Kind::City => {}
        _ => return None,
    }
    // Curated rows have the names in the fourth column and no id.
    let (name, geonames) = if gazetteer.sources[candidate.origin.file()].file == "places.tsv" {
        let geonames = columns.nth(4).and_then(|id| id.parse().ok());
        (columns.next()?, geonames.filter(|id| *id != 0))
    } else {
        (columns.nth(3)?, None)
    };
    let name = name.split('|').next()?.to_owned();
    Some(Place { name, subdivision: gazetteer.subdivision(candidate.subdivision).map(str::to_owned), geonames })
}

/// To four digits, so that events do not carry noise.
fn round(confidence: f32) -> f64 {
    (f64::from(confidence) * 10_000.0).round() / 10_000.0
}
