//! Order on demand: what is to keep its order does, through a lost connection too.

use std::collections::BTreeMap;
use std::sync::Arc;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::message::Incoming;
use dateline::pipeline::handle::{Handler, WorkerMemory};
use dateline::pipeline::order::OrderBy;
use dateline::pipeline::{self, PipelineOptions, Signals};
use dateline::transport::memory::{Memory, MemoryPublisher, MemorySource};
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
        let number =
            title(&message.body).rsplit(' ').next().and_then(|number| number.parse().ok()).expect("we numbered it");
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

/// Pairs of documents each of which is processed only while another is; the even ones are long.
fn meeting(count: usize) -> Vec<Seed> {
    let mut documents = versions(count);
    for (number, document) in documents.iter_mut().enumerate() {
        let envelope = serde_json::json!({
            "id": "story", "version": number, "source": "feed-0", "title": format!("Harvest report {number}"),
            "body": "Rain fell on the fields of Bavaria. ".repeat(if number % 2 == 0 { 400 } else { 1 }),
        });
        document.body = envelope.to_string().into_bytes();
        document.headers = vec![("dateline-fault-point".to_owned(), "meet".to_owned())];
    }
    documents
}

#[test]
fn documents_of_one_lane_are_processed_in_parallel_and_come_out_in_order() {
    let node = Node::start(&NodeOptions::default());
    for order_by in ["source", "document"] {
        let mut newsroom = Newsroom::new(&node.amqp_url(), order_by, QueueKind::Quorum);
        newsroom.set("pipeline.order_by", &format!("{order_by:?}"));
        newsroom.declare();
        newsroom.seed(&meeting(60));
        let mut worker = newsroom.ready_worker();
        assert!(until(PATIENCE, || worker.books().is_some_and(|books| books.published + books.dead_lettered == 60)));
        worker.signal(Signal::TERM);
        assert_eq!(worker.wait(PATIENCE), Some(0));
        let messages = newsroom.with_client(async |client| client.drain(&newsroom.name("items")).await);
        let came_out = arrivals(&messages, |_| 0).remove(&0).unwrap_or_default();
        assert_eq!(came_out, (0..60).collect::<Vec<_>>(), "by {order_by}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory_too_documents_of_one_lane_are_processed_in_parallel_and_come_out_in_order() {
    for order_by in [OrderBy::Source, OrderBy::Document] {
        let config = Config::default();
        let (options, transport, signals) = (build::handler_options(&config), Memory::default(), Signals::default());
        for document in meeting(60) {
            let mut message = Incoming { body: document.body.into(), ..Incoming::default() };
            for (name, value) in document.headers {
                message.properties.headers.set(name, value);
            }
            transport.push(message);
        }
        let worker = Arc::new(WorkerMemory::new(&options));
        let processor = Arc::new(build::processor(&config).expect("the data compiled in can be used"));
        let publisher = MemoryPublisher(transport.clone());
        let handler = Handler::new(processor, publisher, Arc::clone(&worker), options, signals.abandon.clone());
        let bounds = PipelineOptions { order_by, ..build::pipeline_options(&config) };
        pipeline::run(&mut MemorySource::new(&transport), Arc::new(handler), &bounds, &signals).await;
        let titles: Vec<String> = transport.published().iter().map(|event| title(&event.body)).collect();
        let expected: Vec<String> = (0..60).map(|number| format!("Harvest report {number}")).collect();
        assert_eq!(titles, expected, "by {order_by:?}");
        assert_eq!((worker.ledger.total().published, worker.ledger.total().in_flight), (60, 0));
    }
}

fn title(event: &[u8]) -> String {
    let event: serde_json::Value = serde_json::from_slice(event).expect("an event is JSON");
    event["data"]["item"]["headlines"][0]["value"].as_str().expect("an article has a headline").to_owned()
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
