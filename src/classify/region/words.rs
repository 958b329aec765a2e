//! Says in plain words what decided, in sentences that an editor can act on. Decides nothing.

use serde::Serialize;

use crate::classify::region::cues::Cues;
use crate::classify::region::focus::Standing;
use crate::classify::region::report::{Listing, Omission};
use crate::classify::region::weights::Resolve;
use crate::classify::shown::{Entry, percent};

/// One thing a span could mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ReadingExplanation {
    /// Code of the country; absent for an entry that does not represent one.
    pub country: Option<String>,
    /// English short name of the country.
    pub country_name: Option<String>,
    /// What kind of name it is, as the gazetteer calls it.
    pub kind: &'static str,
    /// ISO 3166-2 code of the subdivision it is or is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<String>,
    /// Where its entry is.
    pub entry: Entry,
    /// Logarithm before the text is known.
    pub prior: f32,
    /// Probability in this text.
    pub probability: f32,
}

/// Something next to a name that says whether it is a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sign {
    /// As `[resolve]` of `weights.toml` names it.
    pub name: &'static str,
    /// What it says, in words.
    pub says: &'static str,
    /// What it adds to the logarithm that the name is not a place.
    pub weight: f32,
}

/// Why a country is listed or not.
pub(super) fn country(
    listing: Result<Listing, Omission>,
    rank: usize,
    standing: &Standing,
    resolve: &Resolve,
) -> String {
    let sure = percent(f64::from(standing.confidence));
    let needed = percent(f64::from(resolve.confidence_listed(rank)));
    match listing {
        Ok(Listing::Confident) => format!("Listed: {sure} sure; {needed} is needed."),
        Ok(Listing::NamedOften) => format!("Listed: only {sure} sure, but named often."),
        Ok(Listing::NamedInTitle) => format!("Listed: only {sure} sure, but named in the title."),
        Err(Omission::Many) => "Not listed: enough other countries are listed.".to_owned(),
        Err(Omission::Doubtful) => {
            "Not listed: the names that could mean it more likely mean something else.".to_owned()
        }
        Err(Omission::Unsure) => {
            format!("Not listed: {sure} sure; {needed} is needed, or its own name often or in the title.")
        }
    }
}

/// What the words around a name say about its being a place; `common` is how often the name is an ordinary word.
pub(super) fn signs(cues: &Cues, common: f32, resolve: &Resolve) -> Vec<Sign> {
    let all = cues.own_signs(common, resolve).chain(cues.signs(resolve));
    all.map(|(name, weight)| Sign { name, says: in_words(name), weight }).collect()
}

fn in_words(sign: &str) -> &'static str {
    match sign {
        "given" => "it is also a given name",
        "surname" => "it is also a surname",
        "common" => "it is also an ordinary word, and its capital says nothing here",
        "ordinary" => "it is also an ordinary word",
        "person_before" => "a given name, a title or an initial comes before it",
        "inside_name" => "it touches another capitalised word, as part of a longer name",
        "thing_behind" => "a word such as Street or Ltd follows it",
        "preposition" => "a preposition such as in or near comes before it",
        "stranger_behind" => "the place after the comma does not contain it",
        "speaks" => "a verb such as said follows it, as it follows a person",
        _ => "a sign without a name",
    }
}

/// What there is to say about a span.
pub(super) struct Span<'s> {
    /// Likeliest first, a bounded number of them.
    pub(super) readings: &'s [ReadingExplanation],
    /// How many readings there are.
    pub(super) all: usize,
    pub(super) not_a_place: f32,
    pub(super) signs: &'s [Sign],
    /// Whether a place next to it says which reading is right.
    pub(super) pinned: bool,
}

impl Span<'_> {
    /// What it was read as, and why.
    pub(super) fn sentence(&self) -> String {
        match self.best() {
            Some(best) => {
                let sure = percent(f64::from(best.probability));
                // A place next to it leaves no doubt.
                let doubts = if self.pinned { String::new() } else { self.doubts() };
                let but = if doubts.is_empty() { String::new() } else { format!(", although {doubts}") };
                format!("Read as {} ({sure}): {}{but}.", meaning(best), self.reason(best))
            }
            None => {
                let doubts = self.doubts();
                let why = if doubts.is_empty() { "nothing in the item suggests one".to_owned() } else { doubts };
                format!("Not read as a place ({}): {why}.", percent(f64::from(self.not_a_place)))
            }
        }
    }

    /// What to do if that is wrong.
    pub(super) fn remedy(&self) -> String {
        match self.best() {
            Some(best) => {
                format!("If that is wrong, change {}, or remove or override the entry in the local file.", best.entry)
            }
            None => "If it is a place, add an entry for it to the local file; local entries weigh more.".to_owned(),
        }
    }

    /// The likeliest reading, when it is likelier than that the name is not a place.
    fn best(&self) -> Option<&ReadingExplanation> {
        self.readings.first().filter(|best| best.probability >= self.not_a_place)
    }

    fn reason(&self, best: &ReadingExplanation) -> String {
        let usual = self.readings.iter().max_by(|a, b| a.prior.total_cmp(&b.prior)).unwrap_or(best);
        if self.pinned {
            "the place next to it says which one is meant".to_owned()
        } else if self.all == 1 {
            "the gazetteer knows no other meaning".to_owned()
        } else if usual.prior <= best.prior {
            "the most usual meaning, and the rest of the item does not contradict it".to_owned()
        } else {
            let here = best.country_name.as_deref().unwrap_or("no country");
            format!("the rest of the item is about {here}; without it, {} is more usual", meaning(usual))
        }
    }

    /// Signs that it is not a place.
    fn doubts(&self) -> String {
        let against = self.signs.iter().filter(|sign| sign.weight > 0.0);
        against.map(|sign| sign.says).collect::<Vec<_>>().join("; ")
    }
}

/// What a reading means: `a town in Ireland, IE-CO`.
fn meaning(reading: &ReadingExplanation) -> String {
    let Some(country) = &reading.country_name else {
        return "a name that does not represent a country".to_owned();
    };
    let within = reading.subdivision.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
    let what = match reading.kind {
        "country" => return country.clone(),
        "demonym" => "the people of",
        "capital" => "the capital of",
        "subdivision" => "a state or province of",
        "district" => "a county or district in",
        "city" => "a town in",
        "feature" => "a region, river or island of",
        "leader" => "a leader of",
        "institution" => "an institution of",
        "organisation" => "an organisation of",
        "media" => "a news outlet of",
        "currency" => "the currency of",
        "cue" => "a term used in",
        "register" => "a spelling usual in",
        _ => "a name of",
    };
    format!("{what} {country}{within}")
}
