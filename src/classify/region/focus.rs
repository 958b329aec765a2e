//! Turns the names of a text into the countries it is about: a score for each country, linear in learned
//! weights, and a calibrated confidence. Chooses no readings; see `context`.

use crate::classify::region::context::Resolution;
use crate::classify::region::country::{COUNTRIES_MAX, CountryIndex, NO_COUNTRY};
use crate::classify::region::entry::Kind;
use crate::classify::region::gazetteer::Candidate;
use crate::classify::region::weights::{
    EXTRAS, Extra, FACTS, Fact, OF_SCORES, OfScores, Weights, ZONES, Zone, extra, feature,
};

/// A reading less likely than this is not counted.
const PROBABILITY_MIN: f32 = 0.05;
/// How fast repetition loses weight: the nth mention of a country counts n to this power.
const REPETITION: f32 = -0.35;

/// Sections a body is cut into, to see how much of it is about a country.
const STRETCHES: usize = 12;
/// A reading less likely than this marks no section.
const STRETCH_PROBABILITY_MIN: f32 = 0.5;

/// What one mention adds to one country.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contribution {
    pub(super) mention: u32,
    pub(super) country: CountryIndex,
    /// Index of the feature it counts into.
    pub(super) feature: usize,
    /// Likelihood of the reading.
    pub(super) probability: f32,
    /// The same, less for repetition.
    pub(super) amount: f32,
}

/// What a text says about one country.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) country: CountryIndex,
    pub(super) score: f32,
    /// Calibrated; in [0, 1].
    pub(super) confidence: f32,
    /// Features that come from no single mention: index and amount.
    pub(super) extras: Extras,
    /// What the confidence is made of apart from the scores, by [`Fact`].
    pub(super) facts: [f32; FACTS.len()],
    /// Mentions, each as likely as its reading.
    pub(super) mentions: f32,
    /// Those that are the country's own name, its people or its capital.
    pub(super) by_name: f32,
    /// Of those, the ones in the title.
    pub(super) by_name_in_title: f32,
    /// All by zone.
    pub(super) zones: [f32; ZONES.len()],
}

/// The countries of a text, best first, and what each mention added.
#[derive(Debug, Default)]
pub(super) struct Focus {
    pub(super) standings: Vec<Standing>,
    pub(super) contributions: Vec<Contribution>,
}

/// Weighs the names of a text.
pub(super) fn weigh(resolution: &Resolution<'_>, weights: &Weights, home: Option<CountryIndex>) -> Focus {
    let mut counts = Counts::new(resolution.mentions.list.len());
    counts.count(resolution);
    counts.finish(weights, home)
}

/// What is counted of one country on the way through a text.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    mentions: f32,
    by_name: f32,
    by_name_in_title: f32,
    /// As a place: not its people, offices or firms.
    places: f32,
    names: f32,
    /// A bit for each section of the body that names it.
    stretches: u32,
    title: f32,
    dateline: f32,
    lead: f32,
    body: f32,
    first_in_title: f32,
    first_in_body: f32,
}

impl Count {
    fn dateline_only(&self) -> f32 {
        if self.title + self.lead + self.body < PROBABILITY_MIN { self.dateline.min(1.0) } else { 0.0 }
    }

    fn body_only(&self) -> f32 {
        if self.title + self.lead < PROBABILITY_MIN { self.body.min(1.0) } else { 0.0 }
    }

    fn zones(&self) -> [f32; ZONES.len()] {
        [self.title, self.dateline, self.lead, self.body]
    }

    fn add(&mut self, other: &Count) {
        self.mentions += other.mentions;
        self.by_name += other.by_name;
        self.places += other.places;
        self.stretches |= other.stretches;
        self.title += other.title;
        self.dateline += other.dateline;
        self.lead += other.lead;
        self.body += other.body;
    }

    fn is_title_alone(&self) -> bool {
        self.dateline + self.lead + self.body == 0.0
    }
}

/// No place in [`Counts::counts`].
const NOT_SEEN: u8 = u8::MAX;

/// What is counted of all countries.
struct Counts {
    /// Where each country's count is, or [`NOT_SEEN`].
    places: [u8; COUNTRIES_MAX],
    counts: Vec<(CountryIndex, Count)>,
    contributions: Vec<Contribution>,
}

impl Counts {
    fn new(mentions: usize) -> Counts {
        let contributions = Vec::with_capacity(mentions);
        Counts { places: [NOT_SEEN; COUNTRIES_MAX], counts: Vec::new(), contributions }
    }

    fn count(&mut self, resolution: &Resolution<'_>) {
        let meanings = Meanings::new(resolution);
        let mut named = vec![false; resolution.groups.len()];
        let (mut title_open, mut body_open) = (1.0f32, 1.0f32);
        for (at, mention) in resolution.mentions.list.iter().enumerate() {
            let Some(group) = resolution.group_of[at] else { continue };
            let again = std::mem::replace(&mut named[group as usize], true);
            let mut likeliest = 0.0f32;
            for meaning in meanings.of(group) {
                // An agency in a dateline signs the report.
                let signs = meaning.kind == Kind::Media && mention.zone == Zone::Dateline;
                if meaning.probability < PROBABILITY_MIN || meaning.kind == Kind::Register || signs {
                    continue;
                }
                let probability = meaning.probability;
                likeliest = likeliest.max(probability);
                let count = self.add(at, mention.zone, meaning);
                count.names += if again { 0.0 } else { probability };
                if probability >= STRETCH_PROBABILITY_MIN && matches!(mention.zone, Zone::Lead | Zone::Body) {
                    count.stretches |= 1 << stretch(mention.first, resolution.body);
                }
                match mention.zone {
                    Zone::Title => count.first_in_title += probability * title_open,
                    Zone::Lead | Zone::Body => count.first_in_body += probability * body_open,
                    Zone::Dateline => {}
                }
            }
            match mention.zone {
                Zone::Title => title_open *= 1.0 - likeliest,
                Zone::Lead | Zone::Body => body_open *= 1.0 - likeliest,
                Zone::Dateline => {}
            }
        }
    }

    /// Counts one mention for one country.
    fn add(&mut self, mention: usize, zone: Zone, meaning: &Meaning) -> &mut Count {
        let Meaning { country, kind, probability } = *meaning;
        let place = &mut self.places[country as usize];
        if *place == NOT_SEEN {
            *place = self.counts.len() as u8;
            self.counts.push((country, Count::default()));
        }
        let (_, count) = &mut self.counts[*place as usize];
        let first = count.mentions == 0.0;
        let repetition = if first { 1.0 } else { (REPETITION * (count.mentions + 1.0).ln()).exp() };
        count.mentions += probability;
        if matches!(kind, Kind::Country | Kind::Demonym | Kind::Capital) {
            count.by_name += probability;
            count.by_name_in_title += if zone == Zone::Title { probability } else { 0.0 };
        }
        count.places += if kind.is_place() { probability } else { 0.0 };
        let in_zone = match zone {
            Zone::Title => &mut count.title,
            Zone::Dateline => &mut count.dateline,
            Zone::Lead => &mut count.lead,
            Zone::Body => &mut count.body,
        };
        *in_zone += probability;
        let (mention, feature, amount) = (mention as u32, feature(kind, zone), probability * repetition);
        self.contributions.push(Contribution { mention, country, feature, probability, amount });
        count
    }

    fn finish(self, weights: &Weights, home: Option<CountryIndex>) -> Focus {
        let Counts { places, counts, contributions } = self;
        let mut all = Count::default();
        for (_, count) in &counts {
            all.add(count);
        }
        let mut scores = vec![0.0f32; counts.len()];
        for contribution in &contributions {
            let place = places[contribution.country as usize];
            scores[place as usize] += weights.features[contribution.feature] * contribution.amount;
        }
        let standing = |((country, count), score): (&(CountryIndex, Count), f32)| {
            let extras = extras(count, &all, home == Some(*country));
            let extra: f32 = extras.iter().map(|&(at, amount)| weights.features[at] * amount).sum();
            Standing {
                country: *country,
                score: score + extra,
                confidence: 0.0,
                extras,
                facts: facts(count, &all),
                mentions: count.mentions,
                by_name: count.by_name,
                by_name_in_title: count.by_name_in_title,
                zones: count.zones(),
            }
        };
        let title_alone = counts.iter().all(|(_, count)| count.is_title_alone());
        let mut standings: Vec<Standing> = counts.iter().zip(scores).map(standing).collect();
        standings.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.country.cmp(&b.country)));
        calibrate(&mut standings, weights, title_alone);
        Focus { standings, contributions }
    }
}

/// One country that a name may mean.
struct Meaning {
    country: CountryIndex,
    kind: Kind,
    probability: f32,
}

/// What each group of names may mean.
struct Meanings {
    all: Vec<Meaning>,
    /// One past the last meaning of each group.
    ends: Vec<usize>,
}

impl Meanings {
    /// Adds up the readings of one country: its kind is that of the first.
    fn new(resolution: &Resolution<'_>) -> Meanings {
        let mut all: Vec<Meaning> = Vec::new();
        let mut ends = Vec::with_capacity(resolution.groups.len());
        for group in &resolution.groups {
            let first = all.len();
            for reading in resolution.readings(group).iter().filter(|it| it.candidate.country != NO_COUNTRY) {
                let Candidate { country, kind, .. } = *reading.candidate;
                match all[first..].iter_mut().find(|meaning| meaning.country == country) {
                    Some(meaning) => meaning.probability += reading.probability,
                    None => all.push(Meaning { country, kind, probability: reading.probability }),
                }
            }
            ends.push(all.len());
        }
        Meanings { all, ends }
    }

    fn of(&self, group: u16) -> &[Meaning] {
        let first = match group {
            0 => 0,
            _ => self.ends[group as usize - 1],
        };
        &self.all[first..self.ends[group as usize]]
    }
}

/// Features that come from no single mention.
pub(super) type Extras = [(usize, f32); EXTRAS.len()];

fn extras(count: &Count, all: &Count, home: bool) -> Extras {
    [
        (Extra::FirstInTitle, count.first_in_title),
        (Extra::FirstInBody, count.first_in_body),
        (Extra::Share, share(count.mentions, all.mentions)),
        (Extra::Names, count.names.ln_1p()),
        (Extra::TitleAndBody, (count.title * (count.lead + count.body)).min(1.0)),
        (Extra::DatelineOnly, count.dateline_only()),
        (Extra::Home, f32::from(home)),
        (Extra::PlaceShare, share(count.places, all.places)),
        (Extra::NameShare, share(count.by_name, all.by_name)),
        (Extra::LeadShare, share(count.title + count.lead, all.title + all.lead)),
        (Extra::BodyShare, share(count.body, all.body)),
        (Extra::Spread, share(count.stretches.count_ones() as f32, all.stretches.count_ones() as f32)),
        (Extra::BodyOnly, count.body_only()),
    ]
    .map(|(which, amount)| (extra(which), amount))
}

fn share(part: f32, all: f32) -> f32 {
    part / all.max(f32::MIN_POSITIVE)
}

/// Which of a body's sections a word is in.
fn stretch(word: usize, body: (usize, usize)) -> usize {
    let words = body.1.saturating_sub(body.0).max(1);
    (word.saturating_sub(body.0) * STRETCHES / words).min(STRETCHES - 1)
}

/// Turns scores into confidences: a logistic curve over the score, its part of the highest one and how much there is
/// to go by.
fn calibrate(standings: &mut [Standing], weights: &Weights, title_alone: bool) {
    let Some(highest) = standings.first().map(|first| first.score) else { return };
    let sum: f32 = standings.iter().map(|standing| (standing.score - highest).exp()).sum();
    let countries = (standings.len() as f32).ln();
    let mut ceiling = 1.0f32;
    for (at, standing) in standings.iter_mut().enumerate() {
        let of_scores: [f32; OF_SCORES.len()] = in_order([
            (OfScores::Constant as usize, 1.0),
            (OfScores::Score as usize, standing.score),
            (OfScores::Softmax as usize, (standing.score - highest).exp() / sum),
            (OfScores::Relative as usize, standing.score / highest.max(1.0)),
            (OfScores::Countries as usize, countries),
            (OfScores::First as usize, f32::from(at == 0)),
            (OfScores::TitleAlone as usize, f32::from(title_alone)),
        ]);
        let inputs = of_scores.iter().chain(&standing.facts);
        let logit: f32 = inputs.zip(&weights.calibration).map(|(input, weight)| input * weight).sum();
        // A country is never surer than the one ranked before it.
        ceiling = ceiling.min(1.0 / (1.0 + (-logit).exp()));
        standing.confidence = ceiling;
    }
}

/// What the confidence is made of apart from the scores, by [`Fact`].
fn facts(count: &Count, all: &Count) -> [f32; FACTS.len()] {
    in_order(
        [
            (Fact::Mentions, count.mentions.ln_1p()),
            (Fact::Title, count.title.min(1.0)),
            (Fact::Lead, count.lead.min(1.0)),
            (Fact::DatelineOnly, count.dateline_only()),
            (Fact::Names, count.names.ln_1p()),
            (Fact::Share, share(count.mentions, all.mentions)),
            (Fact::ByName, count.by_name.ln_1p()),
            (Fact::ByNameInTitle, count.by_name_in_title.min(1.0)),
            (Fact::Places, count.places.ln_1p()),
            (Fact::PlaceShare, share(count.places, all.places)),
            (Fact::NameShare, share(count.by_name, all.by_name)),
            (Fact::Spread, share(count.stretches.count_ones() as f32, all.stretches.count_ones() as f32)),
            (Fact::BodyOnly, count.body_only()),
            (Fact::Dateline, count.dateline.min(1.0)),
            (Fact::Undated, f32::from(all.dateline == 0.0)),
        ]
        .map(|(fact, amount)| (fact as usize, amount)),
    )
}

/// Numbers at their places.
fn in_order<const N: usize>(numbers: [(usize, f32); N]) -> [f32; N] {
    let mut ordered = [0.0; N];
    for (place, number) in numbers {
        ordered[place] = number;
    }
    ordered
}
