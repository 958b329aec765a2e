//! An item cut into words, once, for every classifier to share. Says nothing about what the words mean.
//!
//! A word is a run of letters, marks and digits. Apostrophes, hyphens and points split words, with three exceptions
//! that news needs: a possessive `'s` is dropped (`Russia’s` is `russia`), a dotted abbreviation is one word
//! (`U.S.` is `us` in capitals, never the pronoun), and a character of a script written without spaces (Chinese,
//! Japanese, Thai …) is a word of its own.
//!
//! Words are *folded*: lower case, accents of Latin, Greek and Cyrillic removed, Arabic and Hebrew vowel points
//! removed. Gazetteers and lexicons are cut by the same code, so both sides fold alike.

mod cut;
mod fold;

use crate::document::{Evidence, Field, Item};
use cut::Cutter;

/// The words of one item, field by field in the order title, dateline, body.
#[derive(Debug)]
pub struct Text<'a> {
    fields: [&'a str; FIELDS],
    styles: [CaseStyle; FIELDS],
    /// First word of each field.
    starts: [usize; FIELDS],
    folded: String,
    tokens: Vec<Token>,
    currency_signs: bool,
}

/// Fields of an item that are cut into words.
const FIELDS: usize = 3;

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The field it is in.
    pub field: Field,
    /// First byte in the field.
    pub start: u32,
    /// One past the last byte, possessive excluded.
    pub end: u32,
    /// Hash of the folded word by [`hash_word`]; stable across versions, so that shipped models may hold it.
    pub hash: u64,
    /// How it is written.
    pub shape: Shape,
    /// What is between the previous word and this one.
    pub gap: Gap,
    flags: u8,
    /// First character in the field.
    char_start: u32,
    folded_start: u32,
    folded_end: u32,
}

impl Token {
    const POSSESSIVE: u8 = 1;
    const ASCII: u8 = 2;

    /// Whether a possessive `'s` followed.
    pub fn is_possessive(&self) -> bool {
        self.flags & Token::POSSESSIVE != 0
    }

    /// Whether its folded form is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.flags & Token::ASCII != 0
    }

    /// Takes characters of these numbers of bytes, before and after the word, into the word; 0 for none.
    pub(super) fn widen(&mut self, before: u8, after: u8) {
        self.start -= u32::from(before);
        self.char_start -= u32::from(before > 0);
        self.end += u32::from(after);
    }
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `word`
    Lower,
    /// `Word`, and a single capital letter.
    Title,
    /// `WORD`, and any dotted abbreviation.
    Upper,
    /// `McWord`
    Mixed,
    /// Digits only.
    Number,
    /// A script without case.
    Caseless,
}

/// What is between a word and the one before it; when several things do, the one furthest down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Nothing, a hyphen, an apostrophe, or a point inside a word such as `example.org`.
    Joined,
    /// White space.
    Space,
    /// A comma of any script.
    Comma,
    /// Quotation marks, brackets, dashes, other symbols.
    Other,
    /// The end of a sentence or line.
    Stop,
    /// The start of the field.
    Start,
}

/// What the case of a field's words can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseStyle {
    /// Names are capitalised, other words are not.
    Sentence,
    /// Nearly every word is capitalised, as in a headline.
    Title,
    /// All capitals: case says nothing.
    Upper,
    /// No capitals: case says nothing.
    Lower,
}

impl<'a> Text<'a> {
    /// Cuts an item's title, dateline and body into words. Linear in their length.
    pub fn of_item(item: &'a Item) -> Self {
        let field = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
        Text::new(field(&item.text.title), field(&item.text.dateline), field(&item.text.body))
    }

    /// Cuts a title, a dateline and a body into words; any may be empty.
    pub fn new(title: &'a str, dateline: &'a str, body: &'a str) -> Self {
        let fields = [title, dateline, body];
        let bytes: usize = fields.iter().map(|field| field.len()).sum();
        let mut cutter = Cutter::new(bytes);
        let mut styles = [CaseStyle::Lower; FIELDS];
        let mut starts = [0; FIELDS];
        for (i, (text, field)) in fields.iter().zip([Field::Title, Field::Dateline, Field::Body]).enumerate() {
            starts[i] = cutter.tokens.len();
            cutter.cut(text, field);
            styles[i] = case_style(&cutter.tokens[starts[i]..]);
        }
        let Cutter { folded, tokens, currency_signs, .. } = cutter;
        Text { fields, styles, starts, folded, tokens, currency_signs }
    }

    /// Cuts a phrase, a label or another text without fields into words.
    pub fn of_phrase(phrase: &'a str) -> Self {
        Text::new("", "", phrase)
    }

    /// All words in reading order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// First word of a field, as a place in [`tokens`](Self::tokens); the next field's when it has none.
    pub fn start(&self, field: Field) -> usize {
        self.starts[field as usize]
    }

    /// Whether a currency sign is anywhere in the text.
    pub fn has_currency_signs(&self) -> bool {
        self.currency_signs
    }

    /// The folded form of a word of this text.
    pub fn folded(&self, token: &Token) -> &str {
        &self.folded[token.folded_start as usize..token.folded_end as usize]
    }

    /// A field as it is in the item.
    pub fn field(&self, field: Field) -> &'a str {
        self.fields[field as usize]
    }

    /// What the case of a field's words can say.
    pub fn case_style(&self, field: Field) -> CaseStyle {
        self.styles[field as usize]
    }

    /// The span from one word to another of the same field, both included.
    pub fn span(&self, first: &Token, last: &Token) -> &'a str {
        debug_assert_eq!(first.field, last.field);
        &self.field(first.field)[first.start as usize..last.end as usize]
    }

    /// That span as evidence, its offsets counted in Unicode scalar values.
    pub fn evidence(&self, first: &Token, last: &Token) -> Evidence {
        let text = self.span(first, last);
        let end = first.char_start + text.chars().count() as u32;
        Evidence { text: text.to_owned(), field: first.field, start: first.char_start, end }
    }
}

/// Cuts a phrase of a gazetteer or lexicon and gives its folded words.
pub fn fold_words(phrase: &str) -> Vec<String> {
    let text = Text::of_phrase(phrase);
    text.tokens().iter().map(|token| text.folded(token).to_owned()).collect()
}

/// Whether a character is a currency sign, `$` included.
pub(super) fn is_currency_sign(char: char) -> bool {
    matches!(char, '$' | '£' | '¥' | '\u{20a0}'..='\u{20c0}')
}

/// Hash of one folded word: FNV-1a, finished so that all 64 bits are usable. It is part of the model's file format.
pub fn hash_word(folded: &str) -> u64 {
    let mut hasher = WordHasher::new();
    hasher.write(folded.as_bytes());
    hasher.finish()
}

/// Hashes a word piece by piece, as [`hash_word`] does whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordHasher(u64);

impl WordHasher {
    /// Offset basis and prime of 64-bit FNV-1a.
    const BASIS: u64 = 0xCBF2_9CE4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01B3;

    pub(super) fn new() -> Self {
        WordHasher(WordHasher::BASIS)
    }

    #[inline]
    pub(super) fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(WordHasher::PRIME);
        }
    }

    /// The hash of what was written so far.
    #[inline]
    pub(super) fn finish(self) -> u64 {
        (self.0 ^ (self.0 >> 32)).wrapping_mul(MIXER)
    }
}

/// An odd number without a pattern: 2 to the power of 64 divided by the golden ratio.
const MIXER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hash of a phrase from the hash of its beginning and of its next word.
pub fn hash_phrase(beginning: u64, word: u64) -> u64 {
    (beginning.rotate_left(23) ^ word).wrapping_mul(MIXER)
}

/// Words shorter than this are left out of the judgement: articles and prepositions are lower case even in headlines.
const STYLED_WORD_BYTES_MIN: u32 = 4;

fn case_style(tokens: &[Token]) -> CaseStyle {
    let (mut lower, mut title, mut upper) = (0usize, 0usize, 0usize);
    for token in tokens.iter().filter(|token| token.end - token.start >= STYLED_WORD_BYTES_MIN) {
        match token.shape {
            Shape::Lower => lower += 1,
            Shape::Title | Shape::Mixed => title += 1,
            Shape::Upper => upper += 1,
            Shape::Number | Shape::Caseless => {}
        }
    }
    let all = lower + title + upper;
    if all == 0 || title + upper == 0 {
        CaseStyle::Lower
    } else if upper * 10 >= all * 8 {
        CaseStyle::Upper
    } else if lower * 4 <= all {
        CaseStyle::Title
    } else {
        CaseStyle::Sentence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &[&str]) {
        assert_eq!(fold_words(input), expected, "words of {input:?}");
    }

    #[test]
    fn words_are_cut_and_folded() {
        check("Russia’s Kursk region", &["russia", "kursk", "region"]);
        check("U.S.-Brokered talks, D.C. says us", &["us", "brokered", "talks", "dc", "says", "us"]);
        check("São Tomé, Łódź, Ærø, Straße", &["sao", "tome", "lodz", "aero", "strasse"]);
        check("Côte d’Ivoire; N'Djamena", &["cote", "d", "ivoire", "n", "djamena"]);
        check("東京でiPhone", &["東", "京", "で", "iphone"]);
        check("إيران الْقَاهِرَة", &["ايران", "القاهرة"]);
        check("Cafe\u{301} e.g", &["cafe", "eg"]);
        check("I. Am A. man a.", &["i", "am", "a", "man", "a"]);
        check("example.org 3.5", &["example", "org", "3", "5"]);
    }

    #[test]
    fn words_are_hashed_by_fnv_1a() {
        let raw = |word: &str| {
            let mut hasher = WordHasher::new();
            hasher.write(word.as_bytes());
            hasher.0
        };
        assert_eq!(
            [raw(""), raw("a"), raw("foobar")],
            [0xCBF2_9CE4_8422_2325, 0xAF63_DC4C_8601_EC8C, 0x8594_4171_F739_67E8]
        );
        assert_eq!(hash_word("foobar"), (0x8594_4171_F739_67E8u64 ^ 0x8594_4171).wrapping_mul(MIXER));
        let text = Text::of_phrase("Foobar foobar\u{2019}s");
        assert!(text.tokens().iter().all(|token| token.hash == hash_word("foobar")));
    }

    #[test]
    fn shapes_part_the_country_from_the_pronoun() {
        let text = Text::new("US tells us: U.S. McDonald 42 I", "", "");
        let shapes: Vec<Shape> = text.tokens().iter().map(|token| token.shape).collect();
        use Shape::*;
        assert_eq!(shapes, [Upper, Lower, Lower, Upper, Mixed, Number, Title]);
    }

    #[test]
    fn gaps_say_what_is_between_words() {
        let text = Text::new("Paris, Texas. St. Petersburg (Fla.) said\nSo", "", "New");
        let gaps: Vec<Gap> = text.tokens().iter().map(|token| token.gap).collect();
        use Gap::*;
        assert_eq!(gaps, [Start, Comma, Stop, Space, Other, Stop, Stop, Start]);
    }

    #[test]
    fn evidence_counts_characters_not_bytes() {
        let text = Text::new("Élysée says: Österreich’s", "", "In “Köln” — 中 and Ærø");
        let evidence = |at: usize| text.evidence(&text.tokens()[at], &text.tokens()[at]);
        let places = [2, 4, 5, 7].map(evidence).map(|evidence| (evidence.text, evidence.start, evidence.end));
        let expected = [("Österreich", 13, 23), ("Köln", 4, 8), ("中", 12, 13), ("Ærø", 18, 21)];
        assert_eq!(places, expected.map(|(text, start, end)| (text.to_owned(), start, end)));
    }

    #[test]
    fn a_field_shows_what_its_case_can_say() {
        let style = |title| Text::new(title, "", "").case_style(Field::Title);
        assert_eq!(style("Minister visits flooded towns after storm"), CaseStyle::Sentence);
        assert_eq!(style("Minister Visits Flooded Towns After Storm"), CaseStyle::Title);
        assert_eq!(style("MINISTER VISITS FLOODED TOWNS"), CaseStyle::Upper);
        assert_eq!(style("minister visits flooded towns"), CaseStyle::Lower);
    }
}
