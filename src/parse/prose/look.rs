//! What a line or paragraph looks like to a reader who does not know its language: how it begins and ends, how long it
//! is, how it uses capitals, whether sentences end inside it. Measures; decides nothing.

use super::calendar::POINTED_MONTHS;

/// A text in which fewer bytes than one in this many are capitals does not use capitals.
const BYTES_PER_CAPITAL_MAX: usize = 500;

/// Words counted before counting stops: a text with as many is long, however many there are.
pub(in crate::parse) const WORDS_COUNTED_MAX: u32 = 31;

/// Minimum number of long words that show how a text uses capitals.
const LONG_WORDS_MIN: u32 = 3;

/// Minimum length in bytes of a word that a headline in title case capitalises wherever it is.
const LONG_WORD_BYTES_MIN: usize = 4;

/// The full stop of Chinese and Japanese.
const IDEOGRAPHIC_STOP: char = '。';

/// Abbreviations other than months that end in a point and may end a headline, or be followed by a capital within a
/// sentence; sorted.
const ABBREVIATIONS: [&str; 44] = [
    "adm", "ave", "bros", "calif", "capt", "cf", "cmdr", "co", "col", "conn", "corp", "dept", "dr", "est", "etc",
    "fla", "gen", "gov", "hon", "inc", "jr", "lt", "ltd", "maj", "mass", "messrs", "mr", "mrs", "ms", "mt", "no", "pa",
    "pres", "prof", "rep", "rev", "sen", "sgt", "sr", "st", "supt", "tenn", "vs", "wash",
];

/// Bytes of the longest of them.
const ABBREVIATION_BYTES_MAX: usize = 6;

/// A text and the measures that are asked of each; what few are asked is measured when it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::parse) struct Look<'a> {
    text: &'a str,
    /// How it ends.
    pub(in crate::parse) end: End,
    /// Words between spaces, up to [`WORDS_COUNTED_MAX`].
    pub(in crate::parse) words: u32,
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

impl<'a> Look<'a> {
    /// Looks at a text.
    pub(in crate::parse) fn new(text: &'a str) -> Self {
        Look { text, end: end_of(text), words: count_words(text) }
    }

    /// Whether it opens with a quotation mark.
    pub(in crate::parse) fn is_quoted(&self) -> bool {
        self.text.starts_with(['"', '“', '‘', '„', '«', '»', '「', '『', '\''])
    }

    /// Whether every long word but the first begins with a capital, as in an English headline and never in an English
    /// sentence.
    pub(in crate::parse) fn is_title_case(&self) -> bool {
        let mut capitals = 0;
        for word in words(self.text).skip(1).filter(|word| word.len() >= LONG_WORD_BYTES_MIN) {
            match start_of(word) {
                Start::Lower => return false,
                Start::Capital => capitals += 1,
                Start::Other => {}
            }
        }
        capitals >= LONG_WORDS_MIN
    }

    /// Whether it has capitals and no letter in lower case.
    pub(in crate::parse) fn is_all_capitals(&self) -> bool {
        let mut capitals = false;
        for character in self.text.chars() {
            if character.is_lowercase() {
                return false;
            }
            capitals |= character.is_uppercase();
        }
        capitals
    }

    /// Whether a sentence ends inside it and another begins.
    pub(in crate::parse) fn holds_sentence_end(&self) -> bool {
        holds_sentence_end(self.text)
    }
}

/// Whether a sentence ends inside a text and another begins.
pub(in crate::parse) fn holds_sentence_end(text: &str) -> bool {
    let mut ended = false;
    for word in words(text) {
        if ended && start_of(word) != Start::Lower {
            return true;
        }
        ended = ends_sentence(word);
    }
    // No space follows the full stop of a script without spaces.
    text.trim_end_matches(|last| last == IDEOGRAPHIC_STOP || is_closer(last)).contains(IDEOGRAPHIC_STOP)
}

/// Whether a text uses capitals, so that they and their absence mean something.
pub(in crate::parse) fn has_case(text: &str) -> bool {
    let enough = text.len() / BYTES_PER_CAPITAL_MAX;
    // Asked first because bytes are read many times faster than characters.
    text.bytes().filter(u8::is_ascii_uppercase).nth(enough).is_some()
        || !text.is_ascii() && text.chars().filter(|character| character.is_uppercase()).nth(enough).is_some()
}

/// How a text begins.
pub(in crate::parse) fn start_of(text: &str) -> Start {
    // Asked of every long word: a letter first is the common case.
    match text.as_bytes().first() {
        Some(b'a'..=b'z') => return Start::Lower,
        Some(b'A'..=b'Z') => return Start::Capital,
        _ => {}
    }
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
    !word.ends_with(|last: char| last.is_ascii_alphanumeric()) && end_of(word) == End::Stop
}

/// The number of pieces between spaces, up to a bound.
fn count_words(text: &str) -> u32 {
    let (mut words, mut between) = (0, true);
    for byte in text.bytes() {
        words += u32::from(between && byte != b' ');
        between = byte == b' ';
        if words == WORDS_COUNTED_MAX {
            break;
        }
    }
    words
}

/// The pieces of a text between spaces.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(' ');
        let end = rest.bytes().position(|byte| byte == b' ').unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        (!word.is_empty()).then_some(word)
    })
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
        (Some(_), Some(_)) => is_listed_abbreviation(stem),
        (None, _) => false,
    }
}

fn is_listed_abbreviation(stem: &str) -> bool {
    let mut lower = [0; ABBREVIATION_BYTES_MAX];
    let Some(lower) = lower.get_mut(..stem.len()) else { return false };
    lower.copy_from_slice(stem.as_bytes());
    lower.make_ascii_lowercase();
    let is_in = |list: &[&str]| list.binary_search_by_key(&&*lower, |listed| listed.as_bytes()).is_ok();
    is_in(&ABBREVIATIONS) || is_in(&POINTED_MONTHS)
}

fn is_opener(character: char) -> bool {
    matches!(character, '"' | '\'' | '(' | '[' | '“' | '‘' | '„' | '‚' | '«' | '‹' | '「' | '『' | '（' | '¿' | '¡')
}

fn is_closer(character: char) -> bool {
    matches!(character, '"' | '\'' | ')' | ']' | '”' | '’' | '“' | '»' | '›' | '」' | '』' | '）' | '*' | '_')
        || character.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_end(text: &str, expected: End) {
        assert_eq!(end_of(text), expected, "{text:?}");
    }

    #[test]
    fn a_text_ends_as_its_last_mark_says_quotes_and_brackets_aside() {
        check_end("The dike broke.", End::Stop);
        check_end("“The dike broke.”)", End::Stop);
        check_end("堤防が決壊した。", End::Stop);
        check_end("Did it?»", End::Question);
        check_end("And then...", End::Ellipsis);
        check_end("And then …", End::Ellipsis);
        check_end("The dead:", End::Colon);
        check_end("The mayor, who", End::Plain);
        check_end("The mayor,", End::Open);
        for abbreviation in ["U.S.", "(Gov.", "Dr.", "X.", "Sept.", "messrs."] {
            check_end(&format!("Troops land with {abbreviation}"), End::Abbreviation);
        }
        check_end("Troops land in May.", End::Stop);
    }

    #[track_caller]
    fn check_sentence_end(text: &str, expected: bool) {
        assert_eq!(holds_sentence_end(text), expected, "{text:?}");
    }

    #[test]
    fn a_sentence_ends_inside_where_another_begins() {
        check_sentence_end("Truce holds. For now", true);
        check_sentence_end("The dike broke.", false);
        check_sentence_end("Dr. Lee of the U.S. Navy spoke", false);
        check_sentence_end("Bus no. nine counts, vs. others", false);
        check_sentence_end("堤防が決壊した。町は", true);
        check_sentence_end("堤防が決壊した。」", false);
    }

    #[test]
    fn words_are_counted_to_a_bound() {
        let count = |text: &str| Look::new(text).words;
        assert_eq!((count(""), count("a  b c"), count(&"a ".repeat(500))), (0, 3, WORDS_COUNTED_MAX));
    }

    #[test]
    fn title_case_is_told_by_three_long_words() {
        for (text, expected) in [
            ("Storm Closes Harbour in Northern Town", true),
            ("Storm Closes Northern harbour", false),
            ("Storm over Cork City", false),
            ("Ice on the Sea", false),
        ] {
            assert_eq!(Look::new(text).is_title_case(), expected, "{text:?}");
        }
    }

    #[test]
    fn lists_are_sorted_for_binary_search() {
        assert!(ABBREVIATIONS.is_sorted() && POINTED_MONTHS.is_sorted());
        assert!(ABBREVIATIONS.iter().chain(&POINTED_MONTHS).all(|listed| listed.len() <= ABBREVIATION_BYTES_MAX));
    }
}
