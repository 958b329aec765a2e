//! `dateline explain`: it explains what `dateline process` publishes, and nothing else.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn dateline(words: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    // A command that reads nothing may have ended by now.
    drop(stdin.write_all(input));
    drop(stdin);
    child.wait_with_output().expect("the binary ends")
}

/// Every document of our own.
fn documents() -> Vec<PathBuf> {
    let folders =
        ["documents", "digests"].map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("our documents can be listed"));
    files.map(|entry| entry.expect("our documents can be listed").path()).filter(|path| path.is_file()).collect()
}

#[test]
fn an_explanation_holds_the_classification_that_is_published() {
    let mut items = 0;
    for file in documents() {
        let name = file.display().to_string();
        let processed = dateline(&["process", &name, "--output", "ndjson"], b"");
        let explained = dateline(&["explain", &name, "--json"], b"");
        assert_eq!(explained.status.code(), processed.status.code(), "{name}");
        if !processed.status.success() {
            continue;
        }
        let published = String::from_utf8(processed.stdout).expect("events are UTF-8");
        let explained: Value = serde_json::from_slice(&explained.stdout).expect("an explanation is JSON");
        let explained = explained["items"].as_array().expect("an explanation has items");
        assert_eq!(explained.len(), published.lines().count(), "{name}");
        for (line, item) in published.lines().zip(explained) {
            let event: Value = serde_json::from_str(line).expect("an event is JSON");
            assert_eq!(item["classification"], event["data"]["classification"], "{name}, item {}", item["ordinal"]);
            assert_eq!(item["kind"], event["data"]["kind"], "{name}, item {}", item["ordinal"]);
            items += 1;
        }
    }
    assert!(items > 20, "only {items} items");
}

const DIGEST: &[u8] = b"Harbour Pilots Call Off Strike\nGlacier Lake Drains Overnight in Iceland\n";

/// Exit code, standard output and standard error.
fn run(words: &[&str]) -> (Option<i32>, String, String) {
    let output = dateline(words, DIGEST);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn check_says(words: &[&str], expected: &[&str]) {
    let (code, says, complains) = run(words);
    assert_eq!(code, Some(0), "{words:?}: {complains}");
    let missing: Vec<_> = expected.iter().filter(|part| !says.contains(**part)).collect();
    assert!(missing.is_empty(), "{words:?} does not say {missing:?} but\n{says}");
}

#[test]
fn items_are_explained_all_or_the_one_asked_for() {
    check_says(&["explain"], &["1. Harbour Pilots", "2. Glacier Lake", "Iceland (IS)", "gazetteer, names.tsv:"]);
    let (_, second, _) = run(&["explain", "--item", "2"]);
    assert!(second.contains("2. Glacier Lake") && !second.contains("Harbour"), "{second}");
    let (code, _, complains) = run(&["explain", "--item", "3"]);
    assert_eq!((code, complains.as_str()), (Some(66), "dateline: there is no item 3: the document has 2 items\n"));
}

#[test]
fn numbers_are_shown_on_request() {
    let (_, words, _) = run(&["explain", "--item", "2"]);
    assert!(!words.contains("prior"), "{words}");
    check_says(&["explain", "--item", "2", "--numbers"], &["prior", "score", "probability", "weight"]);
}

#[test]
fn what_a_sender_could_have_declared_can_be_tried() {
    check_says(&["explain", "--language", "de-AT", "--item", "2"], &["German (de", "declared by the sender"]);
    check_says(
        &["explain", "--home", "IS", "--section", "Sport"],
        &["Home of the feed: Iceland (IS)", "Sections: Sport"],
    );
    check_says(
        &["explain", "--title", "Ferry to Oslo resumes"],
        &["1. Ferry to Oslo resumes", "Kind: headline", "Norway (NO)"],
    );
    check_says(
        &["explain", "--title", "Ferry", "--body", "It sails to Oslo."],
        &["1. Ferry", "Kind: article", "Norway (NO)"],
    );
}

#[test]
fn a_document_that_would_be_rejected_is_not_explained() {
    let output = dateline(&["explain"], b"{\"title\": ");
    let complains = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65), "{complains}");
    let named = complains.contains("malformed-json: ") && complains.contains("`dateline reasons malformed-json`");
    assert!(named && complains.lines().count() == 1, "{complains}");
    assert_eq!(dateline(&["explain", "no-such-file.txt"], b"").status.code(), Some(66));
}
