//! The labels of sections: `WORLD`, `Business:`, `== Sport ==`.

use super::furniture::is_rule;
use super::is_word_of;
use super::look::{End, Look, Start, start_of};
use crate::script::is_ideographic;

/// Most words of a section's label, joints aside.
const LABEL_WORDS_MAX: u32 = 4;

/// Most characters of a label in a script written without spaces.
const LABEL_IDEOGRAPHS_MAX: usize = 6;

/// Words that name the sections of newspapers, lower case.
const SECTIONS: [&str; 66] = [
    "africa",
    "america",
    "americas",
    "analysis",
    "arts",
    "asia",
    "books",
    "briefing",
    "briefs",
    "business",
    "caribbean",
    "climate",
    "comment",
    "companies",
    "crime",
    "culture",
    "defence",
    "defense",
    "domestic",
    "east",
    "economy",
    "education",
    "elections",
    "energy",
    "entertainment",
    "environment",
    "europe",
    "fashion",
    "features",
    "finance",
    "food",
    "foreign",
    "headlines",
    "health",
    "home",
    "international",
    "in",
    "latin",
    "law",
    "lifestyle",
    "local",
    "markets",
    "media",
    "middle",
    "national",
    "news",
    "north",
    "obituaries",
    "opinion",
    "pacific",
    "people",
    "politics",
    "regional",
    "religion",
    "roundup",
    "science",
    "security",
    "society",
    "south",
    "sport",
    "sports",
    "stories",
    "technology",
    "top",
    "travel",
    "world",
];

/// Words that join the words of a label.
const JOINTS: [&str; 8] = ["and", "&", "the", "of", "/", "|", "-", "y"];

/// How sure a line's own look makes it that it is a section's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::parse) enum Label {
    /// It is none.
    No,
    /// It may be one, if it stands over headlines as a label does.
    Perhaps,
    /// It is one wherever something stands under it.
    Sure,
}

/// How much a line looks like the label of a section; see [`Label`].
pub(in crate::parse) fn label(text: &str, look: &Look) -> Label {
    let name = label_name(text);
    if name.is_empty() || !matches!(look.end, End::Plain | End::Colon) || look.words > LABEL_WORDS_MAX + 2 {
        return Label::No;
    }
    let words = || name.split_whitespace().filter(|word| !is_word_of(&JOINTS, word));
    let count = words().count();
    if count == 0 || count > LABEL_WORDS_MAX as usize || name.chars().any(|character| character.is_ascii_digit()) {
        return Label::No;
    }
    if name.starts_with(is_ideographic) && name.chars().count() > LABEL_IDEOGRAPHS_MAX {
        return Label::No;
    }
    let section = words().flat_map(|word| word.split('/')).all(|word| is_word_of(&SECTIONS, word));
    let colon = look.end == End::Colon && words().all(|word| start_of(word) != Start::Lower);
    if section || colon || is_decorated(text, name) {
        return Label::Sure;
    }
    let capitals = words().all(|word| start_of(word) != Start::Lower);
    let short = count <= 2 || count == 3 && look.all_capitals;
    if short && capitals { Label::Perhaps } else { Label::No }
}

/// The name of a section without what decorates it.
pub(in crate::parse) fn label_name(text: &str) -> &str {
    text.trim_matches(|character: char| is_decoration(character) || matches!(character, ':' | '：'))
}

/// Whether a line is set off on both sides: `== World ==`, `[SPORT]`, `--- Markets ---`.
fn is_decorated(text: &str, name: &str) -> bool {
    let both = |side: fn(char) -> bool| text.starts_with(side) && text.ends_with(side);
    both(is_decoration) && text.len() >= name.len() + 2
}

fn is_decoration(character: char) -> bool {
    is_rule(character) && character != '.' || matches!(character, '[' | ']' | '<' | '>' | '|' | '【' | '】' | '(' | ')')
}
