//! Dateline: raw news documents in, one classified event per article and headline out.
//!
//! This crate is a news library and, with the default feature `worker`, the worker that feeds it from RabbitMQ and the
//! command `dateline`. With `default-features = false` the library is all there is: pure, synchronous, no runtime, no
//! network.
//!
//! # From bytes to events
//!
//! ```
//! use dateline::{Dateline, Raw};
//!
//! let dateline = Dateline::builtin();
//! let raw = Raw::new(b"Flood closes schools in Cork\n\nVolcano erupts in southern Iceland\n").source("wire");
//! let events = dateline.read(&raw)?;
//! assert_eq!(events.len(), 2);
//! assert_eq!(events[1].data.classification.regions[0].code, "IS");
//! println!("{}", serde_json::to_string(&events[1])?); // a CloudEvent around an IPTC ninjs item
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What cannot be read is a [`Fault`] with a stable [`Reason`]:
//!
//! ```
//! use dateline::{Dateline, Raw, Reason};
//!
//! let fault = Dateline::builtin().read(&Raw::new(b"%PDF-1.7")).unwrap_err();
//! assert_eq!(fault.reason, Reason::UnknownFormat);
//! println!("{fault}: {}", fault.reason.summary());
//! ```
//!
//! # From a headline to its classification
//!
//! ```
//! use dateline::{Classifier, Item};
//!
//! let classifier = Classifier::builtin();
//! let found = classifier.classify(&Item::headline("Parliament in Nairobi passes the budget after a night of talks"));
//! assert_eq!(found.regions[0].name, "Kenya");
//! assert_eq!(found.topics[0].code, "medtop:11000000");
//! ```
//!
//! # Why
//!
//! The same code that classifies explains: each span that was read, what it could have meant, and what decided.
//!
//! ```
//! use dateline::{Classifier, Item};
//!
//! let item = Item::headline("Tbilisi and Atlanta sign sister-city pact");
//! let classifier = Classifier::builtin();
//! let explanation = classifier.explain(&item);
//! assert_eq!(explanation.into_classification(), classifier.classify(&item));
//! ```
//!
//! # Layout
//!
//! [`document`] has the nouns; [`parse`] makes documents of bytes, [`classify`] says what items are about, and
//! [`event`] composes what is published. [`Dateline`] is the three of them, one after another. [`eval`] measures
//! classifiers on labelled rows. The modules that need the feature `worker` are the worker's own: `cli → daemon →
//! pipeline → processing`, and `transport`, the only one that names the broker's client.

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

/// The Rust of the README, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

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
