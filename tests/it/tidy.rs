//! The house rules that no compiler checks: imports point down, one file names the broker's client, files stay short.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the bottom floor up. A room may use what is on lower floors, and itself.
const FLOORS: [&[&str]; 9] = [
    &["document", "error", "script", "secret"],
    &["message"],
    &["parse", "classify", "event", "transport"],
    &["dateline", "eval"],
    &["processing"],
    &["pipeline"],
    &["dead_letters"],
    &["daemon"],
    &["cli", "main", "lib"],
];

/// Most lines of a file, its tests aside.
const LINES_MAX: usize = 400;

/// What is wrong with a file of `src`, as `path:line: complaint`.
fn complaints(path: &str, source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let room = path.split(['/', '.']).next().unwrap_or_default();
    let lines = source.lines().take_while(|line| *line != "#[cfg(test)]").count();
    if lines > LINES_MAX {
        found.push(format!("{path}:{lines}: over {LINES_MAX} lines"));
    }
    let Some(floor) = floor_of(room) else {
        found.push(format!("{path}:1: room {room:?} is on no floor; add it to FLOORS"));
        return found;
    };
    for (i, line) in source.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
        for used in rooms_named(line).into_iter().filter(|used| *used != room) {
            if floor_of(used).is_some_and(|used_floor| used_floor >= floor) {
                found.push(format!("{path}:{}: {room} must not use {used}", i + 1));
            }
        }
        if line.contains("lapin::") && !path.starts_with("transport/amqp") {
            found.push(format!("{path}:{}: only transport/amqp may name lapin", i + 1));
        }
    }
    found
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The top-level modules that a line names after `crate::`, one by one or in braces.
fn rooms_named(line: &str) -> Vec<&str> {
    let mut rooms = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let after = &line[at + "crate::".len()..];
        match after.strip_prefix('{') {
            Some(list) => rooms.extend(list.split([',', '{', '}']).filter_map(|entry| entry.trim().split("::").next())),
            None => {
                rooms.extend(after.split(|character: char| !character.is_alphanumeric() && character != '_').next())
            }
        }
    }
    rooms
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("src can be listed") {
        let path = entry.expect("src can be listed").path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

#[test]
fn every_file_keeps_the_house_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&root);
    assert!(files.len() > 5, "no sources under {}", root.display());
    let found: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            complaints(&path, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[track_caller]
fn check(path: &str, source: &str, expected: &[&str]) {
    assert_eq!(complaints(path, source), expected);
}

#[test]
fn an_import_that_points_up_or_sideways_is_named_with_its_line() {
    check("parse/mod.rs", "use crate::document::Item;\n", &[]);
    check("parse/mod.rs", "\nuse crate::pipeline::Ledger;\n", &["parse/mod.rs:2: parse must not use pipeline"]);
    check("parse/mod.rs", "fn f() { crate::classify::g() }", &["parse/mod.rs:1: parse must not use classify"]);
    check("event/ninjs.rs", "use crate::{document::Item, daemon};", &["event/ninjs.rs:1: event must not use daemon"]);
    check("document/mod.rs", "// crate::cli is above\n", &[]);
    check("cli/run.rs", "use crate::daemon::run;", &[]);
}

#[test]
fn a_room_without_a_floor_a_long_file_and_the_brokers_client_are_named() {
    check("attic.rs", "", &["attic.rs:1: room \"attic\" is on no floor; add it to FLOORS"]);
    check("pipeline/mod.rs", "use lapin::Channel;", &["pipeline/mod.rs:1: only transport/amqp may name lapin"]);
    check("transport/amqp/source.rs", "use lapin::Channel;", &[]);
    check("document/mod.rs", &"\n".repeat(401), &["document/mod.rs:401: over 400 lines"]);
}
