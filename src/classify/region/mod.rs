//! Which countries an item is about: names found in a gazetteer, read in context, weighed into a focus.
//!
//! A staircase: `matcher` finds names by hash look-ups over the item's words, `cues` reads the words next to
//! them, `context` chooses what each means, `focus` weighs what the item is about. Every number is in
//! `config/gazetteer/weights.toml`, every name in the tables beside it. Nothing here knows topics or AMQP.

mod context;
mod country;
mod cue_words;
mod cues;
mod entry;
pub mod explain;
mod focus;
mod gazetteer;
mod key;
mod load;
mod local;
mod matcher;
mod report;
mod tables;
mod weights;
mod words;

use std::path::PathBuf;

use crate::classify::region::context::Resolution;
use crate::classify::region::explain::RegionExplanation;
use crate::classify::region::focus::Focus;
use crate::classify::region::gazetteer::Gazetteer;
use crate::classify::region::tables::Tables;
use crate::classify::region::weights::Weights;
use crate::classify::text::Text;
use crate::classify::{Context, DataError};
use crate::document::Region;

/// Where replaceable gazetteer data is.
#[derive(Debug, Clone, Default)]
pub struct RegionPaths {
    /// Folder to read instead of the data compiled in.
    pub gazetteer: Option<PathBuf>,
    /// An operator's own additions, changes and removals.
    pub local: Option<PathBuf>,
}

/// Finds the countries an item is about. Immutable once loaded: share it behind an `Arc`.
#[derive(Debug)]
pub struct RegionClassifier {
    gazetteer: Gazetteer,
    weights: Weights,
}

impl RegionClassifier {
    /// The classifier with the data compiled in.
    pub fn builtin() -> RegionClassifier {
        RegionClassifier::load(&RegionPaths::default()).expect("the data compiled in loads, as a test shows")
    }

    /// The classifier with the data of the given files.
    pub fn load(paths: &RegionPaths) -> Result<RegionClassifier, DataError> {
        let tables = paths.gazetteer.as_deref().map_or_else(|| Ok(Tables::builtin()), Tables::read)?;
        let tables = match &paths.local {
            Some(local) => tables.with_local(local)?,
            None => tables,
        };
        let weights = Weights::read("weights.toml", tables.get("weights.toml"))?;
        let gazetteer = load::load(tables, &weights)?;
        Ok(RegionClassifier { gazetteer, weights })
    }

    /// The countries the text is about, best first; empty when it names none.
    pub fn classify(&self, text: &Text<'_>, context: &Context<'_>) -> Vec<Region> {
        self.decide(text, context).regions()
    }

    /// How [`classify`](Self::classify) arrives at its ranking: every span, what it could mean, and what it adds.
    pub fn explain(&self, text: &Text<'_>, context: &Context<'_>) -> RegionExplanation {
        self.decide(text, context).explanation()
    }

    /// Reads a text. What is listed and why are two views of the decision.
    pub(super) fn decide<'c>(&'c self, text: &'c Text<'_>, context: &Context<'_>) -> Decision<'c> {
        let resolution = context::resolve(&self.gazetteer, &self.weights, text, context);
        let home = context.home.and_then(|code| self.gazetteer.countries.index(code));
        let focus = focus::weigh(&resolution, &self.weights, home);
        Decision { gazetteer: &self.gazetteer, weights: &self.weights, text, resolution, focus }
    }

    /// English short name of a country, by its ISO 3166-1 alpha-2 code.
    pub fn country_name(&self, code: &str) -> Option<&str> {
        let index = self.gazetteer.countries.index(code)?;
        Some(&self.gazetteer.countries.get(index).name)
    }

    /// `sha256:` and the digest of the data in use.
    pub fn digest(&self) -> &str {
        &self.gazetteer.digest
    }
}

/// What one text is about, and all that led to it.
pub(super) struct Decision<'c> {
    gazetteer: &'c Gazetteer,
    weights: &'c Weights,
    text: &'c Text<'c>,
    resolution: Resolution<'c>,
    focus: Focus,
}

#[cfg(test)]
mod tests;
