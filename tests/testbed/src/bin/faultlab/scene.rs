//! One fault at one moment: a stream of documents, a worker in the middle of it, the fault, its end, and the count.

use std::time::{Duration, Instant};

use lapin::options::QueueDeleteOptions;
use rustix::process::Signal;

use crate::faults::Fault;
use crate::stage::Stage;
use crate::summary::Run;
use testbed::documents::{asking_for, mixed};
use testbed::drain::{QueueKind, Seed};
use testbed::newsroom::{Newsroom, PATIENCE};
use testbed::node::Node;
use testbed::oracle::Verdict;
use testbed::proxy::Proxy;
use testbed::wait::until;
use testbed::worker::Worker;

/// Documents in the stream.
pub(crate) const DOCUMENTS: usize = 150;

/// Longest time until a worker says that it does not handle documents: the lab's longest deadline of one step is five
/// seconds, and machines are busy.
const NOTICED_WITHIN_MAX: Duration = Duration::from_secs(10);

/// Events of one document, at most.
const EVENTS_MAX: u64 = 4;

/// A worker in the middle of a stream.
pub(crate) struct Scene<'a> {
    stage: &'a mut Stage,
    /// The queues and the documents.
    pub(crate) newsroom: Newsroom,
    /// The network between worker and broker.
    pub(crate) proxy: Proxy,
    /// For whatever is left to chance.
    pub(crate) random: &'a mut fastrand::Rng,
    worker: Option<Worker>,
    /// Events and dead letters that ended workers reported.
    reported: u64,
    /// What those workers did not know the end of.
    doubt: u64,
    /// Whether every worker survived to report.
    all_reported: bool,
    waves: usize,
    /// Variables of its workers' environment.
    environment: Vec<(&'static str, String)>,
    /// The wall clock of workers that read theirs from a file.
    clock: tempfile::NamedTempFile,
    offset: usize,
    healed: Option<Healed>,
    recovery: Option<Duration>,
    accounted: Verdict,
    expected_reasons: Vec<&'static str>,
    resident_bytes_max: u64,
}

/// When the cause of a fault was gone, and what the worker had done by then.
struct Healed {
    at: Instant,
    settled: u64,
}

/// Plays a scene to its end.
pub(crate) fn run(stage: &mut Stage, fault: &Fault, random: &mut fastrand::Rng) -> Run {
    let kind = stage.kind;
    let mut scene = Scene::new(stage, random);
    let began = Instant::now();
    (fault.begin)(&mut scene);
    (fault.harm)(&mut scene);
    let run = scene.finish(fault.name);
    eprintln!(
        "{kind:?} {:44} at {:3}: {}, {:.1} s",
        fault.name,
        run.offset,
        run.outcome(),
        began.elapsed().as_secs_f64()
    );
    run
}

impl<'a> Scene<'a> {
    pub(crate) fn new(stage: &'a mut Stage, random: &'a mut fastrand::Rng) -> Scene<'a> {
        let (newsroom, proxy) = stage.next();
        Scene {
            stage,
            newsroom,
            proxy,
            random,
            worker: None,
            reported: 0,
            doubt: 0,
            all_reported: true,
            waves: 0,
            environment: Vec::new(),
            clock: tempfile::NamedTempFile::new().expect("the temporary directory can be written"),
            offset: 0,
            healed: None,
            recovery: None,
            accounted: Verdict::default(),
            expected_reasons: Vec::new(),
            resident_bytes_max: 0,
        }
    }

    /// Begins again in another virtual host.
    pub(crate) fn move_to(&mut self, vhost: &str) {
        self.newsroom = self.stage.newsroom(&self.proxy, vhost);
    }

    /// The node that is ours to torment.
    pub(crate) fn node(&mut self) -> &mut Node {
        self.stage.node.as_mut().expect("faults that need the node run where there is one")
    }

    /// The file that workers with a clock of their own read it from.
    pub(crate) fn clock(&self) -> &std::path::Path {
        self.clock.path()
    }

    /// Sets a variable of its workers' environment.
    pub(crate) fn set_variable(&mut self, name: &'static str, value: impl Into<String>) {
        self.environment.push((name, value.into()));
    }

    /// The type of the queues.
    pub(crate) fn kind(&self) -> QueueKind {
        self.stage.kind
    }

    /// The worker in the middle of it.
    pub(crate) fn worker(&mut self) -> &mut Worker {
        self.worker.as_mut().expect("a worker was started")
    }

    /// Documents of the next wave; each takes a while where that can be arranged, so that a fault meets a stream.
    pub(crate) fn wave(&mut self, count: usize) -> Vec<Seed> {
        self.waves += 1;
        let documents = mixed(&format!("wave-{}", self.waves), 0..count);
        let linger = cfg!(feature = "fault-points");
        documents.into_iter().map(|document| if linger { asking_for("linger", document) } else { document }).collect()
    }

    /// Sends the stream, starts a worker, and lets it come as far as a place chosen at random.
    pub(crate) fn begin(&mut self) {
        self.newsroom.declare();
        let documents = self.wave(DOCUMENTS);
        self.newsroom.seed(&documents);
        self.start_worker();
        self.reach_offset(0);
    }

    /// Sends another wave to the worker that is there, and lets it come as far as a place chosen at random.
    pub(crate) fn go_on(&mut self) {
        (self.healed, self.recovery) = (None, None);
        let before = self.settled();
        let documents = self.wave(DOCUMENTS);
        self.newsroom.seed(&documents);
        self.reach_offset(before);
    }

    fn reach_offset(&mut self, before: u64) {
        self.offset = self.random.usize(0..DOCUMENTS * 2 / 3);
        let offset = before + self.offset as u64;
        // A worker that shows no ledger yet does not handle signals yet: one would end it as it ends any program.
        let reached = || self.worker.as_ref().and_then(Worker::books).is_some() && self.settled() >= offset;
        assert!(until(PATIENCE, reached), "the stream stopped before any fault");
    }

    /// Starts a worker; the one before has ended.
    pub(crate) fn start_worker(&mut self) {
        let environment = self.environment.iter().map(|(name, value)| (*name, value.as_str()));
        let worker = Worker::start_with(&self.newsroom.config(), &environment.collect::<Vec<_>>());
        self.worker = Some(worker);
    }

    /// Asks the worker to end, and notes what it says.
    pub(crate) fn end_worker(&mut self) -> Option<i32> {
        let mut worker = self.worker.take()?;
        if !worker.has_ended() {
            self.resident_bytes_max = self.resident_bytes_max.max(worker.resident_bytes_max());
            worker.signal(Signal::TERM);
        }
        let code = worker.wait(PATIENCE);
        self.note_books(&worker);
        code
    }

    /// Takes in the ledger of a worker that ended; one that was killed has none.
    pub(crate) fn note_books(&mut self, worker: &Worker) {
        if worker.output().is_empty() {
            self.all_reported = false;
            return;
        }
        let books = worker.closing_books();
        assert!(books.balance(), "a ledger does not balance: {books:?}");
        self.reported += books.events + books.dead_lettered;
        self.doubt += EVENTS_MAX * (books.unsettled + books.requeued + books.in_flight);
        if self.expected_reasons.contains(&"refused") {
            // Of a document that was refused, some events may have been taken.
            self.doubt += EVENTS_MAX * (books.retried + books.dead_lettered);
        }
    }

    /// Ends the worker without a word.
    pub(crate) fn kill_worker(&mut self) {
        let mut worker = self.worker.take().expect("a worker was started");
        worker.signal(Signal::KILL);
        worker.wait(PATIENCE);
        self.all_reported = false;
    }

    /// Waits until the worker says that it does not handle documents, for a reason with this text.
    pub(crate) fn wait_until_not_ready(&mut self, reason: &str) {
        self.worker().wait_until_not_ready(reason, NOTICED_WITHIN_MAX);
    }

    /// The cause of the fault is gone from now on.
    pub(crate) fn heal(&mut self) {
        self.healed = Some(Healed { at: Instant::now(), settled: self.settled() });
    }

    /// Documents may become dead letters for this reason.
    pub(crate) fn expect_reason(&mut self, reason: &'static str) {
        self.expected_reasons.push(reason);
    }

    /// Keeps a worker with limits running until every document came out.
    pub(crate) fn supervise(&mut self, starts_max: usize) {
        for _ in 0..starts_max {
            let newsroom = &mut self.newsroom;
            let mut worker = newsroom.limited_worker();
            let over = until(PATIENCE, || worker.has_ended() || newsroom.comes_out(Duration::from_millis(100)));
            if over && !worker.has_ended() {
                self.worker = Some(worker);
                return;
            }
            self.all_reported = false;
        }
    }

    /// Documents the worker is done with.
    fn settled(&self) -> u64 {
        let books = self.worker.as_ref().and_then(Worker::books).unwrap_or_default();
        books.published + books.skipped + books.retried + books.dead_lettered
    }

    /// Waits until the worker handles documents again; gives the time since the cause was gone.
    pub(crate) fn recover(&mut self) -> Option<Duration> {
        if self.recovery.is_some() {
            return self.recovery;
        }
        let healed = self.healed.take().expect("every fault ends");
        // One more document, so that there is one to handle.
        let probe = mixed(&format!("probe-{}", self.waves), 0..1);
        self.newsroom.seed(&probe);
        let handles =
            |scene: &Self| scene.worker.as_ref().is_some_and(Worker::is_ready) && scene.settled() > healed.settled;
        self.recovery = until(PATIENCE, || handles(self)).then(|| healed.at.elapsed());
        self.recovery
    }

    /// Waits until everything came out, ends the worker and counts.
    pub(crate) fn finish(mut self, name: &'static str) -> Run {
        let recovery = self.recover();
        self.wait_until_quiet();
        let log = self.worker.as_ref().map(Worker::log).unwrap_or_default();
        let code = self.end_worker();
        self.newsroom.close();
        let seen = self.newsroom.oracle.events_seen() + self.newsroom.oracle.dead_letters_seen();
        let mut run = self.account(name, recovery);
        run.ended_well = code == Some(0);
        run.ledger =
            (self.all_reported, !self.all_reported || (self.reported..=self.reported + self.doubt).contains(&seen));
        if !run.is_clean() {
            eprintln!("{name}: {run:#?}\nreported {} doubt {} seen {seen}\n{log}", self.reported, self.doubt);
        }
        self.remove();
        run
    }

    /// Takes every name of the newsroom off the broker again.
    fn remove(&self) {
        let names = ["items", "parked", "dead_letters", "documents", "suspects", "retry.200ms", "retry.400ms"];
        self.newsroom.with_client(async |client| {
            for queue in names.map(|name| self.newsroom.name(name)) {
                let deleted = client.channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await;
                deleted.expect("deleting a missing queue succeeds");
            }
            for exchange in ["events", "unrouted", "dead"].map(|name| self.newsroom.name(name)) {
                let deleted = client.channel.exchange_delete(exchange.into(), Default::default()).await;
                deleted.expect("deleting a missing exchange succeeds");
            }
        });
    }

    /// What came of the documents since the last account.
    pub(crate) fn account(&mut self, name: &'static str, recovery: Option<Duration>) -> Run {
        if let Some(worker) = &self.worker {
            self.resident_bytes_max = self.resident_bytes_max.max(worker.resident_bytes_max());
        }
        let whole = self.newsroom.oracle.verdict();
        let mut verdict = whole.clone();
        verdict.documents -= self.accounted.documents;
        verdict.duplicates -= self.accounted.duplicates;
        for (reason, count) in &self.accounted.wronged {
            verdict.wronged.entry(reason.clone()).and_modify(|now| *now -= count);
        }
        verdict.wronged.retain(|_, count| *count > 0);
        self.accounted = whole;
        let reasons = &self.expected_reasons;
        let wronged = verdict.wronged.iter().filter(|(reason, _)| !reasons.contains(&reason.as_str()));
        Run {
            name,
            offset: self.offset,
            wronged: wronged.map(|(reason, count)| format!("{count} {reason}")).collect(),
            ended_well: true,
            ledger: (false, true),
            recovery,
            resident_bytes_max: self.resident_bytes_max,
            verdict,
        }
    }

    /// How many waves of documents there were.
    pub(crate) fn waves(&self) -> usize {
        self.waves
    }

    /// Notes where in the stream the fault is, when that is not where the worker was.
    pub(crate) fn note_offset(&mut self, offset: usize) {
        self.offset = offset;
    }

    /// Continues with another worker, which runs already.
    pub(crate) fn adopt(&mut self, worker: Worker) {
        self.worker = Some(worker);
    }

    /// Waits until every document came out, and nothing is left that would come out again.
    pub(crate) fn wait_until_quiet(&mut self) {
        if self.newsroom.comes_out(PATIENCE) {
            until(PATIENCE, || self.newsroom.waiting() == 0);
            self.wait_until_idle();
        }
    }

    /// Waits until an event was parked for want of a queue.
    pub(crate) fn wait_until_parked(&mut self) {
        let parked = |scene: &Self| scene.worker.as_ref().and_then(Worker::books).is_some_and(|books| books.parked > 0);
        assert!(until(PATIENCE, || parked(self)), "events that no queue is bound for are not parked");
    }

    /// Waits until nothing is in the worker's hands.
    pub(crate) fn wait_until_idle(&mut self) {
        let idle =
            |scene: &Self| scene.worker.as_ref().and_then(Worker::books).is_some_and(|books| books.in_flight == 0);
        assert!(until(PATIENCE, || idle(self)), "the worker has documents in hand that are not there");
    }

    /// Waits until the worker handles documents.
    pub(crate) fn wait_until_ready(&mut self) {
        self.worker().wait_until_ready(PATIENCE);
    }

    /// Runs something that costs the worker its session, and waits for the next one.
    pub(crate) fn through_sessions(&mut self, run: impl FnOnce(&mut Self)) {
        let sessions = |scene: &mut Self| scene.worker().log().matches("session begun").count();
        let before = sessions(self);
        run(self);
        assert!(until(PATIENCE, || sessions(self) > before), "the worker did not notice");
        self.wait_until_ready();
    }
}
