//! What senders and brokers may do at their worst: tables nested without end, names and bodies beyond any measure, an
//! alarm that outlasts every patience, a broker that accepts connections and says nothing. No worker dies of it, and no
//! neighbour pays for it.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use lapin::options::ExchangeDeleteOptions;
use rustix::process::Signal;

use testbed::documents::{asking_for, mixed, raw};
use testbed::drain::QueueKind;
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::{Node, NodeOptions};
use testbed::rawframes::publish_nested;
use testbed::wait::until;
use testbed::worker::Worker;

/// Lists within one another, as many as a header frame of 128 KiB holds: each takes five bytes.
const NESTED_AS_DEEP_AS_A_FRAME: usize = 26_000;

#[track_caller]
fn ends_well(newsroom: &mut Newsroom, worker: &mut Worker) {
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
    let verdict = newsroom.close();
    assert_eq!((verdict.lost.len(), verdict.strange.len(), verdict.queued), (0, 0, 0), "{verdict:?}");
    assert!(verdict.wronged.is_empty(), "{verdict:?}");
}

#[test]
fn headers_nested_as_deep_as_a_frame_end_no_worker() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "nested", QueueKind::Quorum);
    newsroom.declare();
    let nested = mixed("nested", 0..1);
    newsroom.oracle.expect(&nested);
    publish_nested(node.amqp_port(), &newsroom.name("documents"), &nested[0], NESTED_AS_DEEP_AS_A_FRAME);
    newsroom.seed(&mixed("neighbour", 0..10));
    let mut worker = newsroom.ready_worker();
    newsroom.wait_until_all_came_out();
    ends_well(&mut newsroom, &mut worker);
}

#[test]
fn an_alarm_that_outlasts_the_renewal_of_sessions_makes_no_dead_letters() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "long-alarm", QueueKind::Quorum);
    newsroom.set("broker.idle_renewal", "\"500ms\"");
    newsroom.declare();
    newsroom.seed(&mixed("held", 0..10));
    node.memory_alarm(true);
    let mut worker = newsroom.worker();
    worker.wait_until_not_ready("takes no publishes", PATIENCE);
    assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.in_flight == 10)));
    // So long that a session that was renewed at each turn would have used up the broker's delivery limit.
    let outlasted = until(Duration::from_secs(12), || worker.books().is_some_and(|books| books.received > 10));
    assert!(!outlasted, "the documents in hand went round: {:?}", worker.books());
    node.memory_alarm(false);
    newsroom.wait_until_all_came_out();
    ends_well(&mut newsroom, &mut worker);
    let books = worker.closing_books();
    assert_eq!((books.published, books.dead_lettered), (10, 0));
}

#[test]
fn names_too_long_for_a_header_make_a_dead_letter_of_their_document_alone() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "names", QueueKind::Classic);
    newsroom.declare();
    let long = "n".repeat(200 * 1024);
    for key in ["source", "language"] {
        let envelope =
            serde_json::json!({ "id": key, key: long, "title": "Ferry Service Between Oslo and Kiel Resumes" });
        newsroom.seed(&[raw(key, "application/json", envelope.to_string())]);
    }
    let mut header = raw("header", "text/plain", "Ferry Service Between Oslo and Kiel Resumes");
    header.headers = vec![("dateline-source".to_owned(), "n".repeat(1024))];
    newsroom.seed(&[header]);
    newsroom.seed(&mixed("neighbour", 0..20));
    let mut worker = newsroom.ready_worker();
    newsroom.wait_until_all_came_out();
    ends_well(&mut newsroom, &mut worker);
    assert_eq!(worker.log().matches("session begun").count(), 1, "it cost a session:\n{}", worker.log());
    let dead = &newsroom.oracle.dead;
    assert_eq!(
        ["source", "language", "header"].map(|id| dead[id].join(" ")),
        ["malformed-envelope", "malformed-envelope", "malformed-header"]
    );
}

#[test]
fn a_document_larger_than_any_event_may_be_becomes_a_dead_letter_with_every_byte() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "giant", QueueKind::Classic);
    newsroom.declare();
    // Within what any broker takes, 16 MiB from RabbitMQ 4.0 on, and beyond what events and documents may have.
    newsroom.set("broker.message_bytes_max", "\"1 MiB\"");
    newsroom.seed(&[raw("giant", "text/plain", "Rain in Wales. ".repeat(400_000))]);
    newsroom.seed(&mixed("neighbour", 0..5));
    let mut worker = newsroom.ready_worker();
    newsroom.wait_until_all_came_out();
    ends_well(&mut newsroom, &mut worker);
    // That its bytes are those sent is the oracle's to say.
    assert_eq!(newsroom.oracle.dead["giant"], ["too-large"]);
    assert_eq!(worker.log().matches("session begun").count(), 1, "it cost a session:\n{}", worker.log());
}

#[test]
fn a_broker_that_never_answers_costs_no_more_at_each_attempt() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    let port = silent.local_addr().expect("it is bound").port();
    let mut newsroom = Newsroom::new(&format!("amqp://127.0.0.1:{port}/%2f"), "silent", QueueKind::Classic);
    newsroom.set("broker.connect_timeout", "\"100ms\"");
    newsroom.set("broker.backoff_max", "\"100ms\"");
    let mut worker = newsroom.worker();
    worker.wait_until_not_ready("no answer", PATIENCE);
    let attempts = || worker.log().matches("no session with the broker").count();
    assert!(until(PATIENCE, || attempts() >= 5));
    let before = worker.threads();
    assert!(until(PATIENCE, || attempts() >= 25));
    let after = worker.threads();
    assert!(after <= before + 3, "{before} threads became {after}");
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), Some(0));
}

#[test]
fn a_worker_that_leaves_a_document_again_and_again_is_not_taken_for_dead() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "leaving", QueueKind::Quorum);
    newsroom.set("pipeline.in_flight_max", "4");
    newsroom.set("pipeline.crash_attempts_max", "2");
    newsroom.declare();
    let slow = |name: &str| mixed(name, 0..60).into_iter().map(|seed| asking_for("linger", seed)).collect::<Vec<_>>();
    newsroom.seed(&slow("slow"));
    for _ in 0..4 {
        let mut worker = newsroom.ready_worker();
        let before = worker.books().unwrap_or_default().published;
        assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.published > before)));
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0));
    }
    let mut last = newsroom.ready_worker();
    newsroom.wait_until_all_came_out();
    ends_well(&mut newsroom, &mut last);
}

#[test]
fn while_the_exchange_of_events_is_missing_documents_stay_where_no_delivery_counts_against_them() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "unproven", QueueKind::Quorum);
    newsroom.declare();
    newsroom.set("topology.mode", "\"none\"");
    let events = newsroom.name("events");
    newsroom.with_client(async |client| {
        let deleted = client.channel.exchange_delete(events.as_str().into(), ExchangeDeleteOptions::default()).await;
        deleted.expect("the exchange is there");
    });
    // So many that each of the four channels is refused, almost at once: the first refusal is the session's ending.
    newsroom.seed(&mixed("kept", 0..300));
    let mut worker = newsroom.worker();
    worker.wait_until_not_ready("NOT_FOUND", PATIENCE);
    let attempts = || worker.log().matches("no session with the broker").count();
    let (received, before) = (worker.books().unwrap_or_default().received, attempts());
    let seen_ready = until(Duration::from_secs(4), || worker.is_ready());
    assert!(!seen_ready, "ready though nothing can be published");
    assert!(attempts() > before, "it stopped trying");
    assert_eq!(worker.books().map(|books| books.received), Some(received), "documents go round");
    assert_eq!(worker.log().matches("session begun").count(), 1, "a session consumed before the trial succeeded");
    newsroom.set("topology.mode", "\"declare\"");
    worker.signal(Signal::TERM);
    worker.wait(PATIENCE);
    let mut worker = newsroom.ready_worker();
    newsroom.wait_until_all_came_out();
    ends_well(&mut newsroom, &mut worker);
}
