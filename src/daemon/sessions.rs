//! One session with the broker after another, until the worker is asked to stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::health::Health;
use super::{Ended, Worker, build};
use crate::error::chain;
use crate::message::Outgoing;
use crate::pipeline::handle::{Fault, Handler};
use crate::pipeline::{self, Finish, Signals};
use crate::secret::Secret;
use crate::transport::amqp::ending::Ending;
use crate::transport::amqp::options::BrokerOptions;
use crate::transport::amqp::session::{Session, SessionError};

/// A session that lasted this long was a good one: the next wait starts short again.
const GOOD_SESSION_MIN: Duration = Duration::from_secs(10);

/// A session that ended sooner proves nothing: the worker does not report ready again until the next one has lasted
/// this long.
const PROVEN_AFTER: Duration = Duration::from_secs(1);

impl Worker {
    pub(super) async fn work(&self, stop: &CancellationToken) -> Ended {
        let mut urls = self.config.broker.urls.iter().cycle();
        let mut between = Between::start(&self.config.broker);
        loop {
            let url = urls.next().expect("the configuration has at least one url");
            let opened = tokio::select! {
                () = stop.cancelled() => return Ended::Drained,
                opened = self.open(url, &between) => opened,
            };
            match opened {
                Ok(session) => {
                    between.announce(url);
                    let began = Instant::now();
                    let (ending, complete) = self.live(session, &between, stop).await;
                    if stop.is_cancelled() {
                        return if complete { Ended::Drained } else { Ended::Incomplete };
                    }
                    self.note(&ending);
                    between.session_ended(ending, began.elapsed());
                }
                Err(error) => {
                    self.note(&Ending::Failed(chain(&error)));
                    between.opening_failed();
                }
            }
            tokio::select! {
                () = stop.cancelled() => return Ended::Drained,
                () = tokio::time::sleep(between.wait()) => {}
            }
        }
    }

    async fn open(&self, url: &Secret, between: &Between<'_>) -> Result<Session, SessionError> {
        let prefetch = self.config.pipeline.in_flight_max.get();
        Session::open(&self.config.broker, &self.config.topology, url, prefetch, between.trial.clone()).await
    }

    /// One session, from its first delivery to its last: how it ended, and whether everything in hand was completed.
    async fn live(&self, mut session: Session, between: &Between<'_>, stop: &CancellationToken) -> (Ending, bool) {
        let signals =
            Signals { stop: stop.clone(), abandon: CancellationToken::new(), session_over: session.broken.clone() };
        let handler = Arc::new(Handler::new(
            Arc::clone(&self.processor),
            session.publisher.clone(),
            Arc::clone(&self.memory),
            build::handler_options(&self.config),
            signals.abandon.clone(),
        ));
        let shown = show_readiness(self.health.clone(), session.blocked(), stop.clone(), between.ready_after());
        let readiness = tokio::spawn(shown);
        let options = build::pipeline_options(&self.config);
        let drained = pipeline::run(&mut session.source, handler, &options, &signals).await;
        readiness.abort();
        if let Finish::Fault(Fault::Held(_)) = drained.finish {
            self.wait_while_blocked(&session, stop).await;
        }
        let ending = session.ending().cloned().unwrap_or_else(|| Ending::Failed(reason(&drained.finish)));
        session.close().await;
        (ending, drained.complete)
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

    fn note(&self, ending: &Ending) {
        let reason = ending.to_string();
        if *ending == Ending::Renewal {
            debug!(reason, "session ended");
            return;
        }
        warn!(reason, "no session with the broker; trying again");
        self.health.not_ready(reason);
    }
}

/// What one session hands on to the next.
struct Between<'a> {
    broker: &'a BrokerOptions,
    /// Each longer than the one before, without end.
    waits: ExponentialBackoff,
    /// Whether the last session ended only to prove that a consumer still lives.
    renewal: bool,
    /// Whether the last session ended too soon to prove anything.
    unproven: bool,
    /// What an exchange did not take, to be published before anything is consumed.
    trial: Option<Arc<[Outgoing]>>,
}

impl<'a> Between<'a> {
    /// Before the first session.
    fn start(broker: &'a BrokerOptions) -> Self {
        Between { broker, waits: waits(broker), renewal: false, unproven: false, trial: None }
    }

    fn announce(&self, url: &Secret) {
        match self.renewal {
            true => debug!(broker = url.redacted(), "session renewed"),
            false => info!(broker = url.redacted(), "session begun"),
        }
    }

    /// How long the next session must last before the worker reports ready.
    fn ready_after(&self) -> Duration {
        if self.unproven { PROVEN_AFTER } else { Duration::ZERO }
    }

    fn session_ended(&mut self, ending: Ending, lasted: Duration) {
        if lasted >= GOOD_SESSION_MIN {
            self.waits = waits(self.broker);
        }
        self.renewal = ending == Ending::Renewal;
        self.unproven = !self.renewal && lasted < PROVEN_AFTER;
        // After any other ending it is not known whether the next session can publish it: a trial would prove nothing,
        // and it may be what ended this one.
        self.trial = if let Ending::Refused { trial, .. } = ending { Some(trial) } else { None };
    }

    /// What was to be tried is still to be tried.
    fn opening_failed(&mut self) {
        self.renewal = false;
    }

    /// The time to wait before the next attempt.
    fn wait(&mut self) -> Duration {
        if self.renewal { Duration::ZERO } else { self.waits.next().expect("the waits have no end") }
    }
}

fn waits(broker: &BrokerOptions) -> ExponentialBackoff {
    // Jitter adds up to the wait itself.
    ExponentialBuilder::default()
        .with_min_delay(broker.backoff_min / 2)
        .with_max_delay(broker.backoff_max / 2)
        .with_jitter()
        .without_max_times()
        .build()
}

async fn show_readiness(
    health: Health,
    mut blocked: watch::Receiver<Option<String>>,
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

fn reason(finish: &Finish) -> String {
    match finish {
        Finish::Exhausted => "the source is exhausted".to_owned(),
        Finish::Stopped => "asked to stop".to_owned(),
        Finish::Source(error) => chain(error),
        Finish::Fault(fault) => chain(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Ending {
        Ending::Refused { trial: Arc::new([]), reason: "no exchange".to_owned() }
    }

    #[test]
    fn what_an_exchange_refused_is_tried_until_a_session_opens_with_it() {
        let broker = BrokerOptions::default();
        let mut between = Between::start(&broker);
        between.session_ended(refused(), Duration::ZERO);
        assert!(between.trial.is_some());
        between.opening_failed();
        assert!(between.trial.is_some(), "opening failed, so it was not published");
        between.session_ended(Ending::Failed("connection reset".to_owned()), Duration::ZERO);
        assert!(between.trial.is_none());
    }

    #[test]
    fn only_a_renewal_is_followed_without_a_wait_and_without_doubt() {
        let broker = BrokerOptions::default();
        for (ending, waits, unproven) in [(Ending::Renewal, false, false), (refused(), true, true)] {
            let mut between = Between::start(&broker);
            between.session_ended(ending.clone(), Duration::ZERO);
            assert_eq!((between.wait() > Duration::ZERO, between.unproven), (waits, unproven), "after {ending:?}");
        }
    }
}
