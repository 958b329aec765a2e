//! The event contract: what leaves, byte for byte. Says nothing about when or whether it leaves.
//!
//! An event's id and bytes depend only on its item, on its document where the item has no name of its own, and on the
//! data that classified it, never on the clock or the attempt, so that a duplicate is byte-identical.

pub mod cloudevent;
pub mod ninjs;
pub mod routing;
pub mod schema;

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::{Digest as _, Sha1};
use uuid::Uuid;

use crate::document::{Classification, Document, FormatName, Identity, Item, ItemKind, Sha256, SourceName};

use cloudevent::{Data, DocumentRef, Event};

/// Application id of every published message.
pub const APP_ID: &str = "dateline";

/// Namespace of event ids: UUIDv5 of `urn:dateline:event` under the RFC 9562 URL namespace.
const NAMESPACE: Uuid = Uuid::from_u128(0x476e_d066_2c83_5544_afbd_ee2b_50ea_b7d4);

/// Bytes of a source's name that a URN cannot hold as they are.
const URN_RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// Makes the events of a document: one of each item, with the classification at the item's position.
pub fn compose(document: Document, classifications: impl IntoIterator<Item = Classification>) -> Vec<Event> {
    let Document { source, sha256, format, items, .. } = document;
    let origin = Origin { urn: source_urn(&source), source, sha256, format, items: items.len() as u64 };
    items.into_iter().zip(classifications).map(|(item, found)| origin.event(item, found)).collect()
}

/// What the events of a document have in common.
struct Origin {
    source: SourceName,
    urn: String,
    sha256: Sha256,
    format: FormatName,
    items: u64,
}

impl Origin {
    fn event(&self, item: Item, classification: Classification) -> Event {
        let kind = item.kind;
        Event {
            specversion: cloudevent::SpecVersion::V1,
            id: event_id(&self.source, &item.identity, kind),
            source: self.urn.clone(),
            kind: Cow::Borrowed(cloudevent::event_type(kind)),
            subject: subject(kind, &classification),
            time: item.declared.time,
            datacontenttype: Cow::Borrowed("application/json"),
            dataschema: Cow::Borrowed(schema::ITEM_URN),
            data: Data {
                kind,
                document: self.document_ref(&item.identity),
                item: {
                    let uri = item_uri(&self.source, &item.identity);
                    ninjs::ninjs_item(item, uri, &classification)
                },
                classification,
            },
        }
    }

    fn document_ref(&self, identity: &Identity) -> DocumentRef {
        let name = identity.name();
        let part = identity.ordinal();
        DocumentRef {
            id: name.id.to_string(),
            version: name.version.as_deref().map(str::to_owned),
            source: self.source.clone(),
            sha256: part.map(|_| self.sha256),
            ordinal: part.map(u64::from),
            items: part.map(|_| self.items),
            format: Cow::Borrowed(self.format.as_str()),
        }
    }
}

/// Same source, identity, version and kind: same id, always.
fn event_id(source: &str, identity: &Identity, kind: ItemKind) -> Uuid {
    let name = identity.name();
    let version = name.version.as_deref().unwrap_or_default();
    uuid_of(&[source, &name.id, version, &ordinal(identity), kind.as_str()])
}

/// The item's own name, the same for each version of it.
fn item_uri(source: &str, identity: &Identity) -> String {
    uuid_of(&["item", source, &identity.name().id, &ordinal(identity)]).urn().to_string()
}

/// The position of a part; nothing where the item has a name of its own.
fn ordinal(identity: &Identity) -> String {
    identity.ordinal().map(|ordinal| ordinal.to_string()).unwrap_or_default()
}

/// A UUID of version 5: the SHA-1 digest of the namespace and the name.
fn uuid_of(parts: &[&str]) -> Uuid {
    let digest = Sha1::new().chain_update(NAMESPACE.as_bytes()).chain_update(unambiguous(parts)).finalize();
    let bytes = digest.first_chunk().expect("a SHA-1 digest has 20 bytes");
    uuid::Builder::from_sha1_bytes(*bytes).into_uuid()
}

/// Joins parts so that no two different lists of parts give the same text, whatever characters they hold.
fn unambiguous(parts: &[&str]) -> String {
    let mut joined = String::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        write!(joined, "{}:{part}", part.len()).expect("a string takes what is written");
    }
    joined
}

fn subject(kind: ItemKind, classification: &Classification) -> String {
    let language = classification.language.as_ref().map_or("und", |language| language.code.primary());
    let region = classification.regions.first().map_or("ZZ", |region| region.code.as_str());
    let topic = classification.topics.first().map_or("unclassified", |topic| &topic.code);
    format!("{}/{language}/{region}/{topic}", kind.as_str())
}

/// `urn:dateline:<source>`, with what a URN may not hold percent-encoded.
fn source_urn(source: &str) -> String {
    format!("urn:dateline:{}", utf8_percent_encode(source, URN_RESERVED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{ClassifierVersion, Name};

    fn classification() -> Classification {
        let version = ClassifierVersion { version: String::new(), gazetteer: String::new(), topics: String::new() };
        Classification { regions: Vec::new(), topics: Vec::new(), language: None, review: true, classifier: version }
    }

    fn own(guid: &str, title: &str) -> Item {
        Item { identity: Identity::Own(Name::new(guid)), ..Item::headline(title) }
    }

    fn events_of(document_id: &str, items: Vec<Item>) -> Vec<Event> {
        let name = Name::new(document_id);
        let source = "wire".parse().expect("a name");
        let mut document = Document::new(source, name, Sha256::of(document_id.as_bytes()), FormatName::new("digest"));
        let classifications = vec![classification(); items.len()];
        document.items = items;
        compose(document, classifications)
    }

    #[test]
    fn an_event_of_an_item_with_a_guid_of_its_own_depends_on_that_item_alone() {
        let first = events_of("poll 1", vec![own("a", "Dike breaks"), own("b", "Ferry sinks")]);
        let later = events_of("poll 2", vec![own("c", "Storm ends"), own("a", "Dike breaks"), own("b", "Ferry sinks")]);
        assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&later[1..]).unwrap());
        assert_ne!(later[0].id, later[1].id);
    }

    #[test]
    fn an_event_of_a_part_depends_on_its_document_and_its_position() {
        let part = |document: &str, ordinal| Item {
            identity: Identity::Part { of: Name::new(document), ordinal },
            ..Item::headline("Dike breaks")
        };
        let id = |document: &str, ordinal| events_of(document, vec![part(document, ordinal)])[0].id;
        assert_eq!(id("d", 0), id("d", 0));
        assert_ne!(id("d", 0), id("d", 1));
        assert_ne!(id("d", 0), id("e", 0));
    }

    #[test]
    fn parts_cannot_be_shifted_between_source_and_id() {
        assert_ne!(unambiguous(&["a", "bc"]), unambiguous(&["ab", "c"]));
        assert_ne!(unambiguous(&["a:1", ""]), unambiguous(&["a", "1:"]));
    }

    #[test]
    fn a_source_of_any_characters_is_a_valid_urn() {
        assert_eq!(source_urn("wire desk/ü"), "urn:dateline:wire%20desk%2F%C3%BC");
    }

    #[test]
    fn the_namespace_is_derived_from_its_name() {
        let digest =
            Sha1::new().chain_update(Uuid::NAMESPACE_URL.as_bytes()).chain_update("urn:dateline:event").finalize();
        assert_eq!(NAMESPACE, uuid::Builder::from_sha1_bytes(*digest.first_chunk().unwrap()).into_uuid());
    }
}
