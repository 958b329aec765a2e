//! Events to messages: body, properties and headers as they leave.

use crate::document::Sha256;
use crate::event::cloudevent::Event;
use crate::event::{APP_ID, routing};
use crate::message::{HeaderValue, Headers, Outgoing, Properties, Target, header};

use super::Processed;

/// Room for what an event holds in addition to its text, so that its body seldom has to grow.
const BODY_BYTES_MIN: usize = 3 * 1024;

/// Encodes the events of a document, a message each.
pub fn messages(processed: &Processed) -> Vec<Outgoing> {
    let encode = |event| message(event, &processed.key.sha256, processed.traceparent.as_deref());
    processed.events.iter().map(encode).collect()
}

/// Encodes an event; `traceparent` is the sender's trace context, handed on.
fn message(event: &Event, sha256: &Sha256, traceparent: Option<&str>) -> Outgoing {
    let routes = routing::routes(event.data.kind, &event.data.classification);
    let mut body = Vec::with_capacity(BODY_BYTES_MIN + text_bytes(event));
    serde_json::to_writer(&mut body, event).expect("an event holds only strings, numbers and lists of them");
    let properties = Properties {
        content_type: Some("application/cloudevents+json".to_owned()),
        message_id: Some(event.id.to_string()),
        timestamp: event.time.and_then(|time| u64::try_from(time.as_second()).ok()),
        kind: Some(event.kind.to_string()),
        app_id: Some(APP_ID.to_owned()),
        headers: headers(event, routes.others, sha256, traceparent),
        ..Properties::default()
    };
    Outgoing { target: Target::Events, routing_key: routes.primary, properties, body: body.into() }
}

fn text_bytes(event: &Event) -> usize {
    let item = &event.data.item;
    item.headlines.iter().chain(&item.bodies).map(|text| text.value.len()).sum()
}

/// The CloudEvents attributes as headers, which RabbitMQ maps to AMQP 1.0 application properties.
fn headers(event: &Event, carbon_copies: Vec<String>, sha256: &Sha256, traceparent: Option<&str>) -> Headers {
    let mut headers = Headers::default();
    headers.set("cloudEvents:specversion", "1.0");
    headers.set("cloudEvents:id", event.id.to_string());
    headers.set("cloudEvents:source", event.source.as_str());
    headers.set("cloudEvents:type", &*event.kind);
    headers.set("cloudEvents:subject", event.subject.as_str());
    headers.set("cloudEvents:dataschema", &*event.dataschema);
    if let Some(time) = &event.time {
        headers.set("cloudEvents:time", time.to_string());
    }
    if event.data.document.sha256.is_none() {
        // The body of such an event depends on the item alone.
        headers.set(header::DOCUMENT_SHA256, sha256.to_string());
    }
    if !carbon_copies.is_empty() {
        headers.set("CC", HeaderValue::from(carbon_copies));
    }
    if let Some(traceparent) = traceparent {
        headers.set(header::TRACEPARENT, traceparent);
    }
    headers
}
