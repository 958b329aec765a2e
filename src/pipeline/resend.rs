//! A document sent on as it came: as a dead letter, for another try later, or to the suspects' lane. `dead_letters`
//! sends them back.
//!
//! Body and properties are kept. What would make the broker refuse, expire or misroute the copy is taken off and kept
//! under `dateline-original-…`; what only the broker may say is left to the broker.

use crate::document::Reason;
use crate::message::{HeaderValue, Headers, Incoming, Outgoing, Properties, Target, header};
use crate::processing::outcome::Rejection;

/// Headers larger than this are not carried along: with ours they must fit one frame.
pub const CARRIED_HEADERS_BYTES_MAX: usize = 64 * 1024;

/// Headers the broker writes. A copy that carried them would be miscounted, or dropped as a cycle.
pub const BROKER_HEADERS: [&str; 9] = [
    "x-acquired-count",
    "x-death",
    "x-delivery-count",
    "x-first-death-exchange",
    "x-first-death-queue",
    "x-first-death-reason",
    "x-last-death-exchange",
    "x-last-death-queue",
    "x-last-death-reason",
];

/// How often a document was tried before, as its header says.
pub fn attempts(message: &Incoming) -> u64 {
    message.properties.headers.count(header::ATTEMPTS).unwrap_or(0)
}

/// How often a worker died while it held the document, as its header says.
pub fn crashes(message: &Incoming) -> u64 {
    message.properties.headers.count(header::CRASHES).unwrap_or(0)
}

/// A dead letter: the document with the reason for it. `now` is POSIX seconds.
pub fn dead_letter(message: &Incoming, rejection: &Rejection, now: u64) -> Outgoing {
    let mut properties = carried(message, now);
    properties.headers.set(header::ATTEMPTS, attempts(message) + 1);
    properties.headers.set(header::REASON, rejection.reason.as_str());
    properties.headers.set(header::STAGE, rejection.stage);
    properties.headers.set(header::DETAIL, rejection.detail.as_str());
    Outgoing { target: Target::Dead, routing_key: rejection.reason.to_string(), properties, body: message.body.clone() }
}

/// The document for another try after the delay of `step`.
pub fn retry(message: &Incoming, step: usize, reason: Reason, now: u64) -> Outgoing {
    let mut properties = carried(message, now);
    properties.headers.set(header::ATTEMPTS, attempts(message) + 1);
    properties.headers.set(header::REASON, reason.as_str());
    let routing_key = original_routing_key(message).to_owned();
    Outgoing { target: Target::Retry(step), routing_key, properties, body: message.body.clone() }
}

/// The document for a try alone, after `crashes` workers died while holding it.
pub fn suspect(message: &Incoming, crashes: u64, now: u64) -> Outgoing {
    let mut properties = carried(message, now);
    properties.headers.set(header::CRASHES, crashes);
    let routing_key = original_routing_key(message).to_owned();
    Outgoing { target: Target::Suspects, routing_key, properties, body: message.body.clone() }
}

fn original_routing_key(message: &Incoming) -> &str {
    message.properties.headers.text(header::ORIGINAL_ROUTING_KEY).unwrap_or(&message.routing_key)
}

/// The properties that a copy of a message carries. `now`, in POSIX seconds, is when it first failed if no header says.
pub fn carried(message: &Incoming, now: u64) -> Properties {
    let mut properties = message.properties.clone();
    properties.headers = carried_headers(&message.properties.headers);
    let headers = &mut properties.headers;
    if let Some(user) = properties.user_id.take() {
        headers.set(format!("{}user-id", header::ORIGINAL_PREFIX), user);
    }
    if let Some(expiration) = properties.expiration.take() {
        headers.set(format!("{}expiration", header::ORIGINAL_PREFIX), expiration);
    }
    keep_first(headers, header::ORIGINAL_EXCHANGE, || message.exchange.as_str().into());
    keep_first(headers, header::ORIGINAL_ROUTING_KEY, || message.routing_key.as_str().into());
    keep_first(headers, header::FIRST_SEEN, || now.into());
    properties
}

fn carried_headers(original: &Headers) -> Headers {
    let mut headers = Headers::default();
    if original.encoded_bytes() > CARRIED_HEADERS_BYTES_MAX {
        headers.set(header::HEADERS_DROPPED, true);
        let ours = original.0.iter().filter(|(name, value)| is_ours(name) && is_small(value));
        headers.0.extend(ours.map(|(name, value)| (name.clone(), value.clone())));
        return headers;
    }
    for (name, value) in original.0.iter().filter(|(name, _)| !BROKER_HEADERS.contains(&name.as_str())) {
        // The broker would deliver a copy to every queue these name.
        let name = match name.as_str() {
            "CC" | "BCC" => format!("{}{}", header::ORIGINAL_PREFIX, name.to_lowercase()),
            _ => name.clone(),
        };
        headers.0.insert(name, value.clone());
    }
    headers
}

fn is_ours(name: &str) -> bool {
    name.starts_with("dateline-") || name == header::TRACEPARENT
}

fn is_small(value: &HeaderValue) -> bool {
    match value {
        HeaderValue::Text(text) => text.len() <= 1024,
        HeaderValue::Int(_) | HeaderValue::UInt(_) | HeaderValue::Bool(_) => true,
        _ => false,
    }
}

fn keep_first(headers: &mut Headers, name: &str, value: impl FnOnce() -> HeaderValue) {
    headers.0.entry(name.to_owned()).or_insert_with(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Incoming {
        let mut message = Incoming { body: b"raw".as_slice().into(), exchange: "in".into(), ..Incoming::default() };
        message.routing_key = "desk".into();
        message.properties.user_id = Some("feed".into());
        message.properties.expiration = Some("1000".into());
        message.properties.message_id = Some("m1".into());
        message.properties.headers.set("CC", vec!["elsewhere".to_owned()]);
        message.properties.headers.set("x-death", "times");
        message.properties.headers.set("sender", "kept");
        message
    }

    #[test]
    fn a_dead_letter_keeps_bytes_and_properties_and_gives_the_reason() {
        let letter = dead_letter(&message(), &Rejection::new(Reason::InvalidUtf8, "parse", "byte 3"), 7);
        assert_eq!(letter.body, b"raw".as_slice());
        assert_eq!(letter.routing_key, "invalid-utf8");
        assert_eq!(letter.properties.message_id.as_deref(), Some("m1"));
        let headers = &letter.properties.headers;
        assert_eq!(headers.text("sender"), Some("kept"));
        assert_eq!(headers.text(header::REASON), Some("invalid-utf8"));
        assert_eq!(headers.text(header::ORIGINAL_EXCHANGE), Some("in"));
        assert_eq!(headers.count(header::ATTEMPTS), Some(1));
        assert_eq!(headers.count(header::FIRST_SEEN), Some(7));
    }

    #[test]
    fn what_would_expire_or_misroute_the_copy_is_taken_off_and_kept() {
        let letter = suspect(&message(), 1, 7);
        assert_eq!((letter.properties.user_id.as_deref(), letter.properties.expiration.as_deref()), (None, None));
        let headers = &letter.properties.headers;
        assert_eq!(headers.text("dateline-original-user-id"), Some("feed"));
        assert_eq!(headers.text("dateline-original-expiration"), Some("1000"));
        assert!(headers.0.contains_key("dateline-original-cc"));
        assert!(!headers.0.contains_key("CC") && !headers.0.contains_key("x-death"));
    }

    #[test]
    fn a_second_retry_remembers_the_first() {
        let first = retry(&message(), 0, Reason::Refused, 7);
        let back = Incoming { properties: first.properties, exchange: "".into(), routing_key: "q".into(), ..message() };
        let second = retry(&back, 1, Reason::Refused, 99);
        let headers = &second.properties.headers;
        assert_eq!(headers.count(header::ATTEMPTS), Some(2));
        assert_eq!(headers.count(header::FIRST_SEEN), Some(7));
        assert_eq!(headers.text(header::ORIGINAL_ROUTING_KEY), Some("desk"));
    }

    #[test]
    fn headers_too_large_for_a_frame_are_dropped_and_said_to_be() {
        let mut message = message();
        message.properties.headers.set("large", "x".repeat(CARRIED_HEADERS_BYTES_MAX));
        message.properties.headers.set(header::SOURCE, "desk");
        let letter = retry(&message, 0, Reason::Refused, 7);
        let headers = &letter.properties.headers;
        assert_eq!(headers.text(header::SOURCE), Some("desk"));
        assert!(headers.0.contains_key(header::HEADERS_DROPPED) && !headers.0.contains_key("large"));
    }
}
