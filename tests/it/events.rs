//! The event contract: valid against the schemas, the same bytes each time, and as the golden files show it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::document::{Classification, ClassifierVersion, Evidence, Field, Language, Place, Region, Role, Topic};
use dateline::event::{self, schema::SCHEMAS};
use dateline::message::{HeaderValue, Incoming, Outgoing, Properties, header};
use dateline::parse::{Limits, Raw, format_names, parse};
use dateline::processing::outcome::Outcome;
use dateline::processing::{Processed, Processor, encode};
use jsonschema::Validator;
use serde_json::Value;

use testbed::published::{self, check_valid};

static PROCESSOR: LazyLock<Processor> =
    LazyLock::new(|| build::processor(&Config::default()).expect("the data compiled in can be used"));

fn tests_data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// Every document of our own, digests and envelopes.
pub(crate) fn documents() -> Vec<(String, Vec<u8>)> {
    let folders = [tests_data().join("documents"), tests_data().join("digests")];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("the folder is there"));
    let files = files.map(|entry| entry.expect("the folder can be read").path());
    let expected = |file: &Path| file.extension() == Some("json".as_ref()) && file.with_extension("txt").exists();
    let mut files: Vec<PathBuf> = files.filter(|file| !expected(file)).collect();
    files.sort();
    files.iter().map(|file| (file.display().to_string(), fs::read(file).expect("the file can be read"))).collect()
}

pub(crate) fn incoming(body: &[u8]) -> Incoming {
    let mut message = Incoming { body: body.to_vec().into(), ..Incoming::default() };
    message.properties.headers.set(header::SOURCE, "town desk");
    message
}

pub(crate) fn events_of(message: &Incoming) -> Vec<Outgoing> {
    let Outcome::Publish(composed) = PROCESSOR.process(message) else { return Vec::new() };
    for outgoing in &composed.events {
        published::event(&outgoing.body, &outgoing.routing_key);
    }
    composed.events
}

fn validator(name: &str) -> Validator {
    let schema = SCHEMAS.iter().find(|schema| schema.name == name).expect("the schema is listed");
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema.document(&format_names()))
        .expect("our schema is valid")
}

#[test]
fn every_event_is_valid_against_the_schemas_generated_from_the_types() {
    let (whole, item, ninjs) = (validator("event"), validator("item"), validator("ninjs"));
    let mut events = 0;
    for (file, body) in documents() {
        for outgoing in events_of(&incoming(&body)) {
            let event: Value = serde_json::from_slice(&outgoing.body).expect("an event is JSON");
            check_valid(&whole, &event, &file);
            check_valid(&item, &event["data"], &file);
            check_valid(&ninjs, &event["data"]["item"], &file);
            events += 1;
        }
    }
    assert!(events > 20, "{events} events");
}

#[test]
fn our_schema_refuses_what_is_no_event() {
    let outgoing = &events_of(&incoming(b"Harbour Pilots Call Off Strike After Night of Talks"))[0];
    let event: Value = serde_json::from_slice(&outgoing.body).unwrap();
    for (pointer, wrong) in [
        ("/specversion", Value::from("0.3")),
        ("/type", Value::from("dateline.video.classified.v1")),
        ("/data/kind", Value::from("video")),
        ("/data/document/sha256", Value::from("short")),
        ("/data/classification", Value::from(1)),
    ] {
        let mut event = event.clone();
        *event.pointer_mut(pointer).expect("the event has the field") = wrong;
        assert!(!validator("event").is_valid(&event), "{pointer}");
    }
}

#[test]
fn the_same_document_gives_the_same_ids_and_bytes() {
    for (file, body) in documents() {
        let first = events_of(&incoming(&body));
        let again = events_of(&Incoming { redelivered: true, ..incoming(&body) });
        assert_eq!(first, again, "{file}");
    }
}

#[test]
fn another_version_or_source_is_another_event_of_the_same_or_another_item() {
    let ids = |source: &str, version: u32| {
        let body = format!(r#"{{"id":"a","version":{version},"title":"Rain ends dry spell in the north"}}"#);
        let mut message = incoming(body.as_bytes());
        message.properties.headers.set(header::SOURCE, source);
        let event: Value = serde_json::from_slice(&events_of(&message)[0].body).unwrap();
        (event["id"].to_string(), event["data"]["item"]["uri"].to_string())
    };
    let (first, second, elsewhere) = (ids("x", 1), ids("x", 2), ids("y", 1));
    assert_ne!(first.0, second.0);
    assert_eq!(first.1, second.1, "versions of one item share its uri");
    assert_ne!(first.1, elsewhere.1);
}

#[test]
fn evidence_counts_the_characters_of_the_item_as_published() {
    for (file, body) in documents() {
        for outgoing in events_of(&incoming(&body)) {
            check_evidence_of(&outgoing, &file);
        }
    }
}

/// Every span of evidence of an event is in its item.
#[track_caller]
pub(crate) fn check_evidence_of(outgoing: &Outgoing, file: &str) {
    let event: Value = serde_json::from_slice(&outgoing.body).unwrap();
    for list in ["regions", "topics"] {
        for found in event["data"]["classification"][list].as_array().unwrap() {
            for evidence in found["evidence"].as_array().unwrap() {
                check_evidence(&event["data"]["item"], evidence, file);
            }
        }
    }
}

#[track_caller]
fn check_evidence(item: &Value, evidence: &Value, file: &str) {
    let text = match evidence["field"].as_str().unwrap() {
        "title" => &item["headlines"][0]["value"],
        "body" => &item["bodies"][0]["value"],
        _ => &item["located"],
    };
    let (start, end) = (evidence["start"].as_u64().unwrap() as usize, evidence["end"].as_u64().unwrap() as usize);
    let span: String = text.as_str().unwrap().chars().skip(start).take(end - start).collect();
    assert_eq!(span, evidence["text"].as_str().unwrap(), "{file}");
}

/// A classification that no model decides, so that the golden files change only with the contract.
fn classification() -> Classification {
    let evidence = Evidence { text: "Lisbon".to_owned(), field: Field::Title, start: 0, end: 6 };
    let region = Region {
        code: "PT".parse().unwrap(),
        name: "Portugal".to_owned(),
        m49: ["001", "150", "039", "620"].map(str::to_owned).to_vec(),
        role: Role::Primary,
        confidence: 0.97,
        evidence: vec![evidence],
        places: vec![Place {
            name: "Lisbon".to_owned(),
            subdivision: Some("PT-11".to_owned()),
            geonames: Some(2_267_057),
        }],
    };
    let topic = |code: &str, name: &str, role, confidence| Topic {
        code: code.to_owned(),
        name: name.to_owned(),
        path: vec![code.to_owned()],
        role,
        confidence,
        evidence: Vec::new(),
    };
    Classification {
        regions: vec![region],
        topics: vec![
            topic("medtop:11000000", "politics and government", Role::Primary, 0.81),
            topic("medtop:04000000", "economy, business and finance", Role::Mentioned, 0.35),
        ],
        language: Some(Language { code: "en".parse().unwrap(), confidence: 1.0 }),
        review: false,
        classifier: ClassifierVersion {
            version: "0.0.0".to_owned(),
            gazetteer: "sha256:0".to_owned(),
            topics: "sha256:0".to_owned(),
        },
    }
}

/// A message as a golden file shows it: address, properties, headers and body.
fn shown(outgoing: &Outgoing) -> Value {
    let Properties { content_type, message_id, timestamp, kind, app_id, headers, .. } = &outgoing.properties;
    let headers = headers.0.iter().map(|(name, value)| (name.clone(), shown_header(value)));
    let body = published::event(&outgoing.body, &outgoing.routing_key);
    serde_json::json!({
        "routing_key": outgoing.routing_key,
        "content_type": content_type,
        "message_id": message_id,
        "timestamp": timestamp,
        "type": kind,
        "app_id": app_id,
        "headers": headers.collect::<serde_json::Map<_, _>>(),
        "body": body,
    })
}

fn shown_header(value: &HeaderValue) -> Value {
    match value {
        HeaderValue::Text(text) => text.as_str().into(),
        HeaderValue::Array(values) => values.iter().map(shown_header).collect(),
        other => panic!("no header of an event is {other:?}"),
    }
}

/// Golden files: add a case by adding a document; `UPDATE_GOLDEN=1` writes what is expected of it.
#[test]
fn events_are_as_the_golden_files_show_them() {
    for name in ["council.json", "kill.json", "mixed.txt"] {
        let body = fs::read(tests_data().join("documents").join(name)).expect("the document is there");
        let document = parse(&Raw::new(&body).source("town desk"), &Limits::default()).expect("it can be read");
        let classifications = vec![classification(); document.items.len()];
        let mut processed = Processed::new(document.key(), event::compose(document, classifications));
        processed.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
        let events: Vec<Value> = encode::messages(&processed).iter().map(shown).collect();
        let file = tests_data().join("events").join(format!("{name}.golden.json"));
        let found = serde_json::to_string_pretty(&events).expect("JSON can be written") + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&file, &found).expect("the golden file can be written");
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert!(found == expected, "{name} differs from {}:\n{found}", file.display());
    }
}
