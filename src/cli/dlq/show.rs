//! `dateline dlq show`: one letter in full. Changes nothing but the letters' delivery counts.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Map, Value, json};

use super::{Mailbox, complain, exit, output};
use crate::dead_letters::select::Filters;
use crate::message::{HeaderValue, Headers, Incoming, Properties};

/// Show one letter: its properties, headers and body
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// Message id, document id or digest, as `list` shows it
    #[arg(value_name = "ID")]
    id: String,
    /// Print one JSON object, also on a terminal
    #[arg(long)]
    json: bool,
    /// Print only the body, byte for byte
    #[arg(long, conflicts_with = "json")]
    body: bool,
}

pub(super) async fn run(mailbox: &Mailbox, args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let mut pass = mailbox.open(Filters::one(&args.id)).await?;
    let found = pass.next().await?.map(|(label, letter)| (label, letter.message));
    mailbox.close(pass).await;
    let Some((label, letter)) = found else {
        complain(format_args!("no letter of queue {:?} has the id {:?}", mailbox.queue, args.id));
        return Ok(ExitCode::from(exit::NO_INPUT));
    };
    mailbox.warn_of_looks(label.deliveries, &mut false);
    if args.body {
        output::print(&letter.body)?;
    } else if args.json || !io::stdout().is_terminal() {
        output::print_json(&as_json(&letter))?;
    } else {
        output::print(as_text(&letter))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(letter: &Incoming) -> Value {
    let mut shown = Map::new();
    shown.insert("exchange".into(), letter.exchange.as_str().into());
    shown.insert("routing_key".into(), letter.routing_key.as_str().into());
    shown.insert("redelivered".into(), letter.redelivered.into());
    shown.insert("properties".into(), Value::Object(properties(&letter.properties)));
    shown.insert("headers".into(), headers(&letter.properties.headers));
    match std::str::from_utf8(&letter.body) {
        Ok(text) => shown.insert("body".into(), text.into()),
        Err(_) => shown.insert("body_base64".into(), STANDARD.encode(&letter.body).into()),
    };
    Value::Object(shown)
}

/// The properties that are set.
fn properties(properties: &Properties) -> Map<String, Value> {
    let Properties { content_type, content_encoding, correlation_id, reply_to, expiration, .. } = properties;
    let Properties { message_id, kind, user_id, app_id, priority, timestamp, headers: _, .. } = properties;
    let texts = [
        ("content_type", content_type),
        ("content_encoding", content_encoding),
        ("message_id", message_id),
        ("correlation_id", correlation_id),
        ("reply_to", reply_to),
        ("expiration", expiration),
        ("type", kind),
        ("user_id", user_id),
        ("app_id", app_id),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_deref()?.into())));
    let numbers = [("priority", priority.map(u64::from)), ("timestamp", *timestamp)];
    let numbers = numbers.into_iter().filter_map(|(name, number)| Some((name.to_owned(), number?.into())));
    texts.chain(numbers).collect()
}

fn headers(headers: &Headers) -> Value {
    headers.0.iter().map(|(name, value)| (name.clone(), value_of(value))).collect::<Map<_, _>>().into()
}

fn value_of(value: &HeaderValue) -> Value {
    match value {
        HeaderValue::Bool(flag) => (*flag).into(),
        HeaderValue::Int(number) => (*number).into(),
        HeaderValue::UInt(number) | HeaderValue::Timestamp(number) => (*number).into(),
        HeaderValue::Float(number) => (*number).into(),
        HeaderValue::Text(text) => text.as_str().into(),
        HeaderValue::Octets(octets) => json!({ "base64": STANDARD.encode(octets) }),
        HeaderValue::Array(values) => values.iter().map(value_of).collect(),
        HeaderValue::Table(table) => headers(table),
        HeaderValue::Void => Value::Null,
    }
}

fn as_text(letter: &Incoming) -> String {
    let line = |(name, value): (&str, Value)| format!("{name}: {}\n", plain(&value));
    let mut text = line(("exchange", letter.exchange.as_str().into()));
    text += &line(("routing_key", letter.routing_key.as_str().into()));
    for (name, value) in properties(&letter.properties) {
        text += &line((&name, value));
    }
    for (name, value) in &letter.properties.headers.0 {
        text += &line((name, value_of(value)));
    }
    match std::str::from_utf8(&letter.body) {
        Ok(body) => text + "\n" + &visible(body) + "\n",
        Err(_) => text + "\nbase64:\n" + &STANDARD.encode(&letter.body) + "\n",
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), visible)
}

/// An untrusted letter must not send control characters to the terminal it is shown on.
fn visible(text: &str) -> String {
    let shown = |character: char| match character {
        '\n' | '\t' => character,
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_not_text_is_shown_as_base64() {
        let letter = |body: &[u8]| Incoming { body: body.to_vec().into(), ..Incoming::default() };
        assert_eq!(as_json(&letter("é".as_bytes()))["body"], "é");
        assert_eq!(as_json(&letter(&[0xff]))["body_base64"], "/w==");
    }

    #[test]
    fn a_letter_cannot_steer_the_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\tc\n"), "a\u{fffd}[2Jb\tc\n");
    }
}
