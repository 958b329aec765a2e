//! Turns of phrase that make a native engineer stumble. They are checked where the text has been gone through already;
//! whoever goes through another place adds it to `CLEAN`.

use std::path::Path;

use regex_lite::Regex;

use super::files_below;

/// Folders and files that have been gone through.
const CLEAN: [&str; 1] = ["tests/it/tidy"];

/// What not to write, and what to write in its place.
const PATTERNS: [(&str, &str); 8] = [
    (r"\b(is|are|was|were) no\b( \w+)?", "is not a"),
    (r"\b(Most|most) \w+ (of|in|per|that)\b", "maximum number of"),
    (r"\b(came|comes|come) to no end\b", "did not complete"),
    (r"\bstands? there\b", "duplicate"),
    (r"\bmends?\b|\bmended\b|\bmending\b", "fix, remedy"),
    (r"\bbehind the\b", "after"),
    (r"\b[Tt]ells whether\b", "reports whether"),
    (r"\bcannot be meant\b", "is contradictory"),
];

/// True uses.
const ALLOWED: [&str; 7] =
    ["is no longer", "are no longer", "is no more", "are no more", "is no way", "most of the time", "Most of the time"];

/// Each bad turn in a text, as `line: what is said; what to say`.
fn stumbles(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (pattern, better) in PATTERNS {
        let pattern = Regex::new(pattern).expect("a pattern of ours is one");
        for (number, line) in (1..).zip(text.lines()) {
            let said = pattern.find_iter(line).map(|said| said.as_str()).filter(|said| !ALLOWED.contains(said));
            found.extend(said.map(|said| format!("{number}: {said:?}; write {better:?}")));
        }
    }
    found
}

/// The files of a place: itself, or the sources and papers below it. What quotes bad English is left out.
fn files_of(place: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
    if path.is_file() {
        return vec![(place.to_owned(), std::fs::read_to_string(&path).expect("a paper is UTF-8"))];
    }
    let files = [".rs", ".md", ".toml"].iter().flat_map(|ending| files_below(&path, ending));
    let named = files.map(|(file, text)| (format!("{place}/{file}"), text));
    named.filter(|(file, _)| file != "tests/it/tidy/english.rs").collect()
}

#[test]
fn clean_places_stay_free_of_bad_english() {
    let found: Vec<String> = CLEAN
        .iter()
        .flat_map(|place| files_of(place))
        .flat_map(|(file, text)| stumbles(&text).into_iter().map(move |said| format!("{file}:{said}")))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(stumbles(text), expected, "{text}");
}

#[test]
fn bad_english_is_named_with_its_line_and_true_uses_are_not() {
    check("\"UK\" is no country", &["1: \"is no country\"; write \"is not a\""]);
    check("fine\n/// Most words of a headline.", &["2: \"Most words of\"; write \"maximum number of\""]);
    check("documents that came to no end", &["1: \"came to no end\"; write \"did not complete\""]);
    check("FR stands there twice", &["1: \"stands there\"; write \"duplicate\""]);
    check("what mends it", &["1: \"mends\"; write \"fix, remedy\""]);
    check("It is no longer there, and recommended most of the time; amend it.", &[]);
}
