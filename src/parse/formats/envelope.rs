//! The JSON envelope: one object, one item. Its body is split as a digest only when `"format": "digest"` says so.
//!
//! Keys that are not known are accepted and ignored, so that senders may add their own; a known key of the wrong type
//! or value is an error that names it. JSON's own nesting is bounded by `serde_json` (128 levels).

use serde::Deserialize;

use crate::document::{Document, Format, Identity, Item, ItemKind, PubStatus, SOURCE_BYTES_MAX};
use crate::parse::prose::reflow;
use crate::parse::{ParseError, ParseLimits, RawDocument, blank};

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
    format: Option<Format>,
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

/// Reads a JSON envelope into a document of one item, or of many when it wraps a digest.
pub(in crate::parse) fn parse(text: &str, raw: &RawDocument<'_>, limits: &ParseLimits) -> Result<Document, ParseError> {
    let mut envelope = read(text)?;
    check_length("source", envelope.source.as_deref(), SOURCE_BYTES_MAX)?;
    check_length("language", envelope.language.as_deref(), LANGUAGE_BYTES_MAX)?;
    let mut document = blank(raw, Format::Json);
    document.identity = identity(&mut envelope, document.identity);
    document.source = present(envelope.source.take()).unwrap_or(document.source);
    document.time = envelope.published.map(|published| published.to_string());
    document.language = present(envelope.language.take());
    document.url = present(envelope.url.take());
    document.status = envelope.status.unwrap_or_default();
    let sections = sections(&mut envelope);
    if envelope.format == Some(Format::Digest)
        && let Some(body) = present(envelope.body.take())
    {
        document.format = Format::Digest;
        document = document.with_digest(&body, limits)?;
        document.items.iter_mut().for_each(|item| item.sections.splice(..0, sections.iter().cloned()).for_each(drop));
    } else {
        document.items.push(item(envelope, sections, limits)?);
    }
    Ok(document)
}

/// Names that travel in headers, which must fit one frame.
fn check_length(key: &str, value: Option<&str>, bytes_max: usize) -> Result<(), ParseError> {
    match value {
        Some(value) if value.len() > bytes_max => {
            let message = format!("expected at most {bytes_max} bytes, found {}", value.len());
            Err(ParseError::MalformedEnvelope { key: key.to_owned(), message })
        }
        _ => Ok(()),
    }
}

fn read(text: &str) -> Result<Envelope, ParseError> {
    // Asked first because serde would read an array as the fields of a struct in their order.
    if !text.trim_start().starts_with('{') {
        let json = serde_json::from_str::<serde::de::IgnoredAny>(text);
        return Err(json.map_or_else(ParseError::MalformedJson, |_| ParseError::NotAnObject));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let envelope = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let key = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            serde_json::error::Category::Data => ParseError::MalformedEnvelope { key, message: error.to_string() },
            _ => ParseError::MalformedJson(error),
        }
    })?;
    deserializer.end().map_err(ParseError::MalformedJson)?;
    Ok(envelope)
}

/// The envelope's own id before what the transport knows; a version counts with whichever it is.
fn identity(envelope: &mut Envelope, known: Identity) -> Identity {
    let id = present(envelope.id.take().map(Name::into_text));
    let version = present(envelope.version.take().map(Name::into_text));
    Identity { id: id.unwrap_or(known.id), version }
}

fn sections(envelope: &mut Envelope) -> Vec<String> {
    let lists = [envelope.sections.take(), envelope.categories.take()];
    lists.into_iter().flatten().flatten().filter_map(|section| present(Some(section))).collect()
}

fn item(envelope: Envelope, sections: Vec<String>, limits: &ParseLimits) -> Result<Item, ParseError> {
    let title = present(envelope.title).map(|title| reflow::line_of(&title));
    let text = present(envelope.body).map(|body| reflow::body_of(&body, limits)).transpose()?;
    if text.is_none() && present(envelope.html).is_some() {
        return Err(ParseError::MissingText("the envelope has html but no body, and html is not read".to_owned()));
    }
    if text.is_none() && title.is_none() {
        return Err(ParseError::MissingText("the envelope has neither title nor body".to_owned()));
    }
    let (body, opening) = text.map(|text| (text.body, text.dateline)).unzip();
    Ok(Item {
        kind: if body.is_some() { ItemKind::Article } else { ItemKind::Headline },
        title,
        dateline: present(envelope.dateline).or(opening.flatten()),
        byline: present(envelope.byline),
        body,
        sections,
        credit: None,
        lines: Vec::new(),
    })
}

/// A trimmed text, if any is left.
fn present(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
