//! The annotated configuration file and the code say the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dateline::daemon::config::Config;
use serde_json::Value;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/dateline.toml");

#[test]
fn the_annotated_file_holds_the_defaults() {
    let config = Config::load_from(Some(Path::new(FILE)), Some(BTreeMap::new())).expect("the file is right");
    assert_eq!(config, Config::default());
}

#[test]
fn the_annotated_file_explains_every_key() {
    let text = fs::read_to_string(FILE).expect("the file is there");
    let defaults = serde_json::to_value(Config::default()).expect("a configuration can be shown");
    let mut keys = Vec::new();
    collect_keys("", &defaults, &mut keys);
    assert!(keys.len() > 50, "keys: {keys:?}");
    for (section, key) in keys {
        assert!(explains(&text, &section, &key), "[{section}] {key} is not explained");
    }
}

/// Every time a deployment file gives the worker to end, in seconds, under the key that gives it.
fn patience(file: &str, key: &str) -> Vec<u64> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
    let text = fs::read_to_string(file).expect("the file is there");
    let values = text.lines().filter_map(|line| line.trim().strip_prefix(key));
    values.map(|value| value.trim().trim_end_matches('s').parse().expect("whole seconds")).collect()
}

#[test]
fn whoever_stops_a_worker_waits_for_its_orderly_end() {
    let Config { pipeline, broker, .. } = Config::default();
    let end = pipeline.drain_timeout + 2 * pipeline.hand_back_timeout + 2 * broker.close_timeout;
    for given in [patience("dateline.service", "TimeoutStopSec="), patience("compose.yaml", "stop_grace_period:")] {
        assert!(!given.is_empty() && given.iter().all(|given| *given > end.as_secs()), "{given:?} for {end:?}");
    }
}

fn collect_keys(section: &str, value: &Value, keys: &mut Vec<(String, String)>) {
    let Some(table) = value.as_object() else { return };
    for (key, value) in table {
        let inner = if section.is_empty() { key.clone() } else { format!("{section}.{key}") };
        match value {
            Value::Object(_) => collect_keys(&inner, value, keys),
            Value::Array(tables) if tables.iter().any(Value::is_object) => collect_keys(&inner, &tables[0], keys),
            _ => keys.push((section.to_owned(), key.clone())),
        }
    }
}

/// Whether the section has the key, perhaps commented out, under a line that is a comment in words.
fn explains(text: &str, section: &str, key: &str) -> bool {
    let mut current = "";
    let mut comment_before = false;
    for line in text.lines() {
        let content = line.trim_start_matches("# ");
        if content.starts_with('[') {
            current = content.trim_matches(['[', ']']);
        }
        let is_key = content.split_once(" = ").is_some_and(|(name, _)| name == key);
        if is_key && current == section {
            return comment_before;
        }
        comment_before = line.starts_with("# ") && !is_key;
    }
    false
}
