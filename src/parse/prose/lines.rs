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

/// What precedes an entry of a list.
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

/// Maximum number of digits of a list number; longer ones are years and amounts.
const NUMBER_DIGITS_MAX: usize = 3;

/// Spaces at which no line is broken.
const UNBREAKABLE_SPACES: [char; 3] = ['\u{a0}', '\u{202f}', '\u{2007}'];

/// Bytes of an average line, for a first guess at their number.
const LINE_BYTES: usize = 64;

/// Line ends other than a line feed and a carriage return before it.
const RARE_ENDS: [char; 4] = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Cuts a text into lines at any line end: LF, CRLF, CR, and Unicode's NEL, line and paragraph separators.
pub(in crate::parse) fn cut(text: &str, lines_max: usize) -> Result<Vec<Line<'_>>, Fault> {
    let cut = Vec::with_capacity((text.len() / LINE_BYTES + 4).min(lines_max));
    let mut lines = Lines { cut, lines_max, seen: 0, blank: 0 };
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if holds_rare_end(line) {
            line.split(RARE_ENDS).try_for_each(|line| lines.add(line))?;
        } else {
            lines.add(line)?;
        }
    }
    Ok(lines.cut)
}

/// The lines cut so far.
struct Lines<'a> {
    cut: Vec<Line<'a>>,
    lines_max: usize,
    /// Lines seen, blank ones included.
    seen: u32,
    /// Blank lines since the last one that is not.
    blank: u32,
}

impl<'a> Lines<'a> {
    fn add(&mut self, line: &'a str) -> Result<(), Fault> {
        self.seen = self.seen.saturating_add(1);
        let unindented = line.trim_start_matches(is_margin);
        let text = unindented.trim_end_matches(is_margin);
        if text.is_empty() {
            self.blank = self.blank.saturating_add(1);
            return Ok(());
        }
        if self.cut.len() == self.lines_max {
            let detail = format!("the document has more than {} lines", self.lines_max);
            return Err(Fault::new(Reason::TooManyLines, detail));
        }
        let indent = characters(&line[..line.len() - unindented.len()]);
        let (number, gap) = (self.seen, std::mem::take(&mut self.blank));
        self.cut.push(Line { number, gap, indent, mark: None, text, width: characters(text) });
        Ok(())
    }
}

/// Whether one of [`RARE_ENDS`] may be in a line.
fn holds_rare_end(line: &str) -> bool {
    holds_pair(line, |first, second| {
        (first == b'\r') | (first == 0xC2) & (second == 0x85) | (first == 0x80) & matches!(second, 0xA8 | 0xA9)
    }) || line.ends_with('\r')
}

/// Whether two bytes that are looked for follow each other in a text. Without branches, so that it is done many bytes
/// at a time.
fn holds_pair(text: &str, is_pair: impl Fn(u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().zip(bytes.iter().skip(1)).fold(false, |found, (first, second)| found | is_pair(*first, *second))
}

/// Turns non-breaking spaces into plain ones; they count as one character both.
pub(in crate::parse) fn plain_spaces(text: &str) -> Cow<'_, str> {
    let unbreakable = holds_pair(text, |first, second| {
        (first == 0xC2) & (second == 0xA0) | (first == 0x80) & matches!(second, 0xAF | 0x87)
    });
    match unbreakable {
        true => Cow::Owned(text.replace(UNBREAKABLE_SPACES, " ")),
        false => Cow::Borrowed(text),
    }
}

/// White space, and characters without width that survive copying: byte order mark, zero-width space, word joiner, and
/// the substitute character with which DOS files end.
fn is_margin(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{1a}')
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
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
    // Not an entry: a rule of dashes, a dash that belongs to its word, or one that sets a source off (`– Reuters`).
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
    let is_entry = entry.len() < rest.len() && !entry.is_empty();
    is_entry.then(|| Some((inner[..digits].parse().ok()?, entry)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(u32, u32, &str)]) {
        let lines = cut(text, 100).expect("the rows are short");
        let found: Vec<_> = lines.iter().map(|line| (line.number, line.gap, line.text)).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_line_ends_wherever_a_sender_may_end_it() {
        for end in ["\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"] {
            check(&["a", "", " b\t", "“é”"].join(end), &[(1, 0, "a"), (3, 1, "b"), (4, 0, "“é”")]);
        }
        check("a\r\r\nb\n\rc\r", &[(1, 0, "a"), (3, 1, "b"), (5, 1, "c")]);
    }

    #[test]
    fn lines_are_bounded_whatever_ends_them() {
        for end in ["\n", "\r", "\u{2028}"] {
            assert!(cut(&["a"; 100].join(end), 100).is_ok());
            assert!(cut(&["a"; 101].join(end), 100).is_err_and(|fault| fault.reason == Reason::TooManyLines));
        }
    }

    #[test]
    fn an_indent_is_counted_in_characters() {
        let lines = cut("\u{2003}\u{feff} a b", 1).expect("it is one line");
        assert_eq!((lines[0].indent, lines[0].width), (3, 3));
    }

    #[track_caller]
    fn check_entries(text: &str, expected: &[(Option<Mark>, &str)]) {
        let mut lines = cut(text, 100).expect("the rows are short");
        mark_entries(&mut lines);
        let found: Vec<_> = lines.iter().map(|line| (line.mark, line.text)).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_bullet_counts_before_words_and_a_number_next_to_its_neighbour() {
        check_entries(
            "• Rain\n- Wind\n# Snow",
            &[(Some(Mark::Bullet), "Rain"), (Some(Mark::Bullet), "Wind"), (Some(Mark::Hash), "Snow")],
        );
        check_entries("1. Rain\n(2) Wind", &[(Some(Mark::Number), "Rain"), (Some(Mark::Number), "Wind")]);
        check_entries(
            "1. FC Köln win\n10. Mai is a holiday",
            &[(None, "1. FC Köln win"), (None, "10. Mai is a holiday")],
        );
        check_entries(
            "– Reuters\n---\n-Rain\n2024 rain",
            &[(None, "– Reuters"), (None, "---"), (None, "-Rain"), (None, "2024 rain")],
        );
    }

    #[test]
    fn unbreakable_spaces_become_plain_ones() {
        assert_eq!(plain_spaces("5\u{a0}km, 5\u{202f}km, 5\u{2007}km"), "5 km, 5 km, 5 km");
        assert!(matches!(plain_spaces("“à côté” … 5 km"), Cow::Borrowed(_)));
    }
}
