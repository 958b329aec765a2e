//! The rule: what distinguishes a headline from a short paragraph.
//!
//! A headline names a story; a paragraph reports one, in sentences. So a text is **prose** when it shows a sentence:
//!
//! 1. It ends in a full stop, of any script, closing quotation marks and brackets aside. Not counted as one: three
//!    points (`Rain, and then …`), and the point of an abbreviation (`Troops land in U.S.`), unless 2 or 3 holds.
//! 2. A sentence ends inside it and another begins, and it is longer than the two short halves that headlines are
//!    built of at times (`Truce holds. For now`).
//! 3. It is longer than headlines get: of 40,000 headlines of four sources the longest in a thousand has 22 words.
//! 4. It opens with a dateline that names a date or an agency.
//!
//! Otherwise it is a **headline**, as it is when every long word begins with a capital and it is one short sentence
//! with a full stop: sentences are never set that way, and some feeds close their headlines.
//!
//! `?` and `!` close headlines as well as sentences, and so do colons, quotations and abbreviations: such a headline
//! is **soft**. Among the paragraphs of an article, at their distance, it is one of them; see [`super::assemble`],
//! which knows the neighbours. The rule looks at the text alone.

use crate::parse::prose::look::{End, Look, WORDS_COUNTED_MAX};
use crate::parse::prose::opening::Dateline;
use crate::script::is_ideographic;

/// Maximum number of words of a headline.
const HEADLINE_WORDS_MAX: u32 = 30;

const _: () = assert!(HEADLINE_WORDS_MAX < WORDS_COUNTED_MAX, "a text with too many words would look like a headline");

/// Maximum number of characters of a headline in a script written without spaces.
const HEADLINE_IDEOGRAPHS_MAX: usize = 60;

/// Maximum number of words of a headline made of two sentences.
const TWO_PART_WORDS_MAX: u32 = 14;

/// Maximum number of words of a headline in title case that is closed by a full stop.
const CLOSED_TITLE_WORDS_MAX: u32 = 20;

/// Minimum number of words from which a text that ends in an abbreviation and is not in title case reads as a sentence.
const ABBREVIATED_SENTENCE_WORDS_MIN: u32 = 16;

/// Minimum number of words after a dateline that are a sentence.
const DATELINED_WORDS_MIN: usize = 4;

/// What a text is, seen alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The name of a story.
    Headline(Firmness),
    /// Part of the body of an article.
    Prose,
}

/// How far a headline is one whatever surrounds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Firmness {
    /// A headline, whatever surrounds it.
    Firm,
    /// A headline, unless it is among paragraphs.
    Soft,
}

/// Distinguishes a headline from a paragraph. `look` is taken without the source and time that hang on the text.
pub(super) fn judge(text: &str, look: &Look<'_>, opening: Option<&Dateline<'_>>) -> Verdict {
    match look.end {
        End::Stop if !is_closed_title(look) => Verdict::Prose,
        _ if is_long(text, look) => Verdict::Prose,
        _ if look.words > TWO_PART_WORDS_MAX && look.holds_sentence_end() => Verdict::Prose,
        _ if opening.is_some_and(|dateline| opens_story(dateline, look)) => Verdict::Prose,
        End::Abbreviation if look.words >= ABBREVIATED_SENTENCE_WORDS_MIN && !look.is_title_case() => Verdict::Prose,
        End::Abbreviation | End::Question | End::Colon | End::Ellipsis | End::Open => Verdict::Headline(Firmness::Soft),
        _ if look.is_quoted() => Verdict::Headline(Firmness::Soft),
        _ => Verdict::Headline(Firmness::Firm),
    }
}

/// Whether a text that ends in a full stop is still a headline.
fn is_closed_title(look: &Look<'_>) -> bool {
    look.words <= CLOSED_TITLE_WORDS_MAX && look.is_title_case() && !look.holds_sentence_end()
}

fn is_long(text: &str, look: &Look<'_>) -> bool {
    let ideographs = text.starts_with(is_ideographic) && text.chars().nth(HEADLINE_IDEOGRAPHS_MAX).is_some();
    look.words > HEADLINE_WORDS_MAX || ideographs
}

/// Whether a dateline names a date or an agency, and more than a source or a score follows.
fn opens_story(dateline: &Dateline<'_>, look: &Look<'_>) -> bool {
    (dateline.dated || dateline.agency.is_some())
        && dateline.rest.split_whitespace().nth(DATELINED_WORDS_MIN - 1).is_some()
        && !look.is_all_capitals()
}
