//! What becomes of a delivery, row by row: what was published of it, how it was settled, and how it was counted.

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::message::{Incoming, Target, header};
use dateline::pipeline::handle::{Handler, HandlerOptions, Memory as WorkerMemory};
use dateline::pipeline::ledger::Counts;
use dateline::pipeline::order::OrderBy;
use dateline::pipeline::{self, Drained, Finish, PipelineOptions, Signals};
use dateline::processing::Processor;
use dateline::transport::PublishError;
use dateline::transport::memory::{Memory, MemoryPublisher, MemorySource};

static PROCESSOR: LazyLock<Arc<Processor>> =
    LazyLock::new(|| Arc::new(build::processor(&Config::default()).expect("the data compiled in can be used")));

fn options() -> HandlerOptions {
    HandlerOptions { retry_steps: 2, ..build::handler_options(&Config::default()) }
}

struct Run {
    drained: Drained,
    counts: Counts,
    targets: Vec<Target>,
    reasons: Vec<String>,
    unsettled: usize,
}

/// Runs one message through a pipeline whose publisher answers as told, then succeeds.
async fn run(message: Incoming, answers: Vec<PublishError>, options: HandlerOptions, acquitted: bool) -> Run {
    let transport = Memory::default();
    let worker = Arc::new(WorkerMemory::new(&options));
    if acquitted {
        worker.acquit(&message);
    }
    transport.push(message);
    for answer in answers {
        transport.fail_next_publish(answer);
    }
    let signals = Signals::default();
    let publisher = MemoryPublisher(transport.clone());
    let handler =
        Handler::new(Arc::clone(&PROCESSOR), publisher, Arc::clone(&worker), options, signals.abandon.clone());
    let bounds = PipelineOptions {
        in_flight_max: NonZeroUsize::MIN,
        drain_timeout: Duration::from_secs(1),
        hand_back_timeout: Duration::from_secs(1),
        order_by: OrderBy::None,
    };
    let mut source = MemorySource::new(&transport);
    let drained = pipeline::run(&mut source, Arc::new(handler), &bounds, &signals).await;
    let published = transport.published();
    for event in published.iter().filter(|message| message.target == Target::Events) {
        testbed::published::event(&event.body, &event.routing_key);
    }
    let reasons = published.iter().filter_map(|message| message.properties.headers.text(header::REASON));
    Run {
        drained,
        counts: worker.ledger.total(),
        targets: published.iter().map(|message| message.target).collect(),
        reasons: reasons.map(str::to_owned).collect(),
        unsettled: transport.waiting(),
    }
}

fn headline() -> Incoming {
    Incoming { body: b"Harbour Pilots Call Off Strike After Night of Talks".to_vec(), ..Incoming::default() }
}

fn with_count(name: &str, count: u64) -> Incoming {
    let mut message = headline();
    message.properties.headers.set(name, count);
    message
}

fn redelivered(mut message: Incoming) -> Incoming {
    message.redelivered = true;
    message
}

fn in_doubt() -> PublishError {
    PublishError::InDoubt { tried: "to test", cause: None }
}

/// As it comes again by the suspects' lane.
fn alone(message: Incoming) -> Incoming {
    Incoming { suspect: true, ..redelivered(message) }
}

fn unroutable() -> PublishError {
    PublishError::Unroutable(vec![0])
}

fn refused() -> PublishError {
    PublishError::Refused(vec![0])
}

#[track_caller]
fn check_counts(run: &Run, fate: &str, targets: &[Target], reasons: &[&str]) {
    let counts = run.counts;
    let fates = [
        ("published", counts.published),
        ("skipped", counts.skipped),
        ("retried", counts.retried),
        ("dead-lettered", counts.dead_lettered),
        ("requeued", counts.requeued),
        ("unsettled", counts.unsettled),
    ];
    let counted: Vec<&str> = fates.iter().filter(|(_, count)| *count == 1).map(|(name, _)| *name).collect();
    assert_eq!(counted, [fate]);
    assert_eq!((counts.received, counts.in_flight, counts.residue()), (1, 0, 0));
    assert_eq!(run.targets, targets);
    assert_eq!(run.reasons, reasons);
    // Acknowledged exactly when it came to an end that is confirmed.
    assert_eq!(run.unsettled, usize::from(matches!(fate, "requeued" | "unsettled")));
}

/// A row: the message, the publisher's answers, then the fate, where copies went, and the reasons they carry.
type Row = (Incoming, Vec<PublishError>, &'static str, Vec<Target>, Vec<&'static str>);

#[tokio::test]
async fn every_way_a_delivery_can_go_is_settled_and_counted() {
    let bad = || Incoming { body: vec![b'a', 0xff, b'b'], ..Incoming::default() };
    let too_large = || PublishError::TooLarge { part: "body", bytes: 9, max: 8 };
    let rows: Vec<Row> = vec![
        (headline(), vec![], "published", vec![Target::Events], vec![]),
        (headline(), vec![unroutable()], "published", vec![Target::Unrouted], vec![]),
        (headline(), vec![unroutable(), unroutable()], "dead-lettered", vec![Target::Dead], vec!["unroutable"]),
        (headline(), vec![unroutable(), in_doubt()], "unsettled", vec![], vec![]),
        (headline(), vec![refused()], "retried", vec![Target::Retry(0)], vec!["refused"]),
        (with_count(header::ATTEMPTS, 1), vec![refused()], "retried", vec![Target::Retry(1)], vec!["refused"]),
        (with_count(header::ATTEMPTS, 2), vec![refused()], "dead-lettered", vec![Target::Dead], vec!["refused"]),
        (headline(), vec![refused(), refused()], "unsettled", vec![], vec![]),
        (headline(), vec![too_large()], "dead-lettered", vec![Target::Dead], vec!["event-too-large"]),
        (headline(), vec![in_doubt()], "unsettled", vec![], vec![]),
        (bad(), vec![], "dead-lettered", vec![Target::Dead], vec!["invalid-utf8"]),
        (bad(), vec![unroutable()], "unsettled", vec![], vec![]),
        (bad(), vec![in_doubt()], "unsettled", vec![], vec![]),
        (redelivered(headline()), vec![], "retried", vec![Target::Suspects], vec![]),
        (redelivered(headline()), vec![in_doubt()], "unsettled", vec![], vec![]),
        (with_count(header::CRASHES, 2), vec![], "published", vec![Target::Events], vec![]),
        (with_count(header::CRASHES, 3), vec![], "dead-lettered", vec![Target::Dead], vec!["crash-loop"]),
        // In company, a redelivered document is suspected and not charged; alone in a worker's hands, it is charged.
        (redelivered(with_count(header::CRASHES, 2)), vec![], "retried", vec![Target::Suspects], vec![]),
        (alone(with_count(header::CRASHES, 1)), vec![], "retried", vec![Target::Suspects], vec![]),
        (alone(with_count(header::CRASHES, 2)), vec![], "dead-lettered", vec![Target::Dead], vec!["crash-loop"]),
    ];
    for (message, answers, fate, targets, reasons) in rows {
        let faulted = fate == "unsettled";
        let run = run(message, answers, options(), false).await;
        check_counts(&run, fate, &targets, &reasons);
        assert_eq!(matches!(run.drained.finish, Finish::Fault(..)), faulted, "only what is unsettled ends the session");
    }
}

#[tokio::test]
async fn a_delivery_this_process_survived_is_no_suspect() {
    let run = run(redelivered(headline()), vec![], options(), true).await;
    check_counts(&run, "published", &[Target::Events], &[]);
}

#[tokio::test]
async fn without_a_suspects_lane_the_brokers_own_count_decides() {
    let options = || HandlerOptions { suspects: false, ..options() };
    let first = run(redelivered(with_count("x-delivery-count", 1)), vec![], options(), false).await;
    check_counts(&first, "published", &[Target::Events], &[]);
    let third = run(redelivered(with_count("x-delivery-count", 3)), vec![], options(), false).await;
    check_counts(&third, "dead-lettered", &[Target::Dead], &["crash-loop"]);
}
