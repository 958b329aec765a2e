//! Chooses what each name of a text stands for: its own likelihood, the words around it, and what the rest of the
//! text speaks of. One name has one reading throughout a text, unless a place behind a comma says which it is.

use crate::classify::Context;
use crate::classify::region::country::{COUNTRIES_MAX, CountryIndex, NO_COUNTRY};
use crate::classify::region::cues::{self, Cues};
use crate::classify::region::entry::Kind;
use crate::classify::region::gazetteer::{Candidate, Gazetteer};
use crate::classify::region::matcher::{Finder, Mention};
use crate::classify::region::weights::{Weights, Zone};
use crate::classify::text::Text;
use crate::document::Field;

/// Different names weighed in one text; further ones are left out.
const GROUPS_MAX: usize = 256;
/// Rounds in which the readings of all names inform each other.
const ROUNDS: usize = 3;

/// One weight for each country.
pub(super) type ByCountry = [f32; COUNTRIES_MAX + 1];

/// A reading of a name and how likely it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'g> {
    pub(super) candidate: &'g Candidate,
    /// Logarithm before the rest of the text is looked at.
    pub(super) prior: f32,
    /// In [0, 1]; what is missing to 1 over all readings is that the name is no place at all.
    pub(super) probability: f32,
}

/// The mentions of one name that are read alike.
#[derive(Debug)]
pub(super) struct Group<'g> {
    name: u32,
    /// The pinned reading, when a place behind a comma told.
    pin: Option<(CountryIndex, u16)>,
    pub(super) readings: Vec<Reading<'g>>,
    /// Logarithm of how likely it is that the name is no place.
    pub(super) nothing: f32,
    pub(super) mentions: u32,
    in_title: bool,
}

/// A text with its names read.
#[derive(Debug)]
pub(super) struct Readings<'g> {
    pub(super) mentions: Vec<Mention>,
    pub(super) cues: Vec<Cues>,
    /// Index into `groups` for each mention; none for those beyond the bound.
    pub(super) group_of: Vec<Option<u16>>,
    pub(super) groups: Vec<Group<'g>>,
    /// First word of the body, and one past its last.
    pub(super) body: (usize, usize),
}

/// Finds the names of a text and chooses their readings.
pub(super) fn read<'g>(
    gazetteer: &'g Gazetteer,
    weights: &Weights,
    text: &'g Text<'_>,
    context: &Context<'_>,
) -> Readings<'g> {
    let language = context.language.map_or("en", |language| language.code.as_str());
    let finder = Finder::new(gazetteer, text, language);
    let mentions = finder.find();
    let cues = cues::read(gazetteer, text, &finder, &mentions);
    let tokens = text.tokens();
    let body = (tokens.partition_point(|token| token.field < Field::Body), tokens.len());
    let mut readings =
        Readings { group_of: Vec::with_capacity(mentions.len()), groups: Vec::new(), mentions, cues, body };
    let homes = homes(gazetteer, weights, language, context.home);
    group(&mut readings, gazetteer, weights, &finder);
    let mut shares = Shares {
        by_country: homes,
        by_subdivision: vec![0.0; gazetteer.subdivisions.len()],
        total: homes.iter().sum(),
    };
    for _ in 0..ROUNDS {
        weigh(&mut readings.groups, gazetteer, weights, &mut shares);
    }
    readings
}

/// What speaks for a country before anything is read: the feed's home and the language's.
fn homes(gazetteer: &Gazetteer, weights: &Weights, language: &str, home: Option<&str>) -> ByCountry {
    let mut homes = [0.0; COUNTRIES_MAX + 1];
    for (code, share) in weights.homes(language) {
        if let Some(country) = gazetteer.countries.index(code) {
            homes[country as usize] += share * weights.resolve.language_home;
        }
    }
    if let Some(country) = home.and_then(|code| gazetteer.countries.index(code)) {
        homes[country as usize] += weights.resolve.home;
    }
    homes
}

fn group<'g>(readings: &mut Readings<'g>, gazetteer: &'g Gazetteer, weights: &Weights, finder: &Finder<'g>) {
    for (mention, cues) in readings.mentions.iter().zip(&readings.cues) {
        let known = readings.groups.iter().position(|group| group.name == mention.name && group.pin == cues.pin);
        let at = match known {
            Some(at) => at,
            None if readings.groups.len() == GROUPS_MAX => {
                readings.group_of.push(None);
                continue;
            }
            None => {
                readings.groups.push(new_group(gazetteer, weights, finder, mention, cues));
                readings.groups.len() - 1
            }
        };
        let group = &mut readings.groups[at];
        // The clearest sign in either direction holds for every mention of the name.
        let signs = cues.nothing(&weights.resolve);
        group.nothing += if group.mentions == 0 { signs } else { signs / (group.mentions + 1) as f32 };
        group.mentions += 1;
        group.in_title |= mention.zone == Zone::Title;
        readings.group_of.push(Some(at as u16));
    }
}

fn new_group<'g>(
    gazetteer: &'g Gazetteer,
    weights: &Weights,
    finder: &Finder<'g>,
    mention: &Mention,
    cues: &Cues,
) -> Group<'g> {
    let read =
        finder.readings(mention).map(|candidate| Reading { candidate, prior: candidate.prior, probability: 0.0 });
    let pinned = |reading: &Reading<'_>| {
        let candidate = reading.candidate;
        cues.pin.is_none_or(|(country, subdivision)| {
            candidate.country == country && (subdivision == 0 || candidate.subdivision == subdivision)
        })
    };
    let readings = read.filter(pinned).collect();
    let name = &gazetteer.names[mention.name as usize];
    let resolve = &weights.resolve;
    let alone = if mention.first == mention.last { resolve.nothing } else { resolve.nothing_phrase };
    let nothing = cues.own_signs(name.common, resolve).fold(alone, |sum, (_, weight)| sum + weight);
    let nothing = if cues.pin.is_some() { f32::NEG_INFINITY } else { nothing };
    Group { name: mention.name, pin: cues.pin, readings, nothing, mentions: 0, in_title: false }
}

/// What all names speak for each country, and together.
struct Shares {
    by_country: ByCountry,
    /// By the index of the subdivision; 0 is none.
    by_subdivision: Vec<f32>,
    total: f32,
}

impl Shares {
    /// Adds to each country what a name speaks for it, or takes it away again.
    fn lend(&mut self, group: &Group<'_>, sign: f32) {
        let weight = sign * (group.mentions as f32).sqrt() * if group.in_title { TITLE_WEIGHT } else { 1.0 };
        for reading in group.readings.iter().filter(|reading| reading.candidate.country != NO_COUNTRY) {
            let lent = weight * reading.probability;
            self.by_country[reading.candidate.country as usize] += lent;
            self.by_subdivision[reading.candidate.subdivision as usize] += lent;
            self.total += lent;
        }
    }
}

/// A name of the title informs the others as much as this many of the body.
const TITLE_WEIGHT: f32 = 1.5;

/// Places of a subdivision that speak less for it than this are not worth a logarithm.
const SUBDIVISION_SHARE_MIN: f32 = 0.05;

/// One round: every name is read again in the light of all the others.
fn weigh(groups: &mut [Group<'_>], gazetteer: &Gazetteer, weights: &Weights, shares: &mut Shares) {
    let resolve = &weights.resolve;
    for group in groups {
        shares.lend(group, -1.0);
        let total = shares.total.max(0.0) + 1.0;
        // Readings of one country stand side by side often enough to keep the last logarithm.
        let mut last = (NO_COUNTRY, 0.0, resolve.context * resolve.context_floor.ln());
        for reading in &mut group.readings {
            let Candidate { country, subdivision, .. } = *reading.candidate;
            if country != last.0 {
                let share = support(gazetteer, &shares.by_country, country, resolve.neighbour).max(0.0) / total;
                last = (country, share, resolve.context * (resolve.context_floor + share).ln());
            }
            let near = if subdivision == 0 { 0.0 } else { shares.by_subdivision[subdivision as usize] };
            let context = if near < SUBDIVISION_SHARE_MIN {
                last.2
            } else {
                resolve.context * (resolve.context_floor + last.1 + resolve.subdivision * near / total).ln()
            };
            reading.probability = reading.prior + context;
        }
        normalise(group);
        shares.lend(group, 1.0);
    }
}

fn support(gazetteer: &Gazetteer, shares: &ByCountry, country: CountryIndex, neighbour: f32) -> f32 {
    if country == NO_COUNTRY {
        return 0.0;
    }
    let near = gazetteer.countries.get(country).neighbours.iter().map(|&near| shares[near as usize]).sum::<f32>();
    shares[country as usize] + neighbour * near
}

/// Turns the logarithms in `probability` into probabilities, with the chance that the name is no place.
fn normalise(group: &mut Group<'_>) {
    let nothing = group.nothing;
    let highest = group.readings.iter().map(|reading| reading.probability).fold(nothing, f32::max);
    let sum: f32 = (nothing - highest).exp()
        + group.readings.iter().map(|reading| (reading.probability - highest).exp()).sum::<f32>();
    for reading in &mut group.readings {
        reading.probability = (reading.probability - highest).exp() / sum;
    }
}

impl Group<'_> {
    /// The country most likely meant, and how likely.
    pub(super) fn by_country(&self) -> Vec<(CountryIndex, Kind, f32)> {
        let mut countries: Vec<(CountryIndex, Kind, f32)> = Vec::with_capacity(2);
        for reading in self.readings.iter().filter(|reading| reading.candidate.country != NO_COUNTRY) {
            match countries.iter_mut().find(|(country, ..)| *country == reading.candidate.country) {
                Some((.., probability)) => *probability += reading.probability,
                None => countries.push((reading.candidate.country, reading.candidate.kind, reading.probability)),
            }
        }
        countries
    }
}
