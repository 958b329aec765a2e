//! Intake, one task a delivery, drain. Knows no broker.
//!
//! A slot is taken before a delivery is asked for: that is the back-pressure, and the bound on everything in hand.

pub mod amnesty;
pub mod handle;
pub mod ledger;
pub mod order;
pub mod recent;
pub mod resend;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::error::chain;
use crate::message::{Incoming, Outgoing};
use crate::processing::outcome::Outcome;
use crate::transport::{Acker, Delivery, Publisher, Source, SourceError};
use handle::{Fault, Handler, Known};
use order::{Lanes, OrderBy, Turn};

/// How long deliveries in hand may go on once their session is broken: what the broker has confirmed already can still
/// be settled, anything slower comes again with the next session.
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
    /// What keeps its order.
    pub order_by: OrderBy,
}

/// What ends a run from outside.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Asks for an orderly end: no more intake, then drain.
    pub stop: CancellationToken,
    /// Hands back what is in hand; the handler was made with the same token.
    pub abandon: CancellationToken,
    /// The session is of no use any more, whether or not the source is asked for more.
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
    /// A delivery could not be accounted for within this session. Its turn is held until the session is over.
    Fault(Fault, Turn),
}

/// How a run ended.
#[derive(Debug)]
pub struct Drained {
    /// Why.
    pub finish: Finish,
    /// Whether everything in hand came to its own end, rather than being handed back or given up.
    pub complete: bool,
    /// Something that could not be published: the next session may try it before it takes in anything.
    pub unpublished: Option<Arc<[Outgoing]>>,
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
        lanes: Lanes::default(),
        order_by: options.order_by,
        handler,
        unpublished: None,
    };
    let finish = intake.take_in(source, signals).await;
    intake.drain(source, finish, options, &signals.abandon).await
}

struct Intake<P> {
    slots: Arc<Semaphore>,
    tasks: JoinSet<Result<(), (Fault, Turn)>>,
    lanes: Lanes,
    order_by: OrderBy,
    handler: Arc<Handler<P>>,
    unpublished: Option<Arc<[Outgoing]>>,
}

impl<P: Publisher> Intake<P> {
    async fn take_in<S: Source>(&mut self, source: &mut S, signals: &Signals) -> Finish {
        let mut slot = None;
        loop {
            tokio::select! {
                biased;
                () = signals.stop.cancelled() => return Finish::Stopped,
                // While every slot is taken nobody asks the source, which would say so.
                () = signals.session_over.cancelled() => return Finish::Source(SourceError::over()),
                Some(ended) = self.tasks.join_next() => if let Some((fault, turn)) = fault_of(ended) {
                    return Finish::Fault(fault, turn);
                },
                free = Arc::clone(&self.slots).acquire_owned(), if slot.is_none() => {
                    slot = Some(free.expect("the slots are never closed"));
                }
                delivery = source.next(), if slot.is_some() => match delivery {
                    Ok(Some(delivery)) => self.begin(delivery, slot.take()).await,
                    Ok(None) => return Finish::Exhausted,
                    Err(error) => return Finish::Source(error),
                },
            }
        }
    }

    /// Starts a delivery's life. `slot` is freed when it ends.
    async fn begin<A: Acker>(&mut self, delivery: Delivery<A>, slot: Option<OwnedSemaphorePermit>) {
        let handler = Arc::clone(&self.handler);
        let (mut turn, known) = self.line_up(&delivery.message).await;
        self.tasks.spawn(async move {
            let ended = handler.handle(delivery, &mut turn, known).await;
            drop(slot);
            // A turn that ended in a fault is kept: what comes after it must not be published before it.
            ended.map_err(|fault| (fault, turn))
        });
    }

    /// Gives a delivery its turn. Which document it is, only processing can tell.
    async fn line_up(&mut self, message: &Arc<Incoming>) -> (Turn, Option<Known>) {
        match self.order_by {
            OrderBy::None => (Turn::default(), None),
            OrderBy::Arrival => (self.lanes.join(&()), None),
            OrderBy::Source => {
                let known = self.handler.examine(message).await;
                let turn = match &known {
                    Known::Processed(Outcome::Publish(composed)) => self.lanes.join(&composed.source),
                    Known::Processed(Outcome::Reject(_)) | Known::Suspected(_) => {
                        self.lanes.join(&self.handler.source_of(message))
                    }
                };
                (turn, Some(known))
            }
            OrderBy::Document => {
                let known = self.handler.examine(message).await;
                let turn = match &known {
                    Known::Processed(Outcome::Publish(composed)) => self.lanes.join(&composed.lane),
                    Known::Processed(Outcome::Reject(_)) | Known::Suspected(_) => Turn::default(),
                };
                (turn, Some(known))
            }
        }
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
            Finish::Source(_) | Finish::Fault(..) => BROKEN_SESSION_PATIENCE,
        };
        // While the consumer stands, what is handed back comes straight back.
        if matches!(finish, Finish::Stopped | Finish::Fault(Fault::Held(_), _)) {
            let handed_back = timeout(options.hand_back_timeout, self.hand_back_undelivered(source)).await;
            if handed_back.is_err() {
                warn!("could not hand back what was not begun; the broker will when the connection closes");
            }
        } else {
            self.acquit_undelivered(source);
            self.handler.lost_session(options.in_flight_max.get());
        }
        if let Finish::Fault(fault, _) = &finish {
            self.note_unpublished(fault);
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
        Drained { finish, complete, unpublished: self.unpublished }
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

    /// What was sent but not begun when the session broke will come again, and is not to blame.
    fn acquit_undelivered<S: Source>(&mut self, source: &mut S) {
        // Kept until none is left: a delivery dropped may come again at once.
        let mut undelivered = Vec::new();
        while let Some(Ok(Some(delivery))) = source.next().now_or_never() {
            self.handler.acquit(&delivery.message);
            undelivered.push(delivery);
        }
    }

    /// Waits for every delivery in hand; tells whether all came to an end of their own.
    async fn join_all(&mut self) -> bool {
        // Turns that ended in a fault are held until all is over: what comes after them must not overtake them.
        let mut held = Vec::new();
        while let Some(ended) = self.tasks.join_next().await {
            if let Some((fault, turn)) = fault_of(ended) {
                self.note_unpublished(&fault);
                held.push(turn);
            }
        }
        held.is_empty()
    }

    fn note_unpublished(&mut self, fault: &Fault) {
        if let Fault::Publish { batch, .. } = fault {
            self.unpublished.get_or_insert_with(|| Arc::clone(batch));
        }
    }
}

fn fault_of(ended: Result<Result<(), (Fault, Turn)>, tokio::task::JoinError>) -> Option<(Fault, Turn)> {
    match ended {
        Ok(Ok(())) => None,
        Ok(Err(fault)) => Some(fault),
        // Processing is caught; a panic here is ours. The delivery is unsettled and comes again.
        Err(error) => Some((Fault::Panicked(error), Turn::default())),
    }
}
