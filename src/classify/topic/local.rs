//! Reads a newsroom's own terms and topics, which come on top of the lexicon without retraining:
//!
//! ```toml
//! [[topic]]
//! code = "house:harbour"
//! name = "harbour desk"
//! parent = "medtop:20000343"
//!
//! [[terms]]
//! topic = "house:harbour"
//! weight = 4
//! terms = ["container terminal*", "dockside"]
//! ```
//!
//! The same term of the same topic in the lexicon is overridden: a weight of zero mutes it, one below zero counts
//! against.

use serde::Deserialize;
use toml::Spanned;

use crate::classify::DataError;
use crate::classify::data::Origin;
use crate::classify::data::toml::TomlFile;

use super::LANGUAGE_OF_MODEL;
use super::lexicon::{Lexicon, Term};
use super::lexicon_file::{add_term, check_weight};
use super::taxonomy::Taxonomy;

/// Maximum number of house topics in a file.
const TOPICS_MAX: usize = 1000;

pub(super) const HOUSE: &str = "house:";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LocalFile {
    #[serde(default)]
    topic: Vec<HouseTopic>,
    #[serde(default)]
    terms: Vec<Terms>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HouseTopic {
    code: Spanned<String>,
    name: Spanned<String>,
    parent: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    topic: Spanned<String>,
    language: Option<Spanned<String>>,
    weight: Spanned<f32>,
    terms: Vec<Spanned<String>>,
}

/// Reads a local file into the taxonomy and the lexicons. `file` is its name for errors, `place` its place in the list
/// of files.
pub(super) fn read(
    file: &str,
    place: usize,
    content: &str,
    taxonomy: &mut Taxonomy,
    lexicons: &mut [(String, Lexicon)],
) -> Result<(), DataError> {
    let source = TomlFile { file, text: content };
    let fault = |at: usize, message: String| source.fault(at, message);
    let local: LocalFile = source.parse()?;
    for topic in local.topic.iter().take(TOPICS_MAX + 1).enumerate() {
        match topic {
            (TOPICS_MAX, topic) => {
                return Err(fault(topic.code.span().start, format!("more than {TOPICS_MAX} house topics")));
            }
            (_, topic) => add_topic(topic, taxonomy).map_err(|(at, why)| fault(at, why))?,
        }
    }
    for terms in &local.terms {
        let origin = |at: usize| Origin::new(place, source.line(at));
        add_terms(terms, origin, taxonomy, lexicons).map_err(|(at, why)| fault(at, why))?;
    }
    Ok(())
}

/// What is wrong, and the byte at which it is.
type Wrong = (usize, String);

fn add_topic(topic: &HouseTopic, taxonomy: &mut Taxonomy) -> Result<(), Wrong> {
    let code = topic.code.get_ref();
    let wrong = |why: String| (topic.code.span().start, why);
    let slug = code.strip_prefix(HOUSE).ok_or_else(|| wrong(format!("{code:?} does not begin with {HOUSE}")))?;
    if slug.is_empty() || !slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(wrong(format!("{code:?} may hold lower-case letters, digits and hyphens after {HOUSE}")));
    }
    if taxonomy.find(code).is_some() {
        return Err(wrong(format!("duplicate topic {code:?}")));
    }
    if topic.name.get_ref().trim().is_empty() {
        return Err((topic.name.span().start, "a topic needs a name".to_owned()));
    }
    let parent = match &topic.parent {
        None => None,
        Some(parent) => {
            let known = taxonomy.find(parent.get_ref());
            let unknown =
                || (parent.span().start, format!("{:?} is not a topic defined before this one", parent.get_ref()));
            Some(known.ok_or_else(unknown)?)
        }
    };
    taxonomy.add(code.clone(), topic.name.get_ref().clone(), parent);
    Ok(())
}

fn add_terms(
    terms: &Terms,
    origin: impl Fn(usize) -> Origin,
    taxonomy: &Taxonomy,
    lexicons: &mut [(String, Lexicon)],
) -> Result<(), Wrong> {
    let topic = terms.topic.get_ref();
    let unknown = || (terms.topic.span().start, format!("{topic:?} is not a topic; `dateline topics` lists them"));
    let concept = taxonomy.find(topic).ok_or_else(unknown)?;
    let weight = check_weight(*terms.weight.get_ref()).map_err(|why| (terms.weight.span().start, why))?;
    let language = terms.language.as_ref().map_or(LANGUAGE_OF_MODEL, |language| language.get_ref().as_str());
    let at = terms.language.as_ref().map_or(terms.topic.span().start, |language| language.span().start);
    let found = lexicons.iter_mut().find(|(known, _)| known == language);
    let (_, lexicon) = found.ok_or_else(|| (at, format!("no lexicon for language {language:?}")))?;
    terms.terms.iter().try_for_each(|written| {
        let at = written.span().start;
        let term = Term { concept, weight, origin: origin(at) };
        add_term(written.get_ref(), term, lexicon).map_err(|why| (at, why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_local(content: &str) -> Result<Taxonomy, DataError> {
        let mut taxonomy = Taxonomy::media_topics();
        let mut lexicons = vec![("en".to_owned(), Lexicon::new("en"))];
        read("local.toml", 0, content, &mut taxonomy, &mut lexicons).map(|()| taxonomy)
    }

    #[track_caller]
    fn check_refused(content: &str, line: u32, reason: &str) {
        let error = read_local(content).expect_err("the content is faulty");
        assert_eq!((error.file.as_str(), error.line), ("local.toml", Some(line)), "{error}");
        assert!(error.message.contains(reason), "{} says {reason}", error.message);
    }

    #[test]
    fn a_faulty_file_is_refused_with_its_line() {
        check_refused("\n[[topic]]\ncode = \"medtop:1\"\nname = \"x\"", 3, "does not begin with house:");
        check_refused("[[topic]]\ncode = \"house:A b\"\nname = \"x\"", 2, "lower-case");
        check_refused("[[topic]]\ncode = \"house:a\"\nname = \" \"", 3, "needs a name");
        check_refused("[[topic]]\ncode = \"house:a\"\nname = \"x\"\nparent = \"medtop:7\"", 4, "not a topic");
        check_refused("[[terms]]\ntopic = \"house:a\"\nweight = 4\nterms = []", 2, "not a topic");
        check_refused("[[terms]]\ntopic = \"16000000\"\nweight = 99\nterms = []", 3, "out of bounds");
        check_refused("[[terms]]\ntopic = \"16000000\"\nweight = 4\nterms = [\n\"war\",\n\"--\"]", 6, "no word");
        check_refused("[[terms]]\ntopic = \"16000000\"\nlanguage = \"xx\"\nweight = 4\nterms = []", 3, "no lexicon");
        check_refused("colour = 1", 1, "colour");
        check_refused("[[terms]\n", 1, "");
    }

    #[test]
    fn a_house_topic_hangs_below_its_parent() {
        let content = "[[topic]]\ncode = \"house:harbour\"\nname = \"harbour\"\nparent = \"medtop:20000343\"";
        let taxonomy = read_local(content).expect("the content is well-formed");
        let id = taxonomy.find("house:harbour").expect("it was added");
        let path = ["medtop:04000000", "medtop:20000209", "medtop:20000337", "medtop:20000343", "house:harbour"];
        assert_eq!(taxonomy.path(id), path);
    }

    #[test]
    fn the_example_is_well_formed() {
        read_local(include_str!("../../../config/topics/local.toml")).expect("the shipped example is read");
    }
}
