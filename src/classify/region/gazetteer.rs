//! The names that stand for countries, in one hash table over word sequences. Finds nothing in a text; see `matcher`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::classify::data::Origin;
use crate::classify::region::country::{Countries, CountryIndex};
use crate::classify::region::entry::{Case, Kind, LanguageNames, Rule};

/// One way to read a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Natural logarithm of how likely this reading is before the text is known; see `weights`.
    pub(super) prior: f32,
    /// Where it was written: file in the upper byte, line in the others.
    pub(super) origin: Origin,
    pub(super) rule: u16,
    /// Index of the ISO 3166-2 code it is or lies in; 0 when unknown.
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

/// A table as it was read, kept to show entries and their lines.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: String,
    pub(super) text: Cow<'static, str>,
    /// First byte of each line.
    pub(super) lines: Vec<u32>,
}

impl Source {
    pub(super) fn line(&self, line: u32) -> &str {
        let from = self.lines[line as usize - 1] as usize;
        self.text[from..].lines().next().unwrap_or_default()
    }
}

/// A table keyed by hashes that are already good.
pub(super) type HashTable<V> = HashMap<u64, V, BuildHasherDefault<AlreadyHashed>>;

/// Passes a hash through.
#[derive(Debug, Default)]
pub(super) struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| hash.rotate_left(8) ^ u64::from(byte));
    }
}

/// The loaded gazetteer.
#[derive(Debug)]
pub(super) struct Gazetteer {
    pub(super) countries: Countries,
    pub(super) phrases: HashTable<Phrase>,
    pub(super) first_words: FirstWords,
    /// Names matched by their beginning, by the hash of that beginning.
    pub(super) stems: HashTable<u32>,
    pub(super) names: Vec<Name>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) rules: Vec<Rule>,
    /// Words that some rule looks for.
    pub(super) rule_words: RuleWords,
    pub(super) languages: LanguageNames,
    pub(super) subdivisions: Vec<String>,
    pub(super) people: HashTable<Person>,
    pub(super) sources: Vec<Source>,
    pub(super) digest: String,
}

impl Gazetteer {
    pub(super) fn readings(&self, name: u32) -> &[Candidate] {
        let name = &self.names[name as usize];
        &self.candidates[name.first as usize..][..name.candidates as usize]
    }

    pub(super) fn rule(&self, candidate: &Candidate) -> &Rule {
        &self.rules[candidate.rule as usize]
    }

    /// The row an entry was read from.
    pub(super) fn row(&self, origin: Origin) -> &str {
        self.sources[origin.file()].line(origin.line())
    }

    /// ISO 3166-2 code of a subdivision.
    pub(super) fn subdivision(&self, index: u16) -> Option<&str> {
        self.subdivisions.get(index as usize).map(String::as_str).filter(|code| !code.is_empty())
    }
}

/// What a sequence of words is: a name, the beginning of longer ones, or both.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Phrase(u32);

impl Phrase {
    const CONTINUES: u32 = 1 << 31;

    pub(super) fn continues(self) -> bool {
        self.0 & Phrase::CONTINUES != 0
    }

    pub(super) fn name(self) -> Option<u32> {
        (self.0 & !Phrase::CONTINUES).checked_sub(1)
    }

    pub(super) fn set_continues(&mut self) {
        self.0 |= Phrase::CONTINUES;
    }

    pub(super) fn set_name(&mut self, name: u32) {
        self.0 = (self.0 & Phrase::CONTINUES) | (name + 1);
    }
}

/// A bit for each first word's hash, small enough for the processor's cache: most words of a text begin no name.
#[derive(Debug)]
pub(super) struct FirstWords {
    any: Vec<u64>,
    /// Those of names that are also read in small letters, by far the fewer.
    small: Vec<u64>,
}

impl FirstWords {
    const BITS: u32 = 20;

    pub(super) fn new() -> FirstWords {
        let empty = vec![0; 1 << (FirstWords::BITS - 6)];
        FirstWords { any: empty.clone(), small: empty }
    }

    pub(super) fn add(&mut self, hash: u64, small: bool) {
        let bit = hash >> (64 - FirstWords::BITS);
        self.any[(bit / 64) as usize] |= 1 << (bit % 64);
        if small {
            self.small[(bit / 64) as usize] |= 1 << (bit % 64);
        }
    }

    /// Whether a word may begin a name; `small` when it stands in small letters where names are capitalised.
    pub(super) fn may_begin(&self, hash: u64, small: bool) -> bool {
        let bit = hash >> (64 - FirstWords::BITS);
        let words = if small { &self.small } else { &self.any };
        words[(bit / 64) as usize] >> (bit % 64) & 1 == 1
    }
}

/// A few words looked for in every text: a bit for each keeps most look-ups out of the list.
#[derive(Debug, Default)]
pub(super) struct RuleWords {
    sorted: Vec<u64>,
    bits: Vec<u64>,
}

impl RuleWords {
    const BITS: u32 = 14;

    pub(super) fn new(mut words: Vec<u64>) -> RuleWords {
        words.sort_unstable();
        words.dedup();
        let mut bits = vec![0; 1 << (RuleWords::BITS - 6)];
        for word in &words {
            let bit = word >> (64 - RuleWords::BITS);
            bits[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        RuleWords { sorted: words, bits }
    }

    pub(super) fn contains(&self, word: u64) -> bool {
        let bit = word >> (64 - RuleWords::BITS);
        self.bits[(bit / 64) as usize] >> (bit % 64) & 1 == 1 && self.sorted.binary_search(&word).is_ok()
    }
}
