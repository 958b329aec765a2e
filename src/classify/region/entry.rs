//! One entry of the gazetteer: what kind of name it is, which countries it represents, when it may be read so.

use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::classify::DataError;
use crate::classify::data::rows::Row;
use crate::classify::region::country::{Countries, CountryIndex, NO_COUNTRY};

/// What a name names. The focus weighs each kind separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantNames, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Kind {
    /// A country by any of its names.
    Country,
    /// Its people or what is theirs: `Peruvian`.
    Demonym,
    /// Its capital, which often means its government.
    Capital,
    /// A first-level subdivision.
    Subdivision,
    /// A county or borough.
    District,
    /// A town.
    City,
    /// A river, range, island or region without a state.
    Feature,
    /// A head of state or government, or another person long in the news.
    Leader,
    /// A government, parliament, court, central bank, force, party, agency or its seat.
    Institution,
    /// A company, club, league, exchange or university.
    Organisation,
    /// A news outlet: cited more often than written about.
    Media,
    /// A currency.
    Currency,
    /// A word that only the press of some countries uses: `lakh`, `borough council`.
    Cue,
    /// A word or spelling usual in some countries only, as `lorry`: it helps to choose between towns, no more.
    Register,
    /// Not a country's: it only keeps its words from being read as one.
    Other,
}

impl Kind {
    pub(super) fn parse(row: &Row<'_>, word: &str) -> Result<Kind, DataError> {
        word.parse().map_err(|_| row.error(format!("unknown kind {word:?}; allowed are {}", Kind::NAMES.join(", "))))
    }

    /// All kinds as the tables write them, in the order of their discriminants.
    pub(super) const NAMES: &[&str] = <Kind as VariantNames>::VARIANTS;

    /// The kind as the tables write it.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// An area on the map, as opposed to a people, an office or a firm.
    pub(super) fn is_place(self) -> bool {
        matches!(self, Kind::Country | Kind::Capital | Kind::Subdivision | Kind::District | Kind::City | Kind::Feature)
    }

    /// Whether places of this kind can be in places of another; kinds are listed from the largest to the smallest.
    pub(super) fn is_smaller_than(self, other: Kind) -> bool {
        self as usize > other as usize
    }
}

/// Languages in which a name is read; one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Languages(u128);

impl Languages {
    pub(super) const ALL: Languages = Languages(u128::MAX);

    pub(super) fn and(self, other: Languages) -> Languages {
        Languages(self.0 | other.0)
    }

    pub(super) fn includes(self, language: Languages) -> bool {
        self.0 & language.0 != 0
    }
}

/// Languages named by the data, each with its bit.
#[derive(Debug, Default)]
pub(super) struct LanguageNames(Vec<String>);

impl LanguageNames {
    /// Reads `*` or `en,fr`.
    pub(super) fn read(&mut self, row: &Row<'_>, list: &str) -> Result<Languages, DataError> {
        if list == "*" {
            return Ok(Languages::ALL);
        }
        let mut languages = Languages(0);
        for code in list.split(',') {
            let known = self.0.iter().position(|name| name == code);
            let bit = known.unwrap_or(self.0.len());
            if bit == u128::BITS as usize || !(2..=3).contains(&code.len()) {
                return Err(row.error(format!("{code:?} is not a language code, or the {}th one", u128::BITS + 1)));
            }
            if known.is_none() {
                self.0.push(code.to_owned());
            }
            languages.0 |= 1 << bit;
        }
        Ok(languages)
    }

    /// The set of one language; empty when no entry is for it.
    pub(super) fn of(&self, code: &str) -> Languages {
        let primary = code.split(['-', '_']).next().unwrap_or_default();
        Languages(self.0.iter().position(|name| name.eq_ignore_ascii_case(primary)).map_or(0, |bit| 1 << bit))
    }
}

/// When an entry may be read. Most share the rule that is always true.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) languages: Languages,
    /// Read only after a comma, in brackets or in a dateline: `Tex.`
    pub(super) after_comma: bool,
    /// Read only in a text that also has one of these words; hashes of folded words.
    pub(super) near: Vec<u64>,
    /// Not read in a text that also has one of these words.
    pub(super) unless: Vec<u64>,
    /// Hides entries of the same name and a lower priority.
    pub(super) priority: i32,
}

impl Rule {
    pub(super) const ALWAYS: Rule =
        Rule { languages: Languages::ALL, after_comma: false, near: Vec::new(), unless: Vec::new(), priority: 0 };
}

/// Countries an entry represents, with shares that sum to 1. Reads `GB`, `IN:3 PK:2` or `-`.
pub(super) fn read_countries(
    row: &Row<'_>,
    list: &str,
    countries: &Countries,
) -> Result<Vec<(CountryIndex, f32)>, DataError> {
    if list == "-" {
        return Ok(vec![(NO_COUNTRY, 1.0)]);
    }
    let mut shares = Vec::new();
    for part in list.split_whitespace() {
        let (code, share) = part.split_once(':').unwrap_or((part, "1"));
        let share: f32 = share
            .parse()
            .ok()
            .filter(|share| *share > 0.0)
            .ok_or_else(|| row.error(format!("{share:?} is not a share; write a country as GB or GB:3")))?;
        let country = countries.find(row, code)?;
        if shares.iter().any(|(known, _)| *known == country) {
            return Err(row.error(format!("duplicate country {code}")));
        }
        shares.push((country, share));
    }
    let sum: f32 = shares.iter().map(|(_, share)| share).sum();
    Ok(shares.into_iter().map(|(country, share)| (country, share / sum)).collect())
}
