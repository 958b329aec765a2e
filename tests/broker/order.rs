//! Order on demand: what is to keep its order does, through a lost connection too.

use std::collections::BTreeMap;

use lapin::ExchangeKind;
use lapin::options::ExchangeDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};
use rustix::process::Signal;

use testbed::documents::raw;
use testbed::drain::{Drained, QueueKind, Seed};
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::{Node, NodeOptions};
use testbed::proxy::{Ending, Proxy};
use testbed::wait::until;

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

/// The recipe of docs/scale-out.md: feeds are dealt to two queues by a hash of their name, each with one worker at work
/// and one that takes over.
#[test]
fn feeds_dealt_to_two_workers_keep_their_order_and_a_standby_takes_over() {
    let node =
        Node::start(&NodeOptions { plugins: vec!["rabbitmq_consistent_hash_exchange"], ..NodeOptions::default() });
    let mut shards = ["0", "1"].map(|shard| {
        let mut newsroom = Newsroom::new(&node.amqp_url(), "scale", QueueKind::Quorum);
        newsroom.set("pipeline.order_by", "\"source\"");
        newsroom.set("topology.single_active_consumer", "true");
        for name in ["documents", "suspects", "retry"] {
            newsroom.set(&format!("topology.{name}"), &format!("{:?}", newsroom.name(&format!("{name}.{shard}"))));
        }
        newsroom.declare();
        newsroom
    });
    let [first, second] = &mut shards;
    first.with_client(async |client| {
        let mut arguments = FieldTable::default();
        arguments.insert("hash-header".into(), AMQPValue::LongString("dateline-source".into()));
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let kind = ExchangeKind::Custom("x-consistent-hash".to_owned());
        let declared = client.channel.exchange_declare("scale.in".into(), kind, durable, arguments).await;
        declared.expect("the plugin is enabled");
        for shard in ["0", "1"] {
            client.bind(&format!("scale.documents.{shard}"), "scale.in", "10").await;
        }
    });
    let mut active = [first.ready_worker(), second.ready_worker()];
    let mut standby = [first.ready_worker(), second.ready_worker()];
    let documents = dealt(600);
    let (before, after) = documents.split_at(300);
    first.with_client(async |client| client.seed_exchange("scale.in", before).await);
    assert!(until(PATIENCE, || first.ready_in("items") == 300));
    let handled = active.each_ref().map(|worker| worker.books().unwrap_or_default().received);
    assert!(handled.iter().all(|received| *received > 0), "one worker had everything: {handled:?}");
    assert!(standby.iter().all(|worker| worker.books().is_some_and(|books| books.received == 0)));
    for worker in &mut active {
        worker.signal(Signal::KILL);
        worker.wait(PATIENCE);
    }
    first.with_client(async |client| client.seed_exchange("scale.in", after).await);
    assert!(until(PATIENCE, || first.ready_in("items") >= 600));
    for worker in &mut standby {
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0));
    }
    let messages = first.with_client(async |client| client.drain(&first.name("items")).await);
    let feeds = arrivals(&messages, |number| number % FEEDS);
    assert_eq!(feeds.values().map(Vec::len).sum::<usize>(), 600);
    for (feed, numbers) in feeds {
        assert!(numbers.is_sorted(), "feed {feed} came out as {numbers:?}");
    }
}

/// So many that a hash gives each of two queues some.
const FEEDS: usize = 24;

/// Reports of many feeds in turn.
fn dealt(count: usize) -> Vec<Seed> {
    let mut reports = versions(count);
    for (number, report) in reports.iter_mut().enumerate() {
        let feed = format!("feed-{}", number % FEEDS);
        let envelope = serde_json::json!({
            "id": format!("report-{number}"), "title": format!("Harvest report {number}"),
            "body": "Rain fell on the fields of Bavaria. ".repeat(1 + (number % 4) * 40),
        });
        report.body = envelope.to_string().into_bytes();
        report.headers = vec![("dateline-source".to_owned(), feed)];
    }
    reports
}
