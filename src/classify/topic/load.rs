//! Puts a classifier together from its files: taxonomy, lexicons, section labels, local terms, model.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::classify::DataError;
use crate::classify::data::Origin;
use crate::classify::data::files::{read_bytes, read_text};
use crate::classify::text::Text;

use super::lexicon::{Lexicon, TERM_WORDS_MAX, Term};
use super::model::Model;
use super::taxonomy::Taxonomy;
use super::{LANGUAGE_OF_MODEL, TopicClassifier, TopicPaths, lexicon_file, local, model_file, source};

const TAXONOMY_FILE: &str = "config/topics/taxonomy.tsv";
const SECTIONS: &str = include_str!("../../../config/topics/sections.txt");
const SECTIONS_FILE: &str = "config/topics/sections.txt";
const MODEL: &[u8] = include_bytes!("../../../config/topics/model.bin");
const MODEL_FILE: &str = "config/topics/model.bin";

/// What a label of the taxonomy counts as a term: several words are seldom meant otherwise, one often is.
const LABEL_WEIGHT: f32 = 3.5;
const LABEL_WORD_WEIGHT: f32 = 2.5;

/// Reads and joins everything; the digest covers every byte read, the model's by its own checksum.
pub(super) fn load(paths: &TopicPaths) -> Result<TopicClassifier, DataError> {
    let mut taxonomy = Taxonomy::media_topics();
    let mut digest = Sha256::new();
    let mut add = |content: &[u8]| {
        digest.update(content.len().to_le_bytes());
        digest.update(content);
    };
    let sources = source::lexicons(paths.lexicon.as_deref())?;
    let mut files: Vec<String> = sources.iter().map(|source| source.file.clone()).collect();
    files.extend([TAXONOMY_FILE.to_owned(), SECTIONS_FILE.to_owned()]);
    let mut lexicons = lexicons(&sources, &taxonomy)?;
    sources.iter().for_each(|source| add(source.content.as_bytes()));
    let mut sections = Lexicon::new(LANGUAGE_OF_MODEL);
    lexicon_file::read(SECTIONS_FILE, files.len() - 1, SECTIONS, &taxonomy, &mut sections)?;
    add(SECTIONS.as_bytes());
    if let Some(path) = &paths.local {
        let content = read_text(path, lexicon_file::FILE_BYTES_MAX)?;
        let file = path.display().to_string();
        local::read(&file, files.len(), &content, &mut taxonomy, &mut lexicons)?;
        files.push(file);
        add(content.as_bytes());
    }
    let model = model(paths.model.as_deref(), &mut add)?;
    let digest = format!("sha256:{:x}", digest.finalize());
    Ok(TopicClassifier { taxonomy, lexicons, sections, model, files, digest })
}

fn model(path: Option<&Path>, add: &mut impl FnMut(&[u8])) -> Result<Model, DataError> {
    let Some(path) = path else {
        add(model_file::checksum(MODEL));
        return model_file::read(MODEL_FILE, MODEL);
    };
    let bytes = read_bytes(path, model_file::FILE_BYTES_MAX)?;
    add(model_file::checksum(&bytes));
    model_file::read(&path.display().to_string(), &bytes)
}

fn lexicons(sources: &[source::Source], taxonomy: &Taxonomy) -> Result<Vec<(String, Lexicon)>, DataError> {
    let mut lexicons: Vec<(String, Lexicon)> = Vec::new();
    for (place, source) in sources.iter().enumerate() {
        if lexicons.last().is_none_or(|(language, _)| *language != source.language) {
            let mut lexicon = Lexicon::new(&source.language);
            add_labels(&source.language, sources.len(), taxonomy, &mut lexicon);
            lexicons.push((source.language.clone(), lexicon));
        }
        let (_, lexicon) = lexicons.last_mut().expect("one was just pushed");
        lexicon_file::read(&source.file, place, &source.content, taxonomy, lexicon)?;
    }
    if lexicons.iter().all(|(language, _)| language != LANGUAGE_OF_MODEL) {
        let file = sources.first().map_or_else(String::new, |source| source.file.clone());
        let message = format!("is alone: the lexicon needs a folder {LANGUAGE_OF_MODEL:?}");
        return Err(DataError { file, line: None, message });
    }
    Ok(lexicons)
}

/// The taxonomy's own labels are terms too, unless they are lists or explain themselves in brackets. English has a
/// lexicon that knows better what its single words mean. `place` is the taxonomy's in the list of files.
fn add_labels(language: &str, place: usize, taxonomy: &Taxonomy, lexicon: &mut Lexicon) {
    let living = taxonomy.concepts().filter(|(_, concept)| concept.replaced_by.is_none());
    for (concept, label) in living.filter_map(|(id, _)| Some((id, taxonomy.label(id, language)?))) {
        let weight = match Text::of_phrase(label).tokens().len() {
            _ if label.contains([',', '(', '/']) => continue,
            1 if language == LANGUAGE_OF_MODEL => continue,
            1 => LABEL_WORD_WEIGHT,
            words if words <= TERM_WORDS_MAX => LABEL_WEIGHT,
            _ => continue,
        };
        // The first line of the file is its header.
        let origin = Origin::new(place, u32::from(concept.0) + 2);
        let term = Term { concept, weight, origin };
        lexicon_file::add_term(&label.to_lowercase(), term, lexicon).expect("a label of words is a term");
    }
}
