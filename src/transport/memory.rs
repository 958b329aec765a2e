//! A transport in memory: what was delivered, settled and published can be read back. For tests of everything above.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Acker, Delivery, PublishError, Publisher, SettleError, Settlement, Source, SourceError};
use crate::message::{Incoming, Outgoing};

/// What a test can put in and read back; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Incoming>,
    settled: Vec<(Incoming, Settlement)>,
    published: Vec<Outgoing>,
    answers: VecDeque<PublishError>,
}

impl Memory {
    /// Puts a message at the end of the queue.
    pub fn push(&self, message: Incoming) {
        self.state().waiting.push_back(message);
    }

    /// The next publish fails like this; further calls queue after it.
    pub fn fail_next_publish(&self, error: PublishError) {
        self.state().answers.push_back(error);
    }

    /// What was published, in order.
    pub fn published(&self) -> Vec<Outgoing> {
        self.state().published.clone()
    }

    /// Each settled message and how it was settled, in order.
    pub fn settled(&self) -> Vec<(Incoming, Settlement)> {
        self.state().settled.clone()
    }

    /// How many messages wait to be delivered; requeued ones are among them.
    pub fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the lock can panic")
    }
}

/// Delivers what waits in a [`Memory`] and is exhausted when nothing does.
#[derive(Debug)]
pub struct MemorySource {
    memory: Memory,
    stopped: bool,
}

impl MemorySource {
    /// A source over what waits in `memory`.
    pub fn new(memory: &Memory) -> Self {
        MemorySource { memory: memory.clone(), stopped: false }
    }
}

impl Source for MemorySource {
    type Acker = MemoryAcker;

    async fn next(&mut self) -> Result<Option<Delivery<MemoryAcker>>, SourceError> {
        if self.stopped {
            return Ok(None);
        }
        let message = self.memory.state().waiting.pop_front();
        Ok(message.map(|message| Delivery {
            acker: MemoryAcker { memory: self.memory.clone(), message: Some(message.clone()) },
            message: Arc::new(message),
        }))
    }

    async fn stop(&mut self) -> Result<(), SourceError> {
        self.stopped = true;
        Ok(())
    }
}

/// Settles one message of a [`Memory`]; dropped unsettled, the message is delivered again, as a broker would.
#[derive(Debug)]
pub struct MemoryAcker {
    memory: Memory,
    message: Option<Incoming>,
}

impl Acker for MemoryAcker {
    async fn settle(mut self, settlement: Settlement) -> Result<(), SettleError> {
        let message = self.message.take().expect("settle consumes the acker");
        if settlement != Settlement::Ack {
            requeue(&self.memory, message.clone());
        }
        self.memory.state().settled.push((message, settlement));
        Ok(())
    }
}

impl Drop for MemoryAcker {
    fn drop(&mut self) {
        if let Some(message) = self.message.take() {
            requeue(&self.memory, message);
        }
    }
}

fn requeue(memory: &Memory, mut message: Incoming) {
    message.redelivered = true;
    memory.state().waiting.push_back(message);
}

/// Publishes into a [`Memory`].
#[derive(Debug, Clone)]
pub struct MemoryPublisher(pub Memory);

impl Publisher for MemoryPublisher {
    async fn publish(&self, batch: Arc<[Outgoing]>) -> Result<(), PublishError> {
        let mut state = self.0.state();
        match state.answers.pop_front() {
            Some(error) => Err(error),
            None => {
                state.published.extend(batch.iter().cloned());
                Ok(())
            }
        }
    }
}
