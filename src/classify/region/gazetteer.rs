//! The names that stand for countries, in one hash table over word sequences. Finds nothing in a text; see `matcher`.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::classify::data::Origin;
use crate::classify::phrases::{Bits, Case, Phrases, Table};
use crate::classify::region::country::{Countries, CountryIndex};
use crate::classify::region::cues::CueWords;
use crate::classify::region::entry::{Kind, LanguageNames, Rule};

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

/// The loaded gazetteer.
#[derive(Debug)]
pub(super) struct Gazetteer {
    pub(super) countries: Countries,
    /// Names by their words.
    pub(super) phrases: Phrases,
    /// First words of names.
    pub(super) first_words: Bits,
    /// Those of names that are also read in small letters, by far the fewer.
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
    pub(super) sources: Vec<Source>,
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

    /// The row an entry was read from.
    pub(super) fn row(&self, origin: Origin) -> &str {
        self.sources[origin.file()].line(origin.line())
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
