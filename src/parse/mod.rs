//! Raw documents in, [`Document`]s out: content encodings are undone, the format is recognised by content, and its
//! reader finds articles and headlines.
//!
//! Pure and synchronous. It knows no AMQP, no tokio and no configuration file; what the transport and the
//! configuration know comes in as [`Raw`] and [`Limits`]. Whatever the bytes, the answer is a document or a [`Fault`]
//! with a stable reason: nothing panics, nothing recurses over the input, nothing is cut short.

mod binary;
mod charset;
mod fault;
mod format;
mod formats;
mod inflate;
mod media;
mod prose;
mod raw;
mod sniff;

pub use fault::{Fault, Position};
pub use format::Format;
pub use formats::{FORMATS, format_named, format_names};
pub use raw::{Content, Limits, Raw};

use crate::document::{Document, FormatName, Identity, Item, Name, Reason, Sha256, SourceName};
use format::{Contents, Entry};

/// The feed of a document when nobody names one.
const SOURCE_DEFAULT: &str = "default";

/// Undoes a document's content encodings, recognises its format and reads its items.
///
/// Deterministic: the same bytes and properties give the same document, identities included. Linear in the size of the
/// (decompressed) body.
///
/// # Errors
/// A [`Fault`] when the bytes are not a document of a supported format within the limits; its reason is stable.
pub fn parse(raw: &Raw<'_>, limits: &Limits) -> Result<Document, Fault> {
    let content = Content::of(raw, limits.body_bytes_max)?;
    let expected = limits.format.and_then(|name| format_named(name.as_str()));
    let format = match expected {
        Some(format) => format,
        None => sniff::format_of(&content)?,
    };
    let contents = (format.read)(&content, limits)?;
    if contents.entries.is_empty() {
        return Err(Fault::new(Reason::MissingText, "the document has no text: no line holds a word of news"));
    }
    if contents.entries.len() > limits.items_max {
        let detail = format!("the document has more than {} items", limits.items_max);
        return Err(Fault::new(Reason::TooManyItems, detail));
    }
    document(raw, format.name, contents)
}

/// Names the document and its items.
fn document(raw: &Raw<'_>, format: FormatName, contents: Contents) -> Result<Document, Fault> {
    let Contents { format: wrapped, id, version, source, entries } = contents;
    let sha256 = Sha256::of(raw.body);
    let source = source.map_or_else(|| source_of(raw), Ok)?;
    let name = id.map_or_else(|| raw.name(&sha256), Name::new).with_version(version);
    let time = raw.time();
    let items = (0..).zip(entries).map(|(ordinal, entry)| {
        let Entry { guid, text, mut declared } = entry;
        declared.time = declared.time.or(time);
        let identity = guid.map_or_else(|| Identity::Part { of: name.clone(), ordinal }, Identity::Own);
        Item::new(identity, text, declared)
    });
    let items = items.collect();
    Ok(Document { items, ..Document::new(source, name, sha256, wrapped.unwrap_or(format)) })
}

fn source_of(raw: &Raw<'_>) -> Result<SourceName, Fault> {
    let named = raw.source.unwrap_or(SOURCE_DEFAULT).parse();
    named.map_err(|error| Fault::new(Reason::MalformedHeader, format!("the name of the source: {error}")))
}
