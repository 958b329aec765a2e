//! What the words next to a name say: part of a person's, a street's or a firm's name, or a place inside another one.

use crate::classify::region::country::CountryIndex;
use crate::classify::region::entry::Kind;
use crate::classify::region::gazetteer::{Candidate, Gazetteer, Person};
use crate::classify::region::matcher::{Finder, Mention};
use crate::classify::region::weights::{Resolve, Zone};
use crate::classify::text::{CaseStyle, Gap, Shape, Text, Token};

/// Folded verbs of which a person is the subject, seldom a town.
const SPEAKS: [&str; 16] = [
    "said",
    "says",
    "told",
    "added",
    "adds",
    "thinks",
    "believes",
    "wrote",
    "explained",
    "recalled",
    "admitted",
    "insisted",
    "pleaded",
    "testified",
    "joked",
    "tweeted",
];
/// Folded words that stand before a person's name.
const BEFORE_PERSON: [&str; 48] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "sir",
    "lord",
    "lady",
    "dame",
    "prof",
    "professor",
    "rev",
    "reverend",
    "pastor",
    "judge",
    "justice",
    "sen",
    "senator",
    "rep",
    "congressman",
    "congresswoman",
    "gov",
    "sgt",
    "sergeant",
    "lt",
    "col",
    "capt",
    "captain",
    "officer",
    "detective",
    "deputy",
    "coach",
    "attorney",
    "actor",
    "actress",
    "singer",
    "striker",
    "midfielder",
    "defender",
    "goalkeeper",
    "quarterback",
    "author",
    "saint",
    "bishop",
    "father",
    "councillor",
    "cllr",
    "inspector",
];
/// Folded words that follow the name of something called after a place or a person, which is no place of that name.
const BEHIND_THING: [&str; 30] = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "drive",
    "boulevard",
    "blvd",
    "close",
    "crescent",
    "court",
    "terrace",
    "inc",
    "corp",
    "ltd",
    "plc",
    "co",
    "llc",
    "gmbh",
    "bros",
    "brothers",
    "foundation",
    "prize",
    "award",
    "elementary",
    "jr",
    "sr",
    "iii",
];
/// Folded prepositions of place.
const PREPOSITIONS: [&str; 10] = ["in", "at", "near", "from", "outside", "around", "across", "throughout", "via", "to"];
/// Folded words that belong to the place behind them: `East London`, `downtown Houston`.
const PART_OF_PLACE: [&str; 18] = [
    "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "greater", "inner",
    "upper", "lower", "downtown", "old", "mid", "rural", "the",
];

/// What stands around one mention.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cues {
    /// The reading told by a place behind a comma: country, and subdivision unless 0.
    pub(super) pin: Option<(CountryIndex, u16)>,
    /// How common the word is as a person's name.
    pub(super) person: Person,
    /// The word is written as ordinary words are: case tells nothing here.
    pub(super) case_is_mute: bool,
    /// A given name, an initial or a title stands before it, or it begins a person's name.
    pub(super) person_before: bool,
    /// A capitalised word that is no name of a place touches it.
    pub(super) inside_name: bool,
    /// A street, a firm or the like follows.
    pub(super) thing_behind: bool,
    /// A preposition of place stands before it.
    pub(super) preposition: bool,
    /// Another place follows a comma and does not hold it.
    pub(super) stranger_behind: bool,
    /// A verb of speech follows, as it follows a person's name.
    pub(super) speaks: bool,
}

impl Cues {
    /// What the cues add to the logarithm that the name is no place.
    pub(super) fn nothing(&self, resolve: &Resolve) -> f32 {
        self.signs(resolve).map(|(_, weight)| weight).sum()
    }

    /// What the name by itself adds to that logarithm, by name; `common` is how often it is an ordinary word.
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
            ("thing_behind", self.thing_behind, resolve.thing_behind),
            ("preposition", self.preposition, -resolve.preposition),
            ("stranger_behind", self.stranger_behind, resolve.stranger_behind),
            ("speaks", self.speaks, resolve.speaks),
        ];
        signs.into_iter().filter(|(_, holds, _)| *holds).map(|(name, _, weight)| (name, weight))
    }
}

/// Reads the words around every mention.
pub(super) fn read(gazetteer: &Gazetteer, text: &Text<'_>, finder: &Finder<'_>, mentions: &[Mention]) -> Vec<Cues> {
    let mut cues: Vec<Cues> = mentions
        .iter()
        .enumerate()
        .map(|(at, mention)| {
            let before = at.checked_sub(1).map(|before| &mentions[before]);
            Surroundings { gazetteer, text, tokens: text.tokens(), mention }.read(before, mentions.get(at + 1))
        })
        .collect();
    // From the back, so that `Paris, Lamar County, Texas` is pinned through its middle.
    for at in (0..mentions.len().saturating_sub(1)).rev() {
        contain(text, finder, mentions, &mut cues, at);
    }
    cues
}

struct Surroundings<'t> {
    gazetteer: &'t Gazetteer,
    text: &'t Text<'t>,
    tokens: &'t [Token],
    mention: &'t Mention,
}

impl Surroundings<'_> {
    fn read(&self, before: Option<&Mention>, behind: Option<&Mention>) -> Cues {
        let Mention { first, last, .. } = *self.mention;
        let token = &self.tokens[first];
        let style = self.text.case_style(token.field);
        let single = first == last;
        let sentence_start = matches!(token.gap, Gap::Start | Gap::Stop);
        let case_is_mute = single && (style != CaseStyle::Sentence || sentence_start);
        let mut cues = Cues { case_is_mute, ..Cues::default() };
        if single {
            cues.person = self.gazetteer.people.get(&token.hash).copied().unwrap_or_default();
        }
        let previous = first.checked_sub(1).map(|at| &self.tokens[at]).filter(|_| touches(token));
        let next = self.tokens.get(last + 1).filter(|next| touches(next) && next.field == token.field);
        if let Some(previous) = previous {
            self.look_before(previous, before.is_some_and(|before| before.last + 1 == first), style, &mut cues);
        }
        if let Some(next) = next {
            self.look_behind(next, behind.is_some_and(|behind| behind.first == last + 1), style, &mut cues);
        }
        cues
    }

    fn look_before(&self, previous: &Token, is_mention: bool, style: CaseStyle, cues: &mut Cues) {
        let word = self.text.folded(previous);
        if PREPOSITIONS.contains(&word) {
            cues.preposition = true;
        } else if PART_OF_PLACE.contains(&word) || previous.possessive {
            // Says nothing against the place.
        } else if BEFORE_PERSON.contains(&word) {
            cues.person_before = true;
        } else if style == CaseStyle::Sentence && !matches!(previous.shape, Shape::Lower | Shape::Number) {
            let person = self.gazetteer.people.get(&previous.hash).copied().unwrap_or_default();
            // `J. Smith`, but not `L'Allemagne`.
            let initial = previous.end - previous.start <= 1 && self.tokens[self.mention.first].gap == Gap::Space;
            cues.person_before = person.given > 0.0 || initial;
            cues.inside_name = !cues.person_before && !is_mention && !matches!(previous.gap, Gap::Start | Gap::Stop);
        } else if style == CaseStyle::Title {
            let person = self.gazetteer.people.get(&previous.hash).copied().unwrap_or_default();
            cues.person_before = person.given > GIVEN_IN_TITLE_MIN;
        }
    }

    fn look_behind(&self, next: &Token, is_mention: bool, style: CaseStyle, cues: &mut Cues) {
        let word = self.text.folded(next);
        if BEHIND_THING.contains(&word) {
            cues.thing_behind = true;
        } else if next.shape == Shape::Lower && style == CaseStyle::Sentence {
            cues.speaks = SPEAKS.contains(&word);
        } else if style == CaseStyle::Sentence && matches!(next.shape, Shape::Title | Shape::Mixed) && !is_mention {
            let surname = self.gazetteer.people.get(&next.hash).is_some_and(|person| person.surname > 0.0);
            cues.person_before |= cues.person.given > 0.0 && (surname || cues.person.given > GIVEN_ALONE_MIN);
            cues.inside_name |= !cues.person_before;
        }
    }
}

/// Per mille from which a word of a title in title case is taken for a given name.
const GIVEN_IN_TITLE_MIN: f32 = 0.1;
/// Per mille from which a given name before a capitalised word makes it a person without a known surname.
const GIVEN_ALONE_MIN: f32 = 0.3;

fn touches(token: &Token) -> bool {
    matches!(token.gap, Gap::Space | Gap::Joined)
}

/// `X, Y`: pins both to readings of which one holds the other.
fn contain(text: &Text<'_>, finder: &Finder<'_>, mentions: &[Mention], cues: &mut [Cues], at: usize) {
    let (inner, outer) = (&mentions[at], &mentions[at + 1]);
    let next = &text.tokens()[outer.first];
    let adjacent = inner.last + 1 == outer.first && text.tokens()[inner.first].field == next.field;
    let dateline = inner.zone == Zone::Dateline;
    if !adjacent || !(matches!(next.gap, Gap::Comma | Gap::Other) || dateline) {
        return;
    }
    let holds = |inner: &Candidate, outer: &Candidate| {
        let fits_pin = cues[at + 1].pin.is_none_or(|(country, subdivision)| {
            outer.country == country && (subdivision == 0 || outer.subdivision == subdivision)
        });
        let inside = match outer.kind {
            Kind::Country => true,
            Kind::Subdivision => inner.subdivision == outer.subdivision && outer.subdivision != 0,
            Kind::District => inner.subdivision == outer.subdivision,
            _ => false,
        };
        fits_pin && inside && inner.country == outer.country && (inner.kind as usize) > (outer.kind as usize)
            || fits_pin
                && outer.kind == Kind::District
                && inner.kind == Kind::City
                && inner.country == outer.country
                && inside
    };
    let mut best: Option<(f32, &Candidate, &Candidate)> = None;
    let mut holder = false;
    for outer in finder.readings(outer) {
        holder |= matches!(outer.kind, Kind::Subdivision | Kind::Country);
        for inner in finder.readings(inner).filter(|inner| inner.kind.is_place() && holds(inner, outer)) {
            let likely = inner.prior + outer.prior;
            if best.is_none_or(|(best, ..)| likely > best) {
                best = Some((likely, inner, outer));
            }
        }
    }
    if let Some((_, inner, outer)) = best {
        cues[at].pin = Some((inner.country, inner.subdivision));
        if cues[at + 1].pin.is_none() && finder.readings(&mentions[at + 1]).count() > 1 {
            cues[at + 1].pin = Some((outer.country, outer.subdivision));
        }
    } else if holder && next.gap == Gap::Comma {
        cues[at].stranger_behind = true;
    }
}
