//! Tests against private RabbitMQ nodes. Not part of `cargo test`: run
//! `cargo test --features fault-points --test broker`, or `tests/run broker`.
//!
//! The harness: `node` and `control` are a broker, `proxy` the network, `tls` its certificates, `drain` the other
//! systems in the newsroom, `worker` the program under test and `books` what it says of itself, `newsroom` all of them
//! together, and `oracle` decides what became of each document. Every test starts a node of its own, so that none can be
//! blamed for another's faults; calls on nodes and workers block, so tests that also publish need the multi-threaded
//! runtime. Nothing survives a test, even one that is killed: see `reaper`. The fault lab, an example, is built on the
//! same harness.

mod access;
mod books;
mod contract;
mod control;
mod dlq;
mod documents;
mod drain;
mod faults;
mod harness;
mod hostile;
mod installation;
mod job;
mod newsroom;
mod node;
mod oracle;
mod order;
mod poison;
mod ports;
mod preflight;
mod proxy;
mod rawframes;
mod reaper;
mod refusals;
mod shutdown;
#[path = "../contract/mod.rs"]
mod suite;
mod tls;
mod wait;
mod worker;
