//! Which format a document is in, recognised by its content. A content type only decides where the content leaves it
//! open.

use super::binary::unknown;
use super::fault::Fault;
use super::format::{Fit, Format};
use super::formats::FORMATS;
use super::raw::Content;

/// Finds the format of a document: the first that it fits, else the first that takes what fits no other.
pub(super) fn format_of(content: &Content<'_>) -> Result<&'static Format, Fault> {
    let mut fallback = None;
    let mut nearest = None;
    for format in FORMATS {
        match (format.fits)(content) {
            Fit::Yes => return Ok(format),
            Fit::Fallback => fallback = fallback.or(Some(format)),
            Fit::Near(what) => nearest = nearest.or(Some((format, what))),
            Fit::No => {}
        }
    }
    fallback.ok_or_else(|| match nearest {
        Some((format, what)) => unknown(&format!("{what}; the nearest format is {}", format.name)),
        None => unknown("nothing that is known"),
    })
}
