//! The labels of sections: `WORLD`, `Business:`, `== Sport ==`.

use super::furniture::is_rule;
use super::is_word_of;
use super::look::{End, Look, Start, start_of};
use crate::script::is_ideographic;

/// Maximum number of words of a section's label, joints aside.
const LABEL_WORDS_MAX: usize = 4;

/// Maximum number of joints of a label.
const LABEL_JOINTS_MAX: usize = 2;

/// Maximum number of characters of a label in a script written without spaces.
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

/// A line that looks like the label of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) struct Label<'a> {
    /// The section's name, without what decorates it.
    pub(in crate::parse) name: &'a str,
    /// Whether it is a label wherever something is under it. Otherwise it may be one, if it is above headlines as a
    /// label is.
    pub(in crate::parse) sure: bool,
}

/// Reads a line as the label of a section, if it looks like one.
pub(in crate::parse) fn label<'a>(text: &'a str, look: &Look<'_>) -> Option<Label<'a>> {
    let is_short = look.words as usize <= LABEL_WORDS_MAX + LABEL_JOINTS_MAX;
    if !is_short || !matches!(look.end, End::Plain | End::Colon) {
        return None;
    }
    let name = text.trim_matches(|character: char| is_decoration(character) || matches!(character, ':' | '：'));
    let words = || name.split_whitespace().filter(|word| !is_word_of(&JOINTS, word));
    let count = words().count();
    if !(1..=LABEL_WORDS_MAX).contains(&count) || name.contains(|character: char| character.is_ascii_digit()) {
        return None;
    }
    if name.starts_with(is_ideographic) && name.chars().nth(LABEL_IDEOGRAPHS_MAX).is_some() {
        return None;
    }
    let capitals = words().all(|word| start_of(word) != Start::Lower);
    let section = || words().flat_map(|word| word.split('/')).all(|word| is_word_of(&SECTIONS, word));
    let sure = look.end == End::Colon && capitals || is_decorated(text, name) || section();
    let perhaps = capitals && (count <= 2 || count == 3 && look.is_all_capitals());
    (sure || perhaps).then_some(Label { name: name.trim(), sure })
}

/// Whether a line is set off on both sides: `== World ==`, `[SPORT]`, `--- Markets ---`.
fn is_decorated(text: &str, name: &str) -> bool {
    text.len() >= name.len() + 2 && text.starts_with(is_decoration) && text.ends_with(is_decoration)
}

fn is_decoration(character: char) -> bool {
    is_rule(character) && character != '.' || matches!(character, '[' | ']' | '<' | '>' | '|' | '【' | '】' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, bool)>) {
        let found = label(text, &Look::new(text)).map(|label| (label.name, label.sure));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_label_is_a_section_or_decorated_or_ends_in_a_colon() {
        check("WORLD", Some(("WORLD", true)));
        check("Middle East / Africa", Some(("Middle East / Africa", true)));
        check("Sport:", Some(("Sport", true)));
        check("Lower Rhine Valley:", Some(("Lower Rhine Valley", true)));
        check("== Our Town ==", Some(("Our Town", true)));
        check("[lower case]", Some(("lower case", true)));
    }

    #[test]
    fn a_short_line_in_capitals_may_be_a_label() {
        check("Lower Rhine", Some(("Lower Rhine", false)));
        check("LOWER RHINE VALLEY", Some(("LOWER RHINE VALLEY", false)));
        check("国际新闻", Some(("国际新闻", false)));
    }

    #[test]
    fn other_lines_are_not_labels() {
        for text in ["Lower Rhine Valley", "dike breaks", "World Cup 2026", "World?", "国际新闻报道与评论", "of the"]
        {
            check(text, None);
        }
        check("A Line Of Seven Words And More", None);
    }
}
