//! The main job: raw documents in, every event of theirs in every queue that is bound for it.

use std::collections::BTreeSet;

use lapin::types::AMQPValue;
use rustix::process::Signal;

use testbed::documents::{asking_for, mixed, raw};
use testbed::drain::{Drained, QueueKind, Seed};
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::{Node, NodeOptions};
use testbed::oracle::Verdict;

/// A desk's queue and the keys it is bound with.
const DESKS: [(&str, &[&str]); 3] =
    [("items", &["#"]), ("europe", &["*.europe.#"]), ("headlines", &["headline.*.*.sport", "headline.africa.#"])];

#[test]
fn every_document_becomes_its_events_in_every_queue_bound_for_them() {
    let node = Node::start(&NodeOptions::default());
    for (prefix, kind) in [("classic", QueueKind::Classic), ("quorum", QueueKind::Quorum)] {
        let mut newsroom = Newsroom::new(&node.amqp_url(), prefix, kind);
        newsroom.bind(&DESKS);
        let mut worker = newsroom.ready_worker();
        newsroom.seed(&mixed("job", 0..60));
        newsroom.wait_until_all_came_out();
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0));
        let books = worker.closing_books();
        let desks =
            DESKS.map(|(desk, _)| newsroom.with_client(async |client| client.drain(&newsroom.name(desk)).await));
        let verdict = newsroom.close();
        assert_eq!(verdict, Verdict { documents: 60, ..Verdict::default() });
        assert_eq!((books.published, books.received, books.balance()), (60, 60, true));
        // The second half of `close` found nothing that the first had not: each event came once.
        assert_eq!((books.events, books.parked), (newsroom.oracle.events_seen(), 0));
        let [_, europe, headlines] = desks;
        check_desk(&newsroom, &europe, |key| key.split('.').nth(1) == Some("europe"));
        check_desk(&newsroom, &headlines, |key| {
            let words: Vec<&str> = key.split('.').collect();
            words[0] == "headline" && (words[1] == "africa" || (words[3] == "sport" && words.len() == 4))
        });
    }
}

/// A desk has each event once whose key or carbon copy it is bound for, and no other; each follows the schema.
#[track_caller]
fn check_desk(newsroom: &Newsroom, messages: &[Drained], is_for: fn(&str) -> bool) {
    let schema = dateline::event::schema::SCHEMAS[0].document(&dateline::parse::format_names());
    let validator = jsonschema::validator_for(&schema).expect("our own schema is valid");
    for message in messages {
        let event = serde_json::from_slice(&message.body).expect("an event is JSON");
        validator.validate(&event).expect("an event follows its schema");
        assert_eq!(event["id"], message.id);
        assert_eq!(*message.properties.delivery_mode(), Some(2));
        assert!(keys(message).iter().any(|key| is_for(key)), "{:?} is not for this desk", keys(message));
    }
    let ids: BTreeSet<&String> = messages.iter().map(|message| &message.id).collect();
    assert_eq!(ids.len(), messages.len(), "an event came twice");
    let expected = newsroom.oracle.expected_events(is_for);
    assert!(!expected.is_empty(), "the test has no event for this desk");
    assert_eq!(ids.into_iter().cloned().collect::<BTreeSet<_>>(), expected);
}

/// The routing key and the carbon copies.
fn keys(message: &Drained) -> Vec<String> {
    let headers = message.properties.headers().as_ref().expect("an event has headers");
    let mut keys = vec![message.routing_key.clone()];
    if let Some(AMQPValue::FieldArray(copies)) = headers.inner().get("CC") {
        keys.extend(copies.as_slice().iter().map(|copy| match copy {
            AMQPValue::LongString(key) => key.to_string(),
            other => panic!("a carbon copy is text, not {other:?}"),
        }));
    }
    keys
}

/// Bodies that can never be published, and why.
fn bad_documents() -> Vec<(Seed, &'static str)> {
    let headlines = |count| (0..count).map(|number| format!("Parliament Votes on Bill {number}\n")).collect::<String>();
    vec![
        (raw("nothing", "text/plain", ""), "empty"),
        (raw("white-space", "text/plain", " \r\n\t"), "empty"),
        (raw("latin", "text/plain", b"Caf\xe9 closes after a century".to_vec()), "invalid-utf8"),
        (raw("archive", "text/plain", b"PK\x03\x04\x14\0\0\0\x08\0".to_vec()), "unknown-format"),
        (raw("picture", "application/json", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()), "unknown-format"),
        (raw("list", "application/json", "[1, 2]"), "not-an-object"),
        (raw("truncated", "application/json", r#"{"id": "1", "title": "Cut o"#), "malformed-json"),
        (raw("textless", "application/json", r#"{"id": "2"}"#), "missing-text"),
        (raw("mistyped", "application/json", r#"{"title": ["no"]}"#), "malformed-envelope"),
        (raw("long", "text/plain", "Rain in Wales. ".repeat(400_000)), "too-large"),
        (raw("crowd", "text/plain", headlines(100_000)), "too-many-items"),
        (asking_for("panic", raw("panicking", "text/plain", "Storm Closes Port of Dover")), "panic"),
    ]
}

#[test]
fn bad_input_becomes_a_dead_letter_with_its_bytes_and_the_next_document_is_processed() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "bad", QueueKind::Quorum);
    newsroom.set("pipeline.in_flight_max", "1");
    let mut worker = newsroom.ready_worker();
    let bad = bad_documents();
    let good = mixed("good", 0..bad.len());
    for ((document, _), next) in bad.iter().zip(&good) {
        newsroom.seed(&[document.clone(), next.clone()]);
    }
    newsroom.wait_until_all_came_out();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0), "a dead letter is an orderly end");
    let verdict = newsroom.close();
    assert_eq!((verdict.lost.len(), verdict.duplicates), (0, 0));
    // That the bytes are the original's, the oracle has seen.
    assert_eq!(verdict.strange, Vec::<String>::new());
    assert!(verdict.wronged.keys().all(|reason| reason == "panic"), "{:?}", verdict.wronged);
    for (document, reason) in &bad {
        assert_eq!(newsroom.oracle.dead.get(&document.id), Some(&vec![(*reason).to_owned()]), "{}", document.id);
    }
    let books = worker.closing_books();
    assert_eq!((books.dead_lettered, books.published), (bad.len() as u64, good.len() as u64));
    assert_eq!((books.balance(), newsroom.oracle.dead_letters_seen()), (true, books.dead_lettered));
}

#[test]
fn a_document_whose_dead_letter_has_nowhere_to_go_is_kept() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "kept", QueueKind::Classic);
    newsroom.declare();
    newsroom.set("topology.mode", "\"none\"");
    let (dead, letters) = (newsroom.name("dead"), newsroom.name("dead_letters"));
    newsroom.with_client(async |client| {
        let unbound =
            client.channel.queue_unbind(letters.as_str().into(), dead.as_str().into(), "#".into(), Default::default());
        unbound.await.expect("it was bound");
    });
    let mut worker = newsroom.worker();
    newsroom.seed(&[raw("nothing", "text/plain", "")]);
    worker.wait_for_log("no queue is bound", PATIENCE);
    worker.wait_until_not_ready("no queue is bound", PATIENCE);
    newsroom.with_client(async |client| client.bind(&letters, &dead, "#").await);
    newsroom.wait_until_all_came_out();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
    assert_eq!(newsroom.close(), Verdict { documents: 1, ..Verdict::default() });
    assert!(worker.closing_books().balance());
}
