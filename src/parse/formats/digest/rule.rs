//! The rule: what tells a headline from a short paragraph.
//!
//! A headline names a story; a paragraph tells one, in sentences. So a text is **prose** when it shows a sentence:
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
//! is **soft**. Where it stands among the paragraphs of an article, at their distance, it is one of them; see
//! [`super::assemble`], which knows the neighbours. The rule looks at the text alone.

use crate::parse::prose::look::{End, Look};
use crate::parse::prose::opening;
use crate::script::is_ideographic;

/// Most words of a headline.
const HEADLINE_WORDS_MAX: u32 = 30;

/// Most characters of a headline in a script written without spaces.
const HEADLINE_IDEOGRAPHS_MAX: usize = 60;

/// Most words of a headline made of two sentences.
const TWO_PART_WORDS_MAX: u32 = 14;

/// Most words of a headline in title case that is closed by a full stop.
const CLOSED_TITLE_WORDS_MAX: u32 = 20;

/// Fewest words from which a text that ends in an abbreviation and is not in title case reads as a sentence.
const ABBREVIATED_SENTENCE_WORDS_MIN: u32 = 16;

/// Fewest words after a dateline that are a sentence.
const DATELINED_WORDS_MIN: usize = 4;

/// What a text reads as by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A headline, whatever stands around it.
    Headline,
    /// A headline, unless it stands among paragraphs.
    SoftHeadline,
    /// Part of the body of an article.
    Prose,
}

/// Tells a headline from a paragraph.
pub(super) fn reading(text: &str, look: &Look) -> Reading {
    let closed_title = look.is_title_case() && look.words <= CLOSED_TITLE_WORDS_MAX && !look.inner_stop;
    match look.end {
        End::Stop if !closed_title => Reading::Prose,
        _ if is_long(text, look) => Reading::Prose,
        _ if look.inner_stop && look.words > TWO_PART_WORDS_MAX => Reading::Prose,
        _ if opens_with_dateline(text, look) => Reading::Prose,
        End::Abbreviation if !look.is_title_case() && look.words >= ABBREVIATED_SENTENCE_WORDS_MIN => Reading::Prose,
        End::Abbreviation | End::Question | End::Colon | End::Ellipsis | End::Open => Reading::SoftHeadline,
        _ if look.quoted => Reading::SoftHeadline,
        _ => Reading::Headline,
    }
}

/// Whether a dateline that names a date or an agency opens the text, and more than a source or a score follows.
fn opens_with_dateline(text: &str, look: &Look) -> bool {
    let opening = opening::dateline(text).filter(|dateline| dateline.dated || dateline.agency.is_some());
    let rest_words = opening.map_or(0, |dateline| dateline.rest.split_whitespace().count());
    !look.all_capitals && rest_words >= DATELINED_WORDS_MIN
}

fn is_long(text: &str, look: &Look) -> bool {
    let ideographs = text.starts_with(is_ideographic) && text.chars().nth(HEADLINE_IDEOGRAPHS_MAX).is_some();
    look.words > HEADLINE_WORDS_MAX || ideographs
}
