//! Texts that arrived separately, laid out as items carry them. They are not split, and nothing is left out.

use super::lines::{cut, plain_spaces};
use super::look::has_case;
use super::opening::dateline;
use super::unwrap::unwrap;
use crate::parse::fault::Fault;
use crate::parse::raw::Limits;

/// The body of an article, and the dateline it opened with.
pub(in crate::parse) struct Body {
    pub(in crate::parse) body: String,
    pub(in crate::parse) dateline: Option<String>,
}

/// Sets a body: paragraphs by line feeds, broken lines joined.
pub(in crate::parse) fn body_of(text: &str, limits: &Limits) -> Result<Body, Fault> {
    let text = plain_spaces(text);
    let lines = cut(&text, limits.lines_max)?;
    let mut body = String::with_capacity(text.len());
    for paragraph in unwrap(&lines, has_case(&text)) {
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(&paragraph.text);
    }
    let opening = dateline(&body).filter(|dateline| !dateline.rest.is_empty());
    let dateline = opening.map(|dateline| dateline.place.to_owned());
    if let Some(rest_bytes) = opening.map(|dateline| dateline.rest.len()) {
        body.drain(..body.len() - rest_bytes);
    }
    Ok(Body { body, dateline })
}

/// Sets a title on one line.
pub(in crate::parse) fn line_of(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, dateline: Option<&str>, body: &str) {
        let found = body_of(text, &Limits::default()).expect("the rows are short");
        assert_eq!((found.dateline.as_deref(), found.body.as_str()), (dateline, body), "{text:?}");
    }

    #[test]
    fn a_body_is_its_paragraphs_without_the_dateline() {
        check("Water rose.\r\n\r\nNobody\u{a0}was hurt.", None, "Water rose.\nNobody was hurt.");
        check("HULL, Nov 4 — Water rose.\n\nNobody was hurt.", Some("HULL, Nov 4"), "Water rose.\nNobody was hurt.");
        check("- HULL —", None, "- HULL —");
        check(
            "The water rose for three days and\nthen fell; nobody was hurt, the mayor\nsaid.",
            None,
            "The water rose for three days and then fell; nobody was hurt, the mayor said.",
        );
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(line_of(" Dike\n breaks\u{a0} near\tHull "), "Dike breaks near Hull");
    }
}
