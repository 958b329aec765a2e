//! What is said about an item: countries, subjects, language, and the spans that are evidence for them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CountryCode, LanguageTag};

/// Everything the classifiers say about one item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    /// Countries the item is about, best first. Empty when there is no evidence: never a guess.
    pub regions: Vec<Region>,
    /// Subjects the item is about, best first. Empty when there is no evidence.
    pub topics: Vec<Topic>,
    /// The language the item is written in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// True when the best region or topic is under the configured confidence, or absent.
    pub review: bool,
    /// Which data and code decided.
    pub classifier: ClassifierVersion,
}

/// Which data and code decided: two events with the same versions were decided alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifierVersion {
    /// Version of the `dateline` crate.
    pub version: String,
    /// `sha256:` and the digest of the gazetteer in use.
    pub gazetteer: String,
    /// `sha256:` and the digest of the topic lexicon and model in use.
    pub topics: String,
}

/// A country an item is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// ISO 3166-1 alpha-2, or XK.
    pub code: CountryCode,
    /// English short name.
    pub name: String,
    /// UN M49 codes from the world to the country.
    pub m49: Vec<String>,
    /// Whether the item is about it or only names it.
    pub role: Role,
    /// Calibrated probability that the item is about it, in [0, 1].
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// The spans that are evidence for it, in reading order; bounded.
    pub evidence: Vec<Evidence>,
    /// Subdivisions and towns of it that the item names; bounded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
}

/// A subdivision or town that an item names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Name in the gazetteer.
    pub name: String,
    /// ISO 3166-2 code of the subdivision it is or is in, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<String>,
    /// GeoNames id, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geonames: Option<u32>,
}

/// A subject an item is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// IPTC Media Topic such as `medtop:16000000`, or a house topic such as `house:elections-desk`.
    pub code: String,
    /// British English label.
    pub name: String,
    /// Codes from the top level down to this one.
    pub path: Vec<String>,
    /// Whether the item is about it or only touches it.
    pub role: Role,
    /// Calibrated probability that the item is about it, in [0, 1].
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// The spans that are evidence for it, in reading order; bounded.
    pub evidence: Vec<Evidence>,
}

/// Whether an item is about something or only mentions it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What the item is about; the first of the list.
    Primary,
    /// Also there.
    Mentioned,
}

/// A span of the item that is evidence for a region or a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The span as it appears in the field.
    pub text: String,
    /// The field it is in.
    pub field: Field,
    /// First character, counted in Unicode scalar values from 0.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// The fields of an item that are read for evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The headline.
    Title,
    /// The dateline.
    Dateline,
    /// The body.
    Body,
}

/// A language and how sure the detector is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Primary language of BCP 47, e.g. `en`.
    pub code: LanguageTag,
    /// In [0, 1]; 1 when the sender declared it.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
}
