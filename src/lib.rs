//! Dateline: raw news documents in, one classified event per article and headline out.
//!
//! This crate is a library of news and, behind the default feature `worker`, the machine that feeds it from RabbitMQ and
//! the command `dateline`. With `default-features = false` the library is all there is: pure, synchronous, no runtime, no
//! network.
//!
//! # Layout
//!
//! [`document`] has the nouns; [`parse`] makes documents of bytes, [`classify`] says what items are about, and [`event`]
//! composes what is published. [`Dateline`] is the three of them, one after another. [`eval`] measures classifiers on
//! labelled rows. The modules below, of the feature `worker`, are the worker's own: `cli → daemon → pipeline → processing`,
//! and `transport`, the only one that names the broker's client.

pub mod classify;
pub mod dateline;
pub mod document;
pub mod eval;
pub mod event;
pub mod parse;
mod script;

#[cfg(feature = "worker")]
pub mod cli;
#[cfg(feature = "worker")]
pub mod daemon;
#[cfg(feature = "worker")]
pub mod dead_letters;
#[cfg(feature = "worker")]
pub mod error;
#[cfg(feature = "worker")]
pub mod message;
#[cfg(feature = "worker")]
pub mod pipeline;
#[cfg(feature = "worker")]
pub mod processing;
#[cfg(feature = "worker")]
pub mod secret;
#[cfg(feature = "worker")]
pub mod transport;

pub use classify::Classifier;
pub use dateline::Dateline;
pub use document::{Classification, Document, Item, Reason};
pub use event::cloudevent::Event;
pub use parse::{Fault, Limits, Raw};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_between_threads_can_be() {
        fn shared<T: Send + Sync>() {}
        shared::<Dateline>();
        shared::<Classifier>();
        shared::<Document>();
        shared::<Event>();
        shared::<Fault>();
        shared::<parse::Format>();
        shared::<classify::DataError>();
    }
}
