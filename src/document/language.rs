//! BCP 47 language tags, read and normalised in one place.

use std::fmt;
use std::str::FromStr;

use icu_locale_core::{LanguageIdentifier, Locale};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest text that is read as a tag; RFC 5646 asks for room for 35 characters.
const TAG_BYTES_MAX: usize = 64;

/// A BCP 47 language tag in its normal form, such as `en`, `en-GB` or `zh-Hant`: language, script, region and variants.
/// Extensions are left out; they say nothing about how a text reads.
#[derive(Clone, PartialEq, Eq, Hash, JsonSchema)]
#[schemars(transparent)]
pub struct LanguageTag(#[schemars(with = "String")] LanguageIdentifier);

/// A text that is not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language tag; expected BCP 47, e.g. en or pt-BR")]
pub struct LanguageTagError(String);

impl LanguageTag {
    /// `en`.
    pub const ENGLISH: LanguageTag = LanguageTag(icu_locale_core::langid!("en"));

    /// The tag of the primary language alone: `en` of `en-GB`.
    #[must_use]
    pub fn to_primary(&self) -> LanguageTag {
        LanguageTag(self.0.language.into())
    }

    /// The primary language alone, e.g. `en` of `en-GB`: what texts are distinguished by.
    pub fn primary(&self) -> &str {
        self.0.language.as_str()
    }
}

impl FromStr for LanguageTag {
    type Err = LanguageTagError;

    /// Reads a tag in any case, its parts joined by `-` or, as operating systems write them, by `_`.
    fn from_str(text: &str) -> Result<Self, LanguageTagError> {
        let fault = || LanguageTagError(text.chars().take(TAG_BYTES_MAX).collect());
        let text = text.trim();
        if text.len() > TAG_BYTES_MAX {
            return Err(fault());
        }
        let locale = Locale::try_from_str(&text.replace('_', "-")).map_err(|_| fault())?;
        if locale.id.language.is_unknown() && !text.to_ascii_lowercase().starts_with("und") {
            return Err(fault());
        }
        Ok(LanguageTag(locale.id))
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl Serialize for LanguageTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LanguageTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, normal: Option<(&str, &str)>) {
        let tag = text.parse::<LanguageTag>().ok();
        let read = tag.map(|tag| (tag.to_string(), tag.primary().to_owned()));
        let read = read.as_ref().map(|(tag, primary)| (tag.as_str(), primary.as_str()));
        assert_eq!(read, normal, "{text:?}");
    }

    #[test]
    fn a_tag_is_read_in_any_case_and_written_in_its_normal_form() {
        check("en", Some(("en", "en")));
        check("EN", Some(("en", "en")));
        check(" en-gb ", Some(("en-GB", "en")));
        check("PT_br", Some(("pt-BR", "pt")));
        check("zh-hant-tw", Some(("zh-Hant-TW", "zh")));
        check("sl-rozaj", Some(("sl-rozaj", "sl")));
        check("de-x-feed", Some(("de", "de")));
        check("und", Some(("und", "und")));
    }

    #[test]
    fn what_names_no_language_is_not_a_tag() {
        for text in ["", "x", "English", "en GB", "deutsch, bitte", "12", "en--GB", &"en-".repeat(40)] {
            check(text, None);
        }
    }
}
