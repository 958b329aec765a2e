//! What the broker does not take: events no queue is bound for, events of a full queue, documents it saw before.

use lapin::types::{AMQPValue, FieldTable};
use rustix::process::Signal;

use testbed::books::Books;
use testbed::documents::{mixed, raw};
use testbed::drain::{QueueKind, Seed};
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::{Node, NodeOptions};
use testbed::oracle::Verdict;
use testbed::wait::until;

#[test]
fn events_no_queue_is_bound_for_are_parked_and_those_of_the_same_window_are_not() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "unroutable", QueueKind::Quorum);
    newsroom.bind(&[("items", &["headline.#"])]);
    newsroom.declare();
    newsroom.seed(&mixed("parked", 0..120));
    let mut worker = newsroom.ready_worker();
    newsroom.wait_until_all_came_out();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
    assert_eq!(newsroom.close(), Verdict { documents: 120, ..Verdict::default() });
    let books = worker.closing_books();
    // Of three documents, one is an article, one has an article and headlines, one is a headline.
    assert_eq!((books.published, books.parked), (120, 80));
    assert_eq!(books.events, newsroom.oracle.events_seen());
    assert!(worker.log().contains("parking them"));
}

#[test]
fn events_a_full_queue_refuses_are_tried_again_after_each_delay_and_then_become_dead_letters() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "full", QueueKind::Classic);
    let mut limit = FieldTable::default();
    limit.insert("x-max-length".into(), AMQPValue::LongInt(1));
    limit.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    newsroom.bind(&[]);
    newsroom.declare();
    let (items, events) = (newsroom.name("items"), newsroom.name("events"));
    newsroom.with_client(async |client| {
        client.declare(&items, QueueKind::Classic, limit).await;
        client.bind(&items, &events, "#").await;
    });
    let mut worker = newsroom.ready_worker();
    newsroom.seed(&mixed("fits", 0..1));
    assert!(until(PATIENCE, || newsroom.ready_in("items") == 1));
    // Nothing is taken out of the queue while the second is tried at first, after 200 ms, and after 400 ms.
    newsroom.seed(&mixed("refused", 0..1));
    assert!(until(PATIENCE, || newsroom.ready_in("dead_letters") == 1));
    let fates = |books: Books| (books.published, books.retried, books.dead_lettered);
    // The letter is there a moment before its document is acknowledged and counted.
    assert!(until(PATIENCE, || worker.books().map(fates) == Some((1, 2, 1))), "{:?}", worker.books());
    let letter = newsroom.with_client(async |client| client.get(&newsroom.name("dead_letters")).await);
    let letter = letter.expect("it is there");
    newsroom.oracle.saw_dead_letter(&letter);
    assert_eq!(letter.headers()["dateline-attempts"], "3");
    assert_eq!(newsroom.oracle.dead["refused-0"], ["refused"]);

    // One that finds room in time comes through.
    newsroom.seed(&mixed("patient", 0..1));
    assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.retried > 2)));
    newsroom.wait_until_all_came_out();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
    let verdict = newsroom.close();
    assert_eq!((verdict.lost.len(), verdict.strange.len(), verdict.queued), (0, 0, 0));
    assert_eq!(verdict.wronged["refused"], 1);
}

/// One version of a document, sent as message `id`.
fn version(id: &str, version: u32, title: &str) -> Seed {
    let envelope = serde_json::json!({ "id": "story", "version": version, "title": title });
    raw(id, "application/json", envelope.to_string())
}

#[test]
fn the_window_of_duplicates_skips_the_same_version_and_passes_a_newer_one() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "twice", QueueKind::Quorum);
    newsroom.set("pipeline.duplicates_remembered_max", "100");
    newsroom.set("pipeline.in_flight_max", "1");
    let mut worker = newsroom.ready_worker();
    newsroom.seed(&[
        version("first", 1, "Ferry Sinks off Crete"),
        version("again", 1, "Ferry Sinks off Crete"),
        version("newer", 2, "Ferry Sinks off Crete, All Saved"),
        version("again-newer", 2, "Ferry Sinks off Crete, All Saved"),
    ]);
    assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.published + books.skipped == 4)));
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
    let verdict = newsroom.close();
    assert_eq!((verdict.lost.len(), verdict.duplicates, newsroom.oracle.events_seen()), (0, 0, 2));
    let books = worker.closing_books();
    assert_eq!((books.published, books.skipped), (2, 2));
}
