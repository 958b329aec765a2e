//! Dead letters as they are published again: as documents that were never tried, or as events.

use crate::message::{HeaderValue, Incoming, Outgoing, Target, header};
use crate::pipeline::resend::{BROKER_HEADERS, carried};

/// Headers that a document got as a dead letter; a replayed one starts without them.
const VERDICT_HEADERS: [&str; 6] =
    [header::ATTEMPTS, header::CRASHES, header::REASON, header::STAGE, header::DETAIL, header::FIRST_SEEN];

/// The copy of a dead letter that goes back to the documents, as if it had never been tried.
///
/// The user and the time to live of its sender stay under `dateline-original-…`: the broker would refuse the one and
/// drop the document for the other.
pub fn rewrite_document(letter: &Incoming) -> Outgoing {
    let mut properties = carried(&at_its_origin(letter), 0);
    properties.headers.0.retain(|name, _| !VERDICT_HEADERS.contains(&name.as_str()));
    let routing_key = properties.headers.text(header::ORIGINAL_ROUTING_KEY).unwrap_or_default().to_owned();
    Outgoing { target: Target::Documents, routing_key, properties, body: letter.body.clone() }
}

/// The copy of an event that no queue was bound for, sent to the desks once more.
pub fn rewrite_event(event: &Incoming) -> Outgoing {
    let mut properties = event.properties.clone();
    // Other tools may have parked it; the broker refuses a user that is not the connection's.
    properties.user_id = None;
    properties.expiration = None;
    properties.headers.0.retain(|name, _| !BROKER_HEADERS.contains(&name.as_str()));
    let routing_key = event.routing_key.clone();
    Outgoing { target: Target::Events, routing_key, properties, body: event.body.clone() }
}

/// The letter with the exchange and routing key it had before the broker itself made it a dead letter.
fn at_its_origin(letter: &Incoming) -> Incoming {
    let mut origin = letter.clone();
    // The last entry is the oldest: the first time the broker took the document off a queue.
    let deaths = match letter.properties.headers.0.get("x-death") {
        Some(HeaderValue::Array(deaths)) => deaths.as_slice(),
        _ => &[],
    };
    if let Some(HeaderValue::Table(death)) = deaths.last() {
        origin.exchange = death.text("exchange").unwrap_or_default().to_owned();
        if let Some(HeaderValue::Array(keys)) = death.0.get("routing-keys")
            && let Some(HeaderValue::Text(key)) = keys.first()
        {
            origin.routing_key.clone_from(key);
        }
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;
    use crate::pipeline::resend::dead_letter;
    use crate::processing::outcome::Rejection;

    fn message() -> Incoming {
        let mut message = Incoming { body: b"raw".as_slice().into(), exchange: "in".into(), ..Incoming::default() };
        message.routing_key = "desk".into();
        message.properties.user_id = Some("feed".into());
        message.properties.expiration = Some("1000".into());
        message.properties.message_id = Some("m1".into());
        message.properties.headers.set("x-death", "times");
        message.properties.headers.set("sender", "kept");
        message
    }

    #[test]
    fn a_replayed_letter_is_a_document_that_was_never_tried() {
        let mut letter =
            dead_letter(&message(), &Rejection::new(crate::document::Reason::Panic, "process", "index"), 7);
        letter.properties.headers.set(header::CRASHES, 2u64);
        let met = Incoming { properties: letter.properties, exchange: "dateline.dead".into(), ..message() };
        let replayed = rewrite_document(&met);
        assert_eq!((replayed.target, replayed.body.as_ref()), (Target::Documents, b"raw".as_slice()));
        assert_eq!(replayed.properties.message_id.as_deref(), Some("m1"));
        assert_eq!((replayed.properties.user_id, replayed.properties.expiration), (None, None));
        let headers = &replayed.properties.headers;
        let left: Vec<_> = VERDICT_HEADERS.iter().filter(|name| headers.0.contains_key(**name)).collect();
        assert!(left.is_empty(), "{left:?} outlived the replay");
        assert_eq!(headers.text("sender"), Some("kept"));
        assert_eq!(headers.text("dateline-original-user-id"), Some("feed"));
        assert_eq!(headers.text(header::ORIGINAL_EXCHANGE), Some("in"));
        assert_eq!(headers.text(header::ORIGINAL_ROUTING_KEY), Some("desk"));
    }

    #[test]
    fn a_letter_the_broker_gave_up_on_remembers_where_it_was_first_published() {
        let mut first = Headers::default();
        first.set("exchange", "in");
        first.set("routing-keys", vec!["desk".to_owned()]);
        let mut latest = Headers::default();
        latest.set("exchange", "");
        latest.set("routing-keys", vec!["dateline.documents".to_owned()]);
        let mut letter = Incoming { exchange: "dateline.dead".into(), ..Incoming::default() };
        letter.routing_key = "delivery-limit".into();
        let deaths = vec![HeaderValue::Table(latest), HeaderValue::Table(first)];
        letter.properties.headers.0.insert("x-death".into(), HeaderValue::Array(deaths));
        let headers = rewrite_document(&letter).properties.headers;
        assert_eq!(headers.text(header::ORIGINAL_EXCHANGE), Some("in"));
        assert_eq!(headers.text(header::ORIGINAL_ROUTING_KEY), Some("desk"));
        assert!(!headers.0.contains_key("x-death"));
    }

    #[test]
    fn a_parked_event_goes_back_by_its_own_routing_key() {
        let mut event = Incoming { routing_key: "article.europe.fr.sport".into(), ..message() };
        event.properties.headers.set("CC", vec!["article.europe.es.sport".to_owned()]);
        let replayed = rewrite_event(&event);
        assert_eq!((replayed.target, replayed.routing_key.as_str()), (Target::Events, "article.europe.fr.sport"));
        assert!(replayed.properties.headers.0.contains_key("CC"));
        assert!(!replayed.properties.headers.0.contains_key("x-death"));
    }
}
