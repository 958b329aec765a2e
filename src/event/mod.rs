//! The event contract: what leaves, byte for byte. Says nothing about when or whether it leaves.
//!
//! An event's id and bytes depend only on its document and on the data that classified it, never on the clock or the
//! attempt, so that a duplicate is byte-identical.

pub mod cloudevent;
pub mod ninjs;
pub mod routing;
pub mod schema;

use uuid::Uuid;

use crate::document::{Classification, Document, Item, ItemKind};
use crate::message::{HeaderValue, Headers, Outgoing, Properties, Target};

use cloudevent::{Data, DocumentRef, Event};

/// Application id of every published message.
pub const APP_ID: &str = "dateline";

/// Namespace of event ids: UUIDv5 of `urn:dateline:event` under the RFC 9562 URL namespace.
fn namespace() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, b"urn:dateline:event")
}

/// Makes the event of one item; `ordinal` is its position in the document, from 0.
pub fn compose(document: &Document, ordinal: usize, classification: Classification) -> Event {
    let item = &document.items[ordinal];
    let id = event_id(document, ordinal, item.kind);
    Event {
        specversion: cloudevent::SpecVersion::V1,
        id: id.to_string(),
        source: source_urn(&document.source),
        kind: cloudevent::event_type(item.kind).to_owned(),
        subject: subject(item, &classification),
        time: document.time.clone(),
        datacontenttype: "application/json".to_owned(),
        dataschema: schema::ITEM_URN.to_owned(),
        data: Data {
            kind: item.kind,
            item: ninjs::of(document, item, &item_uri(document, ordinal), &classification),
            classification,
            document: DocumentRef {
                id: document.identity.id.clone(),
                version: document.identity.version.clone(),
                source: document.source.clone(),
                sha256: document.sha256.clone(),
                ordinal: ordinal as u64,
                items: document.items.len() as u64,
                format: document.format,
            },
        },
    }
}

/// Makes the message that carries an event. `traceparent` is the sender's trace context, handed on.
pub fn outgoing(event: &Event, traceparent: Option<&str>) -> Outgoing {
    let routes = routing::routes(event.data.kind, &event.data.classification);
    let body = serde_json::to_vec(event).expect("an event holds only strings, numbers and lists of them");
    let properties = Properties {
        content_type: Some("application/cloudevents+json".to_owned()),
        message_id: Some(event.id.clone()),
        timestamp: event.time.as_deref().and_then(posix_seconds),
        kind: Some(event.kind.clone()),
        app_id: Some(APP_ID.to_owned()),
        headers: headers(event, routes.others, traceparent),
        ..Properties::default()
    };
    Outgoing { target: Target::Events, routing_key: routes.primary, properties, body }
}

/// The CloudEvents attributes as headers, which RabbitMQ maps to AMQP 1.0 application properties.
fn headers(event: &Event, carbon_copies: Vec<String>, traceparent: Option<&str>) -> Headers {
    let mut headers = Headers::default();
    headers.set("cloudEvents:specversion", "1.0");
    headers.set("cloudEvents:id", event.id.as_str());
    headers.set("cloudEvents:source", event.source.as_str());
    headers.set("cloudEvents:type", event.kind.as_str());
    headers.set("cloudEvents:subject", event.subject.as_str());
    headers.set("cloudEvents:dataschema", event.dataschema.as_str());
    if let Some(time) = &event.time {
        headers.set("cloudEvents:time", time.as_str());
    }
    if !carbon_copies.is_empty() {
        headers.set("CC", HeaderValue::from(carbon_copies));
    }
    if let Some(traceparent) = traceparent {
        headers.set(crate::message::header::TRACEPARENT, traceparent);
    }
    headers
}

/// Same document, version, ordinal and kind: same id, always.
fn event_id(document: &Document, ordinal: usize, kind: ItemKind) -> Uuid {
    let version = document.identity.version.as_deref().unwrap_or_default();
    let ordinal = ordinal.to_string();
    let parts = [document.source.as_str(), &document.identity.id, version, &ordinal, kind.as_str()];
    Uuid::new_v5(&namespace(), unambiguous(&parts).as_bytes())
}

/// The item's own name, the same for each version of it.
fn item_uri(document: &Document, ordinal: usize) -> String {
    let ordinal = ordinal.to_string();
    let parts = ["item", document.source.as_str(), &document.identity.id, &ordinal];
    Uuid::new_v5(&namespace(), unambiguous(&parts).as_bytes()).urn().to_string()
}

/// Joins parts so that no two different lists of parts give the same text, whatever characters they hold.
fn unambiguous(parts: &[&str]) -> String {
    parts.iter().map(|part| format!("{}:{part}", part.len())).collect()
}

fn subject(item: &Item, classification: &Classification) -> String {
    let language = classification.language.as_ref().map_or("und", |language| &language.code);
    let region = classification.regions.first().map_or("ZZ", |region| &region.code);
    let topic = classification.topics.first().map_or("unclassified", |topic| &topic.code);
    format!("{}/{language}/{region}/{topic}", item.kind.as_str())
}

/// `urn:dateline:<source>`, with what a URN may not hold percent-encoded.
fn source_urn(source: &str) -> String {
    let mut urn = String::from("urn:dateline:");
    for byte in source.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => urn.push(byte as char),
            _ => urn.push_str(&format!("%{byte:02X}")),
        }
    }
    urn
}

fn posix_seconds(time: &str) -> Option<u64> {
    let time: jiff::Timestamp = time.parse().ok()?;
    u64::try_from(time.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_be_shifted_between_source_and_id() {
        assert_ne!(unambiguous(&["a", "bc"]), unambiguous(&["ab", "c"]));
        assert_ne!(unambiguous(&["a:1", ""]), unambiguous(&["a", "1:"]));
    }

    #[test]
    fn a_source_of_any_characters_is_a_valid_urn() {
        assert_eq!(source_urn("wire desk/ü"), "urn:dateline:wire%20desk%2F%C3%BC");
    }
}
