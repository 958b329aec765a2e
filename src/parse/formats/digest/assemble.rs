//! Items put together from paragraphs: which headline is the title of the article below it, where one article ends and
//! the next begins, which line labels a section.
//!
//! Distance decides, in blank lines. A headline is the title of the prose below it when it is as near to it as to what
//! is above; see [`super::draft`] for what belongs to one article. Each paragraph is taken in turn and has exactly one
//! [`Fate`], so nothing is lost or used twice.

use std::sync::Arc;

use super::draft::Draft;
use super::role::{Headline, Passage, Role};
use crate::document::{Declared, ItemText, Reason};
use crate::parse::fault::Fault;
use crate::parse::format::Entry;
use crate::parse::prose::furniture::IgnoreReason;
use crate::parse::prose::lines::Mark;
use crate::parse::prose::opening::Dateline;
use crate::parse::prose::paragraph::Paragraph;

/// Maximum number of bylines, datelines and dates between a title and its first paragraph.
const LINES_UNDER_TITLE_MAX: usize = 3;

/// Where a paragraph went: into the item of this ordinal, or nowhere for this reason.
pub(super) type Fate = Result<usize, IgnoreReason>;

/// Puts items together and says of each paragraph where it went; an error when there are more than `items_max`.
pub(super) fn assemble(
    passages: &[Passage<'_>],
    items_max: usize,
    mut report: impl FnMut(&Paragraph<'_>, Fate),
) -> Result<Vec<Entry>, Fault> {
    let entries = Vec::with_capacity(passages.len().min(items_max));
    let mut assembly = Assembly { passages, entries, draft: None, section: [].into() };
    for (i, passage) in passages.iter().enumerate() {
        report(passage.paragraph, assembly.take(i));
        if assembly.entries.len() + usize::from(assembly.draft.is_some()) > items_max {
            return Err(Fault::new(Reason::TooManyItems, format!("the document has more than {items_max} items")));
        }
    }
    assembly.close();
    Ok(assembly.entries)
}

/// The items put together so far, and the article under way.
struct Assembly<'a> {
    passages: &'a [Passage<'a>],
    entries: Vec<Entry>,
    draft: Option<Draft<'a>>,
    /// The label of the section under way; empty at first.
    section: Arc<[String]>,
}

impl<'a> Assembly<'a> {
    /// Gives a paragraph to an item, or ignores it.
    fn take(&mut self, i: usize) -> Fate {
        match &self.passages[i].role {
            Role::Ignored(reason) => Err(self.ignore(*reason)),
            Role::Label(name) => {
                self.section = [(*name).to_owned()].into();
                Err(self.ignore(IgnoreReason::SectionLabel))
            }
            Role::Prose { .. } => Ok(self.take_prose(&self.passages[i])),
            Role::Headline(headline) => Ok(self.take_headline(i, headline)),
            Role::Byline(names) => Ok(self.take_byline(i, names)),
            Role::Dateline(dateline) => Ok(self.take_dateline(dateline)),
        }
    }

    fn ignore(&mut self, reason: IgnoreReason) -> IgnoreReason {
        if matches!(reason, IgnoreReason::Separator | IgnoreReason::SectionLabel) {
            self.close();
        }
        reason
    }

    /// Prose continues the article under way, or opens the next one.
    fn take_prose(&mut self, prose: &Passage<'a>) -> usize {
        match &mut self.draft {
            Some(draft) if draft.goes_on_with(prose) => draft.add(prose),
            _ => self.open(self.blank()).add(prose),
        }
        self.entries.len()
    }

    fn take_headline(&mut self, i: usize, headline: &Headline<'a>) -> usize {
        let passages = self.passages;
        match &mut self.draft {
            Some(draft) if draft.holds(&passages[i], headline, passages.get(i + 1)) => draft.add(&passages[i]),
            _ if is_title(i, passages) => {
                self.open(self.titled(headline));
            }
            _ => return self.add_headline(headline),
        }
        self.entries.len()
    }

    /// A byline belongs to the story it is above, else to the one it is under.
    fn take_byline(&mut self, i: usize, names: &str) -> usize {
        let below = self.passages.get(i + 1).map(|below| &below.role);
        let over_story = matches!(below, Some(Role::Prose { .. } | Role::Dateline(_)));
        if over_story && self.draft.as_ref().is_none_or(Draft::is_begun) {
            self.open(self.blank());
        }
        let count = self.entries.len();
        let (ordinal, entry) = match (&mut self.draft, self.entries.last_mut()) {
            (Some(draft), _) => (count, &mut draft.entry),
            (None, Some(last)) => (count - 1, last),
            (None, None) => return self.add_headline(&Headline::new(&self.passages[i].paragraph.text)),
        };
        entry.text.byline.get_or_insert_with(|| names.to_owned());
        ordinal
    }

    fn take_dateline(&mut self, dateline: &Dateline<'_>) -> usize {
        match &mut self.draft {
            Some(draft) if !draft.is_begun() => draft.set_dateline(dateline),
            _ => self.open(self.blank()).set_dateline(dateline),
        }
        self.entries.len()
    }

    fn add_headline(&mut self, headline: &Headline<'_>) -> usize {
        self.close();
        self.entries.push(self.titled(headline));
        self.entries.len() - 1
    }

    fn open(&mut self, entry: Entry) -> &mut Draft<'a> {
        self.close();
        self.draft.insert(Draft::new(entry))
    }

    /// Ends the article under way.
    fn close(&mut self) {
        self.entries.extend(self.draft.take().map(Draft::into_entry));
    }

    /// An entry with its title and what hung on it.
    fn titled(&self, headline: &Headline<'_>) -> Entry {
        let title = Some(unadorned(headline.credited.text).to_owned());
        let credit = headline.credited.outlet.map(str::to_owned);
        Entry { text: ItemText { title, credit, ..ItemText::default() }, ..self.blank() }
    }

    fn blank(&self) -> Entry {
        let declared = Declared { sections: Arc::clone(&self.section), ..Declared::default() };
        Entry { declared, ..Entry::default() }
    }
}

/// Whether a headline is the title of prose below it.
fn is_title(i: usize, passages: &[Passage<'_>]) -> bool {
    let mut opened = false;
    for below in passages.iter().skip(i + 1).take(LINES_UNDER_TITLE_MAX + 1) {
        match below.role {
            Role::Prose { .. } => return opened || is_nearer_below(i, passages, below.paragraph),
            Role::Byline(_) | Role::Dateline(_) => opened = true,
            Role::Ignored(IgnoreReason::Boilerplate | IgnoreReason::NoWords) => {}
            _ => return false,
        }
    }
    false
}

/// Whether a headline is as near to the prose below as to what is above.
fn is_nearer_below(i: usize, passages: &[Passage<'_>], prose: &Paragraph<'_>) -> bool {
    let title = passages[i].paragraph;
    if title.mark.is_some_and(|mark| mark != Mark::Hash) {
        return prose.gap == 0 && prose.mark.is_none();
    }
    let first = i.checked_sub(1).is_none_or(|above| passages[above].role.parts());
    prose.mark.is_none() && (first || prose.gap <= title.gap)
}

/// A headline without the asterisks or underscores that set it bold.
fn unadorned(text: &str) -> &str {
    ["**", "__", "*"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark)?.strip_suffix(mark))
        .filter(|inner| !inner.is_empty())
        .map_or(text, str::trim)
}
