//! Chooses the meaning of each name in a text, by its own likelihood, the words around it, and what the rest of the
//! text is about.

use std::ops::Range;

use crate::classify::Context;
use crate::classify::region::country::{COUNTRIES_MAX, CountryIndex, NO_COUNTRY};
use crate::classify::region::cues::{self, Cues, is_pinned};
use crate::classify::region::gazetteer::{Candidate, Gazetteer};
use crate::classify::region::matcher::{self, Mention, Mentions};
use crate::classify::region::weights::{Weights, Zone};
use crate::classify::text::Text;
use crate::document::Field;

/// Maximum number of different names weighed in one text; further ones are left out.
const GROUPS_MAX: usize = 256;
/// Rounds in which the readings of all names inform each other.
const ROUNDS: usize = 3;

/// One weight for each country.
type ByCountry = [f32; COUNTRIES_MAX + 1];

/// A reading of a name and how likely it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'g> {
    pub(super) candidate: &'g Candidate,
    /// In [0, 1]; the remainder over all readings is the probability that the name is not a place.
    pub(super) probability: f32,
    /// Where its subdivision's share is kept; 0 for none.
    near: u16,
}

/// The mentions of one name that are read alike.
#[derive(Debug)]
pub(super) struct Group {
    name: u32,
    /// The pinned reading, when the place after a comma fixed it.
    pin: Option<(CountryIndex, u16)>,
    /// Its readings, as places in [`Resolution`].
    readings: Range<usize>,
    /// Logarithm of how likely it is that the name is not a place.
    not_a_place: f32,
    pub(super) mentions: u32,
    in_title: bool,
}

/// A text with its names read.
#[derive(Debug)]
pub(super) struct Resolution<'g> {
    pub(super) mentions: Mentions<'g>,
    pub(super) cues: Vec<Cues>,
    /// Index into `groups` for each mention; none for those beyond the bound.
    pub(super) group_of: Vec<Option<u16>>,
    pub(super) groups: Vec<Group>,
    readings: Vec<Reading<'g>>,
    /// First word of the body, and one past its last.
    pub(super) body: (usize, usize),
}

/// Finds the names of a text and chooses their readings. One name has one reading throughout a text, unless the place
/// after a comma says which it is.
pub(super) fn resolve<'g>(
    gazetteer: &'g Gazetteer,
    weights: &Weights,
    text: &Text<'_>,
    context: &Context<'_>,
) -> Resolution<'g> {
    let language = context.language.map_or("en", |language| language.code.primary());
    let mentions = matcher::find(gazetteer, text, language);
    let cues = cues::read(gazetteer, text, &mentions);
    let mut resolution = Resolution {
        group_of: Vec::with_capacity(mentions.list.len()),
        groups: Vec::new(),
        readings: Vec::with_capacity(mentions.readings_count()),
        body: (text.start(Field::Body), text.tokens().len()),
        mentions,
        cues,
    };
    resolution.group(gazetteer, weights);
    let home = context.home.and_then(|code| gazetteer.countries.index(code));
    let mut shares = Shares::new(gazetteer.homes(language), home.map(|home| (home, weights.resolve.home)));
    shares.number(&mut resolution.readings);
    for _ in 0..ROUNDS {
        resolution.weigh(gazetteer, weights, &mut shares);
    }
    resolution
}

impl<'g> Resolution<'g> {
    /// The readings of a group.
    pub(super) fn readings(&self, group: &Group) -> &[Reading<'g>] {
        &self.readings[group.readings.clone()]
    }

    /// Joins the mentions of one name.
    fn group(&mut self, gazetteer: &Gazetteer, weights: &Weights) {
        for (mention, cues) in self.mentions.list.iter().zip(&self.cues) {
            let known = self.groups.iter().position(|group| group.name == mention.name && group.pin == cues.pin);
            let at = match known {
                Some(at) => at,
                None if self.groups.len() == GROUPS_MAX => {
                    self.group_of.push(None);
                    continue;
                }
                None => {
                    let first = self.readings.len();
                    let allowed = self.mentions.readings(mention).iter();
                    let pinned = allowed.filter(|candidate| is_pinned(candidate, cues.pin));
                    self.readings.extend(pinned.map(|&candidate| Reading { candidate, probability: 0.0, near: 0 }));
                    self.groups.push(Group::new(gazetteer, weights, mention, cues, first..self.readings.len()));
                    self.groups.len() - 1
                }
            };
            self.groups[at].add(mention, cues, weights);
            self.group_of.push(Some(at as u16));
        }
    }

    /// One round: every name is read again in the light of all the others.
    fn weigh(&mut self, gazetteer: &Gazetteer, weights: &Weights, shares: &mut Shares) {
        for group in &self.groups {
            let readings = &mut self.readings[group.readings.clone()];
            shares.lend(group, readings, -1.0);
            shares.inform(readings, gazetteer, weights);
            normalise(readings, group.not_a_place);
            shares.lend(group, readings, 1.0);
        }
    }
}

impl Group {
    fn new(gazetteer: &Gazetteer, weights: &Weights, mention: &Mention, cues: &Cues, readings: Range<usize>) -> Group {
        let resolve = &weights.resolve;
        let common = gazetteer.names[mention.name as usize].common;
        let alone = if mention.first == mention.last { resolve.nothing } else { resolve.nothing_phrase };
        let not_a_place = match cues.pin {
            Some(_) => f32::NEG_INFINITY,
            None => cues.own_signs(common, resolve).fold(alone, |sum, (_, weight)| sum + weight),
        };
        Group { name: mention.name, pin: cues.pin, readings, not_a_place, mentions: 0, in_title: false }
    }

    /// Adds what the words around one more mention say. Signs weigh less with each mention.
    fn add(&mut self, mention: &Mention, cues: &Cues, weights: &Weights) {
        let signs = cues.not_a_place(&weights.resolve);
        self.not_a_place += if self.mentions == 0 { signs } else { signs / (self.mentions + 1) as f32 };
        self.mentions += 1;
        self.in_title |= mention.zone == Zone::Title;
    }
}

/// The support of all names for each country, and its sum.
struct Shares {
    by_country: ByCountry,
    /// By [`Reading::near`]; the first is for readings without a subdivision.
    by_subdivision: Vec<f32>,
    total: f32,
}

impl Shares {
    /// Support for countries before anything is read: those where the language is at home, in the order of their
    /// indices, and the feed's home.
    fn new(language: &[(CountryIndex, f32)], home: Option<(CountryIndex, f32)>) -> Shares {
        let mut by_country = [0.0; COUNTRIES_MAX + 1];
        for &(country, weight) in language.iter().chain(&home) {
            by_country[country as usize] += weight;
        }
        // Added up in the order of the indices, whichever the home is.
        let home = home.map(|(country, _)| country).filter(|home| language.iter().all(|(country, _)| country != home));
        let before = language.partition_point(|&(country, _)| home.is_some_and(|home| country < home));
        let (before, after) = language.split_at(if home.is_some() { before } else { language.len() });
        let countries = before.iter().map(|&(country, _)| country).chain(home);
        let countries = countries.chain(after.iter().map(|&(country, _)| country));
        let total = countries.map(|country| by_country[country as usize]).sum();
        Shares { by_country, by_subdivision: Vec::new(), total }
    }

    /// Numbers the subdivisions that the readings name, so that only their shares are kept.
    fn number(&mut self, readings: &mut [Reading<'_>]) {
        let mut named: Vec<u16> = readings.iter().map(|reading| reading.candidate.subdivision).collect();
        named.push(0);
        named.sort_unstable();
        named.dedup();
        for reading in readings.iter_mut().filter(|reading| reading.candidate.subdivision != 0) {
            reading.near = named.partition_point(|&named| named < reading.candidate.subdivision) as u16;
        }
        self.by_subdivision = vec![0.0; named.len()];
    }

    /// Adds a name's support to each country, or takes it away again.
    fn lend(&mut self, group: &Group, readings: &[Reading<'_>], sign: f32) {
        let weight = sign * (group.mentions as f32).sqrt() * if group.in_title { TITLE_WEIGHT } else { 1.0 };
        for reading in readings.iter().filter(|reading| reading.candidate.country != NO_COUNTRY) {
            let lent = weight * reading.probability;
            self.by_country[reading.candidate.country as usize] += lent;
            self.by_subdivision[reading.near as usize] += lent;
            self.total += lent;
        }
    }

    /// Sets the probability of each reading to its logarithm in the light of the shares.
    fn inform(&self, readings: &mut [Reading<'_>], gazetteer: &Gazetteer, weights: &Weights) {
        let resolve = &weights.resolve;
        let total = self.total.max(0.0) + 1.0;
        // Readings of one country are side by side often enough to keep the last logarithm.
        let mut last = (NO_COUNTRY, 0.0, weights.context_of_none);
        for reading in readings {
            let Candidate { country, prior, .. } = *reading.candidate;
            if country != last.0 {
                let share = self.support(gazetteer, country, resolve.neighbour).max(0.0) / total;
                last = (country, share, resolve.context * (resolve.context_floor + share).ln());
            }
            let near = if reading.near == 0 { 0.0 } else { self.by_subdivision[reading.near as usize] };
            let context = if near < SUBDIVISION_SHARE_MIN {
                last.2
            } else {
                resolve.context * (resolve.context_floor + last.1 + resolve.subdivision * near / total).ln()
            };
            reading.probability = prior + context;
        }
    }

    /// The support for a country, its neighbours included.
    fn support(&self, gazetteer: &Gazetteer, country: CountryIndex, neighbour: f32) -> f32 {
        if country == NO_COUNTRY {
            return 0.0;
        }
        let neighbours = gazetteer.countries.get(country).neighbours.iter();
        let near = neighbours.map(|&near| self.by_country[near as usize]).sum::<f32>();
        self.by_country[country as usize] + neighbour * near
    }
}

/// A name of the title informs the others as much as this many of the body.
const TITLE_WEIGHT: f32 = 1.5;

/// A subdivision with less support than this is not worth a logarithm.
const SUBDIVISION_SHARE_MIN: f32 = 0.05;

/// Turns the logarithms in `probability` into probabilities, with the chance that the name is not a place.
fn normalise(readings: &mut [Reading<'_>], not_a_place: f32) {
    let highest = readings.iter().map(|reading| reading.probability).fold(not_a_place, f32::max);
    let mut sum = 0.0;
    for reading in readings.iter_mut() {
        reading.probability = (reading.probability - highest).exp();
        sum += reading.probability;
    }
    let sum = (not_a_place - highest).exp() + sum;
    for reading in readings {
        reading.probability /= sum;
    }
}
