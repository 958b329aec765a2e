//! An operator's own file of entries and removals, read from TOML. See docs/regions.md for how to write one.

use std::collections::HashMap;

use serde::Deserialize;
use toml::Spanned;

use crate::classify::DataError;
use crate::classify::data::rows::Row;
use crate::classify::data::toml::TomlFile;
use crate::classify::region::country::{Countries, CountryIndex};
use crate::classify::region::entry::{Kind, Languages, Rule, read_countries};
use crate::classify::text::{fold_words, hash_word};

/// What the file says, its countries and parents resolved.
pub(super) struct Local {
    pub(super) entries: Vec<LocalEntry>,
    pub(super) removals: Vec<Removal>,
}

/// An entry to add; one of a higher priority hides the shipped entries of its names.
pub(super) struct LocalEntry {
    pub(super) line: u32,
    pub(super) names: Vec<String>,
    pub(super) kind: Kind,
    pub(super) countries: Vec<(CountryIndex, f32)>,
    pub(super) languages: String,
    pub(super) subdivision: Option<String>,
    /// Its languages are still to be filled in.
    pub(super) rule: Rule,
}

/// A shipped entry to take out.
pub(super) struct Removal {
    pub(super) line: u32,
    pub(super) name: String,
    /// Only the reading for this country.
    pub(super) country: Option<CountryIndex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LocalFile {
    #[serde(default)]
    entry: Vec<Spanned<EntryText>>,
    #[serde(default)]
    remove: Vec<Spanned<RemovalText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    names: Vec<String>,
    kind: String,
    id: Option<String>,
    country: Option<String>,
    parent: Option<String>,
    #[serde(default = "every_language")]
    languages: String,
    subdivision: Option<String>,
    #[serde(default = "local_priority")]
    priority: i32,
    #[serde(default)]
    after_comma: bool,
    #[serde(default)]
    near: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovalText {
    name: String,
    country: Option<String>,
}

fn every_language() -> String {
    "*".to_owned()
}

/// Above the shipped entries, which have 0.
fn local_priority() -> i32 {
    1
}

impl Local {
    /// Reads the file and rejects contradictory entries.
    pub(super) fn read(file: &str, text: &str, countries: &Countries) -> Result<Local, DataError> {
        let source = TomlFile { file, text };
        let parsed: LocalFile = source.parse()?;
        let reader = Reader { source, countries, ids: ids(&parsed.entry) };
        let entries = parsed.entry.iter().map(|entry| reader.entry(entry)).collect::<Result<_, _>>()?;
        let removals = parsed.remove.iter().map(|removal| reader.removal(removal)).collect::<Result<_, _>>()?;
        Ok(Local { entries, removals })
    }
}

fn ids(entries: &[Spanned<EntryText>]) -> HashMap<&str, &EntryText> {
    let entries = entries.iter().map(Spanned::as_ref);
    entries.filter_map(|entry| Some((entry.id.as_deref()?, entry))).collect()
}

struct Reader<'f> {
    source: TomlFile<'f>,
    countries: &'f Countries,
    ids: HashMap<&'f str, &'f EntryText>,
}

impl Reader<'_> {
    fn row(&self, at: usize) -> Row<'_> {
        Row { file: self.source.file, line: self.source.line(at), text: "" }
    }

    fn entry(&self, entry: &Spanned<EntryText>) -> Result<LocalEntry, DataError> {
        let row = self.row(entry.span().start);
        let entry = entry.as_ref();
        if entry.names.is_empty() {
            return Err(row.error("an entry needs a name".to_owned()));
        }
        let words = |words: &[String]| words.iter().map(|word| rule_word(&row, word)).collect::<Result<Vec<_>, _>>();
        Ok(LocalEntry {
            line: row.line,
            names: entry.names.clone(),
            kind: Kind::parse(&row, &entry.kind)?,
            countries: read_countries(&row, self.country(&row, entry)?, self.countries)?,
            languages: entry.languages.clone(),
            subdivision: entry.subdivision.clone(),
            rule: Rule {
                languages: Languages::ALL,
                after_comma: entry.after_comma,
                near: words(&entry.near)?,
                unless: words(&entry.unless)?,
                priority: entry.priority,
            },
        })
    }

    /// An entry's own countries, or those of the nearest parent that has some.
    fn country<'e>(&'e self, row: &Row<'_>, entry: &'e EntryText) -> Result<&'e str, DataError> {
        let mut at = entry;
        for _ in 0..=self.ids.len() {
            match (&at.country, &at.parent) {
                (Some(country), _) => return Ok(country),
                (None, Some(parent)) => {
                    let known = self.ids.get(parent.as_str());
                    at = known.ok_or_else(|| row.error(format!("no entry has the id {parent:?}")))?;
                }
                (None, None) => return Err(row.error("an entry needs a country or a parent".to_owned())),
            }
        }
        Err(row.error("the parents form a circle".to_owned()))
    }

    fn removal(&self, removal: &Spanned<RemovalText>) -> Result<Removal, DataError> {
        let row = self.row(removal.span().start);
        let RemovalText { name, country } = removal.as_ref();
        let country = country.as_deref().map(|code| self.countries.find(&row, code)).transpose()?;
        Ok(Removal { line: row.line, name: name.clone(), country })
    }
}

/// A rule looks for single words.
fn rule_word(row: &Row<'_>, word: &str) -> Result<u64, DataError> {
    match fold_words(word).as_slice() {
        [word] => Ok(hash_word(word)),
        words => Err(row.error(format!("{word:?} has {} words; near and unless take one each", words.len()))),
    }
}
