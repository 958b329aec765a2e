//! Tests against private RabbitMQ nodes. Not part of `cargo test`: run
//! `cargo test --features fault-points --test broker`, or `tests/run broker`.
//!
//! The crate `testbed` gives them brokers, networks, workers, and an account of every document; `harness` tests that it
//! does what it says. Every test starts a node of its own, so that none suffers from another's faults; calls on
//! nodes and workers block, so tests that also publish need the multi-threaded runtime.

mod access;
mod contract;
mod dlq;
mod faults;
mod harness;
mod hostile;
mod job;
mod order;
mod poison;
mod preflight;
mod refusals;
mod shutdown;
