//! Intake, one task a delivery, drain. Knows no broker.
//!
//! A slot is taken before a delivery is asked for: that is the back-pressure, and the bound on everything in hand.

pub mod handle;
pub mod ledger;
pub mod order;
pub mod quarantine;
pub mod recent;
pub mod resend;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::error::chain;
use crate::transport::{Acker, Delivery, Publisher, Source, SourceError};
use handle::{Fault, Handler};
use order::{Lanes, OrderBy};

/// How long deliveries in hand may continue once their session is broken: what the broker has confirmed already can
/// still be settled, anything slower comes again with the next session.
const BROKEN_SESSION_PATIENCE: Duration = Duration::from_millis(250);

/// What bounds a run.
#[derive(Debug, Clone)]
pub struct PipelineOptions {
    /// Deliveries in hand at once.
    pub in_flight_max: NonZeroUsize,
    /// How long deliveries in hand may take to finish once intake has stopped; then they are handed back.
    pub drain_timeout: Duration,
    /// How long handing back may take.
    pub hand_back_timeout: Duration,
    /// Which deliveries keep their order.
    pub order_by: OrderBy,
}

/// What ends a run from outside.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Asks for an orderly shutdown: no more intake, then drain.
    pub stop: CancellationToken,
    /// Hands back what is in hand; the handler was made with the same token.
    pub abandon: CancellationToken,
    /// The session is no longer usable, whether or not the source is asked for more.
    pub session_over: CancellationToken,
}

/// Why a run ended.
#[derive(Debug)]
pub enum Finish {
    /// The source has no more.
    Exhausted,
    /// It was asked to stop.
    Stopped,
    /// The source can deliver no more.
    Source(SourceError),
    /// A delivery could not be accounted for within this session.
    Fault(Fault),
}

/// How a run ended.
#[derive(Debug)]
pub struct Drained {
    /// Why.
    pub finish: Finish,
    /// Whether everything in hand was completed, rather than handed back or given up.
    pub complete: bool,
}

/// Handles deliveries until the source is exhausted, a signal comes or a fault ends the session, then drains.
pub async fn run<S: Source, P: Publisher>(
    source: &mut S,
    handler: Arc<Handler<P>>,
    options: &PipelineOptions,
    signals: &Signals,
) -> Drained {
    let mut intake = Intake {
        slots: Arc::new(Semaphore::new(options.in_flight_max.get())),
        tasks: JoinSet::new(),
        lanes: Lanes::new(options.order_by),
        handler,
    };
    let finish = intake.take_in(source, signals).await;
    intake.drain(source, finish, options, &signals.abandon).await
}

struct Intake<P> {
    slots: Arc<Semaphore>,
    tasks: JoinSet<Result<(), Fault>>,
    /// Kept until all is over: what comes after a fault must not overtake it.
    lanes: Arc<Lanes>,
    handler: Arc<Handler<P>>,
}

impl<P: Publisher> Intake<P> {
    async fn take_in<S: Source>(&mut self, source: &mut S, signals: &Signals) -> Finish {
        let mut slot = None;
        loop {
            tokio::select! {
                biased;
                () = signals.stop.cancelled() => return Finish::Stopped,
                // While every slot is taken nobody asks the source, which would report it.
                () = signals.session_over.cancelled() => return Finish::Source(SourceError::over()),
                Some(ended) = self.tasks.join_next() => if let Some(fault) = fault_of(ended) {
                    return Finish::Fault(fault);
                },
                free = Arc::clone(&self.slots).acquire_owned(), if slot.is_none() => {
                    slot = Some(free.expect("the slots are never closed"));
                }
                delivery = source.next(), if slot.is_some() => match delivery {
                    Ok(Some(delivery)) => self.begin(delivery, slot.take()),
                    Ok(None) => return Finish::Exhausted,
                    Err(error) => return Finish::Source(error),
                },
            }
        }
    }

    /// Starts a delivery's life. `slot` is freed when it ends.
    fn begin<A: Acker>(&mut self, delivery: Delivery<A>, slot: Option<OwnedSemaphorePermit>) {
        let handler = Arc::clone(&self.handler);
        let place = self.lanes.arrive();
        self.tasks.spawn(async move {
            let ended = handler.handle(delivery, place).await;
            drop(slot);
            ended
        });
    }

    async fn drain<S: Source>(
        mut self,
        source: &mut S,
        finish: Finish,
        options: &PipelineOptions,
        abandon: &CancellationToken,
    ) -> Drained {
        let patience = match &finish {
            Finish::Exhausted => Duration::MAX,
            Finish::Stopped => options.drain_timeout,
            Finish::Source(_) | Finish::Fault(_) => BROKEN_SESSION_PATIENCE,
        };
        // As long as the consumer is there, what is handed back comes straight back.
        if matches!(finish, Finish::Stopped | Finish::Fault(Fault::Held(_))) {
            let handed_back = timeout(options.hand_back_timeout, self.hand_back_undelivered(source)).await;
            if handed_back.is_err() {
                warn!("could not hand back what was not started; the broker will when the connection closes");
            }
        } else {
            self.excuse_undelivered(source);
            self.handler.session_lost(options.in_flight_max.get());
        }
        let mut complete = timeout(patience, self.join_all()).await.unwrap_or(false);
        if !self.tasks.is_empty() {
            complete = false;
            abandon.cancel();
            let handed_back = timeout(options.hand_back_timeout, self.join_all()).await;
            if handed_back.is_err() {
                warn!(
                    deliveries = self.tasks.len(),
                    "gave up handing back; the broker will when the connection closes"
                );
            }
        }
        self.tasks.shutdown().await;
        Drained { finish, complete }
    }

    /// Hands back what the broker had already sent when intake stopped.
    async fn hand_back_undelivered<S: Source>(&mut self, source: &mut S) {
        if let Err(error) = source.stop().await {
            warn!(error = %chain(&error), "could not stop intake");
        }
        while let Ok(Some(delivery)) = source.next().await {
            if let Err(fault) = self.handler.hand_back(delivery).await {
                warn!(error = %chain(&fault), "could not hand back a delivery");
                return;
            }
        }
    }

    /// What was sent but not started when the session broke will come again, and did not end a process.
    fn excuse_undelivered<S: Source>(&mut self, source: &mut S) {
        // Kept until none is left: a delivery dropped may come again at once.
        let mut undelivered = Vec::new();
        while let Some(Ok(Some(delivery))) = source.next().now_or_never() {
            self.handler.excuse(&delivery.message);
            undelivered.push(delivery);
        }
    }

    /// Waits for every delivery in hand, and reports whether all were completed.
    async fn join_all(&mut self) -> bool {
        let mut complete = true;
        while let Some(ended) = self.tasks.join_next().await {
            complete &= fault_of(ended).is_none();
        }
        complete
    }
}

fn fault_of(ended: Result<Result<(), Fault>, JoinError>) -> Option<Fault> {
    match ended {
        Ok(Ok(())) => None,
        Ok(Err(fault)) => Some(fault),
        // Processing is caught; a panic here is ours. The delivery is unsettled and comes again.
        Err(error) => Some(Fault::Panicked(error)),
    }
}
