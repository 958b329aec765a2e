//! The IPTC Media Topics: codes, hierarchy, retired codes and labels in their languages. Not their definitions, and
//! nothing about which words count for a topic; see the lexicon.

use std::borrow::Cow;
use std::collections::HashMap;

/// One line a concept: code, parent, replacement of a retired code, then a label per language.
const MEDIA_TOPICS: &str = include_str!("../../../config/topics/taxonomy.tsv");

/// Columns before the labels.
const COLUMNS_BEFORE_LABELS: usize = 3;

/// Steps from a concept to its top level; the Media Topics need six, house topics may hang below.
const DEPTH_MAX: usize = 8;

/// A concept's place in the taxonomy's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConceptId(pub(super) u16);

/// All concepts, in the order of their paths.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    concepts: Vec<Concept>,
    by_code: HashMap<Cow<'static, str>, ConceptId>,
    languages: Vec<&'static str>,
    tops: Vec<ConceptId>,
}

/// A media topic or a house topic.
#[derive(Debug, Clone)]
pub struct Concept {
    /// `16000000` of the Media Topics, or `house:elections-desk`.
    pub code: Cow<'static, str>,
    /// The broader concept; a top level has none.
    pub parent: Option<ConceptId>,
    /// What replaces it since it was retired.
    pub replaced_by: Option<ConceptId>,
    labels: Vec<Cow<'static, str>>,
}

impl Concept {
    /// The British English label.
    pub fn name(&self) -> &str {
        &self.labels[0]
    }

    /// The code with its scheme: `medtop:16000000`, or a house topic's as it is.
    pub fn qcode(&self) -> String {
        if self.code.contains(':') { self.code.to_string() } else { format!("medtop:{}", self.code) }
    }
}

impl Taxonomy {
    /// The Media Topics that are compiled in.
    pub fn media_topics() -> Taxonomy {
        let mut lines = MEDIA_TOPICS.lines();
        let header = lines.next().expect("the compiled-in taxonomy has a header; a test reads it");
        let rows: Vec<Vec<&'static str>> = lines.map(|line| line.split('\t').collect()).collect();
        let by_code: HashMap<_, _> =
            rows.iter().enumerate().map(|(i, row)| (Cow::Borrowed(row[0]), ConceptId(i as u16))).collect();
        let concepts: Vec<Concept> = rows
            .iter()
            .map(|row| Concept {
                code: Cow::Borrowed(row[0]),
                parent: by_code.get(row[1]).copied(),
                replaced_by: by_code.get(row[2]).copied(),
                labels: row[COLUMNS_BEFORE_LABELS..].iter().map(|&label| Cow::Borrowed(label)).collect(),
            })
            .collect();
        let tops = (0..concepts.len() as u16).map(ConceptId);
        let tops = tops.filter(|id| concepts[id.0 as usize].parent.is_none()).collect();
        // The file is sorted by path, and so the top levels are in the order of their codes.
        Taxonomy { languages: header.split('\t').skip(COLUMNS_BEFORE_LABELS).collect(), concepts, by_code, tops }
    }

    /// The concept of a code, written with or without `medtop:`; a retired code gives what replaces it.
    pub fn find(&self, code: &str) -> Option<ConceptId> {
        let id = *self.by_code.get(code.strip_prefix("medtop:").unwrap_or(code))?;
        Some(self.get(id).replaced_by.unwrap_or(id))
    }

    /// A concept by its place.
    pub fn get(&self, id: ConceptId) -> &Concept {
        &self.concepts[id.0 as usize]
    }

    /// How many concepts there are, retired and house topics included.
    pub(super) fn len(&self) -> usize {
        self.concepts.len()
    }

    /// All concepts, retired ones included, in the order of their paths.
    pub fn concepts(&self) -> impl Iterator<Item = (ConceptId, &Concept)> {
        self.concepts.iter().enumerate().map(|(i, concept)| (ConceptId(i as u16), concept))
    }

    /// The seventeen top levels of the Media Topics, in the order of their codes; no house topic.
    pub fn tops(&self) -> &[ConceptId] {
        &self.tops
    }

    /// Whether a concept is one of the seventeen top levels.
    pub(super) fn is_top(&self, concept: &Concept) -> bool {
        concept.parent.is_none() && !concept.code.contains(':')
    }

    /// A concept and its broader ones, the narrowest first.
    pub fn ancestry(&self, id: ConceptId) -> impl Iterator<Item = ConceptId> {
        std::iter::successors(Some(id), |id| self.get(*id).parent).take(DEPTH_MAX)
    }

    /// Codes from the top level down to a concept.
    pub fn path(&self, id: ConceptId) -> Vec<String> {
        let mut path: Vec<String> = self.ancestry(id).map(|id| self.get(id).qcode()).collect();
        path.reverse();
        path
    }

    /// Languages that labels exist in, as BCP 47 tags, British English first.
    pub fn languages(&self) -> &[&'static str] {
        &self.languages
    }

    /// A concept's label in a language: the tag itself or, for a bare language, its first regional label.
    pub fn label(&self, id: ConceptId, language: &str) -> Option<&str> {
        let column = self.languages.iter().position(|tag| *tag == language).or_else(|| {
            self.languages.iter().position(|tag| tag.split('-').next().is_some_and(|primary| primary == language))
        })?;
        self.get(id).labels.get(column).map(|label| label.as_ref()).filter(|label| !label.is_empty())
    }

    /// Living concepts one of whose labels contains the words, case aside, in the order of their paths.
    pub fn search(&self, words: &str) -> Vec<ConceptId> {
        let words = words.to_lowercase();
        let matches = |concept: &Concept| concept.labels.iter().any(|label| label.to_lowercase().contains(&words));
        let living = self.concepts().filter(|(_, concept)| concept.replaced_by.is_none());
        living.filter(|(_, concept)| matches(concept)).map(|(id, _)| id).collect()
    }

    /// Adds a house topic, below a concept or on its own.
    pub(super) fn add(&mut self, code: String, name: String, parent: Option<ConceptId>) -> ConceptId {
        let id = ConceptId(self.concepts.len() as u16);
        self.by_code.insert(Cow::Owned(code.clone()), id);
        self.concepts.push(Concept { code: code.into(), parent, replaced_by: None, labels: vec![name.into()] });
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_concept_has_an_english_label_and_a_living_top_level() {
        let taxonomy = Taxonomy::media_topics();
        assert_eq!(taxonomy.tops().len(), 17);
        assert_eq!(taxonomy.languages().len(), 13);
        for (id, concept) in taxonomy.concepts() {
            assert!(!concept.name().is_empty(), "{} has a label", concept.code);
            assert_eq!(concept.labels.len(), 13, "{} has a column per language", concept.code);
            let top = taxonomy.ancestry(id).last().expect("a concept is its own ancestry");
            assert!(taxonomy.tops().contains(&top), "{} hangs below a top level", concept.code);
        }
    }

    #[test]
    fn a_retired_code_is_replaced_by_a_living_one() {
        let taxonomy = Taxonomy::media_topics();
        let retired: Vec<_> = taxonomy.concepts().filter_map(|(_, concept)| concept.replaced_by).collect();
        assert!(retired.len() > 200);
        assert!(retired.iter().all(|id| taxonomy.get(*id).replaced_by.is_none()));
        // Justice was dissolved into crime, law and justice.
        let justice = taxonomy.find("medtop:20000119").expect("a retired code is known");
        assert_eq!(taxonomy.get(justice).qcode(), "medtop:02000000");
    }

    #[track_caller]
    fn check_label(code: &str, language: &str, expected: Option<&str>) {
        let taxonomy = Taxonomy::media_topics();
        let id = taxonomy.find(code).expect("the code is in the taxonomy");
        assert_eq!(taxonomy.label(id, language), expected, "label of {code} in {language}");
    }

    #[test]
    fn labels_are_found_by_language() {
        check_label("17000000", "en-GB", Some("weather"));
        check_label("17000000", "de", Some("Wetter"));
        check_label("medtop:20000005", "en-US", Some("movies"));
        check_label("20000005", "pt", Some("cinema"));
        check_label("20000005", "xx", None);
    }

    #[test]
    fn a_path_leads_from_the_top_level_down() {
        let taxonomy = Taxonomy::media_topics();
        let id = taxonomy.find("20000063").expect("civil war is in the taxonomy");
        let path = ["medtop:16000000", "medtop:20000056", "medtop:20000062", "medtop:20000063"];
        assert_eq!(taxonomy.path(id), path);
    }

    #[test]
    fn a_search_reads_every_language() {
        let taxonomy = Taxonomy::media_topics();
        let codes = |words| -> Vec<String> {
            taxonomy.search(words).into_iter().map(|id| taxonomy.get(id).code.to_string()).collect()
        };
        assert!(codes("Friedensprozess").contains(&"20000073".to_owned()));
        assert!(codes("peace process").contains(&"20000073".to_owned()));
        assert_eq!(codes("no such topic"), Vec::<String>::new());
    }
}
