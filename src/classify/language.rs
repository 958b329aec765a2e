//! The language a text is written in: by its script where that decides, by `whichlang` otherwise.

use whichlang::Lang;

use crate::document::{Document, Item, Language};

/// Text read to detect a language.
const SAMPLE_BYTES_MAX: usize = 400;

/// Letters without which nothing is said.
const LETTERS_MIN: usize = 8;

/// Letters from which an item speaks for itself; a shorter one is taken to be in its document's language.
const LETTERS_ALONE_MIN: usize = 120;

/// The language of an item: as the sender declared it, or as its own or its document's words show.
pub fn of_item(item: &Item, of_document: Option<&Language>) -> Option<Language> {
    if let Some(tag) = &item.declared.language {
        return Some(Language { code: tag.primary().to_owned(), confidence: 1.0 });
    }
    let text = item.text.body.as_deref().or(item.text.title.as_deref()).unwrap_or_default();
    match of_document {
        Some(language) if letters(text, LETTERS_ALONE_MIN) < LETTERS_ALONE_MIN => Some(language.clone()),
        _ => detect(text),
    }
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
        return Some(Language { code: code.to_owned(), confidence: 0.99 });
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
    Some(Language { code: code.to_owned(), confidence: confidence(letters) })
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

/// The language of a script that only one language of the news is written in, when most letters are of that script.
fn by_script(sample: &str, letters: usize) -> Option<&'static str> {
    const SCRIPTS: [(u32, u32, &str); 14] = [
        (0x0370, 0x03ff, "el"),
        (0x0530, 0x058f, "hy"),
        (0x0590, 0x05ff, "he"),
        (0x0980, 0x09ff, "bn"),
        (0x0a00, 0x0a7f, "pa"),
        (0x0a80, 0x0aff, "gu"),
        (0x0b80, 0x0bff, "ta"),
        (0x0c00, 0x0c7f, "te"),
        (0x0c80, 0x0cff, "kn"),
        (0x0d00, 0x0d7f, "ml"),
        (0x0e00, 0x0e7f, "th"),
        (0x1000, 0x109f, "my"),
        (0x10a0, 0x10ff, "ka"),
        (0x1780, 0x17ff, "km"),
    ];
    if sample.is_ascii() {
        return None;
    }
    SCRIPTS.iter().find_map(|&(first, last, code)| {
        let of_script = sample.chars().filter(|&char| (first..=last).contains(&u32::from(char))).count();
        (of_script * 2 > letters).then_some(code)
    })
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
        assert_eq!(detect(text).map(|language| language.code).as_deref(), expected, "language of {text:?}");
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
