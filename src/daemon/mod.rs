//! What any daemon needs: configuration, signals, logs, health, and one session with the broker after another.

pub mod build;
pub mod config;
pub mod health;
pub mod shutdown;
pub mod telemetry;

use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::error::chain;
use crate::pipeline::handle::{Fault, Handler, Memory};
use crate::pipeline::ledger::Ledger;
use crate::pipeline::{self, Drained, Finish, Signals};
use crate::processing::Processor;
use crate::transport::amqp::session::{RENEWAL, Session};
use config::Config;
use health::Health;
use shutdown::Shutdown;

/// A session that stood for this long was a good one: the next wait starts short again.
const GOOD_SESSION_MIN: Duration = Duration::from_secs(10);

/// A session that ended sooner proves nothing: the worker is not called ready again before the next one stood so long.
const PROVEN_AFTER: Duration = Duration::from_secs(1);

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything in hand came to its end.
    Drained,
    /// Something was handed back or given up.
    Incomplete,
}

/// A worker: built once, then session after session.
pub struct Worker {
    config: Config,
    processor: Arc<Processor>,
    memory: Arc<Memory>,
    health: Health,
}

impl Worker {
    /// A worker that has not begun.
    pub fn new(config: Config, processor: Processor) -> Self {
        let memory = Arc::new(Memory::new(&build::handler_options(&config)));
        Worker { config, processor: Arc::new(processor), memory, health: Health::default() }
    }

    /// Whether the worker is ready; shared.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// What became of every document; shared.
    pub fn ledger(&self) -> Ledger {
        self.memory.ledger.clone()
    }

    /// Works until asked to stop. A broker that is away is waited for without end.
    pub async fn run(&self, shutdown: &Shutdown) -> Ended {
        tokio::select! {
            ended = self.work(&shutdown.orderly) => ended,
            () = shutdown.immediate.cancelled() => Ended::Incomplete,
        }
    }

    async fn work(&self, stop: &CancellationToken) -> Ended {
        let mut urls = self.config.broker.urls.iter().cycle();
        let mut waits = self.waits();
        let mut renewed = false;
        let mut unproven = false;
        let mut trial = None;
        loop {
            let url = urls.next().expect("the configuration has at least one url");
            let began = Instant::now();
            let prefetch = self.config.pipeline.in_flight_max.get();
            let opened = tokio::select! {
                () = stop.cancelled() => return Ended::Drained,
                opened = Session::open(&self.config.broker, &self.config.topology, url, prefetch, trial.clone()) => opened,
            };
            match opened {
                Ok(session) => {
                    match renewed {
                        true => debug!(broker = url.redacted(), "session renewed"),
                        false => info!(broker = url.redacted(), "session begun"),
                    }
                    let stood = Instant::now();
                    let (drained, reason) = self.live(session, stop, unproven).await;
                    trial = drained.unpublished;
                    if stop.is_cancelled() {
                        return if drained.complete { Ended::Drained } else { Ended::Incomplete };
                    }
                    renewed = reason == RENEWAL;
                    unproven = !renewed && stood.elapsed() < PROVEN_AFTER;
                    self.note_end(&reason);
                }
                Err(error) => {
                    renewed = false;
                    self.note_end(&chain(&error));
                }
            }
            if began.elapsed() >= GOOD_SESSION_MIN {
                waits = self.waits();
            }
            if !renewed {
                let wait = waits.next().expect("the waits have no end");
                tokio::select! {
                    () = stop.cancelled() => return Ended::Drained,
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }

    /// One session, from its first delivery to its last.
    async fn live(&self, mut session: Session, stop: &CancellationToken, unproven: bool) -> (Drained, String) {
        let signals =
            Signals { stop: stop.clone(), abandon: CancellationToken::new(), session_over: session.broken.clone() };
        let handler = Arc::new(Handler::new(
            Arc::clone(&self.processor),
            session.publisher.clone(),
            Arc::clone(&self.memory),
            build::handler_options(&self.config),
            signals.abandon.clone(),
        ));
        let ready_after = if unproven { PROVEN_AFTER } else { Duration::ZERO };
        let readiness = tokio::spawn(show_readiness(self.health.clone(), session.blocked(), stop.clone(), ready_after));
        let options = build::pipeline_options(&self.config);
        let mut drained = pipeline::run(&mut session.source, handler, &options, &signals).await;
        readiness.abort();
        if let Finish::Fault(Fault::Held(_), _) = drained.finish {
            self.wait_while_blocked(&session, stop).await;
        }
        let reason = session.end().map_or_else(|| reason_of(&drained.finish), str::to_owned);
        if !session.refused() {
            // The next session may publish it or not: a trial would tell nothing, and it may be what ended this one.
            drained.unpublished = None;
        }
        session.close().await;
        (drained, reason)
    }

    /// A broker in alarm would block the next session as it did this one.
    async fn wait_while_blocked(&self, session: &Session, stop: &CancellationToken) {
        let mut blocked = session.blocked();
        let reason = blocked.borrow().clone();
        if let Some(reason) = reason {
            self.health.not_ready(format!("deliveries handed back; the broker takes no publishes: {reason}"));
            tokio::select! {
                _ = blocked.wait_for(Option::is_none) => {}
                () = session.broken.cancelled() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    fn note_end(&self, reason: &str) {
        if reason == RENEWAL {
            debug!(reason, "session ended");
            return;
        }
        self.health.not_ready(reason);
        warn!(reason, "no session with the broker; trying again");
    }

    fn waits(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let broker = &self.config.broker;
        // Jitter adds up to the wait itself.
        ExponentialBuilder::default()
            .with_min_delay(broker.backoff_min / 2)
            .with_max_delay(broker.backoff_max / 2)
            .with_jitter()
            .without_max_times()
            .build()
    }
}

async fn show_readiness(
    health: Health,
    mut blocked: tokio::sync::watch::Receiver<Option<String>>,
    stop: CancellationToken,
    ready_after: Duration,
) {
    tokio::select! {
        () = tokio::time::sleep(ready_after) => {}
        () = stop.cancelled() => {}
    }
    loop {
        let reason = blocked.borrow_and_update().clone();
        match reason {
            _ if stop.is_cancelled() => health.not_ready("stopping"),
            Some(reason) => health.not_ready(format!("the broker takes no publishes: {reason}")),
            None => health.ready(),
        }
        tokio::select! {
            changed = blocked.changed() => if changed.is_err() { return },
            () = stop.cancelled() => return health.not_ready("stopping"),
        }
    }
}

fn reason_of(finish: &Finish) -> String {
    match finish {
        Finish::Exhausted => "the source is exhausted".to_owned(),
        Finish::Stopped => "asked to stop".to_owned(),
        Finish::Source(error) => chain(error),
        Finish::Fault(fault, _) => chain(fault),
    }
}
