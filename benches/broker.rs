//! What the worker costs beside bare AMQP, on one private broker in one run: `cargo bench --bench broker`.
//!
//! (a) is a loop over lapin that consumes, publishes the messages that the worker published, awaits the confirms and
//! acknowledges; (b) is `dateline run`. Both take turns on the same node, and only their ratio means anything.
//!
//! `cargo bench --bench broker -- --flat 500000` sends one worker so many documents and shows its resident memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions, QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use rustix::process::Signal;

use testbed::drain::{Client, Drained, Seed};
use testbed::node::{Node, NodeOptions};
use testbed::ports::Port;
use testbed::wait;
use testbed::worker::Worker;

/// Deliveries in hand of either.
const PREFETCH: u16 = 256;

/// Rounds of (a) and (b), taking turns.
const ROUNDS: usize = 3;

/// The same where memory is looked at.
const PREFETCH_FLAT: u16 = 500;

/// Documents between two looks at memory.
const WAVE: Case = Case { name: "flat", body: include_bytes!("data/article.txt"), documents: 10_000 };

/// Longest wait for a round.
const ROUND_TIMEOUT: Duration = Duration::from_secs(300);

struct Case {
    name: &'static str,
    body: &'static [u8],
    documents: usize,
}

const CASES: [Case; 2] = [
    Case { name: "one event", body: include_bytes!("data/article.txt"), documents: 10_000 },
    Case { name: "eighteen events", body: include_bytes!("data/digest.txt"), documents: 1_500 },
];

fn main() {
    // `cargo test --benches` only asks whether this builds and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
    let node = Node::start(&NodeOptions::default());
    if let Some(documents) = std::env::args().skip_while(|argument| argument != "--flat").nth(1) {
        return flat(&runtime, &node, documents.parse().expect("--flat takes a number of documents"));
    }
    for queue_type in ["quorum", "classic"] {
        for case in &CASES {
            // The worker comes first: it declares the topology.
            let events = events(&runtime, &node, queue_type, case);
            let (mut bare, mut ours, mut resident) = (Vec::new(), Vec::new(), 0);
            for _ in 0..ROUNDS {
                let (rate, bytes) = worker_rate(&runtime, &node, queue_type, case);
                ours.push(rate);
                resident = resident.max(bytes);
                bare.push(runtime.block_on(bare_rate(&node.amqp_url(), case, &events)));
            }
            let (bare, ours) = (median(bare), median(ours));
            let ratio = ours / bare;
            let line =
                format!("{queue_type:8} {:16} bare {bare:7.0}/s  dateline {ours:7.0}/s  ratio {ratio:.2}", case.name);
            writeln!(std::io::stdout(), "{line}  resident {} MB", resident >> 20).expect("somebody reads this");
        }
        delete_topology(&node);
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Shows the resident memory of one worker after each wave of documents.
fn flat(runtime: &tokio::runtime::Runtime, node: &Node, documents: u64) {
    let (mut worker, health) = start_worker(node, "quorum", PREFETCH_FLAT);
    let waves = documents.div_ceil(WAVE.documents as u64);
    for wave in 1..=waves {
        runtime.block_on(seed(&node.amqp_url(), &WAVE));
        let began = Instant::now();
        while published(health.number) < wave * WAVE.documents as u64 {
            assert!(began.elapsed() < ROUND_TIMEOUT, "the worker is not done in {ROUND_TIMEOUT:?}:\n{}", worker.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        if wave == 1 || wave % (waves / 5).max(1) == 0 {
            let done = wave * WAVE.documents as u64;
            let resident = worker.resident_bytes() >> 20;
            writeln!(std::io::stdout(), "{done:8} documents  resident {resident} MB").expect("somebody reads this");
        }
    }
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(ROUND_TIMEOUT), Some(0));
}

/// A worker in session, and the port it shows its ledger on.
fn start_worker(node: &Node, queue_type: &str, prefetch: u16) -> (Worker, Port) {
    let health = Port::reserve();
    let config = format!(
        "[broker]\nurls = [\"{}\"]\n[topology]\nqueue_type = \"{queue_type}\"\n[pipeline]\nin_flight_max = {prefetch}\n\
         [health]\nlisten = \"127.0.0.1:{}\"\n",
        node.amqp_url(),
        health.number
    );
    let mut worker = Worker::start(&config);
    worker.wait_for_log("session begun", ROUND_TIMEOUT);
    (worker, health)
}

/// Documents per second through `dateline run`, and its resident memory.
fn worker_rate(runtime: &tokio::runtime::Runtime, node: &Node, queue_type: &str, case: &Case) -> (f64, u64) {
    let (mut worker, health) = start_worker(node, queue_type, PREFETCH);
    worker.signal(Signal::STOP);
    runtime.block_on(seed(&node.amqp_url(), case));
    let began = Instant::now();
    worker.signal(Signal::CONT);
    while published(health.number) < case.documents as u64 {
        assert!(began.elapsed() < ROUND_TIMEOUT, "the worker is not done in {ROUND_TIMEOUT:?}:\n{}", worker.log());
        std::thread::sleep(Duration::from_millis(5));
    }
    let rate = case.documents as f64 / began.elapsed().as_secs_f64();
    let resident = worker.resident_bytes();
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(ROUND_TIMEOUT), Some(0));
    (rate, resident)
}

/// What the worker's ledger says is published.
fn published(port: u16) -> u64 {
    let answer = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        write!(stream, "GET /ledger HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    });
    let answer = answer.unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str::<serde_json::Value>(body).ok().and_then(|ledger| ledger["published"].as_u64()).unwrap_or(0)
}

async fn seed(url: &str, case: &Case) {
    let client = Client::connect(url).await;
    for queue in ["dateline.items", "dateline.documents"] {
        client.channel.queue_purge(queue.into(), QueuePurgeOptions::default()).await.expect("the queue is there");
    }
    let seeds: Vec<Seed> = (0..case.documents)
        .map(|number| Seed {
            id: format!("d{number}"),
            content_type: None,
            headers: Vec::new(),
            body: case.body.to_vec(),
        })
        .collect();
    client.seed("dateline.documents", &seeds).await;
}

/// Documents per second through a loop over lapin.
async fn bare_rate(url: &str, case: &Case, events: &[Drained]) -> f64 {
    seed(url, case).await;
    let connect = || Connection::connect(url, ConnectionProperties::default());
    let (consuming, publishing) = (connect().await.expect("a broker"), connect().await.expect("a broker"));
    let publish = publishing.create_channel().await.expect("a channel");
    publish.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
    let consume = consuming.create_channel().await.expect("a channel");
    consume.basic_qos(PREFETCH, BasicQosOptions::default()).await.expect("a prefetch");
    let began = Instant::now();
    let options = BasicConsumeOptions::default();
    let deliveries = consume.basic_consume("dateline.documents".into(), "".into(), options, FieldTable::default());
    let deliveries = deliveries.await.expect("a consumer").take(case.documents);
    deliveries
        .for_each_concurrent(usize::from(PREFETCH), |delivery| async {
            let delivery = delivery.expect("a delivery");
            let sent = join_all(events.iter().map(|event| send(&publish, event))).await;
            for confirmation in join_all(sent).await {
                assert!(confirmation.expect("a confirm").is_ack());
            }
            delivery.ack(BasicAckOptions::default()).await.expect("an acknowledgement");
        })
        .await;
    let rate = case.documents as f64 / began.elapsed().as_secs_f64();
    // In order, so that no acknowledgement stays behind and no document comes again.
    for connection in [consuming, publishing] {
        connection.close(200, "done".into()).await.expect("the broker lets us go");
    }
    rate
}

async fn send(channel: &Channel, event: &Drained) -> lapin::PublisherConfirm {
    let options = BasicPublishOptions { mandatory: true, immediate: false };
    let key = event.routing_key.as_str().into();
    channel
        .basic_publish("dateline.events".into(), key, options, &event.body, event.properties.clone())
        .await
        .expect("a publish")
}

/// What the worker publishes for a document, as it comes out of the broker: body, properties and headers.
fn events(runtime: &tokio::runtime::Runtime, node: &Node, queue_type: &str, case: &Case) -> Vec<Drained> {
    let (mut worker, health) = start_worker(node, queue_type, PREFETCH);
    runtime.block_on(seed(&node.amqp_url(), &Case { documents: 1, ..*case }));
    assert!(wait::until(ROUND_TIMEOUT, || published(health.number) == 1), "{}", worker.log());
    let events = runtime.block_on(async { Client::connect(&node.amqp_url()).await.drain("dateline.items").await });
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(ROUND_TIMEOUT), Some(0));
    events
}

/// The next round declares the same queues with another type.
fn delete_topology(node: &Node) {
    let queues = node.ctl(&["list_queues", "name", "--no-table-headers"]);
    for queue in queues.lines().filter(|queue| queue.starts_with("dateline.")) {
        node.delete_queue(queue.trim());
    }
}
