//! What the worker costs beside bare AMQP, on one private broker in one run: `cargo bench --bench broker`.
//!
//! (a) is a loop over lapin that consumes, publishes the messages that the worker published, awaits the confirms and
//! acknowledges; (b) is `dateline run`. Both take turns on the same node, and only their ratio means anything; CPU time
//! per document is that of the process alone, and swings less than rates do.
//!
//! ```text
//! cargo bench --bench broker -- --against PATH   another worker's binary takes turns too: before and after
//! cargo bench --bench broker -- --peers          so do loops over aio-pika and amqplib, with a trivial match
//! cargo bench --bench broker -- --rounds 7       seven rounds rather than 3
//! cargo bench --bench broker -- --flat 500000    one worker and that many documents: its resident memory
//! ```

#[path = "broker/bare.rs"]
mod bare;
#[path = "broker/peers.rs"]
mod peers;
#[path = "broker/worker.rs"]
mod worker;

use std::io::Write;
use std::path::PathBuf;

use testbed::node::{Node, NodeOptions};
use tokio::runtime::Runtime;

use peers::Peer;

/// Deliveries in hand of each.
const PREFETCH: u16 = 256;

/// Default number of rounds; in each, all take turns.
const ROUNDS: usize = 3;

struct Case {
    name: &'static str,
    body: &'static [u8],
    documents: usize,
    events: usize,
}

const CASES: [Case; 2] = [
    Case { name: "one event", body: include_bytes!("data/article.txt"), documents: 10_000, events: 1 },
    Case { name: "eighteen events", body: include_bytes!("data/digest.txt"), documents: 1_500, events: 18 },
];

/// One turn of one contender.
#[derive(Debug, Clone, Copy, Default)]
struct Turn {
    /// Documents per second.
    rate: f64,
    /// CPU time of the process per document, in microseconds; none where it is not known.
    cpu: Option<f64>,
}

fn main() {
    // `cargo test --benches` only asks whether this builds and starts.
    if flag("--test") {
        return;
    }
    let runtime = Runtime::new().expect("a runtime can be started");
    let node = Node::start(&NodeOptions::default());
    if let Some(documents) = value("--flat") {
        return worker::flat(&runtime, &node, documents.parse().expect("--flat takes a number of documents"));
    }
    let rounds = value("--rounds").map_or(ROUNDS, |rounds| rounds.parse().expect("--rounds takes a number"));
    let mut workers = vec![("dateline", testbed::worker::program())];
    workers.extend(value("--against").map(|path| ("against", PathBuf::from(path))));
    let peers = if flag("--peers") { Peer::installed() } else { Vec::new() };
    for queue_type in ["quorum", "classic"] {
        for case in &CASES {
            compare(&Bench { runtime: &runtime, node: &node, queue_type, case }, &workers, &peers, rounds);
        }
        delete_topology(&node);
    }
}

/// What all contenders have in common.
struct Bench<'a> {
    runtime: &'a Runtime,
    node: &'a Node,
    queue_type: &'static str,
    case: &'a Case,
}

fn compare(bench: &Bench<'_>, workers: &[(&'static str, PathBuf)], peers: &[Peer], rounds: usize) {
    // A worker comes first: it declares the topology.
    let events = worker::events(bench, &workers[0].1);
    let mut turns: Vec<(&str, Vec<Turn>)> = Vec::new();
    let mut note = |name: &'static str, turn: Turn| match turns.iter_mut().find(|(known, _)| *known == name) {
        Some((_, turns)) => turns.push(turn),
        None => turns.push((name, vec![turn])),
    };
    for _ in 0..rounds {
        note("bare lapin", bench.runtime.block_on(bare::turn(&bench.node.amqp_url(), bench.case, &events)));
        for (name, program) in workers {
            note(name, worker::turn(bench, program));
        }
        for peer in peers {
            note(peer.name, peer.turn(bench, &events[0]));
        }
    }
    let median = |of: &dyn Fn(&Turn) -> Option<f64>, turns: &[Turn]| {
        let mut values: Vec<f64> = turns.iter().filter_map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let bare = median(&|turn| Some(turn.rate), &turns[0].1).expect("there is a round");
    for (name, turns) in &turns {
        let rate = median(&|turn| Some(turn.rate), turns).expect("there is a round");
        let cpu = median(&|turn| turn.cpu, turns).map_or_else(String::new, |cpu| format!("  {cpu:5.0} µs of CPU"));
        let (queue_type, case) = (bench.queue_type, bench.case.name);
        let line = format!("{queue_type:8} {case:16} {name:11} {rate:7.0}/s  ratio {:.2}{cpu}", rate / bare);
        writeln!(std::io::stdout(), "{line}").expect("somebody reads this");
    }
}

fn flag(name: &str) -> bool {
    std::env::args().any(|argument| argument == name)
}

fn value(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// The next round declares the same queues with another type.
fn delete_topology(node: &Node) {
    let queues = node.ctl(&["list_queues", "name", "--no-table-headers"]);
    for queue in queues.lines().filter(|queue| queue.starts_with("dateline.")) {
        node.delete_queue(queue.trim());
    }
}
