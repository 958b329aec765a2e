//! Reads lexicon files, which editors write. A section names a concept, a line gives a weight and its terms:
//!
//! ```text
//! # Everything after a hash sign at the start of a line is a comment.
//! [20000056 armed conflict]
//! 4: artillery, airstrike*, capsiz~, ISIS
//! -4: trade war*
//! ```
//!
//! A star takes the regular inflections of the lexicon's language too (`airstrikes`), a tilde a stem with the endings
//! of word formation (`capsized`). A capital asks for a capital in the text, capitals for capitals. A longer phrase
//! hides the shorter ones inside it, so `trade war` keeps `war` from being read.

use crate::classify::DataError;
use crate::classify::data::Origin;
use crate::classify::phrases::Case;
use crate::classify::text::Text;

use super::inflection::{self, Inflection};
use super::lexicon::{Lexicon, Phrase, TERM_WORDS_MAX, Term};
use super::taxonomy::{ConceptId, Taxonomy};

/// A lexicon file larger than this is refused; the compiled-in ones take a tenth of it together.
pub(super) const FILE_BYTES_MAX: u64 = 4 << 20;

/// Weights outside plus or minus this are refused: no single word is worth more.
pub(super) const WEIGHT_MAX: f32 = 10.0;

/// Reads one file into a lexicon. `file` is its name for errors, `place` its place in the list of files.
pub(super) fn read(
    file: &str,
    place: usize,
    content: &str,
    taxonomy: &Taxonomy,
    lexicon: &mut Lexicon,
) -> Result<(), DataError> {
    let fail = |line: usize, message: String| DataError { file: file.to_owned(), line: Some(line as u32 + 1), message };
    let mut concept = None;
    for (number, line) in content.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.strip_prefix('[') {
            Some(section) => concept = Some(read_section(section, taxonomy).map_err(|why| fail(number, why))?),
            None => {
                let origin = Origin::new(place, number as u32 + 1);
                read_terms(line, origin, concept, lexicon).map_err(|why| fail(number, why))?;
            }
        }
    }
    Ok(())
}

fn read_section(section: &str, taxonomy: &Taxonomy) -> Result<ConceptId, String> {
    let inner = section.strip_suffix(']').ok_or("a section must end in ]")?;
    let code = inner.split_whitespace().next().unwrap_or_default();
    taxonomy.find(code).ok_or_else(|| format!("{code:?} is not a media topic; `dateline topics` lists them"))
}

fn read_terms(line: &str, origin: Origin, concept: Option<ConceptId>, lexicon: &mut Lexicon) -> Result<(), String> {
    let concept = concept.ok_or("terms must come after a section such as [16000000 conflict, war and peace]")?;
    let (weight, terms) = line.split_once(':').ok_or("expected `weight: term, term` or a [section]")?;
    let weight = read_weight(weight)?;
    terms.split(',').try_for_each(|written| add_term(written, Term { concept, weight, origin }, lexicon))
}

fn read_weight(weight: &str) -> Result<f32, String> {
    let value: f32 = weight.trim().parse().map_err(|_| format!("{weight:?} is not a weight; expected a number"))?;
    check_weight(value)
}

/// Refuses a weight that is out of bounds or not a number.
pub(super) fn check_weight(value: f32) -> Result<f32, String> {
    if value.abs() <= WEIGHT_MAX {
        return Ok(value);
    }
    Err(format!("weight {value} is out of bounds; allowed is -{WEIGHT_MAX} to {WEIGHT_MAX}"))
}

/// Adds a written term and, when it is starred, its inflections.
pub(super) fn add_term(written: &str, term: Term, lexicon: &mut Lexicon) -> Result<(), String> {
    for phrase in read_phrase(written, lexicon.inflection)? {
        lexicon.add(&phrase, term);
    }
    Ok(())
}

fn read_phrase(term: &str, inflection: Inflection) -> Result<Vec<Phrase>, String> {
    let term = term.trim();
    let (starred, stem) = (term.strip_suffix('*'), term.strip_suffix('~'));
    let written = starred.or(stem).unwrap_or(term);
    let text = Text::of_phrase(written);
    let mut words: Vec<String> = text.tokens().iter().map(|token| text.folded(token).to_owned()).collect();
    let Some(last) = words.pop() else { return Err(format!("{term:?} has no word")) };
    if words.len() >= TERM_WORDS_MAX {
        return Err(format!("{term:?} is longer than {TERM_WORDS_MAX} words"));
    }
    let case = Case::of_shape(text.tokens()[0].shape);
    let with = |ending: String| Phrase { words: words.iter().cloned().chain([ending]).collect(), case };
    let forms = match (starred, stem) {
        (Some(_), _) => inflection.inflect(&last),
        (_, Some(_)) => inflection::derive(&last),
        _ => vec![last],
    };
    Ok(forms.into_iter().map(with).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(content: &str, line: u32, reason: &str) {
        let error = read("mine.txt", 0, content, &Taxonomy::media_topics(), &mut Lexicon::new("en"))
            .expect_err("the content is faulty");
        assert_eq!((error.file.as_str(), error.line), ("mine.txt", Some(line)));
        assert!(error.message.contains(reason), "{} says {reason}", error.message);
    }

    #[test]
    fn a_faulty_line_is_refused_with_its_number() {
        check_refused("4: war", 1, "after a section");
        check_refused("\n[99999999 no such]\n", 2, "not a media topic");
        check_refused("[16000000]\nwar", 2, "weight: term");
        check_refused("[16000000]\nmuch: war", 2, "not a weight");
        check_refused("[16000000]\n1e9: war", 2, "out of bounds");
        check_refused("[16000000]\nNaN: war", 2, "out of bounds");
        check_refused("[16000000]\n4: war,,peace", 2, "no word");
        check_refused("[16000000\n4: war", 1, "end in ]");
        check_refused("[16000000]\n4: one two three four five six seven", 2, "longer than");
    }

    #[track_caller]
    fn check_phrases(term: &str, expected: &[&str]) {
        let phrases = read_phrase(term, Inflection::English).expect("the term is well-formed");
        let found: Vec<String> = phrases.iter().map(|phrase| phrase.words.join(" ")).collect();
        assert!(expected.iter().all(|phrase| found.contains(&(*phrase).to_owned())), "{term} gives {found:?}");
    }

    #[test]
    fn a_star_inflects_the_last_word() {
        check_phrases("air strike*", &["air strike", "air strikes"]);
        check_phrases("capsiz~", &["capsize", "capsized", "capsizing"]);
        check_phrases("People’s Bank", &["people bank"]);
    }
}
