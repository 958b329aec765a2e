//! Reads the tables of the gazetteer, compiled in or from a folder, and rejects contradictory entries.

use std::collections::HashMap;

use crate::classify::DataError;
use crate::classify::data::Origin;
use crate::classify::data::rows::{Row, rows};
use crate::classify::phrases::{Bits, Case, Phrases, Table};
use crate::classify::region::country::{Countries, CountryIndex};
use crate::classify::region::cue_words::CueWords;
use crate::classify::region::entry::{Kind, LanguageNames, Languages, Rule, read_countries};
use crate::classify::region::gazetteer::{Candidate, Gazetteer, Name, Person, Places, RuleWords};
use crate::classify::region::key::{self, NAME_WORDS_MAX};
use crate::classify::region::local::{Local, LocalEntry};
use crate::classify::region::tables::{TABLES, Tables};
use crate::classify::region::weights::Weights;
use crate::classify::text::{Text, hash_phrase, hash_word};

/// Binary logarithm of the bits kept for first words: 128 KB, which stay in the processor's cache.
const FIRST_WORDS_LOG: u32 = 20;
/// Maximum number of readings kept of one name, the likeliest.
const READINGS_MAX: usize = 24;
/// Minimum prior of an operator's entry, before the text is known: it was added on purpose.
const LOCAL_PRIOR_MIN: f32 = 9.0;
/// Minimum number of letters of a name matched by its beginning.
const STEM_LETTERS_MIN: usize = 3;
/// Minimum number of letters of a name in a script with case: shorter ones would match initials everywhere.
const NAME_LETTERS_MIN: usize = 2;

/// Builds the gazetteer from its tables.
pub(super) fn load(tables: Tables, weights: &Weights) -> Result<Gazetteer, DataError> {
    let countries = Countries::read("countries.tsv", tables.get("countries.tsv"))?;
    let mut builder = Builder::new(countries, weights);
    builder.read_people(tables.get("people.tsv"))?;
    builder.read_words(tables.get("words.tsv"))?;
    builder.read_places(tables.get("places.tsv"))?;
    for (file, _) in &TABLES {
        builder.read_entries(file, tables.get(file))?;
    }
    if let Some((file, text)) = tables.local() {
        builder.read_local(file, text)?;
    }
    Ok(builder.finish(&tables))
}

struct Found {
    hash: u64,
    stem: bool,
    candidate: Candidate,
}

struct Builder<'w> {
    weights: &'w Weights,
    countries: Countries,
    found: Vec<Found>,
    beginnings: Vec<u64>,
    first_words: Bits,
    small_first_words: Bits,
    rules: Vec<Rule>,
    languages: LanguageNames,
    subdivisions: Vec<String>,
    subdivision_index: HashMap<String, u16>,
    people: Table<Person>,
    common: Table<f32>,
    by_hand: HashMap<(u64, CountryIndex), Origin>,
    places: Places,
    files: Vec<String>,
}

impl<'w> Builder<'w> {
    fn new(countries: Countries, weights: &'w Weights) -> Self {
        Builder {
            weights,
            countries,
            found: Vec::new(),
            beginnings: Vec::new(),
            first_words: Bits::new(FIRST_WORDS_LOG),
            small_first_words: Bits::new(FIRST_WORDS_LOG),
            rules: vec![Rule::ALWAYS],
            languages: LanguageNames::default(),
            subdivisions: vec![String::new()],
            subdivision_index: HashMap::new(),
            people: Table::with_capacity(0),
            common: Table::with_capacity(0),
            by_hand: HashMap::new(),
            places: Places::default(),
            files: Vec::new(),
        }
    }

    /// `kind frequency name`
    fn read_people(&mut self, text: &str) -> Result<(), DataError> {
        for row in rows("people.tsv", text) {
            let [kind, frequency, name] = row.first_columns()?;
            let frequency: f32 = parse(&row, frequency)?;
            let person = self.people.entry(hash_word(&name.to_lowercase()));
            match kind {
                "given" => person.given = frequency.max(0.01),
                "surname" => person.surname = frequency.max(0.01),
                _ => return Err(row.error(format!("{kind:?} is neither given nor surname"))),
            }
        }
        Ok(())
    }

    /// `share word`
    fn read_words(&mut self, text: &str) -> Result<(), DataError> {
        for row in rows("words.tsv", text) {
            let [share, word] = row.first_columns()?;
            *self.common.entry(hash_word(word)) = parse(&row, share)?;
        }
        Ok(())
    }

    /// `country kind subdivision population geonames names`
    fn read_places(&mut self, text: &str) -> Result<(), DataError> {
        let file = self.file("places.tsv");
        for row in rows("places.tsv", text) {
            let [country, kind, subdivision, population, geonames, names] = row.first_columns()?;
            let country = self.countries.find(&row, country)?;
            let kind = Kind::parse(&row, kind)?;
            let subdivision = self.subdivision(subdivision);
            let prior = self.weights.place_prior(kind, parse(&row, population)?);
            let origin = Origin::new(file, row.line);
            self.note_place(kind, origin, names, geonames.parse().unwrap_or_default());
            for (at, name) in names.split('|').enumerate() {
                let candidate = Candidate {
                    prior: if at == 0 { prior } else { prior + self.weights.resolve.alias },
                    origin,
                    rule: 0,
                    subdivision,
                    country,
                    kind,
                    case: Case::of_phrase(name),
                };
                self.add(&row, name, candidate)?;
            }
        }
        Ok(())
    }

    /// `kind countries languages names [rules]`
    fn read_entries(&mut self, table: &str, text: &str) -> Result<(), DataError> {
        let file = self.file(table);
        let by_hand = table != "names.tsv";
        for row in rows(table, text) {
            let [kind, countries, languages, names] = row.first_columns()?;
            let kind = Kind::parse(&row, kind)?;
            let shares = read_countries(&row, countries, &self.countries)?;
            let languages = self.languages.read(&row, languages)?;
            let (rule, subdivision) = self.read_rule(&row, languages)?;
            let origin = Origin::new(file, row.line);
            self.note_place(kind, origin, names, 0);
            for (country, share) in shares {
                let prior = self.weights.prior(kind) + share.ln();
                for name in names.split('|') {
                    let candidate =
                        Candidate { prior, origin, rule, subdivision, country, kind, case: Case::of_phrase(name) };
                    let hash = self.add(&row, name, candidate)?;
                    // Spellings that fold alike may share a row.
                    if by_hand
                        && let Some(other) = self.by_hand.insert((hash ^ u64::from(rule), country), origin)
                        && other != origin
                    {
                        let place = format!("{}:{}", self.files[other.file()], other.line());
                        return Err(row.error(format!("{name:?} is already in {place}")));
                    }
                }
            }
        }
        Ok(())
    }

    /// `comma`, `in=US-TX`, `near=word,word`, `unless=word,word`, separated by spaces.
    fn read_rule(&mut self, row: &Row<'_>, languages: Languages) -> Result<(u16, u16), DataError> {
        let mut rule = Rule { languages, ..Rule::ALWAYS };
        let mut subdivision = 0;
        for part in row.columns().nth(4).unwrap_or_default().split_whitespace() {
            let words = |list: &str| list.split(',').map(|word| hash_word(&word.to_lowercase())).collect();
            match part.split_once('=') {
                None if part == "comma" => rule.after_comma = true,
                Some(("in", code)) => subdivision = self.subdivision(code),
                Some(("near", list)) => rule.near = words(list),
                Some(("unless", list)) => rule.unless = words(list),
                _ => return Err(row.error(format!("unknown rule {part:?}; allowed are comma, in=, near=, unless="))),
            }
        }
        Ok((self.rule(rule), subdivision))
    }

    /// Keeps the first of an entry's names, for the places that an item is said to name.
    fn note_place(&mut self, kind: Kind, origin: Origin, names: &str, geonames: u32) {
        if matches!(kind, Kind::Subdivision | Kind::District | Kind::City) {
            self.places.add(origin, names.split('|').next().unwrap_or_default(), geonames);
        }
    }

    /// An operator's entries and removals; see docs/regions.md.
    fn read_local(&mut self, file: &str, text: &str) -> Result<(), DataError> {
        let local = Local::read(file, text, &self.countries)?;
        for removal in &local.removals {
            let hash = key::of_name(&removal.name);
            let before = self.found.len();
            self.found.retain(|found| {
                found.hash != hash || removal.country.is_some_and(|country| country != found.candidate.country)
            });
            if self.found.len() == before {
                let row = Row { file, line: removal.line, text: "" };
                return Err(row.error(format!("{:?} is not in the gazetteer; nothing to remove", removal.name)));
            }
        }
        let source = self.file(file);
        local.entries.iter().try_for_each(|entry| self.add_local(file, source, entry))
    }

    fn add_local(&mut self, file: &str, source: usize, entry: &LocalEntry) -> Result<(), DataError> {
        let row = Row { file, line: entry.line, text: "" };
        let languages = self.languages.read(&row, &entry.languages)?;
        let subdivision = self.subdivision(entry.subdivision.as_deref().unwrap_or("-"));
        let rule = self.rule(Rule { languages, ..entry.rule.clone() });
        let origin = Origin::new(source, entry.line);
        self.note_place(entry.kind, origin, &entry.names[0], 0);
        for &(country, share) in &entry.countries {
            let prior = self.weights.prior(entry.kind).max(LOCAL_PRIOR_MIN) + share.ln();
            for name in &entry.names {
                let case = Case::of_phrase(name);
                let candidate = Candidate { prior, origin, rule, subdivision, country, kind: entry.kind, case };
                let hash = self.add(&row, name, candidate)?;
                let known = self.by_hand.insert((hash ^ u64::from(rule), country), origin);
                if known.is_some_and(|other| other.file() == source && other != origin) {
                    return Err(row.error(format!("duplicate name {name:?} in this file")));
                }
            }
        }
        Ok(())
    }

    fn rule(&mut self, rule: Rule) -> u16 {
        let known = self.rules.iter().position(|known| *known == rule);
        known.unwrap_or_else(|| {
            self.rules.push(rule);
            self.rules.len() - 1
        }) as u16
    }

    fn subdivision(&mut self, code: &str) -> u16 {
        if code == "-" {
            return 0;
        }
        if let Some(&index) = self.subdivision_index.get(code) {
            return index;
        }
        let index = self.subdivisions.len() as u16;
        self.subdivisions.push(code.to_owned());
        self.subdivision_index.insert(code.to_owned(), index);
        index
    }

    /// Adds one reading of a name and gives the name's hash.
    fn add(&mut self, row: &Row<'_>, name: &str, candidate: Candidate) -> Result<u64, DataError> {
        let written = name;
        let (name, stem) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
        if let Some(hash) = key::of_name_with_sign(name) {
            self.found.push(Found { hash, stem: false, candidate: Candidate { case: Case::Any, ..candidate } });
            return Ok(hash);
        }
        let text = Text::new("", "", name);
        let words = text.tokens();
        let letters = words.iter().map(|word| text.folded(word).chars().count()).sum::<usize>();
        let ideographic = name.chars().next().is_some_and(|char| char >= '\u{e00}');
        let letters_min = if stem && !ideographic { STEM_LETTERS_MIN } else { NAME_LETTERS_MIN };
        if letters < letters_min || name.contains('*') {
            return Err(
                row.error(format!("{written:?} would match nearly everything; give it {letters_min} letters or more"))
            );
        }
        if words.len() > NAME_WORDS_MAX {
            return Err(row.error(format!("{name:?} has more than {NAME_WORDS_MAX} words")));
        }
        let mut hash = words[0].hash;
        let stem = stem && words.len() == 1 && !ideographic;
        if !stem {
            self.first_words.insert(hash);
            if candidate.case == Case::Any {
                self.small_first_words.insert(hash);
            }
            for word in &words[1..] {
                self.beginnings.push(hash);
                hash = hash_phrase(hash, word.hash);
            }
        }
        self.found.push(Found { hash, stem, candidate });
        Ok(hash)
    }

    fn file(&mut self, file: &str) -> usize {
        self.files.push(file.to_owned());
        self.files.len() - 1
    }

    fn finish(mut self, tables: &Tables) -> Gazetteer {
        let likelier = |a: &Found, b: &Found| b.candidate.prior.total_cmp(&a.candidate.prior);
        self.found.sort_unstable_by(|a, b| (a.stem, a.hash).cmp(&(b.stem, b.hash)).then_with(|| likelier(a, b)));
        let mut names = Vec::new();
        let mut candidates = Vec::with_capacity(self.found.len());
        let mut phrases = Phrases::with_capacity(self.found.len());
        let mut stems = Table::with_capacity(0);
        for group in self.found.chunk_by(|a, b| (a.stem, a.hash) == (b.stem, b.hash)) {
            let Found { hash, stem, .. } = group[0];
            let first = candidates.len();
            candidates.extend(group.iter().map(|found| found.candidate).take(READINGS_MAX));
            self.weights.discount_namesakes(&mut candidates[first..]);
            let name = names.len() as u32;
            let common = self.common.get(hash).unwrap_or_default();
            names.push(Name { first: first as u32, candidates: (candidates.len() - first) as u16, common });
            if stem {
                *stems.entry(hash) = name;
            } else {
                phrases.insert(hash, name);
            }
        }
        self.beginnings.iter().for_each(|&beginning| phrases.insert_beginning(beginning));
        let digest = tables.digest();
        let rule_words = self.rules.iter().flat_map(|rule| rule.near.iter().chain(&rule.unless)).copied().collect();
        Gazetteer {
            homes: homes(self.weights, &self.countries),
            places: self.places,
            files: self.files,
            countries: self.countries,
            phrases,
            first_words: self.first_words,
            small_first_words: self.small_first_words,
            stems,
            names,
            candidates,
            rules: self.rules,
            rule_words: RuleWords::new(rule_words),
            cue_words: CueWords::new(),
            languages: self.languages,
            subdivisions: self.subdivisions,
            people: self.people,
            digest,
        }
    }
}

/// Countries where each language is at home, in the order of their indices.
fn homes(weights: &Weights, countries: &Countries) -> HashMap<String, Vec<(CountryIndex, f32)>> {
    let resolve =
        |(code, share): (&String, &f32)| Some((countries.index(code)?, share * weights.resolve.language_home));
    let languages = weights.language_homes.iter().map(|(language, shares)| {
        let mut homes: Vec<_> = shares.iter().filter_map(resolve).collect();
        homes.sort_unstable_by_key(|(country, _)| *country);
        (language.clone(), homes)
    });
    languages.collect()
}

fn parse<T: std::str::FromStr>(row: &Row<'_>, number: &str) -> Result<T, DataError> {
    number.parse().map_err(|_| row.error(format!("{number:?} is not a number")))
}
