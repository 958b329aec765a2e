//! What a digest becomes, row by row and file by file, and the law that every line has one fate.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::document::Reason;
use crate::parse::prose::furniture::IgnoreReason;

/// An item on one line: `title / body`, and what else it has in brackets.
fn shown(entry: &Entry) -> String {
    let text = &entry.text;
    let mut shown = text.title.clone().unwrap_or_else(|| "-".to_owned());
    if let Some(body) = &text.body {
        shown += &format!(" / {}", body.replace('\n', " ¶ "));
    }
    for (name, value) in [("dateline", &text.dateline), ("byline", &text.byline), ("credit", &text.credit)] {
        if let Some(value) = value {
            shown += &format!(" [{name} {value}]");
        }
    }
    entry.declared.sections.iter().for_each(|section| shown += &format!(" [in {section}]"));
    shown
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let entries = split(text, &Limits::default()).expect("the limits are wide");
    let found: Vec<String> = entries.iter().map(shown).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_headline_is_the_title_of_prose_as_near_as_what_is_above() {
    check("Ferry sinks\n\nDike breaks\n\nWater rose.", &["Ferry sinks", "Dike breaks / Water rose."]);
    check("Ferry sinks\nDike breaks\n\n\nWater rose.", &["Ferry sinks", "Dike breaks", "- / Water rose."]);
    check("• Dike breaks\n\nWater rose.", &["Dike breaks", "- / Water rose."]);
}

#[test]
fn paragraphs_at_one_distance_are_one_article() {
    check("Water rose.\n\nIt fell.\n\nIt rained.", &["- / Water rose. ¶ It fell. ¶ It rained."]);
    check("Water rose.\nIt fell.\n\nIt rained.", &["- / Water rose. ¶ It fell.", "- / It rained."]);
    check("Water rose.\n\nLIMA - Ice fell.", &["- / Water rose.", "- / Ice fell. [dateline LIMA]"]);
}

#[test]
fn headings_questions_and_lists_among_paragraphs_are_part_of_them() {
    check(
        "It rose.\n\nIt fell.\n\nWater levels\n\nIt rained.",
        &["- / It rose. ¶ It fell. ¶ Water levels ¶ It rained."],
    );
    check("It rose.\n\n“Who knew?”\n\nIt fell.", &["- / It rose. ¶ “Who knew?” ¶ It fell."]);
    check(
        "It rose.\n\nThese were closed:\n\n• Mill Lane\n• Quay Street",
        &["- / It rose. ¶ These were closed: ¶ Mill Lane ¶ Quay Street"],
    );
    check(
        "It rose.\n\nFerry Sinks Off Hull Again\n\n\nIt fell.",
        &["- / It rose.", "Ferry Sinks Off Hull Again", "- / It fell."],
    );
}

#[test]
fn bylines_and_datelines_on_their_own_lines_belong_to_the_story_below() {
    check(
        "Dike breaks\nBy Ann Lee\nHULL —\nWater rose.",
        &["Dike breaks / Water rose. [dateline HULL] [byline Ann Lee]"],
    );
    check("Water rose.\n\nBy Ann Lee", &["- / Water rose. [byline Ann Lee]"]);
    check("By Hull Bridge", &["By Hull Bridge"]);
    check("HULL —", &["HULL —"]);
}

#[test]
fn a_label_names_the_section_of_what_is_below() {
    check(
        "WORLD\nDike breaks near Hull\nSport:\nCork win",
        &["Dike breaks near Hull [in WORLD]", "Cork win [in Sport]"],
    );
    check("Lower Rhine\nDike breaks near the town", &["Dike breaks near the town [in Lower Rhine]"]);
}

#[test]
fn what_hangs_on_a_headline_is_not_its_title() {
    check("**Dike breaks** - Reuters", &["Dike breaks [credit Reuters]"]);
    check("HULL (AP) - The water rose again.", &["- / The water rose again. [dateline HULL] [credit AP]"]);
}

#[test]
fn items_are_bounded() {
    let limits = Limits { items_max: 2, ..Limits::default() };
    assert!(split("Dike breaks\nFerry sinks", &limits).is_ok());
    let fault = split("Dike breaks\nFerry sinks\nCork win", &limits).expect_err("there are three");
    assert_eq!(fault.reason, Reason::TooManyItems);
}

/// What a digest was split into, and where its lines went.
#[derive(Default)]
struct Traced {
    entries: Vec<Entry>,
    /// Numbers of the lines of each entry.
    lines: Vec<Vec<u32>>,
    ignored: Vec<(u32, IgnoreReason)>,
}

fn traced(text: &str) -> Traced {
    let mut traced = Traced::default();
    let entries = trace(text, &Limits::default(), |line, fate| match fate {
        Ok(ordinal) => {
            traced.lines.resize_with(traced.lines.len().max(ordinal + 1), Vec::new);
            traced.lines[ordinal].push(line);
        }
        Err(reason) => traced.ignored.push((line, reason)),
    });
    Traced { entries: entries.expect("the limits are wide"), ..traced }
}

/// A split digest as golden files hold it.
fn golden_of(traced: &Traced) -> Value {
    let entries = traced.entries.iter().zip(&traced.lines).map(|(entry, lines)| entry_of(entry, lines));
    let ignored = traced.ignored.iter().map(|(line, reason)| json!({ "line": line, "reason": name_of(*reason) }));
    json!({ "items": entries.collect::<Vec<_>>(), "ignored": ignored.collect::<Vec<_>>() })
}

fn entry_of(entry: &Entry, lines: &[u32]) -> Value {
    let text = &entry.text;
    let kind = if text.body.is_some() { "article" } else { "headline" };
    let mut shown = json!({ "kind": kind, "lines": lines });
    let fields = [
        ("title", &text.title),
        ("dateline", &text.dateline),
        ("byline", &text.byline),
        ("body", &text.body),
        ("credit", &text.credit),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    if !entry.declared.sections.is_empty() {
        shown["sections"] = json!(*entry.declared.sections);
    }
    shown
}

fn name_of(reason: IgnoreReason) -> &'static str {
    match reason {
        IgnoreReason::SectionLabel => "section-label",
        IgnoreReason::Separator => "separator",
        IgnoreReason::NoWords => "no-words",
        IgnoreReason::Boilerplate => "boilerplate",
    }
}

#[test]
fn each_golden_digest_is_split_as_its_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/digests");
    let mut inputs: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    inputs.sort();
    assert!(!inputs.is_empty());
    for input in inputs {
        let split = golden_of(&traced(&fs::read_to_string(&input).unwrap()));
        let golden = input.with_extension("json");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, format!("{split:#}\n")).unwrap();
        }
        let expected: Value = serde_json::from_slice(&fs::read(&golden).unwrap()).unwrap();
        assert_eq!(split, expected, "{}", input.display());
    }
}

/// Numbers of the non-blank lines, found without the parser: line ends as in Unicode, blank as people see it.
fn non_blank_lines(text: &str) -> Vec<u32> {
    let text = text.replace("\r\n", "\n");
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    let blank = |line: &str| line.chars().all(|c| c.is_whitespace() || "\u{feff}\u{200b}\u{2060}\u{1a}".contains(c));
    (1..).zip(lines).filter(|(_, line)| !blank(line)).map(|(number, _)| number).collect()
}

/// Words that digests are made of, and what is in them by accident.
const WORDS: [&str; 44] = [
    "Storm",
    "closes",
    "harbour",
    "in",
    "U.S.",
    "the",
    "“calm”",
    "said.",
    "why?",
    "(AP)",
    "| BBC",
    "09:30",
    "Paris,",
    "Jan 5",
    "Nov",
    "—",
    "GENEVA",
    "GENEVA —",
    "By",
    "Ann",
    "Lee",
    "1.",
    "2.",
    "•",
    "国际",
    "新闻。",
    "خبر",
    "WORLD",
    "Sport:",
    "***",
    "-----",
    "Page 2",
    "of",
    "…",
    "\u{a0}",
    "\u{200b}",
    "#",
    "END",
    "(c) 2024",
    "Élan",
    "Dr.",
    "a.m.",
    "2024",
    "__Ice__",
];

/// Lines and sentences of digests.
const TEXTS: [&str; 9] = [
    "By Ann Lee",
    "5 Dec 2025",
    "== Business ==",
    "(Reuters) - ",
    "- Reuters",
    "Water rose in the harbour, and nobody was hurt.",
    "The mayor said that three streets had been closed:",
    "“Nobody here sleeps,” a fisherman said",
    "Storm Closes Harbour In Northern Town",
];

const ENDS: [&str; 13] =
    [" ", " ", " ", "\n", "\n", "\n\n", "\n\n\n", "\r\n", "\r", "\n   ", "\t", "\u{2028}", "\u{85}"];

fn piece() -> impl Strategy<Value = String> {
    let text = prop_oneof![3 => prop::sample::select(&WORDS[..]), 1 => prop::sample::select(&TEXTS[..])];
    (text, prop::sample::select(&ENDS[..])).prop_map(|(text, end)| format!("{text}{end}"))
}

proptest! {
    #[test]
    fn every_line_is_in_one_item_or_ignored(pieces in prop::collection::vec(piece(), 1..80)) {
        let text = pieces.concat();
        let traced = traced(&text);
        let mut reported: Vec<u32> = traced.lines.iter().flatten().copied().collect();
        reported.extend(traced.ignored.iter().map(|(line, _)| line));
        reported.sort_unstable();
        prop_assert_eq!(reported, non_blank_lines(&text));
        prop_assert_eq!(traced.entries.len(), traced.lines.len());
        for (entry, lines) in traced.entries.iter().zip(&traced.lines) {
            prop_assert!(lines.is_sorted() && !lines.is_empty());
            prop_assert!(entry.text.title.is_some() || entry.text.body.is_some());
        }
    }
}
