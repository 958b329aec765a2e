//! The part of IPTC ninjs 3.1 that an item fills. Field meanings: <https://www.iptc.org/std/ninjs/>.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::APP_ID;
use crate::document::{Classification, Item, LanguageTag, PubStatus, Region, Role, Topic};

/// A text as an IPTC ninjs 3.1 object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NinjsItem {
    /// `urn:uuid:` name of the item, the same for each of its versions.
    #[schemars(extend("format" = "uri"))]
    pub uri: String,
    /// Always `text`.
    #[serde(rename = "type")]
    pub kind: NinjsType,
    /// `partial` for a headline that names a story published elsewhere.
    pub representation_type: Representation,
    /// The sender's version of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The item's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub version_created: Option<Timestamp>,
    /// Whether the item may be used.
    pub pub_status: PubStatus,
    /// BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageTag>,
    /// At most one; evidence of field `title` counts its characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headlines: Vec<Text>,
    /// At most one; evidence of field `body` counts its characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<Text>,
    /// The byline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The dateline; evidence of field `dateline` counts its characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub located: Option<String>,
    /// The outlet credited at the end of a headline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub info_sources: Vec<InfoSource>,
    /// The topics of the classification.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The regions of the classification and the places in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<NinjsPlace>,
    /// Where the document can be read, under the role `url`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alt_ids: Vec<AltId>,
}

/// ninjs news object types in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NinjsType {
    /// A text.
    Text,
}

/// Whether the whole story is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Representation {
    /// The whole text.
    Full,
    /// A headline only.
    Partial,
}

/// A headline or body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Text {
    /// MIME type of the value.
    pub content_type: Cow<'static, str>,
    /// The text.
    pub value: String,
}

/// An outlet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InfoSource {
    /// Its name.
    pub name: String,
}

/// A topic in ninjs terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Label.
    pub name: String,
    /// URI of the concept.
    #[schemars(extend("format" = "uri"))]
    pub uri: String,
    /// Which system asserted it.
    pub creator: Cow<'static, str>,
    /// 100 when the item is about it, 50 when it only touches it.
    #[schemars(range(max = 100))]
    pub relevance: u8,
    /// Confidence in percent.
    #[schemars(range(max = 100))]
    pub confidence: u8,
}

/// A country, subdivision or town in ninjs terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NinjsPlace {
    /// English name.
    pub name: String,
    /// `about` for the country the item is about, `mentions` otherwise.
    pub rel: Cow<'static, str>,
    /// ISO 3166 or GeoNames URI, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "uri"))]
    pub uri: Option<String>,
    /// ISO 3166 code, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub literal: Option<String>,
}

/// Another identifier of the item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AltId {
    /// What kind of identifier it is.
    pub role: Cow<'static, str>,
    /// The identifier.
    pub value: String,
}

/// An item in ninjs terms.
pub(super) fn ninjs_item(item: Item, uri: String, classification: &Classification) -> NinjsItem {
    let Item { identity, text, declared, .. } = item;
    let plain = |value: String| Text { content_type: Cow::Borrowed("text/plain"), value };
    let detected = || classification.language.as_ref().map(|language| language.code.clone());
    NinjsItem {
        uri,
        kind: NinjsType::Text,
        representation_type: if text.body.is_some() { Representation::Full } else { Representation::Partial },
        version: identity.name().version.as_deref().map(str::to_owned),
        version_created: declared.time,
        pub_status: declared.status,
        language: declared.language.or_else(detected),
        headlines: text.title.into_iter().map(plain).collect(),
        bodies: text.body.into_iter().map(plain).collect(),
        by: text.byline,
        located: text.dateline,
        info_sources: text.credit.into_iter().map(|name| InfoSource { name }).collect(),
        subjects: classification.topics.iter().map(subject).collect(),
        places: classification.regions.iter().flat_map(places).collect(),
        alt_ids: declared
            .url
            .into_iter()
            .map(|url| AltId { role: Cow::Borrowed("url"), value: url.to_string() })
            .collect(),
    }
}

fn subject(topic: &Topic) -> Subject {
    Subject {
        name: topic.name.clone(),
        uri: match topic.code.strip_prefix("medtop:") {
            Some(code) => format!("http://cv.iptc.org/newscodes/mediatopic/{code}"),
            None => format!("urn:dateline:topic:{}", topic.code),
        },
        creator: Cow::Borrowed(APP_ID),
        relevance: if topic.role == Role::Primary { 100 } else { 50 },
        confidence: percent(topic.confidence),
    }
}

fn places(region: &Region) -> impl Iterator<Item = NinjsPlace> {
    let rel = if region.role == Role::Primary { "about" } else { "mentions" };
    let country = NinjsPlace {
        name: region.name.clone(),
        rel: Cow::Borrowed(rel),
        uri: Some(format!("https://www.iso.org/obp/ui/#iso:code:3166:{}", region.code)),
        literal: Some(region.code.to_string()),
    };
    let within = region.places.iter().map(|place| NinjsPlace {
        name: place.name.clone(),
        rel: Cow::Borrowed("mentions"),
        uri: place.geonames.map(|id| format!("https://sws.geonames.org/{id}/")),
        literal: place.subdivision.clone(),
    });
    std::iter::once(country).chain(within)
}

fn percent(confidence: f64) -> u8 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as u8
}
