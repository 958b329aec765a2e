//! Signals at each phase of a worker's life: what is in hand ends well or goes back, in bounded time, and the exit code
//! says which.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use testbed::documents::{asking_for, mixed};
use testbed::drain::{QueueKind, Seed};
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::{Node, NodeOptions};
use testbed::proxy::{Direction, Mode, Proxy};
use testbed::wait::until;
use testbed::worker::Worker;

/// Everything in hand was completed.
const DRAINED: Option<i32> = Some(0);
/// Something was handed back or given up.
const INCOMPLETE: Option<i32> = Some(75);

fn lingering(count: usize) -> Vec<Seed> {
    mixed("slow", 0..count).into_iter().map(|document| asking_for("linger", document)).collect()
}

/// Lets another worker finish, then requires that nothing was lost.
#[track_caller]
fn check_nothing_lost(newsroom: &mut Newsroom, first: &Worker) {
    let books = first.closing_books();
    assert!(books.balance(), "{books:?}");
    let mut second = newsroom.ready_worker();
    newsroom.wait_until_all_came_out();
    second.signal(Signal::TERM);
    assert_eq!(second.wait(PATIENCE), DRAINED);
    let verdict = newsroom.close();
    // What the first worker left in doubt may be queued once more, though it came out.
    assert_eq!((verdict.lost.len(), verdict.strange.len()), (0, 0), "{verdict:?}");
    assert!(verdict.wronged.is_empty(), "{verdict:?}");
    let printed = books.events + second.closing_books().events;
    let in_doubt = 4 * (books.unsettled + books.requeued + books.in_flight);
    let seen = newsroom.oracle.events_seen();
    assert!((printed..=printed + in_doubt).contains(&seen), "{seen} events came out, the ledgers say {printed}");
}

#[test]
fn an_idle_worker_ends_at_once() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "idle", QueueKind::Quorum);
    for signal in [Signal::TERM, Signal::INT] {
        let mut worker = newsroom.ready_worker();
        worker.signal(signal);
        assert_eq!(worker.wait(Duration::from_secs(10)), DRAINED);
    }
    newsroom.seed(&mixed("later", 0..3));
    assert_eq!(newsroom.close().queued, 3, "nobody is left to take them");
}

#[test]
fn in_the_middle_of_a_batch_what_was_begun_is_finished_and_the_rest_goes_back() {
    let node = Node::start(&NodeOptions::default());
    for (prefix, kind) in [("classic", QueueKind::Classic), ("quorum", QueueKind::Quorum)] {
        let mut newsroom = Newsroom::new(&node.amqp_url(), prefix, kind);
        newsroom.declare();
        newsroom.seed(&lingering(300));
        newsroom.set("pipeline.in_flight_max", "16");
        let mut worker = newsroom.ready_worker();
        assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.published > 20)));
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), DRAINED);
        assert!(worker.closing_books().published < 300, "the signal came too late to be one in the middle");
        check_nothing_lost(&mut newsroom, &worker);
    }
}

#[test]
fn while_publishing_it_waits_for_confirms_no_longer_than_it_may() {
    let node = Node::start(&NodeOptions::default());
    let proxy = Proxy::start(node.amqp_port());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "publishing", QueueKind::Quorum);
    newsroom.set("broker.urls", &format!("[{:?}]", node.amqp_url_at(proxy.port())));
    newsroom.set("pipeline.drain_timeout", "\"1s\"");
    newsroom.set("pipeline.hand_back_timeout", "\"1s\"");
    newsroom.set("broker.close_timeout", "\"500ms\"");
    newsroom.declare();
    let mut worker = newsroom.ready_worker();
    // Publishes get through, and no confirm comes back.
    proxy.set(Mode::Stall(Direction::ToClient));
    newsroom.seed(&mixed("unconfirmed", 0..30));
    proxy.set(Mode::Pass);
    assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.received > 0)));
    proxy.set(Mode::Stall(Direction::ToClient));
    newsroom.seed(&mixed("in-doubt", 0..30));
    worker.signal(Signal::TERM);
    let began = Instant::now();
    worker.wait(PATIENCE);
    assert!(began.elapsed() < Duration::from_secs(15), "it took {:?}", began.elapsed());
    proxy.set(Mode::Pass);
    check_nothing_lost(&mut newsroom, &worker);
}

#[test]
fn while_the_broker_is_blocked_it_hands_back_what_it_holds() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "blocked", QueueKind::Quorum);
    newsroom.set("pipeline.drain_timeout", "\"1s\"");
    newsroom.declare();
    // Sent before the alarm, that blocks us as well.
    newsroom.seed(&mixed("held", 0..30));
    node.memory_alarm(true);
    let mut worker = newsroom.worker();
    worker.wait_until_not_ready("takes no publishes", PATIENCE);
    assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.in_flight == 30)));
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(Duration::from_secs(20)), INCOMPLETE);
    let books = worker.closing_books();
    assert_eq!((books.requeued, books.published), (30, 0));
    node.memory_alarm(false);
    check_nothing_lost(&mut newsroom, &worker);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let node = Node::start(&NodeOptions::default());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "second", QueueKind::Classic);
    newsroom.set("pipeline.drain_timeout", "\"10m\"");
    newsroom.declare();
    newsroom.seed(&mixed("held", 0..10));
    node.memory_alarm(true);
    let mut worker = newsroom.worker();
    assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.in_flight == 10)));
    worker.signal(Signal::TERM);
    worker.wait_until_not_ready("stopping", PATIENCE);
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(Duration::from_secs(5)), INCOMPLETE);
    node.memory_alarm(false);
    check_nothing_lost(&mut newsroom, &worker);
}

#[test]
fn a_broker_that_is_away_at_the_start_is_waited_for() {
    let node = Node::start(&NodeOptions::default());
    let proxy = Proxy::start(node.amqp_port());
    let mut newsroom = Newsroom::new(&node.amqp_url(), "away", QueueKind::Quorum);
    newsroom.set("broker.urls", &format!("[{:?}]", node.amqp_url_at(proxy.port())));
    proxy.set(Mode::Refuse);
    let mut worker = newsroom.worker();
    worker.wait_until_not_ready("could not connect", PATIENCE);
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(Duration::from_secs(10)), DRAINED, "there was nothing to hand back");

    let mut worker = newsroom.worker();
    worker.wait_until_not_ready("could not connect", PATIENCE);
    proxy.set(Mode::Pass);
    worker.wait_until_ready(PATIENCE);
    newsroom.seed(&mixed("after", 0..3));
    newsroom.wait_until_all_came_out();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(PATIENCE), DRAINED);
}
