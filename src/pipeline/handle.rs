//! One delivery's life: process, publish, settle. Knows nothing of AMQP; see `transport`.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::ledger::{Entry, Fate, Ledger, Requeue, Retry, Skip, Unsettled};
use super::order::Place;
use super::quarantine::{Quarantine, QuarantineOptions, Suspicion};
use super::recent::Recent;
use super::resend;
use crate::document::{DocumentKey, Reason};
use crate::message::{Incoming, Outgoing, Target};
use crate::processing::Processor;
use crate::processing::outcome::{Composed, Outcome, Rejection};
use crate::transport::{Acker, Delivery, PublishError, Publisher, SettleError, Settlement};

/// Bodies up to this size are processed where they are; larger ones on the blocking pool, so that they do not hold up
/// others.
const INLINE_BYTES_MAX: usize = 64 * 1024;

/// What bounds one delivery's life.
#[derive(Debug, Clone)]
pub struct HandlerOptions {
    /// Longest time a delivery is held before it is handed back.
    pub hold_max: Duration,
    /// Number of retry steps the transport has; after as many retries a refused document becomes a dead letter.
    pub retry_steps: usize,
    /// Published documents remembered to skip identical ones; `None` publishes them again.
    pub duplicates_remembered_max: Option<NonZeroUsize>,
    /// What becomes of documents that may end a worker.
    pub quarantine: QuarantineOptions,
}

/// What ends the session a delivery came by.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Something could not be published, and the document not be accounted for by other means.
    #[error("could not publish {what}")]
    Publish {
        /// What was to be published.
        what: &'static str,
        /// Why it failed.
        #[source]
        cause: PublishError,
    },
    /// A settlement did not get through.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// A delivery was held as long as it may be.
    #[error("a delivery was held for {0:?}, the longest allowed, and handed back")]
    Held(Duration),
    /// Our own code failed; the document is not to blame.
    #[error("a delivery's task panicked")]
    Panicked(#[source] tokio::task::JoinError),
}

/// Handles deliveries; shared by all tasks and sessions.
pub struct Handler<P> {
    processor: Arc<Processor>,
    publisher: P,
    memory: Arc<WorkerMemory>,
    options: HandlerOptions,
    abandon: CancellationToken,
}

/// What a worker remembers from session to session.
pub struct WorkerMemory {
    /// What became of every document.
    pub ledger: Ledger,
    /// Which deliveries are suspects.
    pub quarantine: Quarantine,
    /// Documents published lately.
    published: Option<Recent<DocumentKey>>,
}

impl WorkerMemory {
    /// Remembers nothing yet.
    pub fn new(options: &HandlerOptions) -> Self {
        WorkerMemory {
            ledger: Ledger::default(),
            quarantine: Quarantine::new(options.quarantine.clone()),
            published: options.duplicates_remembered_max.map(Recent::new),
        }
    }
}

/// What to do with a delivery once its outcome is known.
enum Next {
    Ack(Fate),
    Requeue,
    HandBack(Fault),
    Leave(Fault),
}

impl<P: Publisher> Handler<P> {
    /// A handler that publishes through `publisher`. When `abandon` is cancelled, deliveries in hand are handed back.
    pub fn new(
        processor: Arc<Processor>,
        publisher: P,
        memory: Arc<WorkerMemory>,
        options: HandlerOptions,
        abandon: CancellationToken,
    ) -> Self {
        Handler { processor, publisher, memory, options, abandon }
    }

    /// Handles one delivery until it is settled, and counts its fate. An error ends the session.
    pub async fn handle<A: Acker>(&self, delivery: Delivery<A>, mut place: Place) -> Result<(), Fault> {
        let Delivery { message, acker } = delivery;
        let mut entry = self.memory.ledger.receive(self.source_of(&message));
        let next = tokio::select! {
            next = self.resolve(&message, &mut place, &mut entry) => next,
            () = self.abandon.cancelled() => Next::Requeue,
            () = tokio::time::sleep(self.options.hold_max) => Next::HandBack(Fault::Held(self.options.hold_max)),
        };
        let (settlement, fate, fault) = match next {
            Next::Ack(fate) => (Some(Settlement::Ack), fate, None),
            Next::Requeue => (Some(Settlement::Requeue), Fate::Requeued(Requeue::Leaving), None),
            Next::HandBack(fault) => (Some(Settlement::Requeue), Fate::Requeued(Requeue::Held), Some(fault)),
            Next::Leave(fault) => (None, Fate::Unsettled(Unsettled::Unpublished), Some(fault)),
        };
        if settlement != Some(Settlement::Ack) {
            self.memory.quarantine.excuse(&message);
        }
        let settled = match settlement {
            Some(settlement) => acker.settle(settlement).await,
            None => Ok(()),
        };
        let fate = match (&settled, settlement) {
            (Ok(()), Some(Settlement::Ack)) => {
                place.leave();
                fate
            }
            (Ok(()), _) => fate,
            (Err(_), _) => {
                self.memory.quarantine.excuse(&message);
                Fate::Unsettled(Unsettled::SettlementFailed)
            }
        };
        entry.close(fate);
        debug!(message.id = message.properties.message_id, fate = ?fate, "delivery ended");
        match fault {
            Some(fault) => Err(fault),
            None => Ok(settled?),
        }
    }

    /// The feed a message comes from.
    pub fn source_of<'a>(&'a self, message: &'a Incoming) -> &'a str {
        self.processor.source_of(message)
    }

    /// Notes that this delivery will come again though this process did not end with it.
    pub fn excuse(&self, message: &Incoming) {
        self.memory.quarantine.excuse(message);
    }

    /// Notes that the session is lost, and with it deliveries that may have come no further than its socket.
    pub fn session_lost(&self, deliveries_max: usize) {
        self.memory.quarantine.session_lost(deliveries_max);
    }

    /// Hands back a delivery that was never started.
    pub async fn hand_back<A: Acker>(&self, delivery: Delivery<A>) -> Result<(), Fault> {
        let entry = self.memory.ledger.receive(self.source_of(&delivery.message));
        self.memory.quarantine.excuse(&delivery.message);
        let settled = delivery.acker.settle(Settlement::Requeue).await;
        entry.close(match settled {
            Ok(()) => Fate::Requeued(Requeue::Leaving),
            Err(_) => Fate::Unsettled(Unsettled::SettlementFailed),
        });
        Ok(settled?)
    }

    /// Processes a document. A panic is charged to the document alone.
    async fn process(&self, message: &Arc<Incoming>) -> Outcome {
        let processor = Arc::clone(&self.processor);
        if message.body.len() <= INLINE_BYTES_MAX {
            return process_caught(&processor, message);
        }
        let message = Arc::clone(message);
        match tokio::task::spawn_blocking(move || process_caught(&processor, &message)).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Reject(Rejection::new(Reason::Panic, "process", error)),
        }
    }

    async fn resolve(&self, message: &Arc<Incoming>, place: &mut Place, entry: &mut Entry) -> Next {
        // A suspect is not processed: it might take this process with it.
        match self.memory.quarantine.judge(message) {
            Suspicion::None => {}
            Suspicion::Suspect(crashes) => {
                place.wait(self.source_of(message), None).await;
                return self.isolate(message, crashes).await;
            }
            Suspicion::Proven(crashes) => {
                place.wait(self.source_of(message), None).await;
                let detail = format!("{crashes} workers died while holding only this document");
                return self.dead_letter(message, &Rejection::new(Reason::CrashLoop, "process", detail)).await;
            }
        }
        match self.process(message).await {
            Outcome::Publish(composed) => {
                entry.attribute(&composed.source);
                place.wait(&composed.lane.0, Some(&composed.lane.1)).await;
                self.publish(message, composed).await
            }
            Outcome::Reject(rejection) => {
                place.wait(self.source_of(message), None).await;
                self.dead_letter(message, &rejection).await
            }
        }
    }

    async fn isolate(&self, message: &Arc<Incoming>, crashes: u64) -> Next {
        info!(message.id = message.properties.message_id, crashes, "suspect sent to be tried alone");
        self.send_on(resend::suspect(message, crashes, now()), "a suspect", Fate::Retried(Retry::Suspect)).await
    }

    async fn publish(&self, message: &Arc<Incoming>, composed: Composed) -> Next {
        if let Some(published) = &self.memory.published
            && published.contains(&composed.document)
        {
            return Next::Ack(Fate::Skipped(Skip::Duplicate));
        }
        let events: Arc<[Outgoing]> = composed.events.into();
        let count = events.len() as u64;
        let result = match self.publisher.publish(Arc::clone(&events)).await {
            Err(PublishError::Unroutable(positions)) => self.park(&events, &positions).await,
            Err(error) => Err(error),
            Ok(()) => Ok(0),
        };
        match result {
            Ok(parked) => {
                if let Some(published) = &self.memory.published {
                    published.insert(composed.document);
                }
                Next::Ack(Fate::Published { events: count, parked })
            }
            Err(PublishError::Refused(_)) => self.retry(message).await,
            Err(error @ PublishError::TooLarge { .. }) => {
                self.dead_letter(message, &Rejection::new(Reason::EventTooLarge, "publish", error)).await
            }
            Err(error @ PublishError::Unroutable(_)) => {
                self.dead_letter(message, &Rejection::new(Reason::Unroutable, "publish", error)).await
            }
            Err(cause) => Next::Leave(Fault::Publish { what: "an event", cause }),
        }
    }

    /// Keeps the events no queue is bound for; gives how many there were.
    async fn park(&self, events: &[Outgoing], positions: &[usize]) -> Result<u64, PublishError> {
        let parked: Arc<[Outgoing]> = positions
            .iter()
            .map(|&position| Outgoing { target: Target::Unrouted, ..events[position].clone() })
            .collect();
        warn!(
            events = parked.len(),
            routing_key = parked[0].routing_key,
            "no queue is bound for these events; parking them"
        );
        self.publisher.publish(parked).await?;
        Ok(positions.len() as u64)
    }

    async fn retry(&self, message: &Arc<Incoming>) -> Next {
        let tried = resend::attempts(message);
        let step = usize::try_from(tried).unwrap_or(usize::MAX);
        if step >= self.options.retry_steps {
            let detail = format!("the broker refused the events at {} attempts", tried + 1);
            return self.dead_letter(message, &Rejection::new(Reason::Refused, "publish", detail)).await;
        }
        warn!(message.id = message.properties.message_id, step, "the broker refused the events; trying again later");
        self.send_on(resend::retry(message, step, Reason::Refused, now()), "a retry", Fate::Retried(Retry::Refused))
            .await
    }

    async fn dead_letter(&self, message: &Arc<Incoming>, rejection: &Rejection) -> Next {
        warn!(
            message.id = message.properties.message_id,
            source = self.source_of(message),
            reason = rejection.reason.as_str(),
            stage = rejection.stage,
            "document becomes a dead letter"
        );
        self.send_on(
            resend::dead_letter(message, rejection, now()),
            "a dead letter",
            Fate::DeadLettered(rejection.reason),
        )
        .await
    }

    /// Publishes a copy of the document; only when it is confirmed and routed may the document be acknowledged.
    async fn send_on(&self, copy: Outgoing, what: &'static str, fate: Fate) -> Next {
        match self.publisher.publish(Arc::new([copy])).await {
            Ok(()) => Next::Ack(fate),
            Err(cause) => Next::Leave(Fault::Publish { what, cause }),
        }
    }
}

fn process_caught(processor: &Processor, message: &Incoming) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| processor.process(message))).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().copied().map(str::to_owned);
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        Outcome::Reject(Rejection::new(Reason::Panic, "process", text))
    })
}

/// POSIX seconds; for headers of copies only, never for events.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
