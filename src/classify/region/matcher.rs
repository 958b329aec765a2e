//! Finds the gazetteer's names in a text: look-ups of word sequences, longest first, with the readings that the text
//! allows. Chooses none of them.

use std::cell::OnceCell;

use crate::classify::phrases::Case;
use crate::classify::region::entry::Languages;
use crate::classify::region::gazetteer::{Candidate, Gazetteer};
use crate::classify::region::key::{self, NAME_WORDS_MAX};
use crate::classify::region::weights::Zone;
use crate::classify::text::{CaseStyle, Gap, Shape, Text, Token, WordHasher, hash_word, is_currency_sign};
use crate::document::Field;

/// Maximum number of names read in one item. By then a longer text has shown what it is about, and the work stays
/// bounded.
pub(super) const MENTIONS_MAX: usize = 2000;
/// Words for each name that room is made for: more than most texts name.
const WORDS_PER_MENTION: usize = 8;
/// Readings that room is made for in a headline.
const READINGS_USUAL: usize = 16;
/// Words of the body that make up its lead.
const LEAD_WORDS: usize = 45;
/// Maximum number of words at the start of a body that may be its dateline.
const DATELINE_WORDS_MAX: usize = 8;
/// Maximum length of a word in capitals that is read as an acronym.
const ACRONYM_BYTES_MAX: u32 = 4;
/// Maximum length of a word that is compared with the beginnings of names.
const STEM_BYTES_MAX: usize = 40;
/// Minimum number of letters of a beginning that is looked up.
const STEM_LETTERS_MIN: usize = 3;

/// A name in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mention {
    /// Index of its first word.
    pub(super) first: usize,
    /// Index of its last word.
    pub(super) last: usize,
    pub(super) name: u32,
    pub(super) zone: Zone,
    /// Bytes of a currency sign before its first word and after its last one: `£5`, `US$5`.
    sign: (u8, u8),
    /// Where its readings are in [`Mentions`], and how many there are.
    readings: (u32, u32),
}

impl Mention {
    /// Its first and last word, the currency sign included.
    pub(super) fn ends(&self, tokens: &[Token]) -> (Token, Token) {
        let (mut first, mut last) = (tokens[self.first], tokens[self.last]);
        first.widen(self.sign.0, 0);
        last.widen(0, self.sign.1);
        (first, last)
    }
}

/// The names of a text in reading order, none overlapping another.
#[derive(Debug)]
pub(super) struct Mentions<'g> {
    pub(super) list: Vec<Mention>,
    readings: Vec<&'g Candidate>,
}

impl<'g> Mentions<'g> {
    /// Readings of a mention that the text allows: of those, the ones of the highest priority.
    pub(super) fn readings(&self, mention: &Mention) -> &[&'g Candidate] {
        let (first, count) = mention.readings;
        &self.readings[first as usize..][..count as usize]
    }

    /// How many readings all mentions have together.
    pub(super) fn readings_count(&self) -> usize {
        self.readings.len()
    }
}

/// Finds the names of a text that is read in a language.
pub(super) fn find<'g>(gazetteer: &'g Gazetteer, text: &Text<'_>, language: &str) -> Mentions<'g> {
    let mut finder = Finder::new(gazetteer, text, language);
    let mut at = finder.skip(0);
    while at < finder.tokens.len() && finder.mentions.list.len() < MENTIONS_MAX {
        at = finder.step(at);
        at = finder.skip(at);
    }
    finder.mentions
}

/// Reads one text with the gazetteer.
struct Finder<'g, 't> {
    gazetteer: &'g Gazetteer,
    text: &'t Text<'t>,
    tokens: &'t [Token],
    language: Languages,
    english: bool,
    /// First word of the body.
    body: usize,
    /// One past the last word of the dateline at the start of the body.
    dateline_end: usize,
    /// Words of the text that some rule looks for, sorted; gathered when the first rule asks.
    present: OnceCell<Vec<u64>>,
    mentions: Mentions<'g>,
}

impl<'g, 't> Finder<'g, 't> {
    fn new(gazetteer: &'g Gazetteer, text: &'t Text<'t>, language: &str) -> Self {
        let tokens = text.tokens();
        let body = text.start(Field::Body);
        Finder {
            gazetteer,
            text,
            tokens,
            // English is read everywhere: offices and firms have English names in any language, and a detector can err.
            language: gazetteer.languages.of(language).and(gazetteer.languages.of("en")),
            english: language == "en",
            body,
            dateline_end: body + dateline_words(text, &tokens[body..]),
            present: OnceCell::new(),
            mentions: Mentions {
                list: Vec::with_capacity(tokens.len() / WORDS_PER_MENTION + 1),
                readings: Vec::with_capacity(tokens.len() / WORDS_PER_MENTION * 2 + READINGS_USUAL),
            },
        }
    }

    /// The first word from `at` on that is worth a look: most words of an English text are not.
    fn skip(&self, at: usize) -> usize {
        if !self.english || self.text.has_currency_signs() {
            return at;
        }
        let rest = self.tokens[at..].iter();
        at + rest.take_while(|token| token.is_ascii() && !self.may_begin(token)).count()
    }

    /// Takes the name that begins at a word, if any, and gives the next word.
    fn step(&mut self, at: usize) -> usize {
        if self.text.has_currency_signs()
            && let Some((name, sign)) = self.sign(at)
            && self.take(at, at, name, sign)
        {
            return at + 1;
        }
        if self.may_begin(&self.tokens[at])
            && let Some(last) = self.take_longest(at)
        {
            return last + 1;
        }
        // English does not inflect names.
        if !(self.english && self.tokens[at].is_ascii()) && self.tokens[at].shape != Shape::Number {
            self.take_stem(at);
        }
        at + 1
    }

    /// Takes words as a mention of a name, when the text allows one of its readings.
    fn take(&mut self, first: usize, last: usize, name: u32, sign: (u8, u8)) -> bool {
        let gathered = self.mentions.readings.len();
        let fits = self.fits(first, last, name);
        let mut highest = i32::MIN;
        for candidate in self.gazetteer.readings(name).iter().filter(|candidate| fits.admits(candidate)) {
            let priority = match candidate.rule {
                0 => 0,
                _ if !self.obeys(first, candidate) => continue,
                _ => self.gazetteer.rule(candidate).priority,
            };
            if priority > highest {
                self.mentions.readings.truncate(gathered);
                highest = priority;
            }
            if priority == highest {
                self.mentions.readings.push(candidate);
            }
        }
        let count = self.mentions.readings.len() - gathered;
        if count == 0 {
            return false;
        }
        let (zone, readings) = (self.zone(first), (gathered as u32, count as u32));
        self.mentions.list.push(Mention { first, last, name, zone, sign, readings });
        true
    }

    fn zone(&self, at: usize) -> Zone {
        match self.tokens[at].field {
            Field::Title => Zone::Title,
            Field::Dateline => Zone::Dateline,
            Field::Body if at < self.dateline_end => Zone::Dateline,
            Field::Body if at < self.body + LEAD_WORDS => Zone::Lead,
            Field::Body => Zone::Body,
        }
    }

    /// The currency whose sign is before a number or after letters, as in `£5` and `US$5`, and the sign's bytes.
    fn sign(&self, at: usize) -> Option<(u32, (u8, u8))> {
        let token = &self.tokens[at];
        let field = self.text.field(token.field);
        let (start, end) = (token.start as usize, token.end as usize);
        let (key, bytes) = if field.as_bytes().get(end) == Some(&b'$') {
            (key::of_sign_after(token.hash, '$'), (0, 1))
        } else if field.as_bytes()[start].is_ascii_digit() && start > 0 && !field.as_bytes()[start - 1].is_ascii() {
            let sign = field[..start].chars().next_back().filter(|&char| is_currency_sign(char))?;
            (key::of_sign(sign), (sign.len_utf8() as u8, 0))
        } else {
            return None;
        };
        Some((self.gazetteer.phrases.get(key)?, bytes))
    }

    /// Whether a name may begin at a word: most words of a text begin none.
    #[inline]
    fn may_begin(&self, token: &Token) -> bool {
        let small = token.shape == Shape::Lower && self.text.case_style(token.field) != CaseStyle::Lower;
        let words = if small { &self.gazetteer.small_first_words } else { &self.gazetteer.first_words };
        words.may_contain(token.hash)
    }

    /// Takes the longest name that begins at a word and may be read there; gives its last word.
    fn take_longest(&mut self, at: usize) -> Option<usize> {
        // Names by their number of words, and a bit for each that is there.
        let mut names = [0; NAME_WORDS_MAX];
        let mut there = 0u64;
        let tokens = &self.tokens[at..];
        self.gazetteer.phrases.walk(tokens[0].hash, tokens, NAME_WORDS_MAX, |words, name| {
            names[words - 1] = name;
            there |= 1 << (words - 1);
        });
        while let Some(more) = there.checked_ilog2() {
            let last = at + more as usize;
            if self.take(at, last, names[more as usize], (0, 0)) {
                return Some(last);
            }
            there ^= 1 << more;
        }
        None
    }

    /// Takes a word as a name that is matched by its beginning, for languages that inflect names, or after a clitic.
    fn take_stem(&mut self, at: usize) {
        let word = self.text.folded(&self.tokens[at]);
        let mut stems = [0; STEM_BYTES_MAX + 1];
        let mut count = 0;
        let mut hasher = WordHasher::new();
        let beginning = &word[..word.floor_char_boundary(STEM_BYTES_MAX)];
        for (letters, (start, char)) in beginning.char_indices().enumerate() {
            let end = start + char.len_utf8();
            hasher.write(&word.as_bytes()[start..end]);
            if (letters + 1 >= STEM_LETTERS_MIN || end == word.len())
                && let Some(name) = self.gazetteer.stems.get(hasher.finish())
            {
                stems[count] = name;
                count += 1;
            }
        }
        if !stems[..count].iter().rev().any(|&name| self.take(at, at, name, (0, 0))) {
            self.take_after_clitic(at, word);
        }
    }

    /// Arabic and Hebrew write "and", "in", "to", "the" as one word with the name.
    fn take_after_clitic(&mut self, at: usize, word: &str) {
        let mut chars = word.chars();
        let clitic = chars.next().is_some_and(|first| {
            matches!(first, 'و' | 'ف' | 'ب' | 'ك' | 'س' | 'ו' | 'ב' | 'ל' | 'מ' | 'ה' | 'ש' | 'כ')
        });
        let bare = chars.as_str();
        if clitic
            && bare.chars().count() > 2
            && let Some(name) = self.gazetteer.phrases.get(hash_word(bare))
        {
            self.take(at, at, name, (0, 0));
        }
    }

    /// What the case of the words allows a reading of a name to ask for.
    fn fits(&self, first: usize, last: usize, name: u32) -> Fits {
        let tokens = &self.tokens[first..=last];
        let style = self.text.case_style(tokens[0].field);
        let is_small = |token: &Token| token.shape == Shape::Lower;
        let is_capitals = |token: &Token| matches!(token.shape, Shape::Upper | Shape::Caseless | Shape::Number);
        let capital = style == CaseStyle::Lower || !is_small(&tokens[0]) && !is_small(&tokens[tokens.len() - 1]);
        let capitals = match style {
            CaseStyle::Upper => true,
            // Lower case says nothing in a text without capitals, unless the word is an ordinary one: `us`, `who`.
            CaseStyle::Lower if self.gazetteer.names[name as usize].common <= 0.0 => true,
            _ => tokens.iter().all(is_capitals),
        };
        let local = capital && !(style == CaseStyle::Sentence && self.is_acronym(first, last));
        Fits { capital, local, capitals }
    }

    /// A short word in capitals in running text is not a town's name: `SWAT`, `ILO`. A dateline is written so.
    fn is_acronym(&self, first: usize, last: usize) -> bool {
        let token = &self.tokens[first];
        first == last
            && token.shape == Shape::Upper
            && token.end - token.start <= ACRONYM_BYTES_MAX
            && token.field == Field::Body
            && first > self.body + DATELINE_WORDS_MAX
    }

    fn obeys(&self, first: usize, candidate: &Candidate) -> bool {
        let rule = self.gazetteer.rule(candidate);
        let token = &self.tokens[first];
        let present = |words: &[u64]| words.iter().any(|word| self.present().binary_search(word).is_ok());
        rule.languages.includes(self.language)
            && (!rule.after_comma || matches!(token.gap, Gap::Comma | Gap::Other | Gap::Joined))
            && (rule.near.is_empty() || present(&rule.near))
            && !present(&rule.unless)
    }

    /// The words of the text that some rule looks for, sorted.
    fn present(&self) -> &[u64] {
        self.present.get_or_init(|| {
            let hashes = self.tokens.iter().map(|token| token.hash);
            let mut present: Vec<u64> = hashes.filter(|&hash| self.gazetteer.rule_words.contains(hash)).collect();
            present.sort_unstable();
            present.dedup();
            present
        })
    }
}

/// What the case of some words allows, where the field's case says anything.
struct Fits {
    /// Names with a capital.
    capital: bool,
    /// Those of places smaller than a country.
    local: bool,
    /// Names in capitals.
    capitals: bool,
}

impl Fits {
    #[inline]
    fn admits(&self, candidate: &Candidate) -> bool {
        match candidate.case {
            Case::Any => true,
            Case::Capital if candidate.is_local() => self.local,
            Case::Capital => self.capital,
            Case::Capitals => self.capitals,
        }
    }
}

/// Words of a dateline at the start of a body, as in `NAIROBI, Kenya (AP) — ` or `PARIS (Reuters) - `.
fn dateline_words(text: &Text<'_>, body: &[Token]) -> usize {
    let Some(first) = body.first().filter(|first| first.shape == Shape::Upper) else { return 0 };
    let window = &body[..body.len().min(DATELINE_WORDS_MAX)];
    let ends = |pair: &[Token]| {
        let between = &text.field(Field::Body)[pair[0].end as usize..pair[1].start as usize];
        between.contains(" - ") || between.contains('—') || between.contains('–') || between.contains("--")
    };
    let end = window.windows(2).position(ends).map_or(0, |at| at + 1);
    if text.case_style(first.field) == CaseStyle::Upper { 0 } else { end }
}
