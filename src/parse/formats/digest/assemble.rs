//! Items put together from paragraphs: which headline is the title of the article below it, where one article ends and
//! the next begins, which line labels a section.
//!
//! Distance decides, in blank lines. A headline is the title of the prose below it when it stands as near to it as to
//! what is above; paragraphs belong to one article while they stand no further apart than its first two. Each paragraph
//! is taken in turn and given to exactly one item or ignored, so nothing is lost or told twice.

use std::sync::Arc;

use super::Split;
use super::rule::{self, Reading};
use crate::document::{Declared, IgnoreReason, IgnoredLine, ItemText, Reason};
use crate::parse::fault::Fault;
use crate::parse::format::Entry;
use crate::parse::prose::lines::{Line, Mark};
use crate::parse::prose::look::{End, Look};
use crate::parse::prose::unwrap::Paragraph;
use crate::parse::prose::{credit, furniture, label, opening};

/// Bylines, datelines and dates between a title and its first paragraph, at most.
const LINES_UNDER_TITLE_MAX: usize = 3;

/// Most words of a heading inside an article.
const SUBHEAD_WORDS_MAX: u32 = 5;

/// What a paragraph is, once its neighbours are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Headline,
    SoftHeadline,
    Prose,
    Byline,
    /// A dateline on a line of its own, above its story.
    Dateline,
    Label,
    Ignored(IgnoreReason),
}

/// Puts items together; an error when there are more than `items_max`.
pub(super) fn assemble(lines: &[Line<'_>], paragraphs: &[Paragraph<'_>], items_max: usize) -> Result<Split, Fault> {
    let looks: Vec<Look> = paragraphs.iter().map(|paragraph| Look::of(credit::strip(&paragraph.text).text)).collect();
    let roles = roles(paragraphs, &looks);
    let entries = Vec::with_capacity(paragraphs.len().min(items_max));
    let split = Split { entries, ignored: Vec::new() };
    let mut desk = Desk { lines, paragraphs, looks: &looks, roles: &roles, split, draft: None, section: [].into() };
    for i in 0..paragraphs.len() {
        desk.take(i);
        if desk.split.entries.len() + usize::from(desk.draft.is_some()) > items_max {
            return Err(Fault::new(Reason::TooManyItems, format!("the document has more than {items_max} items")));
        }
    }
    desk.close();
    Ok(desk.split)
}

/// Says of each paragraph what it is: first by its own look, then with what stands around it.
fn roles(paragraphs: &[Paragraph<'_>], looks: &[Look]) -> Vec<Role> {
    let mut roles: Vec<Role> =
        paragraphs.iter().zip(looks).map(|(paragraph, look)| role_alone(paragraph, look)).collect();
    for i in 0..paragraphs.len() {
        roles[i] = role_among(i, paragraphs, looks, &roles);
    }
    roles
}

fn role_alone(paragraph: &Paragraph<'_>, look: &Look) -> Role {
    if let Some(reason) = furniture::ignored(&paragraph.text) {
        return Role::Ignored(reason);
    }
    if paragraph.mark.is_none() && opening::byline(&paragraph.text).is_some() {
        return Role::Byline;
    }
    if opening::dateline(&paragraph.text).is_some_and(|dateline| dateline.rest.is_empty()) {
        return Role::Dateline;
    }
    match rule::reading(&paragraph.text, look) {
        Reading::Headline => Role::Headline,
        Reading::SoftHeadline => Role::SoftHeadline,
        Reading::Prose => Role::Prose,
    }
}

/// Corrects the roles that only neighbours can tell. Earlier roles are final, later ones are as they look alone.
fn role_among(i: usize, paragraphs: &[Paragraph<'_>], looks: &[Look], roles: &[Role]) -> Role {
    let below = roles.get(i + 1).copied();
    let above = i.checked_sub(1).map(|above| roles[above]);
    match roles[i] {
        Role::Dateline if below != Some(Role::Prose) => Role::Headline,
        // A byline has a story next to it; without one it is a headline that begins with "By".
        Role::Byline if ![above, below].iter().any(|role| matches!(role, Some(Role::Prose | Role::Headline))) => {
            Role::Headline
        }
        Role::Headline | Role::SoftHeadline if is_label(i, paragraphs, looks, roles) => Role::Label,
        role => role,
    }
}

/// Whether a headline is the label of a section: by its look, and by something standing under it.
fn is_label(i: usize, paragraphs: &[Paragraph<'_>], looks: &[Look], roles: &[Role]) -> bool {
    let Some(below) = roles.get(i + 1) else { return false };
    let paragraph = &paragraphs[i];
    if !matches!(paragraph.mark, None | Some(Mark::Hash)) {
        return false;
    }
    let between_prose = i > 0 && roles[i - 1] == Role::Prose && *below == Role::Prose && paragraph.gap < 2;
    match label::label(&paragraph.text, &looks[i]) {
        label::Label::No => false,
        label::Label::Sure => !between_prose,
        // A title has prose under it; a label has headlines there, and a line's distance from what is above.
        label::Label::Perhaps => {
            let apart = i == 0 || paragraph.gap > 0 || matches!(roles[i - 1], Role::Label | Role::Ignored(_));
            let longer = paragraphs[i + 1].text.len() > 2 * paragraph.text.len();
            apart && matches!(below, Role::Headline | Role::SoftHeadline) && longer
        }
    }
}

/// An article under way.
#[derive(Debug)]
struct Draft {
    entry: Entry,
    /// Paragraphs of the body so far.
    paragraphs: usize,
    /// Blank lines that stand between its paragraphs, once two are known.
    spacing: Option<u32>,
    /// Whether the last paragraph was an entry of a list inside the article.
    listing: bool,
}

/// Where items are put together.
struct Desk<'a, 'b> {
    lines: &'b [Line<'a>],
    paragraphs: &'b [Paragraph<'a>],
    looks: &'b [Look],
    roles: &'b [Role],
    split: Split,
    draft: Option<Draft>,
    /// The label of the section under way; none at first.
    section: Arc<[String]>,
}

impl Desk<'_, '_> {
    /// Gives a paragraph to an item, or ignores it.
    fn take(&mut self, i: usize) {
        match self.roles[i] {
            Role::Ignored(reason) => self.ignore(i, reason),
            Role::Label => {
                self.ignore(i, IgnoreReason::SectionLabel);
                self.section = [label::label_name(&self.paragraphs[i].text).trim().to_owned()].into();
            }
            Role::Prose if self.continues(i) => self.add_paragraph(i),
            Role::Headline | Role::SoftHeadline if self.is_part_of_article(i) => self.add_paragraph(i),
            Role::Prose => self.open_article(i),
            Role::Byline => self.add_byline(i),
            Role::Dateline => self.add_dateline(i),
            Role::Headline | Role::SoftHeadline if self.is_title(i) => self.open_titled(i),
            Role::Headline | Role::SoftHeadline => self.add_headline(i),
        }
    }

    fn ignore(&mut self, i: usize, reason: IgnoreReason) {
        if matches!(reason, IgnoreReason::Separator | IgnoreReason::SectionLabel) {
            self.close();
        }
        let lines = &self.lines[self.paragraphs[i].lines.clone()];
        self.split.ignored.extend(lines.iter().map(|line| IgnoredLine { line: line.number, reason }));
    }

    /// Ends the article under way.
    fn close(&mut self) {
        if let Some(draft) = self.draft.take() {
            self.split.entries.push(draft.entry);
        }
    }

    /// Whether prose goes on with the article under way.
    fn continues(&self, i: usize) -> bool {
        let Some(draft) = &self.draft else { return false };
        let paragraph = &self.paragraphs[i];
        if draft.paragraphs == 0 || self.is_listed(i) {
            return true;
        }
        let near = paragraph.gap <= draft.spacing.unwrap_or(1);
        near && paragraph.mark.is_none() && opening::dateline(&paragraph.text).is_none()
    }

    /// Whether an entry of a list belongs to the article: its paragraph announced the list.
    fn is_listed(&self, i: usize) -> bool {
        let Some(draft) = self.draft.as_ref().filter(|draft| draft.paragraphs > 0) else { return false };
        let paragraph = &self.paragraphs[i];
        let announced = draft.entry.text.body.as_deref().is_some_and(|body| body.ends_with(':'));
        // Bulleted sentences set as close as the paragraphs above them go on with the story; headlines do not.
        let close = self.roles[i] == Role::Prose && draft.spacing.is_some_and(|spacing| paragraph.gap <= spacing);
        let bulleted = paragraph.mark == Some(Mark::Bullet) && close;
        paragraph.mark.is_some() && paragraph.gap <= 1 && (announced || draft.listing || bulleted)
    }

    /// Whether a headline is really a heading inside the article, an entry of its list, or a question in its text.
    fn is_part_of_article(&self, i: usize) -> bool {
        let Some(draft) = self.draft.as_ref().filter(|draft| draft.paragraphs > 0) else { return false };
        if self.is_listed(i) {
            return true;
        }
        let (paragraph, look) = (&self.paragraphs[i], &self.looks[i]);
        let spacing = draft.spacing.unwrap_or(1);
        if paragraph.gap > spacing || paragraph.mark.is_some() {
            return false;
        }
        let soft = self.roles[i] == Role::SoftHeadline;
        let Some(below) = self.paragraphs.get(i + 1) else { return soft && (look.quoted || paragraph.gap == 0) };
        if below.mark.is_some() {
            return look.end == End::Colon;
        }
        if soft && below.gap > paragraph.gap {
            return true;
        }
        let between = self.roles[i + 1] == Role::Prose && below.gap == paragraph.gap;
        let long = draft.paragraphs >= 2;
        between
            && opening::dateline(&below.text).is_none()
            && (long && (soft || look.words <= SUBHEAD_WORDS_MAX) || soft && look.quoted)
    }

    /// Whether a headline is the title of prose below it.
    fn is_title(&self, i: usize) -> bool {
        let mut opened = false;
        for below in i + 1..=(i + 1 + LINES_UNDER_TITLE_MAX).min(self.roles.len().saturating_sub(1)) {
            match self.roles[below] {
                Role::Prose if opened => return true,
                Role::Prose => return self.is_nearer_below(i, below),
                Role::Byline | Role::Dateline => opened = true,
                Role::Ignored(IgnoreReason::Boilerplate | IgnoreReason::NoWords) => {}
                _ => return false,
            }
        }
        false
    }

    /// Whether a headline stands as near to the prose below as to what is above.
    fn is_nearer_below(&self, i: usize, below: usize) -> bool {
        let (title, prose) = (&self.paragraphs[i], &self.paragraphs[below]);
        if title.mark.is_some_and(|mark| mark != Mark::Hash) {
            return prose.gap == 0 && prose.mark.is_none();
        }
        let first = i == 0 || matches!(self.roles[i - 1], Role::Label | Role::Ignored(_));
        prose.mark.is_none() && (first || prose.gap <= title.gap)
    }

    fn add_headline(&mut self, i: usize) {
        self.close();
        let entry = self.headline(i);
        self.split.entries.push(entry);
    }

    /// A headline without what hangs on it.
    fn headline(&self, i: usize) -> Entry {
        let credited = credit::strip(&self.paragraphs[i].text);
        let title = Some(unadorned(credited.text).to_owned());
        let credit = credited.outlet.map(str::to_owned);
        let text = ItemText { title, credit, ..ItemText::default() };
        Entry { text, lines: self.numbers(i).collect(), ..self.blank() }
    }

    fn blank(&self) -> Entry {
        let declared = Declared { sections: self.section.clone(), ..Declared::default() };
        Entry { declared, ..Entry::default() }
    }

    /// The source lines of a paragraph.
    fn numbers(&self, i: usize) -> impl Iterator<Item = u32> {
        self.lines[self.paragraphs[i].lines.clone()].iter().map(|line| line.number)
    }

    fn open(&mut self, entry: Entry) -> &mut Draft {
        self.close();
        self.draft.insert(Draft { entry, paragraphs: 0, spacing: None, listing: false })
    }

    fn open_titled(&mut self, i: usize) {
        self.open(self.headline(i));
    }

    fn open_article(&mut self, i: usize) {
        self.open(self.blank());
        self.add_paragraph(i);
    }

    /// Adds a paragraph to the article under way; the first one may open with a dateline.
    fn add_paragraph(&mut self, i: usize) {
        let listed = self.is_listed(i);
        let (lines, paragraph) = (self.lines, &self.paragraphs[i]);
        let Some(draft) = &mut self.draft else { return };
        let mut text = paragraph.text.as_ref();
        if draft.paragraphs == 0
            && let Some(dateline) = opening::dateline(text).filter(|dateline| !dateline.rest.is_empty())
        {
            text = dateline.rest;
            draft.entry.text.dateline = Some(dateline.place.to_owned());
            draft.entry.text.credit = draft.entry.text.credit.take().or(dateline.agency.map(str::to_owned));
        }
        if draft.paragraphs == 1 {
            draft.spacing = Some(paragraph.gap);
        }
        let body = draft.entry.text.body.get_or_insert_default();
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(text);
        draft.entry.lines.extend(lines[paragraph.lines.clone()].iter().map(|line| line.number));
        draft.paragraphs += 1;
        draft.listing = listed;
    }

    /// A byline belongs to the story it stands over, else to the one it stands under.
    fn add_byline(&mut self, i: usize) {
        let over_story = matches!(self.roles.get(i + 1), Some(Role::Prose | Role::Dateline));
        let started = self.draft.as_ref().is_some_and(|draft| draft.paragraphs > 0);
        if over_story && (started || self.draft.is_none()) {
            self.open(self.blank());
        }
        let numbers: Vec<u32> = self.numbers(i).collect();
        let byline = opening::byline(&self.paragraphs[i].text).map(str::to_owned);
        match self.draft.as_mut().map(|draft| &mut draft.entry).or(self.split.entries.last_mut()) {
            Some(entry) => {
                entry.text.byline = entry.text.byline.take().or(byline);
                entry.lines.extend(numbers);
            }
            None => self.add_headline(i),
        }
    }

    fn add_dateline(&mut self, i: usize) {
        if self.draft.as_ref().is_none_or(|draft| draft.paragraphs > 0) {
            self.open(self.blank());
        }
        let numbers: Vec<u32> = self.numbers(i).collect();
        if let (Some(draft), Some(dateline)) = (&mut self.draft, opening::dateline(&self.paragraphs[i].text)) {
            draft.entry.text.dateline = Some(dateline.place.to_owned());
            draft.entry.text.credit = draft.entry.text.credit.take().or(dateline.agency.map(str::to_owned));
            draft.entry.lines.extend(numbers);
        }
    }
}

/// A headline without the asterisks or underscores that set it bold.
fn unadorned(text: &str) -> &str {
    ["**", "__", "*"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark)?.strip_suffix(mark))
        .filter(|inner| !inner.is_empty())
        .map_or(text, str::trim)
}
