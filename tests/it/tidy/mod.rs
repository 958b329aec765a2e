//! The house rules that no compiler checks: imports point down and in no circle, one room names the broker's client,
//! files stay short, and the English is English.

mod english;
mod imports;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use imports::{Import, Target, circles, imports, is_dependency};

/// Rooms from the bottom floor up. A room may use what is on lower floors, and itself.
const FLOORS: [&[&str]; 10] = [
    &["document", "error", "script", "secret"],
    &["message"],
    &["parse", "classify", "event", "transport"],
    &["dateline", "eval"],
    &["processing"],
    &["pipeline"],
    &["dead_letters"],
    &["daemon"],
    &["cli"],
    &["main", "lib"],
];

/// Maximum number of lines of a file, its tests aside.
const LINES_MAX: usize = 400;

static SOURCES: LazyLock<Vec<(String, String)>> =
    LazyLock::new(|| files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), ".rs"));
static IMPORTS: LazyLock<Vec<Import>> = LazyLock::new(|| imports(&SOURCES));

/// What is wrong with files of `src`, as `path:line: complaint`.
fn complaints(files: &[(String, String)], imports: &[Import]) -> Vec<String> {
    let mut found: Vec<String> = files.iter().filter_map(|(path, text)| too_long(path, text)).collect();
    let roofless = files.iter().filter(|(path, _)| floor_of(room_of(path)).is_none());
    found.extend(
        roofless.map(|(path, _)| format!("{path}:1: room {:?} is on no floor; add it to FLOORS", room_of(path))),
    );
    found.extend(imports.iter().filter_map(wrong_way));
    found
}

fn too_long(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    (lines > LINES_MAX).then(|| format!("{path}:{lines}: over {LINES_MAX} lines"))
}

fn wrong_way(import: &Import) -> Option<String> {
    let room = room_of(&import.from);
    let complaint = match &import.target {
        Target::Outside(name) if name == "lapin" => {
            (!import.from.starts_with("transport/amqp")).then(|| "only transport/amqp may name lapin".to_owned())
        }
        Target::Outside(_) => None,
        Target::File(file) => {
            let used = room_of(file);
            let is_up = used != room && floor_of(used)? >= floor_of(room)?;
            is_up.then(|| format!("{room} must not use {used}"))
        }
    };
    complaint.map(|complaint| format!("{}:{}: {complaint}", import.from, import.line))
}

fn room_of(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Every file below a folder of the project whose name ends so, as its path there and its text; sorted.
fn files_below(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a folder just opened can be listed").path();
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files_below(&path, ending).into_iter().map(|(file, text)| (format!("{name}/{file}"), text)));
        } else if name.ends_with(ending) {
            found.push((name, fs::read_to_string(&path).expect("a source is UTF-8")));
        }
    }
    found.sort();
    found
}

#[test]
fn every_file_keeps_the_house_rules() {
    assert!(SOURCES.len() > 5, "no sources");
    let found = complaints(&SOURCES, &IMPORTS);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn files_import_one_another_in_no_circle() {
    let found: Vec<String> = circles(&IMPORTS).iter().map(shown).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// A circle and the imports that close it.
fn shown(circle: &Vec<String>) -> String {
    let within = |import: &&Import| {
        let Target::File(target) = &import.target else { return false };
        is_dependency(import) && circle.contains(&import.from) && circle.contains(target)
    };
    let mut closing: Vec<&Import> = IMPORTS.iter().filter(within).collect();
    closing.dedup_by(|later, first| (&later.from, &later.target) == (&first.from, &first.target));
    let lines = closing.iter().map(|import| format!("\n    {}:{} {:?}", import.from, import.line, import.target));
    format!("{circle:?}{}", lines.collect::<String>())
}

fn files(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// Checks the complaints about the last file; the others are there to be imported.
#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    let mut rows = vec![
        ("lib.rs", "pub mod cli; pub mod document;"),
        ("document/mod.rs", "mod item; pub use item::Item; pub struct Document;"),
        ("document/item.rs", "pub struct Item;"),
        ("classify/mod.rs", "pub fn g() {}"),
        ("pipeline/mod.rs", "pub struct Ledger;"),
        ("daemon/mod.rs", "pub fn run() {}"),
    ];
    rows.retain(|(other, _)| *other != path);
    rows.push((path, text));
    let files = files(&rows);
    assert_eq!(complaints(&files, &imports(&files)), expected, "{text}");
}

#[test]
fn an_import_that_points_up_or_sideways_is_named_with_its_line() {
    let up = ["parse/mod.rs:2: parse must not use pipeline"];
    check("parse/mod.rs", "use crate::document::Item;\n", &[]);
    check("parse/mod.rs", "\nuse crate::pipeline::Ledger;\n", &up);
    check("parse/mod.rs", "\nuse super::pipeline::Ledger;\n", &up);
    check("parse/mod.rs", "\nuse crate::{document::Item, pipeline as later};\n", &up);
    check("parse/mod.rs", "\nfn f() -> crate::pipeline::Ledger { todo!() }\n", &up);
    check("parse/mod.rs", "\nfn f() { assert!(super::pipeline::Ledger == 1) }\n", &up);
    check("parse/mod.rs", "fn f() { crate::classify::g() }", &["parse/mod.rs:1: parse must not use classify"]);
    check(
        "event/ninjs.rs",
        "mod a { use super::super::super::daemon; }",
        &["event/ninjs.rs:1: event must not use daemon"],
    );
    check("document/mod.rs", "// crate::cli is above\n", &[]);
    check("cli/run.rs", "use crate::daemon::run;", &[]);
    check("main.rs", "use dateline::daemon::run;", &[]);
}

#[test]
fn a_room_without_a_floor_a_long_file_and_the_brokers_client_are_named() {
    check("attic.rs", "", &["attic.rs:1: room \"attic\" is on no floor; add it to FLOORS"]);
    check("pipeline/mod.rs", "use lapin::Channel;", &["pipeline/mod.rs:1: only transport/amqp may name lapin"]);
    check("transport/amqp/source.rs", "use lapin::Channel;", &[]);
    check("document/mod.rs", &"\n".repeat(401), &["document/mod.rs:401: over 400 lines"]);
}

#[track_caller]
fn check_circles(rows: &[(&str, &str)], expected: &[&[&str]]) {
    assert_eq!(circles(&imports(&files(rows))), expected, "{rows:?}");
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let (a, b) = ("a/one.rs", "a/two.rs");
    let circle: &[&[&str]] = &[&[a, b]];
    let parent = ("a/mod.rs", "mod one; mod two; pub use two::Two;");
    check_circles(
        &[parent, (a, "use super::two::Two; struct One;"), (b, "use crate::a::one::One; pub struct Two;")],
        circle,
    );
    check_circles(
        &[parent, (a, "use crate::a as room; fn f(_: room::two::Two) {}"), (b, "use super::one; fn g() { one::f() }")],
        circle,
    );
    check_circles(&[parent, (a, "use super::Two; struct One;"), (b, "pub struct Two(super::one::One);")], circle);
    check_circles(&[parent, (a, "use super::two::*; struct One;"), (b, "pub struct Two(super::one::One);")], circle);
    check_circles(&[parent, (a, "use super::Two; struct One;"), (b, "pub struct Two;")], &[]);
    check_circles(
        &[parent, (a, "use super::Two; struct One;"), (b, "#[cfg(test)] mod tests { use crate::a::one::One; }")],
        &[],
    );
    let uses_child = ("a/mod.rs", "mod one; mod two; use two::Two; struct Whole(Two);");
    check_circles(&[uses_child, (a, "struct One;"), (b, "use super::Whole; struct Two;")], &[]);
}
