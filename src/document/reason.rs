//! Why a document became a dead letter: the stable codes of the `dateline-reason` header, and a page for each.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Why a document became a dead letter. The codes are part of the contract: they are never renamed, and new ones may
/// be added.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, VariantArray, IntoStaticStr, Serialize, Deserialize,
)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// No bytes, or only white space.
    Empty,
    /// More bytes than allowed, as received or once decompressed.
    TooLarge,
    /// A header or property of the message that cannot be used.
    MalformedHeader,
    /// A content encoding that is not understood.
    UnsupportedEncoding,
    /// Bytes that are not what the content encoding says.
    MalformedEncoding,
    /// A charset that is not understood.
    UnsupportedCharset,
    /// Text that is not UTF-8 though nothing else was declared.
    InvalidUtf8,
    /// Text that is not in the charset declared.
    MalformedCharset,
    /// Bytes that are not in a supported format.
    UnknownFormat,
    /// Text that begins as JSON, or is declared as such, and is not JSON to its end.
    MalformedJson,
    /// JSON, but not an object.
    NotAnObject,
    /// A JSON object with a key of the wrong type or value.
    MalformedEnvelope,
    /// A document of a known format without any text.
    MissingText,
    /// More articles and headlines than allowed.
    TooManyItems,
    /// More non-blank lines than allowed.
    TooManyLines,
    /// The worker's own code failed on the document.
    Panic,
    /// Workers died while this document was the only one they held.
    CrashLoop,
    /// An event is larger than the broker takes.
    EventTooLarge,
    /// The broker refused the events at every attempt.
    Refused,
    /// No queue is bound for the events, and none where they could be parked.
    Unroutable,
    /// The broker gave up on the document: it was delivered too often.
    DeliveryLimit,
}

/// A text that is not the code of a reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a reason; `dateline reasons` lists them")]
pub struct UnknownReason(String);

impl Reason {
    /// Every reason, in the order a document meets them.
    pub const ALL: &[Reason] = Reason::VARIANTS;

    /// The stable code, e.g. `invalid-utf8`.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What it means, in one line.
    pub fn summary(self) -> &'static str {
        let page = self.page();
        let body = page.split_once("\n\n").map_or(page, |(_, body)| body);
        body.split("\n\n").next().unwrap_or_default()
    }

    /// Its page of documentation, in Markdown: what it means, what to do, an example.
    pub fn page(self) -> &'static str {
        macro_rules! page {
            ($name:literal) => {
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reasons/", $name, ".md"))
            };
        }
        match self {
            Reason::Empty => page!("empty"),
            Reason::TooLarge => page!("too-large"),
            Reason::MalformedHeader => page!("malformed-header"),
            Reason::UnsupportedEncoding => page!("unsupported-encoding"),
            Reason::MalformedEncoding => page!("malformed-encoding"),
            Reason::UnsupportedCharset => page!("unsupported-charset"),
            Reason::InvalidUtf8 => page!("invalid-utf8"),
            Reason::MalformedCharset => page!("malformed-charset"),
            Reason::UnknownFormat => page!("unknown-format"),
            Reason::MalformedJson => page!("malformed-json"),
            Reason::NotAnObject => page!("not-an-object"),
            Reason::MalformedEnvelope => page!("malformed-envelope"),
            Reason::MissingText => page!("missing-text"),
            Reason::TooManyItems => page!("too-many-items"),
            Reason::TooManyLines => page!("too-many-lines"),
            Reason::Panic => page!("panic"),
            Reason::CrashLoop => page!("crash-loop"),
            Reason::EventTooLarge => page!("event-too-large"),
            Reason::Refused => page!("refused"),
            Reason::Unroutable => page!("unroutable"),
            Reason::DeliveryLimit => page!("delivery-limit"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        let known = Reason::ALL.iter().copied().find(|reason| reason.as_str() == text);
        known.ok_or_else(|| UnknownReason(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_page_that_says_what_it_means_what_to_do_and_gives_an_example() {
        for reason in Reason::ALL {
            let page = reason.page();
            assert!(page.starts_with(&format!("# {reason}\n\n")), "the page of {reason} does not open with its code");
            for section in ["\n## What to do\n", "\n## Example\n"] {
                assert!(page.contains(section), "the page of {reason} has no {section:?}");
            }
            assert!(!reason.summary().contains('\n'), "the summary of {reason} is longer than a line");
            assert!((20..=120).contains(&reason.summary().len()), "{reason}: {:?}", reason.summary());
        }
    }

    #[test]
    fn a_code_is_read_as_it_is_written() {
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
        assert!("invalid_utf8".parse::<Reason>().is_err());
    }
}
