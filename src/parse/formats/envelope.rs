//! The JSON envelope: one object, one item. Its body is split as a digest only when `"format": "digest"` says so.
//!
//! Keys that are not known are accepted and ignored, so that senders may add their own; a known key of the wrong type
//! or value is a fault that names it. JSON's own nesting is bounded by `serde_json` (128 levels).

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::digest;
use crate::document::{Declared, FormatName, ItemText, LanguageTag, PubStatus, Reason, SourceName};
use crate::parse::fault::{Fault, Position};
use crate::parse::format::{Contents, Entry, Fit, Format};
use crate::parse::prose::reflow;
use crate::parse::raw::{Content, Limits};

/// One JSON object, one item.
pub(in crate::parse) const FORMAT: Format =
    Format { name: FormatName::new("json"), describes: "one JSON object, one item", fits, read };

/// Longest language tag: RFC 5646 asks for room for 35 characters.
const LANGUAGE_BYTES_MAX: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    id: Option<Name>,
    version: Option<Name>,
    source: Option<String>,
    title: Option<String>,
    body: Option<String>,
    html: Option<String>,
    url: Option<String>,
    dateline: Option<String>,
    byline: Option<String>,
    language: Option<String>,
    published: Option<jiff::Timestamp>,
    status: Option<PubStatus>,
    format: Option<Wrapped>,
    sections: Option<Vec<String>>,
    categories: Option<Vec<String>>,
}

/// An id or version: senders use numbers as well as strings.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a string or a number")]
enum Name {
    Text(String),
    Number(serde_json::Number),
}

impl Name {
    fn into_text(self) -> String {
        match self {
            Name::Text(text) => text,
            Name::Number(number) => number.to_string(),
        }
    }
}

/// What the body of an envelope is, when it is more than the text of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wrapped {
    Digest,
    /// The text of one item, as when nothing is said.
    Json,
}

/// An object, or JSON of another kind from its first byte to its last.
fn fits(content: &Content<'_>) -> Fit {
    let Ok(text) = content.text() else { return Fit::No };
    let (text, media) = (text.trim_start(), content.media());
    match text.as_bytes() {
        [b'{', rest @ ..] if media.is_json() || opens_object(rest) => Fit::Yes,
        [b'[', ..] if media.is_json() => Fit::Yes,
        // A digest may open with a quotation or a bracket; only what is JSON to its end is read as such.
        [b'"', ..] if !media.is_json() => Fit::No,
        [b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n', ..] if is_json(text) => Fit::Yes,
        _ => Fit::No,
    }
}

/// Whether what follows a brace is a key or the closing brace.
fn opens_object(rest: &[u8]) -> bool {
    matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}') | None)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Reads an envelope: one item, or many when it wraps a digest.
fn read(content: &Content<'_>, limits: &Limits) -> Result<Contents, Fault> {
    let mut envelope = deserialize(content.text()?)?;
    check_length("language", envelope.language.as_deref(), LANGUAGE_BYTES_MAX)?;
    let mut contents = Contents {
        id: present(envelope.id.take().map(Name::into_text)),
        version: present(envelope.version.take().map(Name::into_text)),
        source: source(&mut envelope)?,
        ..Contents::default()
    };
    let declared = declared(&mut envelope);
    match (envelope.format, present(envelope.body.take())) {
        (Some(Wrapped::Digest), Some(body)) => {
            let entries = digest::split(&body, limits)?;
            contents.format = Some(digest::FORMAT.name);
            contents.entries = entries.into_iter().map(|entry| with_declared(entry, &declared)).collect();
        }
        (_, body) => contents.entries.push(entry(envelope, body, declared, limits)?),
    }
    Ok(contents)
}

fn deserialize(text: &str) -> Result<Envelope, Fault> {
    // Asked first because serde would read an array as the fields of a struct in their order.
    if !text.trim_start().starts_with('{') {
        let json = serde_json::from_str::<IgnoredAny>(text);
        return Err(json.map_or_else(
            |error| malformed_json(&error),
            |_| Fault::new(Reason::NotAnObject, "the body is JSON but not an object"),
        ));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let envelope = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let key = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            serde_json::error::Category::Data => malformed_key(key, error),
            _ => malformed_json(&error),
        }
    })?;
    deserializer.end().map_err(|error| malformed_json(&error))?;
    Ok(envelope)
}

fn malformed_json(error: &serde_json::Error) -> Fault {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let message = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
    let fault = Fault::new(Reason::MalformedJson, format!("the body is not JSON: {message}"));
    fault.at(Position::Line { line, column })
}

fn malformed_key(key: impl Into<String>, message: impl ToString) -> Fault {
    Fault::new(Reason::MalformedEnvelope, message.to_string()).at(Position::Key(key.into()))
}

/// Names that travel in headers, which must fit one frame.
fn check_length(key: &str, value: Option<&str>, bytes_max: usize) -> Result<(), Fault> {
    match value {
        Some(value) if value.len() > bytes_max => {
            let message = format!("expected at most {bytes_max} bytes, found {}", value.len());
            Err(malformed_key(key, message))
        }
        _ => Ok(()),
    }
}

fn source(envelope: &mut Envelope) -> Result<Option<SourceName>, Fault> {
    let source = present(envelope.source.take()).map(|source| source.parse::<SourceName>());
    source.transpose().map_err(|error| malformed_key("source", error))
}

fn declared(envelope: &mut Envelope) -> Declared {
    let lists = [envelope.sections.take(), envelope.categories.take()];
    Declared {
        // A language that is not a tag is ignored.
        language: present(envelope.language.take()).and_then(|language| language.parse::<LanguageTag>().ok()),
        time: envelope.published,
        status: envelope.status.unwrap_or_default(),
        url: present(envelope.url.take()).map(Into::into),
        sections: lists.into_iter().flatten().flatten().filter_map(|section| present(Some(section))).collect(),
    }
}

/// An entry of a wrapped digest: what the envelope declares holds for each, before the section the entry appeared
/// under.
fn with_declared(entry: Entry, declared: &Declared) -> Entry {
    let sections = match (&declared.sections, &entry.declared.sections) {
        (of_envelope, own) if own.is_empty() => of_envelope.clone(),
        (of_envelope, own) if of_envelope.is_empty() => own.clone(),
        (of_envelope, own) => of_envelope.iter().chain(own.iter()).cloned().collect(),
    };
    Entry { declared: Declared { sections, ..declared.clone() }, ..entry }
}

fn entry(envelope: Envelope, body: Option<String>, declared: Declared, limits: &Limits) -> Result<Entry, Fault> {
    let missing =
        |what: &str| Fault::new(Reason::MissingText, format!("the document has no text: the envelope has {what}"));
    let title = present(envelope.title).map(|title| reflow::line_of(&title));
    let text = body.map(|body| reflow::body_of(&body, limits)).transpose()?;
    if text.is_none() && present(envelope.html).is_some() {
        return Err(missing("html but no body, and html is not read"));
    }
    if text.is_none() && title.is_none() {
        return Err(missing("neither title nor body"));
    }
    let (body, opening) = text.map(|text| (text.body, text.dateline)).unzip();
    let dateline = present(envelope.dateline).or(opening.flatten());
    let text = ItemText { title, dateline, byline: present(envelope.byline), body, credit: None };
    Ok(Entry { text, declared, ..Entry::default() })
}

/// A trimmed text, if any is left.
fn present(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
