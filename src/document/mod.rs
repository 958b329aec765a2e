//! The nouns: a document as it arrives, what it is split into, and what is said about each part.
//!
//! Nothing here decides anything. `parse` makes documents, `classify` makes classifications, `event` publishes both.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest name of a feed: it travels in headers, which must fit one frame.
pub const SOURCE_BYTES_MAX: usize = 255;

/// What a raw document becomes once it is decoded and split.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Who the document is; see [`Identity`].
    pub identity: Identity,
    /// Name of the feed it came from, as configured or as the sender's `dateline-source` header says.
    pub source: String,
    /// SHA-256 of the body as received, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Which parser read it.
    pub format: Format,
    /// The document's own time, RFC 3339 in UTC; never the clock's.
    pub time: Option<String>,
    /// BCP 47 language the sender declared.
    pub language: Option<String>,
    /// Where the document can be read.
    pub url: Option<String>,
    /// Whether it is to be used, withheld or was withdrawn.
    pub status: PubStatus,
    /// Articles and headlines in the order they stand in the document.
    pub items: Vec<Item>,
    /// Lines of a digest that belong to no item, each with its reason.
    pub ignored: Vec<IgnoredLine>,
}

/// The name under which a document and all its re-deliveries are the same.
///
/// First that exists: the sender's id, the item's own guid or uri, the message id, the SHA-256 of the body.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Opaque id, unique within the source.
    pub id: String,
    /// Version of the document under that id; absent when the sender keeps none.
    pub version: Option<String>,
}

/// The raw formats that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Plain text holding any number of articles and headlines.
    Digest,
    /// One JSON object, one item.
    Json,
}

/// IPTC ninjs `pubStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PubStatus {
    /// May be published.
    #[default]
    Usable,
    /// Must not be published for now.
    Withheld,
    /// Withdrawn: a kill.
    Canceled,
}

/// A text with a body, or a line that stands for a story told elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// A text with a body.
    Article,
    /// A line that stands for a story told elsewhere.
    Headline,
}

impl ItemKind {
    /// The word used in event types, routing keys and subjects.
    pub fn as_str(self) -> &'static str {
        match self {
            ItemKind::Article => "article",
            ItemKind::Headline => "headline",
        }
    }
}

/// One article or headline.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Article when there is a body, headline otherwise.
    pub kind: ItemKind,
    /// The headline, without numbering, bullet, or trailing source and time.
    pub title: Option<String>,
    /// The place (and date) line that opens an agency story, e.g. `GENEVA`.
    pub dateline: Option<String>,
    /// Who wrote it, without the leading "By".
    pub byline: Option<String>,
    /// Paragraphs joined by `\n`; lines wrapped in the source are joined by a space.
    pub body: Option<String>,
    /// Section label the item stood under, or category tags of the sender: may inform the topic, never evidence.
    pub sections: Vec<String>,
    /// The outlet named at the end of a headline, e.g. `Reuters`.
    pub credit: Option<String>,
    /// One-based numbers of the source lines that make up the item, ascending; empty for formats without lines.
    pub lines: Vec<u32>,
}

/// A non-blank line of a digest that became part of no item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IgnoredLine {
    /// One-based line number.
    pub line: u32,
    /// Why it is in no item.
    pub reason: IgnoreReason,
}

/// Why a line is in no item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IgnoreReason {
    /// A label such as `WORLD` or `Business:`; the items after it carry it in `sections`.
    SectionLabel,
    /// A rule of dashes, stars or the like.
    Separator,
    /// Nothing but punctuation, digits or symbols.
    NoWords,
    /// Boilerplate of the sender: page number, date line of the digest, "end".
    Boilerplate,
}

/// Everything the classifiers say about one item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    /// Countries the item is about, best first. Empty when nothing is there: never a guess.
    pub regions: Vec<Region>,
    /// Subjects the item is about, best first. Empty when nothing is there.
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
    #[schemars(regex(pattern = "^[A-Z]{2}$"))]
    pub code: String,
    /// English short name.
    pub name: String,
    /// UN M49 codes from the world to the country.
    pub m49: Vec<String>,
    /// Whether the item is about it or only names it.
    pub role: Role,
    /// Calibrated probability that the item is about it, in [0, 1].
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
    /// The spans that spoke for it, in reading order; bounded.
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
    /// ISO 3166-2 code of the subdivision it is or lies in, when known.
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
    /// The spans that spoke for it, in reading order; bounded.
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

/// A span of the item that spoke for a region or a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The span as it stands in the field.
    pub text: String,
    /// The field it stands in.
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
    /// BCP 47 primary tag, e.g. `en`.
    pub code: String,
    /// In [0, 1]; 1 when the sender declared it.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub confidence: f64,
}
