//! Page furniture: what is on a page of news and is not news. Rules, page numbers, dates, end marks and notices.

use super::calendar::is_month_or_weekday;
use super::is_word_of;

/// Why a line is not part of any item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum IgnoreReason {
    /// A label such as `WORLD` or `Business:`; the items after it carry it in their sections.
    SectionLabel,
    /// A rule of dashes, stars or the like.
    Separator,
    /// Only punctuation, digits or symbols.
    NoWords,
    /// Boilerplate of the sender: page number, date line of the digest, "end".
    Boilerplate,
}

/// Words that a date line may contain in addition to months, weekdays and numbers, lower case.
const DATE_JOINTS: [&str; 10] = ["published", "updated", "posted", "at", "on", "of", "gmt", "utc", "am", "pm"];

/// Lines that end a story or a page, lower case, brackets and dashes aside.
const END_MARKS: [&str; 8] = ["end", "ends", "end of file", "more", "more follows", "more to follow", "mf", "endit"];

/// How the notices begin that agencies and publishers set under a story, lower case, brackets aside.
const NOTICES: [&str; 10] = [
    "©",
    "(c)",
    COPYRIGHT,
    "all rights reserved",
    "reporting by",
    "editing by",
    "writing by",
    "additional reporting",
    "compiled by",
    "our standards:",
];

/// The one notice that a headline may begin with.
const COPYRIGHT: &str = "copyright";

/// Why a line is not news, when the line alone shows it.
pub(in crate::parse) fn ignored(text: &str) -> Option<IgnoreReason> {
    if !text.chars().any(char::is_alphabetic) {
        let rule = !text.chars().any(char::is_alphanumeric) && text.is_ascii() || text.chars().all(is_rule);
        return Some(if rule { IgnoreReason::Separator } else { IgnoreReason::NoWords });
    }
    let boilerplate = is_page(text) || is_end_mark(text) || is_date_line(text) || is_notice(text);
    boilerplate.then_some(IgnoreReason::Boilerplate)
}

pub(super) fn is_rule(character: char) -> bool {
    matches!(character, '-' | '=' | '*' | '_' | '~' | '#' | '.' | '+' | '·' | '•' | '–' | '—' | '―' | '─' | '━' | '═')
        || character.is_whitespace()
}

/// `Page 3`, `Page 3 of 9`, `p. 3`.
fn is_page(text: &str) -> bool {
    if !text.starts_with(['p', 'P']) {
        return false;
    }
    let mut words = text.split(|character: char| character.is_whitespace() || character == '/');
    let page = words.next().is_some_and(|word| is_word_of(&["page", "p."], word));
    page && words.clone().count() > 0
        && words.all(|word| word == "of" || word.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_end_mark(text: &str) -> bool {
    is_word_of(&END_MARKS, text.trim_matches(|character: char| !character.is_alphanumeric()))
}

/// `5 Nov 2025`, `Monday, 3 November`, `Updated Dec 12 at 9am`.
fn is_date_line(text: &str) -> bool {
    let mut dated = false;
    let mut words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| {
        let named = is_month_or_weekday(word);
        dated |= named;
        named || is_number(word) || is_word_of(&DATE_JOINTS, word)
    }) && dated
}

/// Digits, with an ordinal's ending perhaps.
fn is_number(word: &str) -> bool {
    let ending = word.trim_start_matches(|character: char| character.is_ascii_digit());
    ending.len() < word.len() && matches!(ending, "" | "st" | "nd" | "rd" | "th" | "am" | "pm")
}

fn is_notice(text: &str) -> bool {
    let opening = text.trim_start_matches(['(', '[', '*']);
    NOTICES.iter().any(|notice| {
        let begins = begins_with(opening, notice) || opening.len() < text.len() && begins_with(text, notice);
        // A headline may begin with "Copyright"; a notice names a year, or a holder by "by", or is in brackets.
        begins && (*notice != COPYRIGHT || text.contains("20") || text.contains("19"))
    })
}

fn begins_with(text: &str, opening: &str) -> bool {
    let head = text.as_bytes().get(..opening.len());
    head.is_some_and(|head| {
        head[0].eq_ignore_ascii_case(&opening.as_bytes()[0]) && head.eq_ignore_ascii_case(opening.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::super::calendar::{MONTHS, STEM_BYTES, WEEKDAYS};
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<IgnoreReason>) {
        assert_eq!(ignored(line), expected, "{line:?}");
    }

    #[test]
    fn a_date_line_is_ignored_in_every_month_and_on_every_weekday() {
        for name in MONTHS.iter().chain(&WEEKDAYS) {
            for written in [name, &name[..STEM_BYTES], &name.to_uppercase()] {
                let lines = [
                    format!("5 {written} 2025"),
                    format!("{written} 12"),
                    format!("Mon {written} 3"),
                    format!("Updated on {written} 3rd at 9am"),
                ];
                for line in lines {
                    check(&line, Some(IgnoreReason::Boilerplate));
                }
            }
        }
        check("Sept. 11", Some(IgnoreReason::Boilerplate));
    }

    #[test]
    fn a_line_with_a_date_and_a_word_of_news_is_read() {
        for line in ["Dec 12 vote", "Novel 5", "Marchers at 5", "Sunk on Sunday", "Decem 5", "12 at 9"] {
            check(line, None);
        }
    }
}
