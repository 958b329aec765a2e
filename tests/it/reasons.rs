//! Reasons for dead letters, as an operator meets them on the command line.

use std::process::{Command, Output};

fn dateline(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dateline")).args(words).output().expect("the binary starts")
}

/// Standard output of a command that has to succeed.
#[track_caller]
fn says(words: &[&str]) -> String {
    let output = dateline(words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

#[test]
fn reasons_are_listed_and_each_has_its_page() {
    let list = says(&["reasons"]);
    let codes: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.contains(&"invalid-utf8") && codes.contains(&"crash-loop"), "{list}");
    for code in &codes {
        let page = says(&["reasons", code]);
        assert!(page.starts_with(&format!("# {code}\n")) && page.contains("## What to do"), "{page}");
    }
    let rows = says(&["reasons", "--json"]);
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.iter().map(|row| row["reason"].as_str().unwrap()).collect::<Vec<_>>(), codes);
}

#[track_caller]
fn check_refused(words: &[&str], nearest: &str) {
    let output = dateline(words);
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(64), "{words:?}: {says}");
    assert!(says.contains("a similar value exists") && says.contains(nearest), "{words:?}: {says}");
}

#[test]
fn an_unknown_reason_is_refused_and_the_nearest_one_named() {
    check_refused(&["reasons", "invalid-utf-8"], "'invalid-utf8'");
    check_refused(&["dlq", "list", "--reason", "crashloop"], "'crash-loop'");
    check_refused(&["dlq", "purge", "--reason", "expird"], "'expired'");
}
