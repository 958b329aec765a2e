//! The source and the time that feeds hang on a headline's end (`… – Reuters`, `(AP)`, `| BBC News`, `09:30 GMT`), and
//! the time some set before it.
//!
//! A dash before a name does not make the name an outlet: `Talks to resume – Kremlin` says who said so. Only a pipe
//! does, or brackets and dashes about a name that outlets carry.

use super::outlet::{OUTLET_WORDS_MAX, is_outlet};
use super::{holds_byte, is_word_of};

/// A headline without what hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) struct Credited<'a> {
    /// The headline itself.
    pub(in crate::parse) text: &'a str,
    /// The outlet.
    pub(in crate::parse) outlet: Option<&'a str>,
}

/// Maximum length of a source in bytes, its separator included.
const TRAILER_BYTES_MAX: usize = 64;

/// Maximum number of things that hang on one headline: a source, a time, and one of them twice.
const TRAILERS_MAX: usize = 4;

/// Words that follow a time of day, lower case.
const ZONES: [&str; 16] =
    ["am", "pm", "a.m.", "p.m.", "gmt", "utc", "bst", "cet", "cest", "est", "edt", "et", "pt", "ist", "jst", "msk"];

/// Takes sources and times off a headline, as many as hang on it; never all of it.
pub(in crate::parse) fn strip(headline: &str) -> Credited<'_> {
    let mut credited = Credited { text: strip_leading_time(headline), outlet: None };
    for _ in 0..TRAILERS_MAX {
        let text = credited.text;
        // A sentence is closed by its stop; only `a.m.` and `p.m.` hang on a headline with one.
        if text.ends_with('.') && !text.ends_with("m.") {
            break;
        }
        if let Some(shorter) = strip_time(text) {
            credited.text = shorter;
        } else if let Some((shorter, outlet)) = strip_outlet(text) {
            credited.text = shorter;
            credited.outlet = credited.outlet.or(Some(outlet));
        } else {
            break;
        }
    }
    credited
}

/// Takes one source off the end: in brackets, after a pipe, or after a dash.
fn strip_outlet(text: &str) -> Option<(&str, &str)> {
    let tail = tail_of(text);
    // 0xE2 is the first byte of the dashes.
    if !holds_byte(tail.as_bytes(), |byte| matches!(byte, b')' | b']' | b'|' | b'-' | 0xE2)) {
        return None;
    }
    let (before, name) = in_brackets(tail).or_else(|| after_pipe(tail)).or_else(|| after_dash(tail))?;
    let before = text[..text.len() - tail.len() + before.len()].trim_end();
    has_words(before).then_some((before, name.trim()))
}

/// The end of a text, as far as a source may reach into it.
fn tail_of(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(TRAILER_BYTES_MAX))..]
}

fn in_brackets(text: &str) -> Option<(&str, &str)> {
    let (before, name) = text.strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
    is_outlet(name).then_some((before, name))
}

fn after_pipe(text: &str) -> Option<(&str, &str)> {
    let (before, name) = text.rsplit_once('|')?;
    let words = name.split_whitespace().count();
    let named = (1..=OUTLET_WORDS_MAX).contains(&words) && name.starts_with(' ') && before.ends_with(' ');
    named.then_some((before, name))
}

fn after_dash(text: &str) -> Option<(&str, &str)> {
    let (before, name) = text.rsplit_once(['-', '–', '—'])?;
    let before = before.trim_end_matches(|last| text[before.len()..].starts_with(last));
    (before.ends_with(' ') && name.starts_with(' ') && is_outlet(name)).then_some((before, name))
}

/// Takes a time of day off the end, with its zone, brackets and the separator before it.
fn strip_time(text: &str) -> Option<&str> {
    let inner = text.trim_end_matches([')', ']']);
    // A zone is one word of capitals; `p.m.` and `am` appear in its place.
    let (before_zone, last) = inner.rsplit_once(' ').unwrap_or(("", inner));
    let before = if is_time_of_day(last.trim_start_matches(['(', '['])) {
        &inner[..inner.len() - last.len()]
    } else if is_zone(last) {
        let (before, time) = before_zone.rsplit_once(' ').unwrap_or(("", before_zone));
        is_time_of_day(time.trim_start_matches(['(', '['])).then_some(before)?
    } else {
        return None;
    };
    let before = before.trim_end_matches([' ', ',', '|', '-', '–', '—', '·', '•', '(', '[']);
    has_words(before).then_some(before)
}

/// Takes a time of day off the start: `09:30 `, `[09:30] `, `09:30 - `.
fn strip_leading_time(text: &str) -> &str {
    if !matches!(text.as_bytes().first(), Some(b'0'..=b'9' | b'[' | b'(')) {
        return text;
    }
    let inner = text.trim_start_matches(['[', '(']);
    let Some((first, rest)) = inner.split_once(' ') else { return text };
    if !is_time_of_day(first.trim_end_matches([']', ')', ':'])) {
        return text;
    }
    let rest = match rest.split_once(' ') {
        Some((zone, rest)) if is_zone(zone) => rest,
        _ => rest,
    };
    let rest = rest.trim_start_matches([' ', '-', '–', '—', '|', ':', '·', '•', ']', ')']);
    if has_words(rest) { rest } else { text }
}

/// Whether a word is a time of day with two digits for the minutes, `09:30` or `9:30pm`; a score such as `3:1` is not.
fn is_time_of_day(word: &str) -> bool {
    // Asked of the last word of every headline.
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let digits = word.trim_end_matches(['a', 'p', 'm', 'A', 'P', 'M', '.', 'Z', 'h']);
    let Some((hour, minute)) = digits.split_once(':').or_else(|| digits.split_once('h')) else { return false };
    hour.len() <= 2 && is_number_to(23, hour) && minute.len() == 2 && is_number_to(59, minute)
}

/// Whether a text is only digits, of a number up to `max`.
fn is_number_to(max: u32, digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u32>().is_ok_and(|number| number <= max)
}

fn is_zone(word: &str) -> bool {
    is_word_of(&ZONES, word.trim_end_matches(':'))
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headline: &str, text: &str, outlet: Option<&str>) {
        assert_eq!(strip(headline), Credited { text, outlet }, "{headline:?}");
    }

    #[test]
    fn a_source_is_taken_off_the_end() {
        check("Dike breaks near Hull - Reuters", "Dike breaks near Hull", Some("Reuters"));
        check("Dike breaks near Hull (AP)", "Dike breaks near Hull", Some("AP"));
        check("Dike breaks near Hull [via AFP]", "Dike breaks near Hull", Some("via AFP"));
        check("Dike breaks near Hull | The Lantern", "Dike breaks near Hull", Some("The Lantern"));
        check("Dike breaks near Hull — Hull Evening Post", "Dike breaks near Hull", Some("Hull Evening Post"));
        check("Dike breaks near Hull -- example.com", "Dike breaks near Hull", Some("example.com"));
        check("Dike breaks near Hull - Reuters - 09:30 GMT", "Dike breaks near Hull", Some("Reuters"));
    }

    #[test]
    fn a_dash_or_bracket_before_another_name_stays() {
        for headline in
            ["Talks to resume – Kremlin", "Dike breaks (Hull)", "Dike breaks near Stoke-on-Trent", "- Reuters"]
        {
            check(headline, headline, None);
        }
    }

    #[test]
    fn a_time_is_taken_off_either_end() {
        check("09:30 Dike breaks", "Dike breaks", None);
        check("[09:30] Dike breaks", "Dike breaks", None);
        check("9:30 GMT - Dike breaks", "Dike breaks", None);
        check("Dike breaks, 09:30", "Dike breaks", None);
        check("Dike breaks (18h05 CET)", "Dike breaks", None);
        check("Dike breaks | 9:30 p.m.", "Dike breaks", None);
    }

    #[test]
    fn a_score_and_a_sentence_are_left_whole() {
        for headline in [
            "Cork win 3:1",
            "Match ends 24:10",
            "Cork win at 25:10",
            "The dike broke - Reuters.",
            "09:30",
            "3:1 to Cork",
        ] {
            check(headline, headline, None);
        }
    }
}
