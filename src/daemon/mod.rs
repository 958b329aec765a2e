//! What any daemon needs: configuration, signals, logs, health, and one session with the broker after another.

pub mod build;
pub mod config;
pub mod health;
mod sessions;
pub mod shutdown;
pub mod telemetry;

use std::sync::Arc;

use crate::pipeline::handle::WorkerMemory;
use crate::pipeline::ledger::Ledger;
use crate::processing::Processor;
use config::Config;
use health::Health;
use shutdown::Shutdown;

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything in hand was completed.
    Drained,
    /// Something was handed back or given up.
    Incomplete,
}

/// A worker: built once, then session after session.
pub struct Worker {
    config: Config,
    processor: Arc<Processor>,
    memory: Arc<WorkerMemory>,
    health: Health,
}

impl Worker {
    /// A worker that has not started.
    pub fn new(config: Config, processor: Processor) -> Self {
        let memory = Arc::new(WorkerMemory::new(&build::handler_options(&config)));
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

    /// Works until asked to stop. An unavailable broker is waited for indefinitely.
    pub async fn run(&self, shutdown: &Shutdown) -> Ended {
        tokio::select! {
            ended = self.work(&shutdown.orderly) => ended,
            () = shutdown.immediate.cancelled() => Ended::Incomplete,
        }
    }
}
