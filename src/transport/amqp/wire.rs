//! Between lapin's types and ours, lossless to a bounded depth.

use lapin::BasicProperties;
use lapin::message::Delivery as Received;
use lapin::types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString};

use crate::message::{HeaderValue, Headers, Incoming, Properties};

/// Persistent: the broker keeps the message over a restart.
const DELIVERY_MODE_PERSISTENT: u8 = 2;

/// Maximum nesting of lists and tables in a header; what is deeper is dropped.
const DEPTH_MAX: usize = 32;

/// A message as it arrived; `suspect` says by which lane.
pub(super) fn incoming(received: Received, suspect: bool) -> Incoming {
    Incoming {
        properties: properties_in(&received.properties),
        exchange: received.exchange.to_string(),
        routing_key: received.routing_key.to_string(),
        redelivered: received.redelivered,
        body: received.data.into(),
        suspect,
    }
}

fn properties_in(properties: &BasicProperties) -> Properties {
    let text = |value: &Option<ShortString>| value.as_ref().map(ShortString::to_string);
    Properties {
        content_type: text(properties.content_type()),
        content_encoding: text(properties.content_encoding()),
        priority: *properties.priority(),
        correlation_id: text(properties.correlation_id()),
        reply_to: text(properties.reply_to()),
        expiration: text(properties.expiration()),
        message_id: text(properties.message_id()),
        timestamp: *properties.timestamp(),
        kind: text(properties.kind()),
        user_id: text(properties.user_id()),
        app_id: text(properties.app_id()),
        headers: properties.headers().as_ref().map(|table| headers_in(table, 0)).unwrap_or_default(),
    }
}

fn headers_in(table: &FieldTable, depth: usize) -> Headers {
    Headers(table.inner().iter().map(|(name, value)| (name.to_string(), value_in(value, depth))).collect())
}

/// A value that is inside `depth` lists or tables.
fn value_in(value: &AMQPValue, depth: usize) -> HeaderValue {
    match value {
        AMQPValue::FieldArray(_) | AMQPValue::FieldTable(_) if depth >= DEPTH_MAX => HeaderValue::Void,
        AMQPValue::Boolean(flag) => HeaderValue::Bool(*flag),
        AMQPValue::ShortShortInt(number) => HeaderValue::Int(i64::from(*number)),
        AMQPValue::ShortShortUInt(number) => HeaderValue::Int(i64::from(*number)),
        AMQPValue::ShortInt(number) => HeaderValue::Int(i64::from(*number)),
        AMQPValue::ShortUInt(number) => HeaderValue::Int(i64::from(*number)),
        AMQPValue::LongInt(number) => HeaderValue::Int(i64::from(*number)),
        AMQPValue::LongUInt(number) => HeaderValue::Int(i64::from(*number)),
        AMQPValue::LongLongInt(number) => HeaderValue::Int(*number),
        AMQPValue::Float(number) => HeaderValue::Float(f64::from(*number)),
        AMQPValue::Double(number) => HeaderValue::Float(*number),
        AMQPValue::DecimalValue(number) => {
            HeaderValue::Float(f64::from(number.value) / 10f64.powi(i32::from(number.scale)))
        }
        AMQPValue::ShortString(text) => HeaderValue::Text(text.to_string()),
        AMQPValue::LongString(text) => text_or_octets(text.as_bytes()),
        AMQPValue::FieldArray(array) => {
            HeaderValue::Array(array.as_slice().iter().map(|value| value_in(value, depth + 1)).collect())
        }
        AMQPValue::Timestamp(seconds) => HeaderValue::Timestamp(*seconds),
        AMQPValue::FieldTable(table) => HeaderValue::Table(headers_in(table, depth + 1)),
        AMQPValue::ByteArray(octets) => HeaderValue::Octets(octets.as_slice().to_vec()),
        AMQPValue::Void => HeaderValue::Void,
    }
}

fn text_or_octets(bytes: &[u8]) -> HeaderValue {
    match std::str::from_utf8(bytes) {
        Ok(text) => HeaderValue::Text(text.to_owned()),
        Err(_) => HeaderValue::Octets(bytes.to_vec()),
    }
}

/// Properties of a message to be published, persistent.
pub(super) fn properties_out(properties: &Properties) -> BasicProperties {
    let mut out = BasicProperties::default().with_delivery_mode(DELIVERY_MODE_PERSISTENT);
    let set =
        |out: BasicProperties, value: &Option<String>, with: fn(BasicProperties, ShortString) -> BasicProperties| {
            // A value beyond a short string's 255 bytes cannot have come from AMQP, nor be sent over it.
            match value.as_ref().and_then(|text| ShortString::try_new(text.as_str()).ok()) {
                Some(text) => with(out, text),
                None => out,
            }
        };
    out = set(out, &properties.content_type, BasicProperties::with_content_type);
    out = set(out, &properties.content_encoding, BasicProperties::with_content_encoding);
    out = set(out, &properties.correlation_id, BasicProperties::with_correlation_id);
    out = set(out, &properties.reply_to, BasicProperties::with_reply_to);
    out = set(out, &properties.expiration, BasicProperties::with_expiration);
    out = set(out, &properties.message_id, BasicProperties::with_message_id);
    out = set(out, &properties.kind, BasicProperties::with_type);
    out = set(out, &properties.user_id, BasicProperties::with_user_id);
    out = set(out, &properties.app_id, BasicProperties::with_app_id);
    if let Some(priority) = properties.priority {
        out = out.with_priority(priority);
    }
    if let Some(timestamp) = properties.timestamp {
        out = out.with_timestamp(timestamp);
    }
    if properties.headers.0.is_empty() { out } else { out.with_headers(headers_out(&properties.headers)) }
}

fn headers_out(headers: &Headers) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in &headers.0 {
        if let Ok(name) = ShortString::try_new(name.as_str()) {
            table.insert(name, value_out(value));
        }
    }
    table
}

fn value_out(value: &HeaderValue) -> AMQPValue {
    match value {
        HeaderValue::Bool(flag) => AMQPValue::Boolean(*flag),
        HeaderValue::Int(number) => AMQPValue::LongLongInt(*number),
        // AMQP 0-9-1 as RabbitMQ speaks it has no wider integer.
        HeaderValue::UInt(number) => AMQPValue::Timestamp(*number),
        HeaderValue::Float(number) => AMQPValue::Double(*number),
        HeaderValue::Text(text) => AMQPValue::LongString(LongString::from(text.as_str())),
        HeaderValue::Octets(octets) => AMQPValue::LongString(LongString::from(octets.as_slice())),
        HeaderValue::Timestamp(seconds) => AMQPValue::Timestamp(*seconds),
        HeaderValue::Array(values) => {
            AMQPValue::FieldArray(FieldArray::from(values.iter().map(value_out).collect::<Vec<_>>()))
        }
        HeaderValue::Table(headers) => AMQPValue::FieldTable(headers_out(headers)),
        HeaderValue::Void => AMQPValue::Void,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_kept_down_to_a_depth_and_no_further() {
        let mut value = AMQPValue::Boolean(true);
        for _ in 0..10 * DEPTH_MAX {
            value = AMQPValue::FieldArray(FieldArray::from(vec![value]));
        }
        let mut kept = value_in(&value, 0);
        let mut depth = 0;
        while let HeaderValue::Array(mut values) = kept {
            kept = values.remove(0);
            depth += 1;
        }
        assert_eq!((depth, kept), (DEPTH_MAX, HeaderValue::Void));
    }

    #[test]
    fn properties_and_headers_survive_the_way_out_and_in() {
        let mut nested = Headers::default();
        nested.set("inner", 1u64);
        let mut properties = Properties {
            content_type: Some("text/plain".into()),
            message_id: Some("m1".into()),
            timestamp: Some(1_700_000_000),
            priority: Some(3),
            ..Properties::default()
        };
        let headers = &mut properties.headers;
        headers.set("text", "Ünïcode");
        headers.set("flag", true);
        headers.set("list", vec!["a".to_owned(), "b".to_owned()]);
        headers.0.insert("octets".into(), HeaderValue::Octets(vec![0xff, 0xfe]));
        headers.0.insert("table".into(), HeaderValue::Table(nested));
        headers.0.insert("nothing".into(), HeaderValue::Void);
        assert_eq!(properties_in(&properties_out(&properties)), properties);
    }
}
