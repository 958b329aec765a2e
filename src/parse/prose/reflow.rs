//! Texts that came by themselves, set as items carry them. They are not split, and nothing is left out.

use super::{lines, look, opening, unwrap};
use crate::parse::fault::Fault;
use crate::parse::raw::Limits;

/// The body of an article, and the dateline it opened with.
pub(in crate::parse) struct Body {
    pub(in crate::parse) body: String,
    pub(in crate::parse) dateline: Option<String>,
}

/// Sets a body: paragraphs by line feeds, broken lines joined.
pub(in crate::parse) fn body_of(text: &str, limits: &Limits) -> Result<Body, Fault> {
    let text = lines::plain_spaces(text);
    let lines = lines::cut(&text, limits.lines_max)?;
    let paragraphs = unwrap::unwrap(&lines, look::has_case(&text));
    let mut body = String::with_capacity(text.len());
    for paragraph in &paragraphs {
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(&paragraph.text);
    }
    let dateline = opening::dateline(&body).filter(|dateline| !dateline.rest.is_empty());
    Ok(match dateline.map(|dateline| (dateline.place.to_owned(), dateline.rest.to_owned())) {
        Some((place, rest)) => Body { body: rest, dateline: Some(place) },
        None => Body { body, dateline: None },
    })
}

/// Sets a title on one line.
pub(in crate::parse) fn line_of(text: &str) -> String {
    lines::plain_spaces(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
