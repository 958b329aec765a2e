//! A text cut into its non-blank lines, each with what the layout says of it: blank lines above, indent, bullet or
//! number. Says nothing about what a line is.

use std::borrow::Cow;

use super::outlet::is_outlet;
use crate::document::Reason;
use crate::parse::fault::Fault;

/// One non-blank line.
#[derive(Debug, Clone)]
pub(in crate::parse) struct Line<'a> {
    /// One-based number in the source.
    pub(in crate::parse) number: u32,
    /// Blank lines above it.
    pub(in crate::parse) gap: u32,
    /// White space before it, in characters.
    pub(in crate::parse) indent: u32,
    /// What marks it as an entry of a list.
    pub(in crate::parse) mark: Option<Mark>,
    /// Its text, without mark and without white space at either end.
    pub(in crate::parse) text: &'a str,
    /// Its width in characters, mark included, indent excluded.
    pub(in crate::parse) width: u32,
}

/// What stands before an entry of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Mark {
    /// A bullet, a dash or an arrow.
    Bullet,
    /// A number of a sequence.
    Number,
    /// Number signs, as before a Markdown heading.
    Hash,
}

/// Characters that open the entry of a list when white space follows.
const BULLETS: &str = "•‣◦⁃∙●○▪▫■□◆◇►▶▸→➤➔➜✓✔✦★☆*+-–—·»>";

/// Most digits of a list number; longer ones are years and amounts.
const NUMBER_DIGITS_MAX: usize = 3;

/// Cuts a text into lines at any line end: LF, CRLF, CR, and Unicode's NEL, line and paragraph separators.
pub(in crate::parse) fn cut(text: &str, lines_max: usize) -> Result<Vec<Line<'_>>, Fault> {
    let mut lines: Vec<Line<'_>> = Vec::with_capacity((text.len() / 64 + 4).min(lines_max));
    let mut rest = text;
    let (mut number, mut last) = (0u32, 0u32);
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        rest = after;
        number = number.saturating_add(1);
        let trimmed = line.trim_matches(is_margin);
        if trimmed.is_empty() {
            continue;
        }
        if lines.len() == lines_max {
            return Err(Fault::new(Reason::TooManyLines, format!("the document has more than {lines_max} lines")));
        }
        lines.push(Line {
            number,
            gap: number - last - 1,
            indent: characters(&line[..offset_in(line, trimmed)]),
            mark: None,
            text: trimmed,
            width: characters(trimmed),
        });
        last = number;
    }
    Ok(lines)
}

/// Turns non-breaking spaces into plain ones; they count as one character both.
pub(in crate::parse) fn plain_spaces(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !['\u{a0}', '\u{202f}', '\u{2007}'].iter().any(|space| text.contains(*space)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(['\u{a0}', '\u{202f}', '\u{2007}'], " "))
}

/// The text up to the first line end, and the text after it.
fn split_line(text: &str) -> (&str, &str) {
    let line_end = |byte: &u8| matches!(byte, b'\n' | b'\r' | 0xC2 | 0xE2);
    let mut from = 0;
    while let Some(found) = text.as_bytes()[from..].iter().position(line_end) {
        let at = from + found;
        let rest = &text.as_bytes()[at..];
        let end_bytes = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            [0xC2, 0x85, ..] => 2,
            [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
            _ => 0,
        };
        if end_bytes > 0 {
            return (&text[..at], &text[at + end_bytes..]);
        }
        from = at + 1;
    }
    (text, "")
}

/// White space, and characters without width that survive copying: byte order mark, zero-width space and joiners'
/// kin, and the substitute character with which DOS files end.
fn is_margin(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{1a}')
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// Where a part of a text begins in it.
pub(in crate::parse) fn offset_in(whole: &str, part: &str) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// Takes bullets and numbers off. A number counts only next to its neighbour in the sequence: `1. FC Köln` opens a
/// headline and `10. Mai` a date, but `1.` followed by `2.` is a list.
pub(in crate::parse) fn mark_entries(lines: &mut [Line<'_>]) {
    let mut previous: Option<(usize, u32)> = None;
    for i in 0..lines.len() {
        let text = lines[i].text;
        if let Some((mark, rest)) = bulleted(text) {
            lines[i].mark = Some(mark);
            lines[i].text = rest;
        } else if let Some((number, rest)) = numbered(text) {
            if let Some((before, first)) = previous
                && first.checked_add(1) == Some(number)
            {
                strike_number(&mut lines[before]);
                lines[i].mark = Some(Mark::Number);
                lines[i].text = rest;
            }
            previous = Some((i, number));
        }
    }
}

fn strike_number(line: &mut Line<'_>) {
    if line.mark.is_none()
        && let Some((_, rest)) = numbered(line.text)
    {
        line.mark = Some(Mark::Number);
        line.text = rest;
    }
}

/// The mark and the rest of a line that opens with a bullet or number signs.
fn bulleted(text: &str) -> Option<(Mark, &str)> {
    let first = text.chars().next()?;
    if first.is_alphanumeric() {
        return None;
    }
    let (mark, rest) = match first {
        '#' => (Mark::Hash, text.trim_start_matches('#')),
        _ if BULLETS.contains(first) => (Mark::Bullet, &text[first.len_utf8()..]),
        _ => return None,
    };
    let entry = rest.trim_start();
    // A rule of dashes is no entry, nor is a dash that belongs to its word or sets a source off (`– Reuters`).
    let words = entry.chars().any(char::is_alphabetic) && !is_outlet(entry);
    (words && entry.len() < rest.len()).then_some((mark, entry))
}

/// The number and the rest of a line such as `3. Text`, `3) Text`, `(3) Text`, `[3] Text` or `#3 Text`.
fn numbered(text: &str) -> Option<(u32, &str)> {
    if !matches!(text.as_bytes().first(), Some(b'0'..=b'9' | b'(' | b'[' | b'#')) {
        return None;
    }
    let inner = text.trim_start_matches(['(', '[', '#']);
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > NUMBER_DIGITS_MAX {
        return None;
    }
    let after = &inner[digits..];
    let opened = inner.len() < text.len();
    let rest = after.strip_prefix(['.', ')', ']', ':']).or(opened.then_some(after))?;
    let entry = rest.trim_start();
    (entry.len() < rest.len() && !entry.is_empty()).then(|| Some((inner[..digits].parse().ok()?, entry)))?
}
