//! The source and the time that feeds hang on a headline's end (`… – Reuters`, `(AP)`, `| BBC News`, `09:30 GMT`), and
//! the time some set before it.
//!
//! A dash before a name does not make the name an outlet: `Talks to resume – Kremlin` says who said so. Only a pipe
//! does, or brackets and dashes about a name that outlets carry.

use super::is_word_of;
use super::outlet::{OUTLET_WORDS_MAX, is_outlet};

/// A headline without what hangs on it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::parse) struct Credited<'a> {
    /// The headline itself.
    pub(in crate::parse) text: &'a str,
    /// The outlet.
    pub(in crate::parse) outlet: Option<&'a str>,
}

/// Longest source in bytes, its separator included.
const TRAILER_BYTES_MAX: usize = 64;

/// Most things that hang on one headline: a source, a time, and one of them twice.
const TRAILERS_MAX: usize = 4;

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
    let bracketed = tail.strip_suffix([')', ']']).and_then(|inner| {
        let (before, name) = inner.rsplit_once(['(', '['])?;
        Some((before, name)).filter(|(_, name)| is_outlet(name))
    });
    let (before, name) = bracketed.or_else(|| after_pipe(tail)).or_else(|| after_dash(tail))?;
    let before = text[..text.len() - tail.len() + before.len()].trim_end();
    has_words(before).then_some((before, name.trim()))
}

/// The end of a text, as far as a source may reach into it.
fn tail_of(text: &str) -> &str {
    let mut from = text.len().saturating_sub(TRAILER_BYTES_MAX);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

fn after_pipe(text: &str) -> Option<(&str, &str)> {
    let (before, name) = text.rsplit_once('|')?;
    let words = name.split_whitespace().count();
    let named = (1..=OUTLET_WORDS_MAX).contains(&words) && name.starts_with(' ') && before.ends_with(' ');
    named.then_some((before, name))
}

fn after_dash(text: &str) -> Option<(&str, &str)> {
    let (at, dash) = text.char_indices().rev().find(|(_, character)| matches!(character, '-' | '–' | '—'))?;
    let (before, name) = (&text[..at], &text[at + dash.len_utf8()..]);
    let before = before.trim_end_matches(dash);
    (before.ends_with(' ') && name.starts_with(' ') && is_outlet(name)).then_some((before, name))
}

/// Takes a time of day off the end, with its zone, brackets and the separator before it.
fn strip_time(text: &str) -> Option<&str> {
    let inner = text.trim_end_matches([')', ']']);
    // A zone is one word of capitals; `p.m.` and `am` stand in its place.
    let (before_zone, last) = inner.rsplit_once(' ').unwrap_or(("", inner));
    let before = match time_bytes(last.trim_start_matches(['(', '['])) {
        Some(_) => &inner[..inner.len() - last.len()],
        None if is_zone(last) => {
            let (before, time) = before_zone.rsplit_once(' ').unwrap_or(("", before_zone));
            time_bytes(time.trim_start_matches(['(', '[']))?;
            before
        }
        None => return None,
    };
    let before = before.trim_end_matches([' ', ',', '|', '-', '–', '—', '·', '•', '(', '[']);
    has_words(before).then_some(before)
}

/// Takes a time of day off the start: `09:30 `, `[09:30] `, `09:30 - `.
fn strip_leading_time(text: &str) -> &str {
    let inner = text.trim_start_matches(['[', '(']);
    let Some((first, rest)) = inner.split_once(' ') else { return text };
    if !inner.starts_with(|character: char| character.is_ascii_digit())
        || time_bytes(first.trim_end_matches([']', ')', ':'])).is_none()
    {
        return text;
    }
    let rest = match rest.split_once(' ') {
        Some((zone, rest)) if is_zone(zone) => rest,
        _ => rest,
    };
    let rest = rest.trim_start_matches([' ', '-', '–', '—', '|', ':', '·', '•', ']', ')']);
    if has_words(rest) { rest } else { text }
}

/// Whether a word is a time of day on two digits each side, `09:30` or `9:30pm`: a score such as `3:1` is none.
fn time_bytes(word: &str) -> Option<()> {
    let digits = word.trim_end_matches(['a', 'p', 'm', 'A', 'P', 'M', '.', 'Z', 'h']);
    let (hour, minute) = digits.split_once(':').or_else(|| digits.split_once('h'))?;
    let two_digits = |part: &str, max: u32| {
        (1..=2).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u32>().is_ok_and(|value| value <= max)
    };
    (two_digits(hour, 23) && minute.len() == 2 && two_digits(minute, 59)).then_some(())
}

fn is_zone(word: &str) -> bool {
    const ZONES: [&str; 16] =
        ["am", "pm", "a.m.", "p.m.", "gmt", "utc", "bst", "cet", "cest", "est", "edt", "et", "pt", "ist", "jst", "msk"];
    is_word_of(&ZONES, word.trim_end_matches(':'))
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}
