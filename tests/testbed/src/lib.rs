//! What tests against a RabbitMQ, the fault lab and the bench share: brokers, networks, workers, and an account of every
//! document. Not published; nothing here is needed to build or run Dateline.
//!
//! `node` and `control` are a private broker, `installation` where its programs are; `proxy` is the network, `tls` its
//! certificates; `drain` the other systems in the newsroom, and `rawframes` one that keeps no rules; `worker` is the
//! program under test and `books` its own account; `newsroom` is all of them together. `documents` makes what is sent,
//! `oracle` decides what became of each, and `published` whether an event is valid. `contract` is what every transport
//! promises. Nothing survives a test, even one that is killed: see `reaper`.

pub mod books;
pub mod contract;
pub mod control;
pub mod documents;
pub mod drain;
pub mod installation;
pub mod newsroom;
pub mod node;
pub mod oracle;
pub mod ports;
pub mod proxy;
pub mod published;
pub mod rawframes;
pub mod reaper;
pub mod tls;
pub mod wait;
pub mod worker;
