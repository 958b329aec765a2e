//! Months and weekdays, as English newsrooms write them out and abbreviate them.

/// The months, lower case.
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The days of the week, lower case.
pub(super) const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Months that the wires abbreviate with a point before a date; the others they write out.
pub(super) const POINTED_MONTHS: [&str; 8] = ["apr", "aug", "dec", "feb", "jan", "nov", "oct", SEPT];

/// The one month that is also abbreviated to four letters.
const SEPT: &str = "sept";

/// Letters that distinguish each month and each weekday from all others: what is left when they are abbreviated.
pub(super) const STEM_BYTES: usize = 3;

/// Whether a word is a month or a weekday, written out or abbreviated: `December`, `Dec`, `Sept`, `Mon`.
pub(super) fn is_month_or_weekday(word: &str) -> bool {
    let Some(stem) = stem_of(word) else { return false };
    let name = MONTHS.iter().chain(&WEEKDAYS).find(|name| name.as_bytes().starts_with(&stem));
    let is_short = word.len() == STEM_BYTES || word.eq_ignore_ascii_case(SEPT);
    name.is_some_and(|name| is_short || word.eq_ignore_ascii_case(name))
}

/// Whether a word begins as a month does, in whatever language: `Nov.`, `Januar`, `octobre`.
pub(super) fn begins_as_month(word: &str) -> bool {
    stem_of(word).is_some_and(|stem| MONTHS.iter().any(|month| month.as_bytes().starts_with(&stem)))
}

fn stem_of(word: &str) -> Option<[u8; STEM_BYTES]> {
    word.as_bytes().first_chunk().map(|stem: &[u8; STEM_BYTES]| stem.map(|byte| byte.to_ascii_lowercase()))
}
