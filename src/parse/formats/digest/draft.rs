//! An article under way, and what belongs to it. Paragraphs belong to one article while they are no further apart than
//! its first two; so do headings and questions among them, and the entries of a list that one of them announces.

use super::role::{Headline, Passage, Role};
use crate::parse::format::Entry;
use crate::parse::prose::lines::Mark;
use crate::parse::prose::look::End;
use crate::parse::prose::opening::Dateline;

/// Maximum number of words of a heading inside an article.
const SUBHEAD_WORDS_MAX: u32 = 5;

/// Minimum number of paragraphs above a heading inside an article.
const PARAGRAPHS_ABOVE_SUBHEAD_MIN: usize = 2;

/// Blank lines assumed between paragraphs until two are known.
const SPACING_UNKNOWN: u32 = 1;

/// An article under way.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) entry: Entry,
    /// Paragraphs of the body so far.
    body: Vec<&'a str>,
    /// Blank lines between its paragraphs, once two are known.
    spacing: Option<u32>,
    /// Whether the last paragraph was an entry of a list inside the article.
    listing: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(entry: Entry) -> Self {
        Draft { entry, body: Vec::new(), spacing: None, listing: false }
    }

    /// Whether it has a paragraph.
    pub(super) fn is_begun(&self) -> bool {
        !self.body.is_empty()
    }

    /// Adds a passage; the first one may open with a dateline.
    pub(super) fn add(&mut self, passage: &Passage<'a>) {
        let listing = self.lists(passage);
        let mut text = passage.paragraph.text.as_ref();
        if let Role::Prose { opening: Some(dateline) } = &passage.role
            && !self.is_begun()
        {
            self.set_dateline(dateline);
            text = dateline.rest;
        }
        if self.body.len() == 1 {
            self.spacing = Some(passage.paragraph.gap);
        }
        self.body.push(text);
        self.listing = listing;
    }

    pub(super) fn set_dateline(&mut self, dateline: &Dateline<'_>) {
        self.entry.text.dateline = Some(dateline.place.to_owned());
        self.entry.text.credit = self.entry.text.credit.take().or(dateline.agency.map(str::to_owned));
    }

    pub(super) fn into_entry(mut self) -> Entry {
        self.entry.text.body = self.is_begun().then(|| self.body.join("\n"));
        self.entry
    }

    /// Whether prose continues the article.
    pub(super) fn goes_on_with(&self, passage: &Passage<'_>) -> bool {
        let opens_another = passage.paragraph.mark.is_some() || passage.role.opens_story();
        !self.is_begun() || self.lists(passage) || self.is_near(passage) && !opens_another
    }

    /// Whether a headline is really a heading inside the article, an entry of its list, or a question in its text.
    pub(super) fn holds(&self, passage: &Passage<'_>, headline: &Headline<'_>, below: Option<&Passage<'_>>) -> bool {
        if !self.is_begun() || self.lists(passage) {
            return self.is_begun();
        }
        let gap = passage.paragraph.gap;
        if !self.is_near(passage) || passage.paragraph.mark.is_some() {
            return false;
        }
        let soft = headline.is_soft();
        let quotation = soft && headline.look.is_quoted();
        let Some(below) = below else { return quotation || soft && gap == 0 };
        if below.paragraph.mark.is_some() {
            return headline.look.end == End::Colon;
        }
        let nearer_above = below.paragraph.gap > gap;
        let among_prose = below.paragraph.gap == gap && below.role.is_prose() && !below.role.opens_story();
        let heading = headline.look.words <= SUBHEAD_WORDS_MAX;
        let long = self.body.len() >= PARAGRAPHS_ABOVE_SUBHEAD_MIN;
        soft && nearer_above || among_prose && (quotation || long && (soft || heading))
    }

    /// Whether an entry of a list belongs to the article: its paragraph announced the list.
    fn lists(&self, passage: &Passage<'_>) -> bool {
        let Some(last) = self.body.last() else { return false };
        let (gap, mark) = (passage.paragraph.gap, passage.paragraph.mark);
        let announced = last.ends_with(':');
        // Bulleted sentences set as close as the paragraphs above them continue the story; headlines do not.
        let close = passage.role.is_prose() && self.spacing.is_some_and(|spacing| gap <= spacing);
        let bulleted = mark == Some(Mark::Bullet) && close;
        mark.is_some() && gap <= 1 && (announced || self.listing || bulleted)
    }

    /// Whether a passage is no further from the one above than the article's paragraphs are from each other.
    fn is_near(&self, passage: &Passage<'_>) -> bool {
        passage.paragraph.gap <= self.spacing.unwrap_or(SPACING_UNKNOWN)
    }
}
