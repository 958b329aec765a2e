//! `dateline run` as a contender.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use lapin::options::QueuePurgeOptions;
use rustix::process::Signal;
use tempfile::TempDir;
use testbed::books::Books;
use testbed::drain::{Client, Drained, Seed};
use testbed::node::Node;
use testbed::wait::until;
use testbed::worker::Worker;
use tokio::runtime::Runtime;

use crate::{Bench, Case, PREFETCH, Turn};

/// Longest wait for a turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(300);

/// Prefetch where memory is looked at.
const PREFETCH_FLAT: u16 = 500;

/// Documents between two looks at memory.
const WAVE: Case = Case { name: "flat", body: include_bytes!("../data/article.txt"), documents: 10_000, events: 1 };

/// Clock ticks per second of `/proc/*/stat`, on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// One turn: seeded while the worker is stopped, over when that many more documents are published. What an earlier turn
/// left unsettled may come again and is counted as well.
pub(crate) fn turn(bench: &Bench<'_>, program: &Path) -> Turn {
    let mut worker = start(bench.node, program, bench.queue_type, PREFETCH);
    let before = idle(&worker).published;
    worker.signal(Signal::STOP);
    bench.runtime.block_on(seed(&bench.node.amqp_url(), bench.case, bench.case.documents));
    let process = worker.id().to_string();
    let (began, cpu) = (Instant::now(), cpu_seconds(&process));
    worker.signal(Signal::CONT);
    wait_for(&worker, before + bench.case.documents as u64);
    let documents = bench.case.documents as f64;
    let turn = Turn {
        rate: documents / began.elapsed().as_secs_f64(),
        cpu: Some((cpu_seconds(&process) - cpu) / documents * 1e6),
    };
    end(&mut worker);
    turn
}

/// What the worker publishes for a document, as it comes out of the broker: body, properties and headers.
pub(crate) fn events(bench: &Bench<'_>, program: &Path) -> Vec<Drained> {
    let mut worker = start(bench.node, program, bench.queue_type, PREFETCH);
    let before = idle(&worker).published;
    let url = bench.node.amqp_url();
    bench.runtime.block_on(seed(&url, bench.case, 1));
    wait_for(&worker, before + 1);
    let mut events = bench.runtime.block_on(async { Client::connect(&url).await.drain("dateline.items").await });
    end(&mut worker);
    // A document that came again has published its events as well.
    events.truncate(bench.case.events);
    assert_eq!(events.len(), bench.case.events);
    events
}

/// Shows the resident memory of one worker after each wave of documents.
pub(crate) fn flat(runtime: &Runtime, node: &Node, documents: u64) {
    use std::io::Write;
    let mut worker = start(node, &testbed::worker::program(), "quorum", PREFETCH_FLAT);
    let waves = documents.div_ceil(WAVE.documents as u64);
    for wave in 1..=waves {
        runtime.block_on(seed(&node.amqp_url(), &WAVE, WAVE.documents));
        wait_for(&worker, wave * WAVE.documents as u64);
        if wave == 1 || wave % (waves / 5).max(1) == 0 {
            let done = wave * WAVE.documents as u64;
            let resident = worker.resident_bytes() >> 20;
            writeln!(std::io::stdout(), "{done:8} documents  resident {resident} MB").expect("somebody reads this");
        }
    }
    end(&mut worker);
}

/// Empties the queues of documents and events, and sends documents.
pub(crate) async fn seed(url: &str, case: &Case, documents: usize) {
    let client = Client::connect(url).await;
    for queue in ["dateline.items", "dateline.documents"] {
        client.channel.queue_purge(queue.into(), QueuePurgeOptions::default()).await.expect("the queue is there");
    }
    let seed =
        |number| Seed { id: format!("d{number}"), content_type: None, headers: Vec::new(), body: case.body.to_vec() };
    client.seed("dateline.documents", &(0..documents).map(seed).collect::<Vec<_>>()).await;
}

/// CPU time of a process so far, in user and in system.
pub(crate) fn cpu_seconds(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process is there");
    // After the name, which may hold anything: state is the first field, user time the twelfth.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.map(|ticks| ticks.parse::<f64>().expect("a number of ticks")).sum::<f64>() / TICKS_PER_SECOND
}

fn start(node: &Node, program: &Path, queue_type: &str, prefetch: u16) -> Worker {
    let directory = TempDir::with_prefix("dateline-bench-").expect("the temporary directory can be written");
    let file = directory.path().join("dateline.toml");
    let config = format!(
        "[broker]\nurls = [\"{}\"]\n[topology]\nqueue_type = \"{queue_type}\"\n[pipeline]\nin_flight_max = {prefetch}\n\
         [health]\nlisten = \"127.0.0.1:0\"\n",
        node.amqp_url(),
    );
    fs::write(&file, config).expect("the directory is ours");
    let mut command = Command::new(program);
    command.arg("run").arg("--config").arg(file);
    let mut worker = Worker::spawn(command, directory);
    worker.wait_for_log("session begun", TURN_TIMEOUT);
    worker
}

/// The books of a worker that has nothing in hand.
fn idle(worker: &Worker) -> Books {
    let mut books = None;
    let settled = until(TURN_TIMEOUT, || {
        books = worker.books().filter(|books| books.in_flight == 0);
        books.is_some()
    });
    assert!(settled, "the worker is never idle:\n{}", worker.log());
    books.unwrap_or_default()
}

fn wait_for(worker: &Worker, published: u64) {
    let done = until(TURN_TIMEOUT, || worker.books().is_some_and(|books| books.published >= published));
    assert!(done, "the worker is not done in {TURN_TIMEOUT:?}:\n{}", worker.log());
}

fn end(worker: &mut Worker) {
    worker.signal(Signal::TERM);
    assert_eq!(worker.wait(TURN_TIMEOUT), Some(0));
}
