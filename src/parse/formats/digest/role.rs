//! What each paragraph of a digest is: first by its own look, then with what is above and below it. A role keeps what
//! was read to find it, so that nothing is read twice.

use super::rule::{self, Firmness, Verdict};
use crate::parse::prose::credit::{self, Credited};
use crate::parse::prose::furniture::{self, IgnoreReason};
use crate::parse::prose::label;
use crate::parse::prose::lines::Mark;
use crate::parse::prose::look::Look;
use crate::parse::prose::opening::{self, Dateline};
use crate::parse::prose::paragraph::Paragraph;

/// A paragraph and what it is.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    pub(super) paragraph: &'a Paragraph<'a>,
    pub(super) role: Role<'a>,
}

/// What a paragraph is.
#[derive(Debug)]
pub(super) enum Role<'a> {
    Headline(Headline<'a>),
    /// Part of the body of an article, with the dateline it opens with.
    Prose {
        opening: Option<Dateline<'a>>,
    },
    /// The names of a byline.
    Byline(&'a str),
    /// A dateline on a line of its own, above its story.
    Dateline(Dateline<'a>),
    /// The name of a section.
    Label(&'a str),
    Ignored(IgnoreReason),
}

/// A headline and what hangs on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Headline<'a> {
    pub(super) credited: Credited<'a>,
    pub(super) look: Look<'a>,
    pub(super) firmness: Firmness,
}

impl<'a> Headline<'a> {
    /// Reads a text as a headline, whatever it looks like.
    pub(super) fn new(text: &'a str) -> Self {
        let credited = credit::strip(text);
        Headline { credited, look: Look::new(credited.text), firmness: Firmness::Firm }
    }

    pub(super) fn is_soft(&self) -> bool {
        self.firmness == Firmness::Soft
    }
}

impl Role<'_> {
    pub(super) fn is_prose(&self) -> bool {
        matches!(self, Role::Prose { .. })
    }

    /// Whether it is prose that opens with a dateline.
    pub(super) fn opens_story(&self) -> bool {
        matches!(self, Role::Prose { opening: Some(_) })
    }

    /// Whether what is below it does not belong to what is above.
    pub(super) fn parts(&self) -> bool {
        matches!(self, Role::Label(_) | Role::Ignored(_))
    }

    /// Whether a byline next to it can be its own.
    fn takes_byline(&self) -> bool {
        self.is_prose() || matches!(self, Role::Headline(headline) if !headline.is_soft())
    }
}

/// Says of each paragraph what it is.
pub(super) fn passages<'a>(paragraphs: &'a [Paragraph<'_>]) -> Vec<Passage<'a>> {
    let mut passages: Vec<_> =
        paragraphs.iter().map(|paragraph| Passage { paragraph, role: alone(paragraph) }).collect();
    for i in 0..passages.len() {
        if let Some(role) = among(i, &passages) {
            passages[i].role = role;
        }
    }
    passages
}

/// What a paragraph is by its own look.
fn alone<'a>(paragraph: &'a Paragraph<'_>) -> Role<'a> {
    let text = paragraph.text.as_ref();
    if let Some(reason) = furniture::ignored(text) {
        return Role::Ignored(reason);
    }
    if paragraph.mark.is_none()
        && let Some(names) = opening::byline(text)
    {
        return Role::Byline(names);
    }
    let opening = opening::dateline(text);
    if let Some(dateline) = opening.filter(|dateline| dateline.rest.is_empty()) {
        return Role::Dateline(dateline);
    }
    let headline = Headline::new(text);
    match rule::judge(text, &headline.look, opening.as_ref()) {
        Verdict::Headline(firmness) => Role::Headline(Headline { firmness, ..headline }),
        Verdict::Prose => Role::Prose { opening },
    }
}

/// What a paragraph is after all, where its neighbours show that it is not what it looks like. Those above it have
/// their final roles, those below it what they look like.
fn among<'a>(i: usize, passages: &[Passage<'a>]) -> Option<Role<'a>> {
    let Passage { paragraph, role } = &passages[i];
    let above = i.checked_sub(1).map(|above| &passages[above].role);
    let below = passages.get(i + 1);
    match role {
        Role::Dateline(_) if below.is_some_and(|below| below.role.is_prose()) => None,
        // A byline has a story next to it; without one it is a headline that begins with "By".
        Role::Byline(_) if above.into_iter().chain(below.map(|below| &below.role)).any(Role::takes_byline) => None,
        Role::Dateline(_) | Role::Byline(_) => Some(Role::Headline(Headline::new(&paragraph.text))),
        Role::Headline(headline) => section(paragraph, headline, above, below?).map(Role::Label),
        _ => None,
    }
}

/// The name of a section, when a headline is its label: by its look, and by what is about it.
fn section<'a>(
    paragraph: &'a Paragraph<'_>,
    headline: &Headline<'_>,
    above: Option<&Role<'_>>,
    below: &Passage<'_>,
) -> Option<&'a str> {
    if paragraph.mark.is_some_and(|mark| mark != Mark::Hash) {
        return None;
    }
    let label = label::label(&paragraph.text, &headline.look)?;
    let fits = if label.sure {
        let between_prose = above.is_some_and(Role::is_prose) && below.role.is_prose();
        !between_prose || paragraph.gap >= 2
    } else {
        // A title has prose under it; a label has headlines there, and a line's distance from what is above.
        let apart = paragraph.gap > 0 || above.is_none_or(Role::parts);
        let longer = below.paragraph.text.len() > 2 * paragraph.text.len();
        apart && longer && matches!(below.role, Role::Headline(_))
    };
    fits.then_some(label.name)
}
