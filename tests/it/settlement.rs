//! What becomes of a delivery, row by row: what was published of it, how it was settled, and how it was counted.

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::message::{Incoming, Target, header};
use dateline::pipeline::handle::{Handler, HandlerOptions, WorkerMemory};
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

/// Runs one message through a pipeline whose publisher gives these answers, then succeeds.
async fn run(message: Incoming, answers: Vec<PublishError>, options: HandlerOptions, excused: bool) -> Run {
    let transport = Memory::default();
    let worker = Arc::new(WorkerMemory::new(&options));
    if excused {
        worker.quarantine.excuse(&message);
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
    Incoming { body: b"Harbour Pilots Call Off Strike After Night of Talks".as_slice().into(), ..Incoming::default() }
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

/// What was published of a message, how it was settled, and how it was counted.
#[track_caller]
fn check_run(name: &str, run: &Run, fate: &str, targets: &[Target], reasons: &[&str]) {
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
    assert_eq!(counted, [fate], "{name}: its fate");
    assert_eq!((counts.received, counts.in_flight, counts.residue()), (1, 0, 0), "{name}: the ledger");
    assert_eq!(run.targets, targets, "{name}: where its copies went");
    assert_eq!(run.reasons, reasons, "{name}: the reasons they carry");
    // Acknowledged exactly when what was made of it is confirmed.
    let handed_back = matches!(fate, "requeued" | "unsettled");
    assert_eq!(run.unsettled, usize::from(handed_back), "{name}: whether it was acknowledged");
    let ends_session = matches!(run.drained.finish, Finish::Fault(..));
    assert_eq!(ends_session, fate == "unsettled", "{name}: only what is unsettled ends the session");
}

/// A message, the publisher's answers, and what must become of it.
struct Row {
    name: &'static str,
    message: Incoming,
    answers: Vec<PublishError>,
    fate: &'static str,
    targets: Vec<Target>,
    reasons: Vec<&'static str>,
}

/// A message that is published at once.
fn row(name: &'static str, message: Incoming) -> Row {
    Row { name, message, answers: Vec::new(), fate: "published", targets: vec![Target::Events], reasons: Vec::new() }
}

impl Row {
    /// The publisher answers so, then succeeds.
    fn answered<const N: usize>(mut self, answers: [PublishError; N]) -> Row {
        self.answers = answers.into();
        self
    }

    /// Another fate; the copy goes there and carries this reason.
    fn becomes(mut self, fate: &'static str, target: Target, reason: Option<&'static str>) -> Row {
        (self.fate, self.targets, self.reasons) = (fate, vec![target], reason.into_iter().collect());
        self
    }

    /// Nothing is settled: the broker delivers it again.
    fn stays_unsettled(mut self) -> Row {
        (self.fate, self.targets, self.reasons) = ("unsettled", Vec::new(), Vec::new());
        self
    }
}

/// A document that is not one.
fn bad() -> Incoming {
    Incoming { body: b"a\xffb".as_slice().into(), ..Incoming::default() }
}

fn too_large() -> PublishError {
    PublishError::TooLarge { part: "body", bytes: 9, max: 8 }
}

#[tokio::test]
async fn every_way_a_delivery_can_go_is_settled_and_counted() {
    use Target::{Dead, Retry, Suspects, Unrouted};
    let tried = |count| with_count(header::ATTEMPTS, count);
    let charged = |count| with_count(header::CRASHES, count);
    let rows = [
        row("confirmed", headline()),
        row("no queue is bound", headline()).answered([unroutable()]).becomes("published", Unrouted, None),
        row("neither events nor parked ones can be routed", headline()).answered([unroutable(), unroutable()]).becomes(
            "dead-lettered",
            Dead,
            Some("unroutable"),
        ),
        row("the parked event's confirm is missing", headline()).answered([unroutable(), in_doubt()]).stays_unsettled(),
        row("refused", headline()).answered([refused()]).becomes("retried", Retry(0), Some("refused")),
        row("refused again", tried(1)).answered([refused()]).becomes("retried", Retry(1), Some("refused")),
        row("refused at the last step", tried(2)).answered([refused()]).becomes("dead-lettered", Dead, Some("refused")),
        row("refused, and its retry too", headline()).answered([refused(), refused()]).stays_unsettled(),
        row("an event is too large", headline()).answered([too_large()]).becomes(
            "dead-lettered",
            Dead,
            Some("event-too-large"),
        ),
        row("a confirm is missing", headline()).answered([in_doubt()]).stays_unsettled(),
        row("bad", bad()).becomes("dead-lettered", Dead, Some("invalid-utf8")),
        row("bad, and its dead letter cannot be routed", bad()).answered([unroutable()]).stays_unsettled(),
        row("bad, and its dead letter's confirm is missing", bad()).answered([in_doubt()]).stays_unsettled(),
        row("redelivered", redelivered(headline())).becomes("retried", Suspects, None),
        row("redelivered, and the copy's confirm is missing", redelivered(headline()))
            .answered([in_doubt()])
            .stays_unsettled(),
        row("charged less often than allowed", charged(2)),
        row("charged too often", charged(3)).becomes("dead-lettered", Dead, Some("crash-loop")),
        // In company, a redelivered document is suspected and not charged; held alone by a worker, it is charged.
        row("redelivered in company", redelivered(charged(2))).becomes("retried", Suspects, None),
        row("redelivered alone", alone(charged(1))).becomes("retried", Suspects, None),
        row("redelivered alone too often", alone(charged(2))).becomes("dead-lettered", Dead, Some("crash-loop")),
    ];
    for Row { name, message, answers, fate, targets, reasons } in rows {
        let run = run(message, answers, options(), false).await;
        check_run(name, &run, fate, &targets, &reasons);
    }
}

#[tokio::test]
async fn a_delivery_this_process_survived_is_no_suspect() {
    let run = run(redelivered(headline()), vec![], options(), true).await;
    check_run("survived", &run, "published", &[Target::Events], &[]);
}

#[tokio::test]
async fn without_a_suspects_lane_the_brokers_own_count_decides() {
    let options = || {
        let mut options = options();
        options.quarantine.lane = false;
        options
    };
    let first = run(redelivered(with_count("x-delivery-count", 1)), vec![], options(), false).await;
    check_run("delivered twice", &first, "published", &[Target::Events], &[]);
    let third = run(redelivered(with_count("x-delivery-count", 3)), vec![], options(), false).await;
    check_run("delivered four times", &third, "dead-lettered", &[Target::Dead], &["crash-loop"]);
}
