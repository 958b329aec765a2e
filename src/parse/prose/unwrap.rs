//! Lines that were broken to fit a column are joined again, so that a paragraph is one text and a headline too.
//!
//! A line was broken, not ended, when it had no room for the next line's first word. That is necessary, and hardly ever
//! true by chance of lines that end where their author wanted; but a headline may happen to fill its column. So one
//! sign of a running sentence is required as well: the next line begins in lower case, or this one ends in a word or
//! mark that nothing ends in, or the sentence visibly runs on further down.

use std::ops::Range;

use super::label::label;
use super::lines::Line;
use super::look::{End, Look, Start, end_of, holds_sentence_end, start_of};
use super::outlet::is_outlet;
use super::paragraph::Paragraph;
use super::{credit, is_word_of, opening};
use crate::script::is_ideographic;

/// Maximum width of a column that text is broken to; longer lines end where their author wanted.
const COLUMN_MAX: u32 = 100;

/// Minimum width of a column that machines break text to.
const COLUMN_MIN: u32 = 28;

/// Words that end no headline and no sentence: what follows them on the next line belongs to them.
const OPEN_WORDS: [&str; 14] =
    ["a", "an", "the", "of", "and", "or", "but", "nor", "its", "their", "whose", "into", "amid", "than"];

/// Words that begin no headline, even where headlines capitalise every word.
const RUNNING_WORDS: [&str; 9] = ["and", "or", "nor", "of", "amid", "despite", "than", "into", "following"];

/// What is left of a headline for its second line is less than a column by this factor.
const REST_PER_COLUMN_MAX: u32 = 3;

/// Maximum number of lines looked at to see a sentence run on.
const RUNNING_LINES_MAX: usize = 4;

/// Joins broken lines. `has_case` says whether the text uses capitals at all.
pub(in crate::parse) fn unwrap<'a>(lines: &[Line<'a>], has_case: bool) -> Vec<Paragraph<'a>> {
    let edges: Vec<Edges> = lines.iter().map(|line| Edges::new(line.text)).collect();
    let mut wrapping = Wrapping { lines, edges: &edges, has_case, column: 0, prose: false };
    let blocks = wrapping.blocks();
    let document_column = blocks.iter().filter(|block| block.prose).map(|block| block.width).max().unwrap_or(0);
    let mut paragraphs = Vec::with_capacity(lines.len());
    for block in blocks {
        wrapping.enter(&block, document_column);
        let mut first = block.lines.start;
        for i in block.lines.clone() {
            if i + 1 == block.lines.end || !wrapping.runs_on(first, i, block.lines.end) {
                paragraphs.push(Paragraph::new(lines, first..i + 1));
                first = i + 1;
            }
        }
    }
    paragraphs
}

/// How a line begins and ends.
struct Edges {
    start: Start,
    end: End,
}

impl Edges {
    fn new(line: &str) -> Self {
        Edges { start: start_of(line), end: end_of(line) }
    }

    /// Whether the line ends a sentence.
    fn is_closed(&self) -> bool {
        matches!(self.end, End::Stop | End::Question | End::Ellipsis | End::Colon)
    }
}

/// Lines without a blank one between.
struct Block {
    lines: Range<usize>,
    /// Width of its widest line.
    width: u32,
    /// Whether sentences are seen to run over line ends.
    prose: bool,
}

/// The evidence on whether a line runs on into the next.
struct Wrapping<'a, 'b> {
    lines: &'b [Line<'a>],
    edges: &'b [Edges],
    has_case: bool,
    /// Width of the column the block is set in.
    column: u32,
    /// Whether sentences are seen to run over line ends in it.
    prose: bool,
}

impl Wrapping<'_, '_> {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut first = 0;
        for end in 1..=self.lines.len() {
            if self.lines.get(end).is_none_or(|line| line.gap > 0) {
                let lines = first..end;
                let width = self.lines[lines.clone()].iter().map(|line| line.indent + line.width).max().unwrap_or(0);
                blocks.push(Block { prose: self.is_prose(&lines, width), lines, width });
                first = end;
            }
        }
        blocks
    }

    /// Settles the column of a block: its own when it is prose, else the document's if it fits in there.
    fn enter(&mut self, block: &Block, document_column: u32) {
        self.prose = block.prose || block.width <= document_column;
        self.column = block.width.max(document_column);
    }

    /// Whether sentences run over the line ends of a block. A script without case shows it by lines that all fill the
    /// column and by full stops being at the end rather than everywhere.
    fn is_prose(&self, block: &Range<usize>, width: u32) -> bool {
        if block.len() < 2 || !(COLUMN_MIN..=COLUMN_MAX).contains(&width) {
            return false;
        }
        let pairs = block.start..block.end - 1;
        if self.has_case {
            return pairs.into_iter().any(|i| self.is_lower_after_open(i));
        }
        let full = pairs.clone().filter(|&i| self.is_full(i, width)).count();
        let closed = pairs.clone().filter(|&i| self.edges[i].is_closed()).count();
        self.edges[block.end - 1].is_closed() && full * 10 >= pairs.len() * 9 && closed * 2 <= pairs.len()
    }

    /// Whether line `i` of the paragraph that begins at `first` runs on into the next line of its block.
    fn runs_on(&self, first: usize, i: usize, block_end: usize) -> bool {
        let (line, next) = (&self.lines[i], &self.lines[i + 1]);
        if next.mark.is_some() || !next.text.contains(char::is_alphanumeric) {
            return false;
        }
        let closed = self.edges[i].is_closed();
        let hangs = next.indent > line.indent;
        let listed = self.lines[first].mark.is_some();
        // A first line set in begins a paragraph, unless it hangs under the entry of a list.
        if hangs && !listed && closed {
            return false;
        }
        if self.has_case && self.is_lower_after_open(i) {
            return true;
        }
        let full = self.is_full(i, self.column);
        if line.width <= COLUMN_MAX && (self.is_open(i, full) || is_trailer(next.text)) {
            return true;
        }
        if hangs && listed && self.edges[i].end != End::Stop {
            return full || self.edges[i + 1].end != End::Stop;
        }
        if !full || !self.prose {
            return false;
        }
        let underway = !closed && (i > first || !self.has_case);
        let continued = underway || self.is_sentence(i + 1, block_end) || !closed && self.is_rest(i + 1);
        continued && !is_credited(line.text)
    }

    /// Whether line `i` does not end a sentence and the next one begins in lower case.
    fn is_lower_after_open(&self, i: usize) -> bool {
        self.edges[i + 1].start == Start::Lower && !self.edges[i].is_closed()
    }

    /// Whether the words on both sides of the end of line `i` cannot be parted there.
    fn is_open(&self, i: usize, full: bool) -> bool {
        self.edges[i].end == End::Open
            || full && (ends_open(self.lines[i].text) || begins_running(self.lines[i + 1].text))
    }

    /// Whether line `i` is what was left of a headline: short, and no line of another kind.
    fn is_rest(&self, i: usize) -> bool {
        let line = &self.lines[i];
        line.width * REST_PER_COLUMN_MAX < self.column
            && opening::byline(line.text).is_none()
            && !label(line.text, &Look::new(line.text)).is_some_and(|label| label.sure)
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

    /// Whether line `i` is seen to be part of a sentence: by its end, by one inside it, or by running on in lower case,
    /// be it some full lines further down.
    fn is_sentence(&self, i: usize, block_end: usize) -> bool {
        for line in i..block_end.min(i + RUNNING_LINES_MAX) {
            let edges = &self.edges[line];
            if matches!(edges.end, End::Stop | End::Abbreviation) || holds_sentence_end(self.lines[line].text) {
                return true;
            }
            if line + 1 == block_end || edges.is_closed() || !self.is_full(line, self.column) {
                return false;
            }
            if self.has_case && self.edges[line + 1].start == Start::Lower {
                return true;
            }
        }
        false
    }
}

/// Whether a line is only the source of the headline above it.
fn is_trailer(text: &str) -> bool {
    let name = text.trim_start_matches(['(', '[', '-', '–', '—', '|', ' ']);
    name.len() < text.len() && is_outlet(name.trim_end_matches([')', ']']))
}

/// Whether a line is closed by its source or a time.
fn is_credited(text: &str) -> bool {
    credit::strip(text).text.len() < text.len()
}

fn ends_open(text: &str) -> bool {
    text.split_whitespace().next_back().is_some_and(|word| is_word_of(&OPEN_WORDS, word))
}

fn begins_running(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|word| is_word_of(&RUNNING_WORDS, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::prose::lines::{cut, mark_entries};
    use crate::parse::prose::look::has_case;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut lines = cut(text, 100).expect("the rows are short");
        mark_entries(&mut lines);
        let paragraphs = unwrap(&lines, has_case(text));
        let found: Vec<&str> = paragraphs.iter().map(|paragraph| paragraph.text.as_ref()).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_sentence_over_full_lines_is_one_paragraph() {
        check(
            "Water rose in the harbour for three days before\nthe wind turned and the town could count what was\nleft.\n",
            &[
                "Water rose in the harbour for three days before the wind turned and the town could count what was left.",
            ],
        );
    }

    #[test]
    fn headlines_on_lines_of_their_own_stay_apart() {
        check("Storm Closes Harbour\nFerry Sinks Off Hull", &["Storm Closes Harbour", "Ferry Sinks Off Hull"]);
        check("Storm closes harbour.\nFerry sinks", &["Storm closes harbour.", "Ferry sinks"]);
    }

    #[test]
    fn a_line_that_nothing_ends_in_runs_on() {
        check("Storm Closes Harbour,\nFerry Sinks", &["Storm Closes Harbour, Ferry Sinks"]);
        check("Storm Closes Harbour\n- Reuters", &["Storm Closes Harbour - Reuters"]);
        check("• Storm Closes Harbour in\n  Northern Town", &["Storm Closes Harbour in Northern Town"]);
    }

    #[test]
    fn nothing_is_put_where_no_space_was_lost() {
        check("The well-\nknown mayor", &["The well-known mayor"]);
        check("堤防が，\n決壊した", &["堤防が，決壊した"]);
    }
}
