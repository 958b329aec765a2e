//! What a line or paragraph looks like to a reader who does not know its language: how it ends, how long it is, how
//! it uses capitals, whether sentences end inside it. Measures; decides nothing.

use super::calendar::POINTED_MONTHS;

/// A text in which fewer bytes than one in this many are capitals does not use capitals.
const BYTES_PER_CAPITAL_MAX: usize = 500;

/// The measures of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) struct Look {
    /// How it ends.
    pub(in crate::parse) end: End,
    /// How it begins.
    pub(in crate::parse) start: Start,
    /// Words between spaces.
    pub(in crate::parse) words: u32,
    /// Words of four letters and more, the first word aside: those a title-case headline capitalises.
    pub(in crate::parse) long_words: u32,
    /// Those of them that begin with a capital.
    pub(in crate::parse) long_capitals: u32,
    /// Whether a sentence ends inside it and another begins.
    pub(in crate::parse) inner_stop: bool,
    /// Whether it has letters, and of them none in lower case, though its script has case.
    pub(in crate::parse) all_capitals: bool,
    /// Whether it opens with a quotation mark.
    pub(in crate::parse) quoted: bool,
}

/// How a text ends, closing quotation marks and brackets aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum End {
    /// A full stop of any script.
    Stop,
    /// A point that may belong to an abbreviation: `… in U.S.`
    Abbreviation,
    /// `?` or `!` of any script.
    Question,
    /// Three points.
    Ellipsis,
    /// A colon.
    Colon,
    /// A comma, a semicolon or a hyphen: something must follow.
    Open,
    /// A letter, a digit, or anything else.
    Plain,
}

/// How a text begins, opening quotation marks and brackets aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Start {
    /// A lower-case letter.
    Lower,
    /// A capital.
    Capital,
    /// A digit, a symbol, or a letter of a script without case.
    Other,
}

/// Abbreviations besides months that end in a point and may end a headline, or be followed by a capital within a
/// sentence.
const ABBREVIATIONS: [&str; 44] = [
    "adm", "ave", "bros", "calif", "capt", "cf", "cmdr", "co", "col", "conn", "corp", "dept", "dr", "est", "etc",
    "fla", "gen", "gov", "hon", "inc", "jr", "lt", "ltd", "maj", "mass", "messrs", "mr", "mrs", "ms", "mt", "no", "pa",
    "pres", "prof", "rep", "rev", "sen", "sgt", "sr", "st", "supt", "tenn", "vs", "wash",
];

impl Look {
    /// Measures a text in one pass over its words.
    pub(in crate::parse) fn of(text: &str) -> Self {
        let mut look = Look {
            end: end_of(text),
            start: start_of(text),
            words: 0,
            long_words: 0,
            long_capitals: 0,
            inner_stop: false,
            all_capitals: false,
            quoted: text.starts_with(['"', '“', '‘', '„', '«', '»', '「', '『', '\'']),
        };
        // Asked once, since it is so seldom there: a full stop that no space follows.
        let ideographic = holds_ideographic_stop(text);
        let mut stopped = false;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            look.words += 1;
            look.inner_stop |= stopped && start_of(word) != Start::Lower;
            stopped = ends_sentence(word);
            look.count_capital(word);
        }
        look.inner_stop |= ideographic && holds_ideographic_stop(text.trim_end_matches(is_closing_stop));
        look.all_capitals = is_all_capitals(text);
        look
    }

    fn count_capital(&mut self, word: &str) {
        if self.words > 1 && word.len() >= 4 {
            match start_of(word) {
                Start::Lower => self.long_words += 1,
                Start::Capital => {
                    self.long_words += 1;
                    self.long_capitals += 1;
                }
                Start::Other => {}
            }
        }
    }

    /// Whether every long word begins with a capital, as in an English headline and never in an English sentence.
    pub(in crate::parse) fn is_title_case(&self) -> bool {
        self.long_words >= 3 && self.long_capitals == self.long_words
    }
}

/// Whether a text uses capitals, so that they and their absence can tell something.
pub(in crate::parse) fn has_case(text: &str) -> bool {
    let enough = text.len() / BYTES_PER_CAPITAL_MAX;
    // Asked first because bytes are read many times faster than characters.
    text.bytes().filter(u8::is_ascii_uppercase).nth(enough).is_some()
        || !text.is_ascii() && text.chars().filter(|character| character.is_uppercase()).nth(enough).is_some()
}

/// How a text begins.
pub(in crate::parse) fn start_of(text: &str) -> Start {
    match text.chars().find(|character| !is_opener(*character)) {
        Some(character) if character.is_lowercase() => Start::Lower,
        Some(character) if character.is_uppercase() => Start::Capital,
        _ => Start::Other,
    }
}

/// How a text ends.
pub(in crate::parse) fn end_of(text: &str) -> End {
    let text = text.trim_end_matches(is_closer);
    match text.chars().next_back() {
        Some('.') if text.ends_with("..") => End::Ellipsis,
        Some('.') if is_abbreviation(last_word(text)) => End::Abbreviation,
        Some('.' | '。' | '．' | '｡' | '।' | '॥' | '۔' | '።' | '։' | '။' | '។') => End::Stop,
        Some('?' | '!' | '？' | '！' | '؟' | '‼' | '⁉') => End::Question,
        Some('…') => End::Ellipsis,
        Some(':' | '：') => End::Colon,
        Some(',' | ';' | '-' | '،' | '、' | '，' | '；' | '؛') => End::Open,
        _ => End::Plain,
    }
}

/// Whether a word closes a sentence for sure.
fn ends_sentence(word: &str) -> bool {
    // Asked of every word: a letter last is the common case.
    match word.as_bytes().last() {
        Some(last) if last.is_ascii_alphanumeric() => false,
        _ => end_of(word) == End::Stop,
    }
}

fn last_word(text: &str) -> &str {
    text.rsplit(|character: char| character.is_whitespace() || is_opener(character)).next().unwrap_or(text)
}

/// Whether a word that ends in a point is an abbreviation: letters with points between (`U.S.`), one capital (`X.`),
/// or one of the list.
fn is_abbreviation(word: &str) -> bool {
    let stem = word.trim_start_matches(is_opener).trim_end_matches('.');
    let mut characters = stem.chars();
    match (characters.next(), characters.next()) {
        (Some(first), None) => first.is_uppercase(),
        (Some(first), Some('.')) => first.is_alphabetic(),
        (Some(_), Some(_)) if stem.len() <= 6 => {
            ABBREVIATIONS.iter().chain(&POINTED_MONTHS).any(|abbreviation| stem.eq_ignore_ascii_case(abbreviation))
        }
        _ => false,
    }
}

/// Whether a full stop of a script written without spaces stands in a text.
fn holds_ideographic_stop(text: &str) -> bool {
    !text.is_ascii() && text.contains('。')
}

fn is_closing_stop(character: char) -> bool {
    character == '。' || is_closer(character)
}

fn is_opener(character: char) -> bool {
    matches!(character, '"' | '\'' | '(' | '[' | '“' | '‘' | '„' | '‚' | '«' | '‹' | '「' | '『' | '（' | '¿' | '¡')
}

fn is_closer(character: char) -> bool {
    matches!(character, '"' | '\'' | ')' | ']' | '”' | '’' | '“' | '»' | '›' | '」' | '』' | '）' | '*' | '_')
        || character.is_whitespace()
}

fn is_all_capitals(text: &str) -> bool {
    let mut capitals = false;
    for character in text.chars() {
        if character.is_lowercase() {
            return false;
        }
        capitals |= character.is_uppercase();
    }
    capitals
}
