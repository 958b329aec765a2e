//! Order on demand: what is to keep its order does, through a lost connection too.

use std::collections::BTreeMap;

use rustix::process::Signal;

use crate::documents::raw;
use crate::drain::{Drained, QueueKind, Seed};
use crate::newsroom::{Newsroom, PATIENCE};
use crate::node::{Node, NodeOptions};
use crate::proxy::{Ending, Proxy};
use crate::wait::until;

/// Versions of five stories from three feeds, interleaved; long and short bodies take unlike times.
fn versions(count: usize) -> Vec<Seed> {
    (0..count)
        .map(|number| {
            let feed = format!("feed-{}", number % 3);
            let body = "Rain fell on the fields of Bavaria. ".repeat(1 + (number % 4) * 40);
            let envelope = serde_json::json!({
                "id": format!("story-{}", number % 5), "version": number, "source": feed,
                "title": format!("Harvest report {number}"), "body": body,
            });
            let mut seed = raw(&format!("version-{number}"), "application/json", envelope.to_string());
            seed.headers = vec![("dateline-source".to_owned(), feed)];
            seed
        })
        .collect()
}

/// The numbers of the versions in order of their first arrival, by what the test keeps apart.
fn arrivals(messages: &[Drained], lane: fn(usize) -> usize) -> BTreeMap<usize, Vec<usize>> {
    let mut lanes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for message in messages {
        let event: serde_json::Value = serde_json::from_slice(&message.body).expect("an event is JSON");
        let headline = event["data"]["item"]["headlines"][0]["value"].as_str().expect("an article has a headline");
        let number = headline.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("we numbered it");
        let arrived = lanes.entry(lane(number)).or_default();
        if !arrived.contains(&number) {
            arrived.push(number);
        }
    }
    lanes
}

#[test]
fn documents_of_one_lane_come_out_in_the_order_they_went_in_even_when_the_connection_is_cut() {
    let node = Node::start(&NodeOptions::default());
    for (order_by, lane) in
        [("source", (|number| number % 3) as fn(usize) -> usize), ("document", |number| number % 15)]
    {
        let proxy = Proxy::start(node.amqp_port());
        let mut newsroom = Newsroom::new(&node.amqp_url(), order_by, QueueKind::Quorum);
        newsroom.set("broker.urls", &format!("[{:?}]", node.amqp_url_at(proxy.port())));
        newsroom.set("pipeline.order_by", &format!("{order_by:?}"));
        newsroom.declare();
        newsroom.seed(&versions(300));
        let mut worker = newsroom.ready_worker();
        assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.published > 50)));
        proxy.cut(Ending::Reset);
        assert!(until(PATIENCE, || newsroom.ready_in("items") >= 300
            && worker.books().is_some_and(|books| books.in_flight == 0)));
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0));
        let messages = newsroom.with_client(async |client| client.drain(&newsroom.name("items")).await);
        let lanes = arrivals(&messages, lane);
        assert_eq!(lanes.values().map(Vec::len).sum::<usize>(), 300);
        for (lane, numbers) in lanes {
            assert!(numbers.is_sorted(), "lane {lane} by {order_by} came out as {numbers:?}");
        }
    }
}
