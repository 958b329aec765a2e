//! What a digest becomes, row by row.

use super::*;
use crate::document::Reason;

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
    let split = split(text, &Limits::default()).expect("the limits are wide");
    let found: Vec<String> = split.entries.iter().map(shown).collect();
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
