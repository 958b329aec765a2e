//! One integration binary: what the crate promises from outside, one module a room.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says where it failed")]

mod classify;
mod config;
mod contract;
mod embedding;
mod events;
mod explain;
mod formats;
mod fuzz;
mod order;
mod output;
mod parse;
mod process;
mod reasons;
mod settlement;
mod signals;
mod tidy;
