//! Lines that were broken to fit a column are joined again, so that a paragraph is one text and a headline too.
//!
//! A line was broken, not ended, when it had no room for the next line's first word. That is necessary, and hardly ever
//! true by chance of lines that end where their author wanted; but a headline may happen to fill its column. So one
//! sign of a running sentence is asked for besides: the next line begins in lower case, or this one ends in a word or
//! mark that nothing ends in, or the sentence is seen to run on further down.

use std::borrow::Cow;
use std::ops::Range;

use super::label::{Label, label};
use super::lines::{Line, Mark};
use super::look::{End, Look, Start, end_of, start_of};
use super::outlet::is_outlet;
use super::{credit, opening};
use crate::script::is_ideographic;

/// Widest column that text is broken to; longer lines end where their author wanted.
const COLUMN_MAX: u32 = 100;

/// Narrowest column that text is broken to by machines.
const COLUMN_MIN: u32 = 28;

/// Words that end no headline and no sentence: what follows them on the next line belongs to them.
const OPEN_WORDS: [&str; 14] =
    ["a", "an", "the", "of", "and", "or", "but", "nor", "its", "their", "whose", "into", "amid", "than"];

/// Words that begin no headline, even where headlines capitalise every word.
const RUNNING_WORDS: [&str; 9] = ["and", "or", "nor", "of", "amid", "despite", "than", "into", "following"];

/// What is left of a headline for its second line is less than a column by this factor.
const REST_PER_COLUMN_MAX: u32 = 3;

/// Lines looked at to see a sentence run on.
const RUNNING_LINES_MAX: usize = 4;

/// One or more lines that make up one text.
#[derive(Debug)]
pub(in crate::parse) struct Paragraph<'a> {
    /// The lines, by index.
    pub(in crate::parse) lines: Range<usize>,
    /// Blank lines above it.
    pub(in crate::parse) gap: u32,
    /// What marks its first line.
    pub(in crate::parse) mark: Option<Mark>,
    /// The lines joined.
    pub(in crate::parse) text: Cow<'a, str>,
}

/// Joins broken lines. `has_case` says whether the text uses capitals at all.
pub(in crate::parse) fn unwrap<'a>(lines: &[Line<'a>], has_case: bool) -> Vec<Paragraph<'a>> {
    let ends: Vec<End> = lines.iter().map(|line| end_of(line.text)).collect();
    let starts: Vec<Start> = lines.iter().map(|line| start_of(line.text)).collect();
    let mut broken = Broken { lines, ends: &ends, starts: &starts, has_case, column: 0, prose: false };
    let column = broken.widest_prose_column();
    let mut paragraphs = Vec::with_capacity(lines.len());
    for block in blocks(lines) {
        broken.enter(&block, column);
        let mut first = block.start;
        for i in block.clone() {
            if i + 1 == block.end || !broken.runs_on(first, i, block.end) {
                paragraphs.push(paragraph(lines, first..i + 1));
                first = i + 1;
            }
        }
    }
    paragraphs
}

/// Runs of lines without a blank one between.
fn blocks<'a>(lines: &'a [Line<'_>]) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut first = 0;
    std::iter::from_fn(move || {
        let start = first;
        (start < lines.len()).then(|| {
            let length = lines[start + 1..].iter().take_while(|line| line.gap == 0).count();
            first = start + 1 + length;
            start..first
        })
    })
}

/// The evidence on whether a line runs on into the next.
struct Broken<'a, 'b> {
    lines: &'b [Line<'a>],
    ends: &'b [End],
    starts: &'b [Start],
    has_case: bool,
    /// Width of the column the block is set in.
    column: u32,
    /// Whether sentences are seen to run over line ends in it.
    prose: bool,
}

impl Broken<'_, '_> {
    /// The widest block in which sentences run over line ends; 0 when there is none.
    fn widest_prose_column(&self) -> u32 {
        let columns = blocks(self.lines).filter(|block| self.is_prose(block)).map(|block| self.width(&block));
        columns.max().unwrap_or(0)
    }

    fn width(&self, block: &Range<usize>) -> u32 {
        self.lines[block.clone()].iter().map(|line| line.indent + line.width).max().unwrap_or(0)
    }

    /// Settles the column of a block: its own when it is prose, else the document's if it fits in there.
    fn enter(&mut self, block: &Range<usize>, document_column: u32) {
        let width = self.width(block);
        self.prose = self.is_prose(block) || width <= document_column;
        self.column = if width <= document_column { document_column } else { width };
    }

    /// Whether sentences run over the line ends of a block. A script without case shows it by lines that all fill the
    /// column and by full stops being at the end rather than everywhere.
    fn is_prose(&self, block: &Range<usize>) -> bool {
        let width = self.width(block);
        if block.len() < 2 || !(COLUMN_MIN..=COLUMN_MAX).contains(&width) {
            return false;
        }
        let pairs = block.start..block.end - 1;
        if self.has_case {
            return pairs.into_iter().any(|i| self.starts[i + 1] == Start::Lower && !self.is_closed(i));
        }
        let full = pairs.clone().filter(|&i| self.is_full(i, width)).count();
        let closed = pairs.clone().filter(|&i| self.is_closed(i)).count();
        self.is_closed(block.end - 1) && full * 10 >= pairs.len() * 9 && closed * 2 <= pairs.len()
    }

    /// Whether line `i` of the paragraph that begins at `first` runs on into the next line of its block.
    fn runs_on(&self, first: usize, i: usize, block_end: usize) -> bool {
        let (line, next) = (&self.lines[i], &self.lines[i + 1]);
        if next.mark.is_some() || !next.text.chars().any(char::is_alphanumeric) {
            return false;
        }
        let narrow = line.width <= COLUMN_MAX;
        let hangs = next.indent > line.indent;
        // A first line set in begins a paragraph, unless it hangs under the entry of a list.
        if hangs && self.lines[first].mark.is_none() && self.is_closed(i) {
            return false;
        }
        if self.has_case && self.starts[i + 1] == Start::Lower && !self.is_closed(i) {
            return true;
        }
        let full = self.is_full(i, self.column);
        let open = self.ends[i] == End::Open || full && (ends_open(line.text) || begins_running(next.text));
        if narrow && (open || is_trailer(next.text)) {
            return true;
        }
        if hangs && self.lines[first].mark.is_some() && self.ends[i] != End::Stop {
            return self.ends[i + 1] != End::Stop || full;
        }
        if self.is_closed(i) && !self.is_sentence(i + 1, block_end) || is_credited(line.text) {
            return false;
        }
        let underway = i > first && !self.is_closed(i);
        let caseless = !self.has_case && !self.is_closed(i);
        self.prose && full && (underway || caseless || self.is_sentence(i + 1, block_end) || self.is_rest(i))
    }

    /// Whether the line after `i` is what was left of a headline: short, and no line of another kind.
    fn is_rest(&self, i: usize) -> bool {
        let next = &self.lines[i + 1];
        next.width * REST_PER_COLUMN_MAX < self.column
            && opening::byline(next.text).is_none()
            && label(next.text, &Look::of(next.text)) != Label::Sure
    }

    /// Whether line `i` had no room left for the first word of the next one.
    fn is_full(&self, i: usize, column: u32) -> bool {
        let next = self.lines[i + 1].text;
        let word = match next.chars().next() {
            // Scripts without spaces break anywhere, but keep a mark or two off the line's start.
            Some(first) if is_ideographic(first) => 2,
            _ => next.split_whitespace().next().map_or(0, |word| word.chars().count() as u32),
        };
        self.lines[i].indent + self.lines[i].width + 1 + word > column
    }

    /// Whether line `i` ends a sentence.
    fn is_closed(&self, i: usize) -> bool {
        matches!(self.ends[i], End::Stop | End::Question | End::Ellipsis | End::Colon)
    }

    /// Whether line `i` is seen to be part of a sentence: by its end, by one inside it, or by running on in lower case,
    /// be it some full lines further down.
    fn is_sentence(&self, i: usize, block_end: usize) -> bool {
        for line in i..block_end.min(i + RUNNING_LINES_MAX) {
            let closed = matches!(self.ends[line], End::Stop | End::Abbreviation);
            if closed || Look::of(self.lines[line].text).inner_stop {
                return true;
            }
            if line + 1 == block_end || self.is_closed(line) || !self.is_full(line, self.column) {
                return false;
            }
            if self.has_case && self.starts[line + 1] == Start::Lower {
                return true;
            }
        }
        false
    }
}

/// Whether a line is nothing but the source of the headline above it.
fn is_trailer(text: &str) -> bool {
    let name = text.trim_start_matches(['(', '[', '-', '–', '—', '|', ' ']);
    name.len() < text.len() && is_outlet(name.trim_end_matches([')', ']']))
}

/// Whether a line is closed by its source or a time.
fn is_credited(text: &str) -> bool {
    credit::strip(text).text.len() < text.len()
}

fn ends_open(text: &str) -> bool {
    let word = text.split_whitespace().next_back().unwrap_or_default();
    OPEN_WORDS.iter().any(|open| word.eq_ignore_ascii_case(open))
}

fn begins_running(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    RUNNING_WORDS.iter().any(|running| word.eq_ignore_ascii_case(running))
}

fn paragraph<'a>(lines: &[Line<'a>], range: Range<usize>) -> Paragraph<'a> {
    let first = &lines[range.start];
    let mut text = Cow::Borrowed(first.text);
    for line in &lines[range.start + 1..range.end] {
        join(text.to_mut(), line.text);
    }
    Paragraph { gap: first.gap, mark: first.mark, text, lines: range }
}

/// Joins by a space, except where none was lost: after a word's hyphen, and between ideographs.
fn join(text: &mut String, next: &str) {
    let mut before = text.chars().rev();
    let (last, last_but_one) = (before.next(), before.next());
    let hyphened = last == Some('-') && last_but_one.is_some_and(char::is_alphanumeric);
    let ideographic = last.is_some_and(is_ideographic) && next.chars().next().is_some_and(is_ideographic);
    if !hyphened && !ideographic {
        text.push(' ');
    }
    text.push_str(next);
}
