//! The numbers that decide: priors, context and focus weights, read from `weights.toml`. Most are learned by
//! `training/regions`; the file says which.

use std::collections::BTreeMap;

use serde::Deserialize;
use strum::VariantNames;

use crate::classify::DataError;
use crate::classify::data::toml::TomlFile;
use crate::classify::region::entry::Kind;
use crate::classify::region::gazetteer::Candidate;

/// Everything in `weights.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Weights {
    pub(super) resolve: Resolve,
    prior: BTreeMap<String, f32>,
    pub(super) language_homes: BTreeMap<String, BTreeMap<String, f32>>,
    focus: BTreeMap<String, f32>,
    confidence: BTreeMap<String, f32>,
    #[serde(skip)]
    priors: Vec<f32>,
    #[serde(skip)]
    pub(super) features: Vec<f32>,
    #[serde(skip)]
    pub(super) calibration: Vec<f32>,
    /// What the context adds to an entry that does not represent a country.
    #[serde(skip)]
    pub(super) context_of_none: f32,
}

/// How a name's reading is chosen; natural logarithms unless stated otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resolve {
    /// Times the logarithm of a place's population.
    pub(super) population: f32,
    /// Added to another name of a place.
    pub(super) alias: f32,
    /// Added to a town that shares its name with a country.
    pub(super) namesake: f32,
    /// A capitalised word that is a town's name is something else.
    pub(super) nothing: f32,
    /// The same of a name of several words.
    pub(super) nothing_phrase: f32,
    /// Added for an ordinary word where case says nothing.
    pub(super) common: f32,
    /// Times the logarithm of that word's share of lower-case uses.
    pub(super) common_share: f32,
    /// Added for an ordinary word written with a capital where case says something, times that share: `Police
    /// Headquarters`.
    pub(super) ordinary: f32,
    /// Added for a given name.
    pub(super) given: f32,
    /// Added for a surname.
    pub(super) surname: f32,
    /// Added when a given name, a title or an initial comes before it.
    pub(super) person_before: f32,
    /// Added when a capitalised word that is not the name of a place comes before or after it.
    pub(super) inside_name: f32,
    /// Added when a street, a school or a company follows.
    #[serde(rename = "thing_behind")]
    pub(super) thing_after: f32,
    /// Taken off when a preposition of place comes before it.
    pub(super) preposition: f32,
    /// Added when another place follows a comma and does not contain it.
    #[serde(rename = "stranger_behind")]
    pub(super) stranger_after: f32,
    /// Added when a verb of speech follows.
    pub(super) speaks: f32,
    /// Times the logarithm of a country's share in the rest of the text.
    pub(super) context: f32,
    /// That share when the country is named nowhere else.
    pub(super) context_floor: f32,
    /// What another place of the same subdivision lends to the share.
    pub(super) subdivision: f32,
    /// What a neighbouring country lends to the share.
    pub(super) neighbour: f32,
    /// What the feed's home country is worth, in mentions.
    pub(super) home: f32,
    /// What the language's home countries are worth together, in mentions.
    pub(super) language_home: f32,
    /// Confidence from which a country is listed; a probability.
    pub(super) listed: f32,
    /// The same for the first country: an item about one town of one name is about its country.
    pub(super) listed_first: f32,
    /// Times its name, people or capital must be named for a country to be listed however little the item is about it.
    pub(super) listed_by_name: f32,
    /// The same in the title.
    pub(super) listed_in_title: f32,
}

impl Resolve {
    /// Confidence from which the country at a rank is listed.
    pub(super) fn confidence_listed(&self, rank: usize) -> f32 {
        if rank == 0 { self.listed_first } else { self.listed }
    }
}

impl Weights {
    pub(super) fn read(file: &str, text: &str) -> Result<Weights, DataError> {
        let mut weights: Weights = TomlFile { file, text }.parse()?;
        let missing =
            |name: &str| DataError { file: file.to_owned(), line: None, message: format!("{name} is missing") };
        let pick = |table: &BTreeMap<String, f32>, section: &str, name: &str| {
            table.get(name).copied().ok_or_else(|| missing(&format!("{section}.{name}")))
        };
        weights.priors =
            Kind::NAMES.iter().map(|name| pick(&weights.prior, "prior", name)).collect::<Result<_, _>>()?;
        weights.features =
            feature_names().iter().map(|name| pick(&weights.focus, "focus", name)).collect::<Result<_, _>>()?;
        weights.calibration =
            calibration_names().map(|name| pick(&weights.confidence, "confidence", name)).collect::<Result<_, _>>()?;
        weights.context_of_none = weights.resolve.context * weights.resolve.context_floor.ln();
        Ok(weights)
    }

    /// Before the text is known, of an entry that has no population.
    pub(super) fn prior(&self, kind: Kind) -> f32 {
        self.priors[kind as usize]
    }

    /// Before the text is known, of a place with that many people.
    pub(super) fn place_prior(&self, kind: Kind, population: f32) -> f32 {
        self.prior(kind) + self.resolve.population * (population + POPULATION_SMOOTHED).ln()
    }

    /// Makes towns that share their name with a country less likely: their papers name them with their state.
    pub(super) fn discount_namesakes(&self, readings: &mut [Candidate]) {
        let Some(country) = readings.iter().find(|reading| reading.kind == Kind::Country).map(|it| it.country) else {
            return;
        };
        let town = |reading: &&mut Candidate| matches!(reading.kind, Kind::City | Kind::District);
        for reading in readings.iter_mut().filter(town).filter(|reading| reading.country != country) {
            reading.prior += self.resolve.namesake;
        }
    }
}

/// Added to every population: an unknown one is a hamlet's.
const POPULATION_SMOOTHED: f32 = 1000.0;

/// Where in an item a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Zone {
    /// The headline.
    Title,
    /// The dateline, as a field or at the start of the body.
    Dateline,
    /// The first words of the body.
    Lead,
    /// The rest of the body.
    Body,
}

/// All zones as `weights.toml` writes them.
pub(super) const ZONES: &[&str] = Zone::VARIANTS;

/// What is counted of a country apart from its names by kind and zone.
#[derive(Debug, Clone, Copy, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Extra {
    /// First country of the title.
    FirstInTitle,
    /// First country of the body.
    FirstInBody,
    /// Its share of all names in the item.
    Share,
    /// Logarithm of one more than its different names.
    Names,
    /// In the title and in the body.
    TitleAndBody,
    /// In the dateline and nowhere else.
    DatelineOnly,
    /// Home of the feed.
    Home,
    /// Its share of the places named: countries, towns, rivers.
    PlaceShare,
    /// Its share of what is named as a country, a people or a capital.
    NameShare,
    /// Its share of the names in title and lead.
    LeadShare,
    /// Its share of the names in the body after the lead.
    BodyShare,
    /// Share of the body's sections that name it.
    Spread,
    /// Named in the body after the lead alone.
    BodyOnly,
}

/// All extras as `weights.toml` writes them.
pub(super) const EXTRAS: &[&str] = Extra::VARIANTS;

/// Place of a feature in [`Weights::features`].
pub(super) fn feature(kind: Kind, zone: Zone) -> usize {
    kind as usize * ZONES.len() + zone as usize
}

/// Place of an extra there.
pub(super) fn extra(extra: Extra) -> usize {
    Kind::NAMES.len() * ZONES.len() + extra as usize
}

/// Names of the features as `weights.toml` writes them.
pub(super) fn feature_names() -> Vec<String> {
    let by_zone = Kind::NAMES.iter().flat_map(|kind| ZONES.iter().map(move |zone| format!("{kind}_{zone}")));
    by_zone.chain(EXTRAS.iter().map(|extra| (*extra).to_owned())).collect()
}

/// What the confidence is made of that comes from the scores of all countries.
#[derive(Debug, Clone, Copy, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(super) enum OfScores {
    /// Always 1.
    Constant,
    /// The score.
    Score,
    /// Its part of all scores, each as a power.
    Softmax,
    /// Its part of the highest score.
    Relative,
    /// Logarithm of the number of countries.
    Countries,
    /// The country is the first.
    First,
    /// The item is a title alone.
    TitleAlone,
}

pub(super) const OF_SCORES: &[&str] = OfScores::VARIANTS;

/// What else the confidence is made of.
#[derive(Debug, Clone, Copy, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Fact {
    /// Logarithm of one more than its mentions.
    Mentions,
    /// Mentions in the title, at most one.
    Title,
    /// Mentions in the lead, at most one.
    Lead,
    /// In the dateline and nowhere else.
    DatelineOnly,
    /// Logarithm of one more than its different names.
    Names,
    /// Its share of all mentions.
    Share,
    /// Logarithm of one more than its mentions by name, people or capital.
    ByName,
    /// Those in the title, at most one.
    ByNameInTitle,
    /// Logarithm of one more than its places.
    Places,
    /// Its share of all places.
    PlaceShare,
    /// Its share of all mentions by name, people or capital.
    NameShare,
    /// Share of the body's sections that name it.
    Spread,
    /// In the body after the lead alone.
    BodyOnly,
    /// Mentions in the dateline, at most one.
    Dateline,
    /// No dateline names any country.
    Undated,
}

/// All facts as `weights.toml` writes them.
pub(super) const FACTS: &[&str] = Fact::VARIANTS;

fn calibration_names() -> impl Iterator<Item = &'static str> {
    OF_SCORES.iter().chain(FACTS).copied()
}
