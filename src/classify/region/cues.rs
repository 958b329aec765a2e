//! What the words next to a name say: part of a person's, a street's or a firm's name, or a place inside another one.

use crate::classify::phrases::joins;
use crate::classify::region::country::CountryIndex;
use crate::classify::region::cue_words::CueWords;
use crate::classify::region::entry::Kind;
use crate::classify::region::gazetteer::{Candidate, Gazetteer, Person};
use crate::classify::region::matcher::{Mention, Mentions};
use crate::classify::region::weights::{Resolve, Zone};
use crate::classify::text::{CaseStyle, Gap, Shape, Text, Token};

/// What is around one mention.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cues {
    /// The reading fixed by the place after a comma: country, and subdivision unless 0.
    pub(super) pin: Option<(CountryIndex, u16)>,
    /// How common the word is as a person's name.
    pub(super) person: Person,
    /// The word is written as ordinary words are: its case says nothing here.
    pub(super) case_is_mute: bool,
    /// A given name, an initial or a title comes before it, or it begins a person's name.
    pub(super) person_before: bool,
    /// A capitalised word that is not the name of a place touches it.
    pub(super) inside_name: bool,
    /// A street, a firm or the like follows.
    pub(super) thing_after: bool,
    /// A preposition of place comes before it.
    pub(super) preposition: bool,
    /// Another place follows a comma and does not contain it.
    pub(super) stranger_after: bool,
    /// A verb of speech follows, as it follows a person's name.
    pub(super) speaks: bool,
}

impl Cues {
    /// What the cues add to the logarithm that the name is not a place.
    pub(super) fn not_a_place(&self, resolve: &Resolve) -> f32 {
        self.signs(resolve).map(|(_, weight)| weight).sum()
    }

    /// What the name alone adds to that logarithm, by name; `common` is how often it is an ordinary word.
    pub(super) fn own_signs(&self, common: f32, resolve: &Resolve) -> impl Iterator<Item = (&'static str, f32)> {
        let Person { given, surname } = self.person;
        let word = match self.case_is_mute {
            true => ("common", resolve.common + resolve.common_share * common.ln()),
            false => ("ordinary", resolve.ordinary * common),
        };
        let signs = [
            (given > 0.0).then(|| ("given", resolve.given + 0.5 * given.ln())),
            (surname > 0.0).then(|| ("surname", resolve.surname + 0.5 * surname.ln())),
            (common > 0.0).then_some(word),
        ];
        signs.into_iter().flatten()
    }

    /// The cues that hold, by name, with what each adds.
    pub(super) fn signs(&self, resolve: &Resolve) -> impl Iterator<Item = (&'static str, f32)> {
        let signs = [
            ("person_before", self.person_before, resolve.person_before),
            ("inside_name", self.inside_name, resolve.inside_name),
            ("thing_behind", self.thing_after, resolve.thing_after),
            ("preposition", self.preposition, -resolve.preposition),
            ("stranger_behind", self.stranger_after, resolve.stranger_after),
            ("speaks", self.speaks, resolve.speaks),
        ];
        signs.into_iter().filter(|(_, holds, _)| *holds).map(|(name, _, weight)| (name, weight))
    }
}

/// Reads the words around every mention.
pub(super) fn read(gazetteer: &Gazetteer, text: &Text<'_>, mentions: &Mentions<'_>) -> Vec<Cues> {
    let list = &mentions.list;
    let around = |(at, mention): (usize, &Mention)| {
        let before = at.checked_sub(1).map(|before| &list[before]);
        Surroundings { gazetteer, text, tokens: text.tokens(), mention: *mention }.read(before, list.get(at + 1))
    };
    let mut cues: Vec<Cues> = list.iter().enumerate().map(around).collect();
    // From the back, so that `Paris, Lamar County, Texas` is pinned through its middle.
    for at in (0..list.len().saturating_sub(1)).rev() {
        if adjoin(text, &list[at], &list[at + 1]) {
            contain(text, mentions, &mut cues, at);
        }
    }
    cues
}

struct Surroundings<'t> {
    gazetteer: &'t Gazetteer,
    text: &'t Text<'t>,
    tokens: &'t [Token],
    mention: Mention,
}

impl Surroundings<'_> {
    fn read(&self, before: Option<&Mention>, after: Option<&Mention>) -> Cues {
        let Mention { first, last, .. } = self.mention;
        let token = &self.tokens[first];
        let style = self.text.case_style(token.field);
        let single = first == last;
        let sentence_start = matches!(token.gap, Gap::Start | Gap::Stop);
        let case_is_mute = single && (style != CaseStyle::Sentence || sentence_start);
        let mut cues = Cues { case_is_mute, ..Cues::default() };
        if single {
            cues.person = self.person(token);
        }
        let previous = first.checked_sub(1).map(|at| &self.tokens[at]).filter(|_| joins(token));
        let next = self.tokens.get(last + 1).filter(|next| joins(next));
        if let Some(previous) = previous {
            self.look_before(previous, before.is_some_and(|before| before.last + 1 == first), style, &mut cues);
        }
        if let Some(next) = next {
            self.look_after(next, after.is_some_and(|after| after.first == last + 1), style, &mut cues);
        }
        cues
    }

    fn person(&self, token: &Token) -> Person {
        self.gazetteer.people.get(token.hash).unwrap_or_default()
    }

    fn look_before(&self, previous: &Token, is_mention: bool, style: CaseStyle, cues: &mut Cues) {
        let lists = self.gazetteer.cue_words.lists(previous);
        if lists & CueWords::PREPOSITION != 0 {
            cues.preposition = true;
        } else if lists & CueWords::PART_OF_PLACE != 0 || previous.is_possessive() {
            // Says nothing against the place.
        } else if lists & CueWords::BEFORE_PERSON != 0 {
            cues.person_before = true;
        } else if style == CaseStyle::Sentence && !matches!(previous.shape, Shape::Lower | Shape::Number) {
            // `J. Smith`, but not `L'Allemagne`.
            let initial = previous.end - previous.start <= 1 && self.tokens[self.mention.first].gap == Gap::Space;
            cues.person_before = self.person(previous).given > 0.0 || initial;
            cues.inside_name = !cues.person_before && !is_mention && !matches!(previous.gap, Gap::Start | Gap::Stop);
        } else if style == CaseStyle::Title {
            cues.person_before = self.person(previous).given > GIVEN_IN_TITLE_MIN;
        }
    }

    fn look_after(&self, next: &Token, is_mention: bool, style: CaseStyle, cues: &mut Cues) {
        let lists = self.gazetteer.cue_words.lists(next);
        if lists & CueWords::AFTER_THING != 0 {
            cues.thing_after = true;
        } else if next.shape == Shape::Lower && style == CaseStyle::Sentence {
            cues.speaks = lists & CueWords::SPEAKS != 0;
        } else if style == CaseStyle::Sentence && matches!(next.shape, Shape::Title | Shape::Mixed) && !is_mention {
            let surname = self.person(next).surname > 0.0;
            cues.person_before |= cues.person.given > 0.0 && (surname || cues.person.given > GIVEN_ALONE_MIN);
            cues.inside_name |= !cues.person_before;
        }
    }
}

/// Per mille from which a word of a title in title case is read as a given name.
const GIVEN_IN_TITLE_MIN: f32 = 0.1;
/// Per mille from which a given name before a capitalised word makes it a person without a known surname.
const GIVEN_ALONE_MIN: f32 = 0.3;

/// Whether two mentions are written as a place and what it is in: `X, Y`, or side by side in a dateline.
fn adjoin(text: &Text<'_>, inner: &Mention, outer: &Mention) -> bool {
    let next = &text.tokens()[outer.first];
    let adjacent = inner.last + 1 == outer.first && text.tokens()[inner.first].field == next.field;
    adjacent && (matches!(next.gap, Gap::Comma | Gap::Other) || inner.zone == Zone::Dateline)
}

/// `X, Y`: pins both to the likeliest readings of which one holds the other.
fn contain(text: &Text<'_>, mentions: &Mentions<'_>, cues: &mut [Cues], at: usize) {
    let [inners, outers] = [at, at + 1].map(|at| mentions.readings(&mentions.list[at]));
    let pin = cues[at + 1].pin;
    let mut best: Option<(f32, &Candidate, &Candidate)> = None;
    for outer in outers.iter().filter(|outer| is_pinned(outer, pin)) {
        for inner in inners.iter().filter(|inner| holds(outer, inner)) {
            let likely = inner.prior + outer.prior;
            if best.is_none_or(|(best, ..)| likely > best) {
                best = Some((likely, inner, outer));
            }
        }
    }
    if let Some((_, inner, outer)) = best {
        cues[at].pin = Some((inner.country, inner.subdivision));
        if pin.is_none() && outers.len() > 1 {
            cues[at + 1].pin = Some((outer.country, outer.subdivision));
        }
    } else if outers.iter().any(|outer| matches!(outer.kind, Kind::Subdivision | Kind::Country)) {
        cues[at].stranger_after = text.tokens()[mentions.list[at + 1].first].gap == Gap::Comma;
    }
}

/// Whether a reading is the one that a mention is pinned to; any is, when it is not pinned.
pub(super) fn is_pinned(candidate: &Candidate, pin: Option<(CountryIndex, u16)>) -> bool {
    pin.is_none_or(|(country, subdivision)| {
        candidate.country == country && (subdivision == 0 || candidate.subdivision == subdivision)
    })
}

/// Whether one place is in another.
fn holds(outer: &Candidate, inner: &Candidate) -> bool {
    let inside = match outer.kind {
        Kind::Country => true,
        Kind::Subdivision => inner.subdivision == outer.subdivision && outer.subdivision != 0,
        Kind::District => inner.subdivision == outer.subdivision,
        _ => false,
    };
    inside && inner.kind.is_place() && inner.country == outer.country && inner.kind.is_smaller_than(outer.kind)
}
