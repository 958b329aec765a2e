//! What a content type claims about a body: its format and its charset. Evidence, not truth.

use mime::Mime;

/// A declared content type; one that cannot be read claims nothing.
#[derive(Debug, Default)]
pub(super) struct Media(Option<Mime>);

impl Media {
    /// Reads a `content_type` property.
    pub(super) fn parse(declared: Option<&str>) -> Self {
        Media(declared.and_then(|declared| declared.trim().parse().ok()))
    }

    /// The charset that is declared, by its label.
    pub(super) fn charset(&self) -> Option<&str> {
        self.0.as_ref()?.get_param(mime::CHARSET).map(|label| label.as_str())
    }

    /// `application/json` or any `+json`.
    pub(super) fn is_json(&self) -> bool {
        self.0.as_ref().is_some_and(|mime| mime.subtype() == mime::JSON || mime.suffix() == Some(mime::JSON))
    }
}
