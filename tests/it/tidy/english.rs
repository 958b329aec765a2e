//! Turns of phrase that make a native engineer stumble, looked for in everything that people read here.

use std::path::Path;

use regex_lite::Regex;

use super::files_below;

/// Files, and folders whose files end in one of [`ENDINGS`].
const PLACES: [&str; 19] = [
    ".ci/run",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.toml",
    "README.md",
    "benches",
    "config/dateline.toml",
    "config/gazetteer/build",
    "config/gazetteer/local.toml",
    "config/topics/MODEL.md",
    "config/topics/local.toml",
    "deploy",
    "docs",
    "examples",
    "src",
    "tests",
    "training",
    "tests/container",
    "tests/run",
];

const ENDINGS: [&str; 11] =
    [".rs", ".md", ".toml", ".py", ".sh", ".js", ".service", ".yaml", "Containerfile", "regions", "_words"];

/// What not to write, and what to write in its place.
const PATTERNS: [(&str, &str); 20] = [
    (r"(\w+ )?\b(is|are|was|were) no\b( \w+)?", "is not a"),
    (r"(^|[/.:] )(Most|Least) \w+ (of|in|per|that)\b", "maximum number of, minimum number of"),
    (r"\b(came|comes|come) to (no|its|an|their) end\b", "completed, did not complete"),
    (r"\b(stands?|stood) (there|in|at|on|beside|above|below|between|before|so)\b", "is, appears"),
    (r"(^|[^`\w])(mend|mends|mended|mending)\b", "fix, remedy"),
    (r"(\w+ )?\b[Bb]ehind\b( \w+)?", "after"),
    (r#"(^|[^"\w])([Tt]ells?|[Tt]old)\b( \w+)?"#, "reports, says, shows"),
    (r"\bcannot be meant\b", "is contradictory"),
    (r"\bso (many|much) [a-z]+s\b|\bfor so (long|many|much)\b", "this number of, this long"),
    (r"\bwhich is none\b", "which is not one"),
    (r"\blies?\b( \w+)?", "is, is in"),
    (r"\blets? (us|it|them) (in|go)\b|\b(is|are) let in\b", "accepts"),
    (r"\b(takes?|taken) for\b", "reads as, assumes"),
    (r"\bcalled like\b", "that shares its name with"),
    (r"\b(is|are|was|were) of no\b", "is not of any, is useless"),
    (r"\b(speaks?|spoke) (for|against|of)\b", "counts for, counts against, is about"),
    (r"\bfor ever\b", "permanently, forever"),
    (r"\bsmall letters\b", "lower case"),
    (r"\bin (its|their|a worker's) hands?\b", "held by"),
    (r"\b(all the same|anew)\b", "still, again"),
];

/// True uses: what is found is allowed when it holds one of these.
const ALLOWED: [&str; 13] = [
    "here is no",
    "here are no",
    "here was no",
    "is no further",
    "are no further",
    "is no longer",
    "are no longer",
    "is no more",
    "are no more",
    "is no way",
    "numbers behind",
    "it behind an",
    "tells us",
];

/// Each bad turn in a text, as `line: what is said; what to say`.
fn stumbles(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (pattern, better) in PATTERNS {
        let pattern = Regex::new(pattern).expect("a pattern of ours is one");
        for (number, line) in (1..).zip(text.lines()) {
            let said = pattern.find_iter(line).map(|said| said.as_str());
            let said = said.filter(|said| !ALLOWED.iter().any(|allowed| said.contains(allowed)));
            found.extend(said.map(|said| format!("{number}: {said:?}; write {better:?}")));
        }
    }
    found
}

/// The files of a place: itself, or the sources and papers below it. What quotes bad English is left out: this file, the
/// glossary, and news.
fn files_of(place: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
    if path.is_file() {
        let text = std::fs::read_to_string(&path).expect("a paper is UTF-8");
        let (text, _) = text.split_once("\n## Words\n").unwrap_or((&text, ""));
        return vec![(place.to_owned(), text.to_owned())];
    }
    let files = ENDINGS.iter().flat_map(|ending| files_below(&path, ending));
    let named = files.map(|(file, text)| (format!("{place}/{file}"), text));
    named.filter(|(file, _)| file != "tests/it/tidy/english.rs" && !file.starts_with("tests/data/")).collect()
}

#[test]
fn what_people_read_is_free_of_bad_english() {
    let found: Vec<String> = PLACES
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
    check(
        "fine\n/// Most words of a headline.",
        &["2: \"/ Most words of\"; write \"maximum number of, minimum number of\""],
    );
    check("documents that came to no end", &["1: \"came to no end\"; write \"completed, did not complete\""]);
    check("FR stands there twice", &["1: \"stands there\"; write \"is, appears\""]);
    check("what mends it", &["1: \" mends\"; write \"fix, remedy\""]);
    check("what a flag tells", &["1: \" tells\"; write \"reports, says, shows\""]);
    check("stop after so many letters", &["1: \"so many letters\"; write \"this number of, this long\""]);
    check("It is no longer there, and recommended most of the time; amend it. There is no other.", &[]);
    check("the numbers behind an explanation, formerly `mend`", &[]);
}
