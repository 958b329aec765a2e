//! The language a text is written in, and how it is known: declared by the sender, seen from the script where
//! that decides, found by `whichlang` otherwise.

use serde::Serialize;
use whichlang::Lang;

use crate::document::{Document, Item, Language, LanguageTag};

/// Maximum number of bytes read to detect a language.
const SAMPLE_BYTES_MAX: usize = 400;

/// Minimum number of letters for any answer.
const LETTERS_MIN: usize = 8;

/// Letters from which an item's own language is detected; a shorter one is assumed to be in its document's language.
const LETTERS_ALONE_MIN: usize = 120;

/// The language of an item and how it is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LanguageFinding {
    /// The language; absent when the item has too few letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How it is known.
    pub basis: LanguageBasis,
}

/// How the language of an item is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LanguageBasis {
    /// The sender declared it.
    Declared,
    /// The item's own words show it.
    Detected,
    /// The item is short and assumed to be in the language of its document.
    Document,
    /// Not known: the item has too few letters.
    Unknown,
}

impl LanguageBasis {
    /// The basis in words that follow "English, ".
    pub fn in_words(self) -> &'static str {
        match self {
            LanguageBasis::Declared => "declared by the sender",
            LanguageBasis::Detected => "detected in the item's own words",
            LanguageBasis::Document => "detected in its document, because the item alone is too short",
            LanguageBasis::Unknown => "unknown, because the item has too few letters",
        }
    }
}

/// The language of an item: as the sender declared it, or as its own or its document's words show.
pub fn of_item(item: &Item, of_document: Option<&Language>) -> LanguageFinding {
    if let Some(tag) = &item.declared.language {
        let language = Language { code: tag.to_primary(), confidence: 1.0 };
        return LanguageFinding { language: Some(language), basis: LanguageBasis::Declared };
    }
    let text = item.text.body.as_deref().or(item.text.title.as_deref()).unwrap_or_default();
    if let Some(language) = of_document.filter(|_| letters(text, LETTERS_ALONE_MIN) < LETTERS_ALONE_MIN) {
        return LanguageFinding { language: Some(language.clone()), basis: LanguageBasis::Document };
    }
    let language = detect(text);
    let basis = if language.is_some() { LanguageBasis::Detected } else { LanguageBasis::Unknown };
    LanguageFinding { language, basis }
}

/// The language of a document of several items, by the beginnings of its items.
pub fn of_document(document: &Document) -> Option<Language> {
    let mut sample = String::with_capacity(SAMPLE_BYTES_MAX);
    for item in &document.items {
        for text in [&item.text.title, &item.text.body].into_iter().flatten() {
            sample.push_str(beginning(text, SAMPLE_BYTES_MAX - sample.len()));
            if sample.len() + 1 >= SAMPLE_BYTES_MAX {
                return detect(&sample);
            }
            sample.push('\n');
        }
    }
    detect(&sample)
}

/// The language of a text; `None` when it has too few letters.
pub fn detect(text: &str) -> Option<Language> {
    let sample = beginning(text, SAMPLE_BYTES_MAX);
    let letters = letters(sample, usize::MAX);
    if letters < LETTERS_MIN {
        return None;
    }
    if let Some(code) = by_script(sample, letters) {
        return Some(Language { code: known(code), confidence: 0.99 });
    }
    let code = match whichlang::detect_language(sample) {
        Lang::Ara => "ar",
        Lang::Cmn => "zh",
        Lang::Deu => "de",
        Lang::Eng => "en",
        Lang::Fra => "fr",
        Lang::Hin => "hi",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Nld => "nl",
        Lang::Por => "pt",
        Lang::Rus => "ru",
        Lang::Spa => "es",
        Lang::Swe => "sv",
        Lang::Tur => "tr",
        Lang::Vie => "vi",
    };
    Some(Language { code: known(code), confidence: confidence(letters) })
}

/// The tag of a language that this file names.
fn known(code: &'static str) -> LanguageTag {
    code.parse().expect("every code of this file is a language tag")
}

/// Share of English headlines of that many letters which the detector calls English: 26,354 headlines, see docs.
fn confidence(letters: usize) -> f64 {
    match letters {
        0..=14 => 0.6,
        15..=24 => 0.92,
        25..=39 => 0.95,
        40..=59 => 0.985,
        60..=119 => 0.993,
        _ => 0.998,
    }
}

/// Scripts that only one language of the news is written in: first and last character, and the language.
const SCRIPTS: [(char, char, &str); 14] = [
    ('\u{370}', '\u{3ff}', "el"),
    ('\u{530}', '\u{58f}', "hy"),
    ('\u{590}', '\u{5ff}', "he"),
    ('\u{980}', '\u{9ff}', "bn"),
    ('\u{a00}', '\u{a7f}', "pa"),
    ('\u{a80}', '\u{aff}', "gu"),
    ('\u{b80}', '\u{bff}', "ta"),
    ('\u{c00}', '\u{c7f}', "te"),
    ('\u{c80}', '\u{cff}', "kn"),
    ('\u{d00}', '\u{d7f}', "ml"),
    ('\u{e00}', '\u{e7f}', "th"),
    ('\u{1000}', '\u{109f}', "my"),
    ('\u{10a0}', '\u{10ff}', "ka"),
    ('\u{1780}', '\u{17ff}', "km"),
];

/// The language of a script that only one language is written in, when most letters are of that script.
fn by_script(sample: &str, letters: usize) -> Option<&'static str> {
    if sample.is_ascii() {
        return None;
    }
    let mut counts = [0; SCRIPTS.len()];
    for char in sample.chars().filter(|char| *char >= SCRIPTS[0].0) {
        if let Some(script) = SCRIPTS.iter().position(|&(first, last, _)| (first..=last).contains(&char)) {
            counts[script] += 1;
        }
    }
    let most = counts.iter().position(|&count| count * 2 > letters)?;
    Some(SCRIPTS[most].2)
}

fn letters(text: &str, enough: usize) -> usize {
    text.chars().filter(|char| char.is_alphabetic()).take(enough).count()
}

fn beginning(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(detect(text).as_ref().map(|language| language.code.primary()), expected, "language of {text:?}");
    }

    #[test]
    fn a_language_is_known_by_its_script_or_its_words() {
        check("Parliament votes on the budget after a long night of talks", Some("en"));
        check("Le parlement vote le budget après une longue nuit de débats", Some("fr"));
        check("Парламент принял бюджет после долгой ночи переговоров", Some("ru"));
        check("รัฐสภาลงมติผ่านงบประมาณหลังการประชุมทั้งคืน", Some("th"));
        check("Η βουλή ψήφισε τον προϋπολογισμό", Some("el"));
        check("12:30 — 45", None);
        check("", None);
    }
}
