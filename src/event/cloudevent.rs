//! The envelope: CloudEvents 1.0 in structured JSON around one item.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ninjs::NinjsItem;
use crate::document::{Classification, Format, ItemKind};

/// One structured event: an article or a headline with what was found out about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Version of CloudEvents.
    pub specversion: SpecVersion,
    /// UUIDv5 of document identity, version, ordinal and kind.
    #[schemars(extend("format" = "uuid"))]
    pub id: String,
    /// `urn:dateline:<feed>`.
    #[schemars(extend("format" = "uri-reference"))]
    pub source: String,
    /// `dateline.article.classified.v1` or `dateline.headline.classified.v1`.
    #[serde(rename = "type")]
    #[schemars(regex(pattern = r"^dateline\.(article|headline)\.classified\.v1$"))]
    pub kind: String,
    /// `<kind>/<language>/<country>/<topic>` of the best region and topic; `und`, `ZZ` and `unclassified` when unknown.
    pub subject: String,
    /// The document's own time, RFC 3339; absent when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub time: Option<String>,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// URN of the schema of `data`.
    #[schemars(extend("format" = "uri"))]
    pub dataschema: String,
    /// The item, its classification and the document it came from.
    pub data: Data,
}

/// Version of the CloudEvents specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SpecVersion {
    /// CloudEvents 1.0.
    #[serde(rename = "1.0")]
    V1,
}

/// The item, its classification and the document it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Article or headline.
    pub kind: ItemKind,
    /// The item as an IPTC ninjs 3.1 object.
    pub item: NinjsItem,
    /// Regions, topics and language.
    pub classification: Classification,
    /// The document the item came from.
    pub document: DocumentRef,
}

/// The document an item came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    /// Id of the document within its source.
    pub id: String,
    /// Version of the document, when its sender keeps versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Name of the feed.
    pub source: String,
    /// SHA-256 of the body as received, in lower-case hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: String,
    /// Position of the item in the document, from 0.
    pub ordinal: u64,
    /// Number of items in the document.
    pub items: u64,
    /// The parser that read it.
    pub format: Format,
}

/// The event type of a kind of item.
pub fn event_type(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Article => "dateline.article.classified.v1",
        ItemKind::Headline => "dateline.headline.classified.v1",
    }
}
