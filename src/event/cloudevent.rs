//! The envelope: CloudEvents 1.0 in structured JSON around one item.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ninjs::NinjsItem;
use crate::document::{Classification, ItemKind, Sha256, SourceName};

/// One structured event: an article or a headline with what was found out about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Version of CloudEvents.
    pub specversion: SpecVersion,
    /// UUIDv5 of source, identity, version and kind, and of the position in the document when the item has no name of
    /// its own.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub id: Uuid,
    /// `urn:dateline:<feed>`.
    #[schemars(extend("format" = "uri-reference"))]
    pub source: String,
    /// `dateline.article.classified.v1` or `dateline.headline.classified.v1`.
    #[serde(rename = "type")]
    #[schemars(regex(pattern = r"^dateline\.(article|headline)\.classified\.v1$"))]
    pub kind: Cow<'static, str>,
    /// `<kind>/<language>/<country>/<topic>` of the best region and topic; `und`, `ZZ` and `unclassified` when unknown.
    pub subject: String,
    /// The item's own time, RFC 3339; absent when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub time: Option<Timestamp>,
    /// Always `application/json`.
    pub datacontenttype: Cow<'static, str>,
    /// URN of the schema of `data`.
    #[schemars(extend("format" = "uri"))]
    pub dataschema: Cow<'static, str>,
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

/// The document an item came from. Of an item that has a name of its own, `id` and `version` are that name, and what only
/// the document knows is left out: the same item in another document gives the same event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    /// Id of the document, or of an item that has one of its own, within the source.
    pub id: String,
    /// Its version, when its sender keeps versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Name of the feed.
    pub source: SourceName,
    /// SHA-256 of the document as received, in lower-case hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// Position of the item in the document, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u64>,
    /// Number of items in the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
    /// Name of the format it was read as.
    pub format: Cow<'static, str>,
}

/// The event type of a kind of item.
pub fn event_type(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Article => "dateline.article.classified.v1",
        ItemKind::Headline => "dateline.headline.classified.v1",
    }
}
