//! What opens an agency story before its first sentence: the dateline and the byline.

use super::calendar::begins_as_month;
use super::look::{Start, start_of};

/// Longest dateline in bytes, agency included.
const DATELINE_BYTES_MAX: usize = 80;

/// Most words of a byline after the "By".
const BYLINE_WORDS_MAX: usize = 14;

/// Words that open a byline, in the languages that feeds carry most; names must follow.
const BYLINE_OPENINGS: [&str; 7] = ["by", "par", "por", "von", "di", "door", "av"];

/// Words that stand between or after the names of a byline without a capital.
const BYLINE_JOINTS: [&str; 22] = [
    "and", "et", "y", "e", "und", "en", "och", "in", "at", "for", "de", "da", "di", "del", "van", "von", "der", "den",
    "al", "bin", "with", "the",
];

/// A dateline taken off the text it opens.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::parse) struct Dateline<'a> {
    /// Place, and date when given: `GENEVA`, `PARIS, Jan 5`.
    pub(in crate::parse) place: &'a str,
    /// Whether a date stands after the place.
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
    let (town, date) = match place.find(", ").map(|comma| (&place[..comma], &place[comma + 2..])) {
        Some((town, after)) => (town, Some(after)),
        None => (place, None),
    };
    let dated = date.is_some_and(is_date);
    let capitals = is_place_in_capitals(town);
    let named = (dated || agency.is_some()) && is_name(place);
    let borne_out = capitals && (date.is_none_or(|after| dated || is_name(after)) || agency.is_some());
    (borne_out || named).then_some(Dateline { place, dated, agency, rest })
}

/// The text before and after the first dash that stands free, if it is near enough to the start.
fn split_at_dash(text: &str) -> Option<(&str, &str)> {
    let head_bytes = text.len().min(DATELINE_BYTES_MAX);
    // Most texts have no dash there; 0xE2 is the first byte of all but the hyphen.
    if !text.as_bytes()[..head_bytes].iter().any(|byte| matches!(byte, b'-' | 0xE2)) {
        return None;
    }
    for (at, character) in text.char_indices().take_while(|(at, _)| *at < head_bytes) {
        if !matches!(character, '-' | '–' | '—' | '―') {
            continue;
        }
        let head = &text[..at];
        let rest = text[at..].trim_start_matches(['-', '–', '—', '―']);
        let free = head.ends_with(' ') && (rest.is_empty() || rest.starts_with(' '));
        // Typographers set the long dash without spaces.
        let tight = matches!(character, '—' | '–') && head.ends_with(|last: char| last == ')' || last.is_uppercase());
        if free || tight {
            return Some((head.trim_end(), rest.trim_start()));
        }
    }
    None
}

/// Whether every letter is a capital and there are two at least: `NEW DELHI`, `ST. JOHN'S`, `PORT-AU-PRINCE`.
fn is_place_in_capitals(town: &str) -> bool {
    let capitals = town.chars().filter(|character| character.is_uppercase()).count();
    capitals >= 2
        && town
            .chars()
            .all(|character| character.is_uppercase() || matches!(character, ' ' | '.' | '-' | '\'' | '’' | '/' | ','))
}

/// Whether every word begins with a capital or a digit, and there are few.
fn is_name(text: &str) -> bool {
    let mut words = 0;
    let named = text.split_whitespace().all(|word| {
        words += 1;
        start_of(word) != Start::Lower || BYLINE_JOINTS.contains(&word)
    });
    named && (1..=6).contains(&words)
}

/// Whether a text is a date of a dateline: a month and, about it, digits and a weekday at most.
fn is_date(text: &str) -> bool {
    let digit = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let words = text.split_whitespace();
    words.clone().any(begins_as_month) && words.clone().any(digit) && words.count() <= 5
}

/// The name in a line such as `By Jane Doe and John Roe, Staff Writers`; none when the line is something else.
pub(in crate::parse) fn byline(text: &str) -> Option<&str> {
    let (opening, names) = text.split_once(char::is_whitespace)?;
    let opening = opening.trim_end_matches(':');
    if !BYLINE_OPENINGS.iter().any(|known| opening.eq_ignore_ascii_case(known)) || names.ends_with(['.', '?', '!']) {
        return None;
    }
    let mut words = 0;
    let named = names.split_whitespace().all(|word| {
        words += 1;
        let joint = word.trim_end_matches(',');
        start_of(word) == Start::Capital
            || BYLINE_JOINTS.iter().any(|known| joint.eq_ignore_ascii_case(known))
            || word.contains('@')
            || !word.contains(char::is_alphanumeric)
    });
    let person = words >= 2 && start_of(names) == Start::Capital;
    (named && person && words <= BYLINE_WORDS_MAX).then(|| names.trim())
}
