//! Dateline: raw news documents in, one classified event per article and headline out.
//!
//! ```text
//! AMQP queue ──> transport ──> pipeline ──> processing ──────────────────────────────┐
//! (or stdin,     a Delivery    bounded       pure, synchronous, never fails:          │
//!  or files)     + its Acker   concurrency   decode → parse → classify → compose      │
//!                                  │                                                  │
//! downstream  <── transport <── one delivery's life: publish all, await every <───────┘
//! queues          Publisher     confirm, only then settle
//! ```
//!
//! Top-down it is a staircase: `cli → daemon → pipeline → processing → parse, classify, event → transport → document`.

pub mod cli;

pub mod daemon;

pub mod dead_letters;

pub mod pipeline;

pub mod processing;

pub mod eval;

pub mod dateline;

pub mod parse;

pub mod classify;

pub mod event;

pub mod transport;

pub mod message;

pub mod secret;

pub mod error;

mod script;

pub mod document;
