//! What opens an agency story before its first sentence: the dateline and the byline.

use super::calendar::begins_as_month;
use super::look::{Start, start_of};
use super::{holds_byte, is_word_of};

/// Maximum length of a dateline in bytes, agency included.
const DATELINE_BYTES_MAX: usize = 80;

/// Maximum number of words of a dateline's place and date.
const DATELINE_WORDS_MAX: usize = 6;

/// Maximum number of words of a dateline's date.
const DATE_WORDS_MAX: usize = 5;

/// Maximum number of words of a byline after the "By".
const BYLINE_WORDS_MAX: usize = 14;

/// Words that open a byline, in the languages that feeds carry most; names must follow.
const BYLINE_OPENINGS: [&str; 7] = ["by", "par", "por", "von", "di", "door", "av"];

/// Words that appear between or after the names of a byline without a capital.
const BYLINE_JOINTS: [&str; 22] = [
    "and", "et", "y", "e", "und", "en", "och", "in", "at", "for", "de", "da", "di", "del", "van", "von", "der", "den",
    "al", "bin", "with", "the",
];

/// A dateline taken off the text it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) struct Dateline<'a> {
    /// Place, and date when given: `GENEVA`, `PARIS, Jan 5`.
    pub(in crate::parse) place: &'a str,
    /// Whether a date follows the place.
    pub(in crate::parse) dated: bool,
    /// The agency in brackets.
    pub(in crate::parse) agency: Option<&'a str>,
    /// The text after the dash.
    pub(in crate::parse) rest: &'a str,
}

/// Takes a dateline off: `GENEVA (Reuters) - `, `PARIS, Jan 5 — `, `Lima, 5 March (EFE) – `, `LONDON – `.
///
/// A dash with white space about it must follow. The place is in capitals; where it is not, a date or an agency has to
/// bear it out, because sentences open with a name and a dash too (`Paris – the city, not the prince – …`).
pub(in crate::parse) fn dateline(text: &str) -> Option<Dateline<'_>> {
    let (head, rest) = split_at_dash(text)?;
    let (place, agency) = match head.strip_suffix(')').and_then(|head| head.split_once('(')) {
        Some((place, agency)) => (place.trim_end(), Some(agency.trim())),
        None => (head, None),
    };
    let place = place.trim_end_matches([',', ' ']);
    let (town, date) = match place.split_once(", ") {
        Some((town, after)) => (town, Some(after)),
        None => (place, None),
    };
    let dated = date.is_some_and(is_date);
    let capitals = is_place_in_capitals(town);
    let named = (dated || agency.is_some()) && is_name(place);
    let borne_out = capitals && (date.is_none_or(|after| dated || is_name(after)) || agency.is_some());
    (borne_out || named).then_some(Dateline { place, dated, agency, rest })
}

/// The text before and after the first dash that has space about it, if it is near enough to the start.
fn split_at_dash(text: &str) -> Option<(&str, &str)> {
    let head_bytes = text.len().min(DATELINE_BYTES_MAX);
    // 0xE2 is the first byte of all dashes but the hyphen.
    let may_begin_dash = |byte: u8| matches!(byte, b'-' | 0xE2);
    if !holds_byte(&text.as_bytes()[..head_bytes], may_begin_dash) {
        return None;
    }
    let mut from = 0;
    while let Some(found) = text.as_bytes()[from..head_bytes].iter().position(|byte| may_begin_dash(*byte)) {
        let at = from + found;
        let (head, tail) = text.split_at(at);
        let rest = tail.trim_start_matches(['-', '–', '—', '―']);
        let free = head.ends_with(' ') && (rest.is_empty() || rest.starts_with(' '));
        // Typographers set the long dash without spaces.
        let tight = tail.starts_with(['—', '–']) && head.ends_with(|last: char| last == ')' || last.is_uppercase());
        if rest.len() < tail.len() && (free || tight) {
            return Some((head.trim_end(), rest.trim_start()));
        }
        from = at + 1;
    }
    None
}

/// Whether every letter is a capital and there are two at least: `NEW DELHI`, `ST. JOHN'S`, `PORT-AU-PRINCE`.
fn is_place_in_capitals(town: &str) -> bool {
    let mut capitals = 0;
    let only = town.chars().all(|character| {
        let capital = character.is_uppercase();
        capitals += usize::from(capital);
        capital || matches!(character, ' ' | '.' | '-' | '\'' | '’' | '/' | ',')
    });
    only && capitals >= 2
}

/// Whether every word begins with a capital or a digit, and there are few.
fn is_name(text: &str) -> bool {
    let mut words = 0;
    let named = text.split_whitespace().all(|word| {
        words += 1;
        start_of(word) != Start::Lower || BYLINE_JOINTS.contains(&word)
    });
    named && (1..=DATELINE_WORDS_MAX).contains(&words)
}

/// Whether a text is a date of a dateline: a month and, about it, digits and a weekday at most.
fn is_date(text: &str) -> bool {
    let (mut month, mut digit, mut words) = (false, false, 0);
    for word in text.split_whitespace() {
        month |= begins_as_month(word);
        digit |= word.starts_with(|first: char| first.is_ascii_digit());
        words += 1;
    }
    month && digit && words <= DATE_WORDS_MAX
}

/// The name in a line such as `By Jane Doe and John Roe, Staff Writers`; none when the line is something else.
pub(in crate::parse) fn byline(text: &str) -> Option<&str> {
    let (opening, names) = text.split_once(char::is_whitespace)?;
    let opening = opening.trim_end_matches(':');
    if !is_word_of(&BYLINE_OPENINGS, opening) || names.ends_with(['.', '?', '!']) {
        return None;
    }
    let mut words = 0;
    let named = names.split_whitespace().all(|word| {
        words += 1;
        let joint = word.trim_end_matches(',');
        start_of(word) == Start::Capital
            || is_word_of(&BYLINE_JOINTS, joint)
            || word.contains('@')
            || !word.contains(char::is_alphanumeric)
    });
    let person = words >= 2 && start_of(names) == Start::Capital;
    (named && person && words <= BYLINE_WORDS_MAX).then(|| names.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_dateline(text: &str, place: &str, dated: bool, agency: Option<&str>) {
        assert_eq!(dateline(text), Some(Dateline { place, dated, agency, rest: "The dike broke." }), "{text:?}");
    }

    #[test]
    fn a_dateline_is_taken_off_with_its_date_and_agency() {
        check_dateline("GENEVA (Reuters) - The dike broke.", "GENEVA", false, Some("Reuters"));
        check_dateline("PARIS, Jan 5 — The dike broke.", "PARIS, Jan 5", true, None);
        check_dateline("Lima, 5 March (EFE) – The dike broke.", "Lima, 5 March", true, Some("EFE"));
        check_dateline("LONDON – The dike broke.", "LONDON", false, None);
        check_dateline("ST. JOHN'S, Nov. 4 (AP) -- The dike broke.", "ST. JOHN'S, Nov. 4", true, Some("AP"));
        check_dateline("KYIV—The dike broke.", "KYIV", false, None);
        check_dateline("PORT-AU-PRINCE, Haiti - The dike broke.", "PORT-AU-PRINCE, Haiti", false, None);
    }

    #[test]
    fn a_sentence_with_a_dash_has_no_dateline() {
        let rows = [
            "Paris – the city, not the prince – is empty.",
            "The well-known mayor left.",
            "“GENEVA” is a word.",
            "He said so – twice (in May) – and left.",
            "A - The dike broke.",
        ];
        for text in rows {
            assert_eq!(dateline(text), None, "{text:?}");
        }
    }

    #[track_caller]
    fn check_byline(line: &str, expected: Option<&str>) {
        assert_eq!(byline(line), expected, "{line:?}");
    }

    #[test]
    fn a_byline_is_names_after_a_word_that_opens_it() {
        check_byline("By Jane Doe and John Roe, Staff Writers", Some("Jane Doe and John Roe, Staff Writers"));
        check_byline("von Erika Muster", Some("Erika Muster"));
        check_byline("BY: Ann Lee", Some("Ann Lee"));
        check_byline("By Ann Lee ann@example.org", Some("Ann Lee ann@example.org"));
        check_byline("By Friday the dike had broken", None);
        check_byline("By the Sea", None);
        check_byline("By Ann Lee.", None);
        check_byline("Ann Lee", None);
    }
}
