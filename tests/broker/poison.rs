//! Documents that end the process: recognised over its death, tried alone, put away; and no neighbour pays for them.

use std::time::Duration;

use rustix::process::Signal;

use testbed::documents::{asking_for, mixed, raw};
use testbed::drain::QueueKind;
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::{Node, NodeOptions};
use testbed::proxy::{Ending, Proxy};
use testbed::wait::until;
use testbed::worker::Worker;

/// Deaths that two poisons may cause at three each, and some to spare.
const STARTS_MAX: usize = 12;

/// Starts workers one after another until every document came out; gives the last one, and how many there were.
fn supervise(newsroom: &mut Newsroom) -> (Worker, usize) {
    for starts in 1..=STARTS_MAX {
        let mut worker = newsroom.limited_worker();
        if until(PATIENCE, || worker.has_ended() || newsroom.comes_out(Duration::from_millis(100)))
            && !worker.has_ended()
        {
            return (worker, starts);
        }
    }
    panic!("after {STARTS_MAX} workers these are missing: {:?}", newsroom.oracle.verdict().lost);
}

#[test]
fn a_document_that_ends_the_process_is_put_away_and_its_neighbours_come_through() {
    let node = Node::start(&NodeOptions::default());
    let rows = [
        ("abort", "none", QueueKind::Quorum),
        ("abort", "none", QueueKind::Classic),
        ("abort", "document", QueueKind::Classic),
        ("exhaust-memory", "source", QueueKind::Quorum),
    ];
    for (number, (fault, order_by, kind)) in rows.into_iter().enumerate() {
        let mut newsroom = Newsroom::new(&node.amqp_url(), &format!("poison-{number}"), kind);
        newsroom.set("pipeline.order_by", &format!("{order_by:?}"));
        newsroom.declare();
        newsroom.seed(&mixed("before", 0..20));
        newsroom.seed(&[asking_for(fault, raw("poison", "text/plain", "Quake Shakes Peru"))]);
        newsroom.seed(&mixed("after", 0..20));
        let (mut worker, starts) = supervise(&mut newsroom);
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0));
        let verdict = newsroom.close();
        assert_eq!((verdict.lost.len(), verdict.strange.len(), verdict.queued), (0, 0, 0), "{verdict:?}");
        assert_eq!(newsroom.oracle.dead.keys().collect::<Vec<_>>(), ["poison"], "a neighbour paid for it");
        assert_eq!(newsroom.oracle.dead["poison"], ["crash-loop"]);
        assert_eq!(starts, 5, "a death in company, three alone, and a life");
    }
}

/// What was on its way when a session was lost comes again, marked as redelivered like what a dead worker held.
#[test]
fn a_lost_connection_makes_no_suspects_of_the_documents_it_carried() {
    let node = Node::start(&NodeOptions::default());
    for (prefix, kind) in [("classic", QueueKind::Classic), ("quorum", QueueKind::Quorum)] {
        let proxy = Proxy::start(node.amqp_port());
        let mut newsroom = Newsroom::new(&node.amqp_url(), prefix, kind);
        newsroom.set("broker.urls", &format!("[{:?}]", node.amqp_url_at(proxy.port())));
        newsroom.declare();
        newsroom.seed(&mixed("slow", 0..400).into_iter().map(|seed| asking_for("linger", seed)).collect::<Vec<_>>());
        let mut worker = newsroom.ready_worker();
        for cuts in 1..=3 {
            assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.published > cuts * 80)));
            proxy.cut(Ending::Reset);
        }
        newsroom.wait_until_all_came_out();
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0));
        let books = worker.closing_books();
        assert_eq!((books.retried, books.dead_lettered), (0, 0), "innocent documents were tried alone");
        assert!(books.unsettled > 0, "no cut came while documents were in hand");
        let verdict = newsroom.close();
        // A document whose acknowledgement went down with a link may be queued once more, though it came out.
        assert_eq!((verdict.lost.len(), verdict.strange.len()), (0, 0), "{verdict:?}");
    }
}
