//! Finds the gazetteer's names in a text: look-ups of word sequences, longest first. Chooses no reading.

use crate::classify::region::entry::{Case, Languages};
use crate::classify::region::gazetteer::{Candidate, Gazetteer};
use crate::classify::region::key::{self, NAME_WORDS_MAX, is_currency_sign};
use crate::classify::region::weights::Zone;
use crate::classify::text::{CaseStyle, Gap, Shape, Text, Token, hash_phrase, hash_word};
use crate::document::Field;

/// Names read in one item. A longer text has shown by then what it is about, and the work stays bounded.
pub(super) const MENTIONS_MAX: usize = 2000;
/// Words of the body that make up its lead.
const LEAD_WORDS: usize = 45;
/// Words at the start of a body that may be its dateline.
const DATELINE_WORDS_MAX: usize = 8;
/// Letters of a word in capitals that is taken for an acronym.
const ACRONYM_BYTES_MAX: u32 = 4;
/// Letters of a word that are compared with the beginnings of names.
const STEM_BYTES_MAX: usize = 40;

/// A name in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mention {
    /// Index of its first word.
    pub(super) first: usize,
    /// Index of its last word.
    pub(super) last: usize,
    pub(super) name: u32,
    pub(super) zone: Zone,
    /// Bytes of a currency sign before its first word and behind its last one: `£5`, `US$5`.
    pub(super) sign: (u8, u8),
}

impl Mention {
    /// Its first and last word, the currency sign included.
    pub(super) fn ends(&self, tokens: &[Token]) -> (Token, Token) {
        let (mut first, mut last) = (tokens[self.first], tokens[self.last]);
        first.start -= u32::from(self.sign.0);
        last.end += u32::from(self.sign.1);
        (first, last)
    }
}

/// Reads one text with the gazetteer.
pub(super) struct Finder<'t> {
    gazetteer: &'t Gazetteer,
    text: &'t Text<'t>,
    tokens: &'t [Token],
    language: Languages,
    english: bool,
    /// First word of the body.
    body: usize,
    /// Words of the text that some rule looks for, sorted.
    present: Vec<u64>,
}

impl<'t> Finder<'t> {
    pub(super) fn new(gazetteer: &'t Gazetteer, text: &'t Text<'t>, language: &str) -> Self {
        // English is read everywhere: names of offices and firms stand so in any language, and a detector can err.
        let spoken = gazetteer.languages.of(language).and(gazetteer.languages.of("en"));
        let present = present_words(gazetteer, text);
        let tokens = text.tokens();
        let body = tokens.partition_point(|token| token.field < Field::Body);
        Finder { gazetteer, text, tokens, language: spoken, english: language == "en", body, present }
    }

    /// Finds the names, in reading order, none overlapping another.
    pub(super) fn find(&self) -> Vec<Mention> {
        let mut mentions = Vec::with_capacity(self.tokens.len() / 8 + 4);
        let body = self.body;
        let dateline_end = body + dateline_words(self.text, &self.tokens[body..]);
        let mut at = 0;
        while at < self.tokens.len() && mentions.len() < MENTIONS_MAX {
            let signed = self.sign(at);
            let found = signed.map(|(name, _)| (at, name)).or_else(|| self.longest(at)).or_else(|| self.stem(at));
            let Some((last, name)) = found else {
                at += 1;
                continue;
            };
            let zone = match self.tokens[at].field {
                Field::Title => Zone::Title,
                Field::Dateline => Zone::Dateline,
                Field::Body if at < dateline_end => Zone::Dateline,
                Field::Body if at < body + LEAD_WORDS => Zone::Lead,
                Field::Body => Zone::Body,
            };
            let sign = signed.map_or((0, 0), |(_, sign)| sign);
            mentions.push(Mention { first: at, last, name, zone, sign });
            at = last + 1;
        }
        mentions
    }

    /// The currency whose sign stands before a number or behind letters, as in `£5` and `US$5`, and the sign's bytes.
    fn sign(&self, at: usize) -> Option<(u32, (u8, u8))> {
        let token = &self.tokens[at];
        let field = self.text.field(token.field);
        let (start, end) = (token.start as usize, token.end as usize);
        let (hash, bytes) = if field.as_bytes().get(end) == Some(&b'$') {
            (key::of_sign_after(token.hash, '$'), (0, 1))
        } else if field.as_bytes()[start].is_ascii_digit() && start > 0 && !field.as_bytes()[start - 1].is_ascii() {
            let sign = field[..start].chars().next_back().filter(|&char| is_currency_sign(char))?;
            (key::of_sign(sign), (sign.len_utf8() as u8, 0))
        } else {
            return None;
        };
        let name = self.gazetteer.phrases.get(&hash)?.name()?;
        self.may_be_read(at, at, name).then_some((name, bytes))
    }

    /// The longest name that begins at a word and may be read there: its last word and itself.
    fn longest(&self, at: usize) -> Option<(usize, u32)> {
        let first = &self.tokens[at];
        let small = first.shape == Shape::Lower && self.text.case_style(first.field) != CaseStyle::Lower;
        if !self.gazetteer.first_words.may_begin(first.hash, small) {
            return None;
        }
        let mut phrase = *self.gazetteer.phrases.get(&first.hash)?;
        let mut hash = first.hash;
        let mut found = [(0, 0); NAME_WORDS_MAX];
        let mut count = 0;
        let mut last = at;
        loop {
            if let Some(name) = phrase.name() {
                found[count] = (last, name);
                count += 1;
            }
            let next = self.tokens.get(last + 1).filter(|next| phrase.continues() && continues_name(first, next));
            let Some(next) = next else { break };
            hash = hash_phrase(hash, next.hash);
            let Some(&longer) = self.gazetteer.phrases.get(&hash) else { break };
            phrase = longer;
            last += 1;
        }
        found[..count].iter().rev().copied().find(|&(last, name)| self.may_be_read(at, last, name))
    }

    /// A name matched by its beginning, for languages that inflect names, or behind a clitic.
    fn stem(&self, at: usize) -> Option<(usize, u32)> {
        let token = &self.tokens[at];
        let word = self.text.folded(token);
        if (self.english && word.is_ascii()) || token.shape == Shape::Number {
            return None;
        }
        let ends = word.char_indices().map(|(end, _)| end).skip(3).take_while(|&end| end <= STEM_BYTES_MAX);
        let ends = ends.chain((word.len() <= STEM_BYTES_MAX).then_some(word.len()));
        let stems = ends.filter_map(|end| self.gazetteer.stems.get(&hash_word(&word[..end])).copied());
        let longest = stems.filter(|&name| self.may_be_read(at, at, name)).last();
        longest.or_else(|| self.behind_clitic(at, word)).map(|name| (at, name))
    }

    /// Arabic and Hebrew write "and", "in", "to", "the" as one word with the name.
    fn behind_clitic(&self, at: usize, word: &str) -> Option<u32> {
        let mut chars = word.chars();
        let first = chars.next()?;
        let bare = match first {
            'و' | 'ف' | 'ب' | 'ك' | 'س' | 'ו' | 'ב' | 'ל' | 'מ' | 'ה' | 'ש' | 'כ' => chars.as_str(),
            _ => return None,
        };
        let phrase = self.gazetteer.phrases.get(&hash_word(bare))?;
        phrase.name().filter(|&name| bare.chars().count() > 2 && self.may_be_read(at, at, name))
    }

    /// Readings of a mention that the text allows: of those, the ones of the highest priority.
    pub(super) fn readings(&self, mention: &Mention) -> impl Iterator<Item = &'t Candidate> {
        let allowed = |candidate: &&Candidate| self.allows(mention.first, mention.last, mention.name, candidate);
        let readings = self.gazetteer.readings(mention.name);
        let priority = |candidate: &Candidate| self.gazetteer.rule(candidate).priority;
        let top = readings.iter().filter(allowed).map(priority).max().unwrap_or_default();
        readings.iter().filter(allowed).filter(move |candidate| priority(candidate) == top)
    }

    fn may_be_read(&self, first: usize, last: usize, name: u32) -> bool {
        self.gazetteer.readings(name).iter().any(|candidate| self.allows(first, last, name, candidate))
    }

    fn allows(&self, first: usize, last: usize, name: u32, candidate: &Candidate) -> bool {
        let style = self.text.case_style(self.tokens[first].field);
        // Small letters say nothing in a text without capitals, unless the word is an ordinary one: `us`, `who`.
        let lower = style == CaseStyle::Lower
            && !(candidate.case == Case::Capitals && self.gazetteer.names[name as usize].common > 0.0);
        (lower || fits_case(candidate.case, style, &self.tokens[first..=last]))
            && !(candidate.is_local() && style == CaseStyle::Sentence && self.is_acronym(first, last))
            && (candidate.rule == 0 || self.obeys(first, candidate))
    }

    /// A short word in capitals in running text is no town's name: `SWAT`, `ILO`. A dateline is written so.
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
        let present = |words: &[u64]| words.iter().any(|word| self.present.binary_search(word).is_ok());
        rule.languages.includes(self.language)
            && (!rule.after_comma || matches!(token.gap, Gap::Comma | Gap::Other | Gap::Joined))
            && (rule.near.is_empty() || present(&rule.near))
            && !present(&rule.unless)
    }
}

/// The words of the text that some rule looks for, sorted.
fn present_words(gazetteer: &Gazetteer, text: &Text<'_>) -> Vec<u64> {
    let hashes = text.tokens().iter().map(|token| token.hash);
    let mut present: Vec<u64> = hashes.filter(|&hash| gazetteer.rule_words.contains(hash)).collect();
    present.sort_unstable();
    present.dedup();
    present
}

fn continues_name(first: &Token, next: &Token) -> bool {
    next.field == first.field && matches!(next.gap, Gap::Joined | Gap::Space)
}

/// Whether words are written as a name asks, where the field's case tells anything.
fn fits_case(case: Case, style: CaseStyle, tokens: &[Token]) -> bool {
    let ends = [&tokens[0], &tokens[tokens.len() - 1]];
    match case {
        Case::Any => true,
        Case::Capitals if style == CaseStyle::Upper => true,
        Case::Capitals => {
            tokens.iter().all(|token| matches!(token.shape, Shape::Upper | Shape::Caseless | Shape::Number))
        }
        Case::Capital => ends.iter().all(|token| token.shape != Shape::Lower),
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
