//! The names that represent countries, in one hash table over word sequences. Finds nothing in a text; see `matcher`.

use std::collections::HashMap;

use crate::classify::data::Origin;
use crate::classify::phrases::{Bits, Case, Phrases, Table};
use crate::classify::region::country::{Countries, CountryIndex};
use crate::classify::region::cue_words::CueWords;
use crate::classify::region::entry::{Kind, LanguageNames, Rule};

/// One way to read a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Natural logarithm of how likely this reading is before the text is known; see `weights`.
    pub(super) prior: f32,
    /// Where it was written: file in the upper byte, line in the others.
    pub(super) origin: Origin,
    pub(super) rule: u16,
    /// Index of the ISO 3166-2 code it is or is in; 0 when unknown.
    pub(super) subdivision: u16,
    pub(super) country: CountryIndex,
    pub(super) kind: Kind,
    pub(super) case: Case,
}

impl Candidate {
    /// A place smaller than a country whose name is not written in capitals.
    pub(super) fn is_local(&self) -> bool {
        self.case == Case::Capital
            && matches!(self.kind, Kind::City | Kind::District | Kind::Subdivision | Kind::Feature)
    }
}

/// All readings of one name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    pub(super) first: u32,
    pub(super) candidates: u16,
    /// How often the word is an ordinary one: share of lower-case uses in running text.
    pub(super) common: f32,
}

/// How often a word is a person's name, per mille of the people.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Person {
    pub(super) given: f32,
    pub(super) surname: f32,
}

/// The names and GeoNames ids of places, by where they were written.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// In ascending order.
    origins: Vec<Origin>,
    /// GeoNames id of each; 0 for none.
    geonames: Vec<u32>,
    /// One past the last byte of each name in `names`.
    ends: Vec<u32>,
    names: String,
}

impl Places {
    /// Adds the place of an entry that is written after all those added before.
    pub(super) fn add(&mut self, origin: Origin, name: &str, geonames: u32) {
        debug_assert!(self.origins.last().is_none_or(|last| *last < origin), "files are read from top to bottom");
        self.origins.push(origin);
        self.geonames.push(geonames);
        self.names.push_str(name);
        self.ends.push(self.names.len() as u32);
    }

    /// The name of an entry's place, and its GeoNames id.
    pub(super) fn get(&self, origin: Origin) -> Option<(&str, Option<u32>)> {
        let at = self.origins.binary_search(&origin).ok()?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        let name = &self.names[start as usize..self.ends[at] as usize];
        Some((name, Some(self.geonames[at]).filter(|id| *id != 0)))
    }
}

/// The loaded gazetteer.
#[derive(Debug)]
pub(super) struct Gazetteer {
    pub(super) countries: Countries,
    /// Names by their words.
    pub(super) phrases: Phrases,
    /// First words of names.
    pub(super) first_words: Bits,
    /// Those of names that are also read in lower case, by far the fewest.
    pub(super) small_first_words: Bits,
    /// Names matched by their beginning, by the hash of that beginning.
    pub(super) stems: Table<u32>,
    pub(super) names: Vec<Name>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) rules: Vec<Rule>,
    /// Words that some rule looks for.
    pub(super) rule_words: RuleWords,
    /// Words that say something about the name next to them.
    pub(super) cue_words: CueWords,
    pub(super) languages: LanguageNames,
    /// Countries where each language is at home, in the order of their indices, and what that is worth in mentions.
    pub(super) homes: HashMap<String, Vec<(CountryIndex, f32)>>,
    pub(super) subdivisions: Vec<String>,
    pub(super) people: Table<Person>,
    pub(super) places: Places,
    /// Names of the files that entries were read from.
    pub(super) files: Vec<String>,
    pub(super) digest: String,
}

impl Gazetteer {
    pub(super) fn readings(&self, name: u32) -> &[Candidate] {
        let name = &self.names[name as usize];
        &self.candidates[name.first as usize..][..name.candidates as usize]
    }

    /// Countries where a language is at home, in the order of their indices, and what that is worth in mentions.
    pub(super) fn homes(&self, language: &str) -> &[(CountryIndex, f32)] {
        self.homes.get(language).map_or(&[], Vec::as_slice)
    }

    pub(super) fn rule(&self, candidate: &Candidate) -> &Rule {
        &self.rules[candidate.rule as usize]
    }

    /// ISO 3166-2 code of a subdivision.
    pub(super) fn subdivision(&self, index: u16) -> Option<&str> {
        self.subdivisions.get(index as usize).map(String::as_str).filter(|code| !code.is_empty())
    }
}

/// A few words looked for in every text: a bit for each keeps most look-ups out of the list.
#[derive(Debug)]
pub(super) struct RuleWords {
    sorted: Vec<u64>,
    bits: Bits,
}

impl RuleWords {
    const BITS_LOG: u32 = 14;

    pub(super) fn new(mut words: Vec<u64>) -> RuleWords {
        words.sort_unstable();
        words.dedup();
        let mut bits = Bits::new(RuleWords::BITS_LOG);
        words.iter().for_each(|&word| bits.insert(word));
        RuleWords { sorted: words, bits }
    }

    pub(super) fn contains(&self, word: u64) -> bool {
        self.bits.may_contain(word) && self.sorted.binary_search(&word).is_ok()
    }
}
