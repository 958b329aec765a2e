//! Puts a classifier together from its files: taxonomy, lexicons, section labels, local terms, model.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::classify::DataError;
use crate::classify::text::Text;

use super::lexicon::{Lexicon, TERM_WORDS_MAX};
use super::model::Model;
use super::taxonomy::{ConceptId, Taxonomy};
use super::{LANGUAGE_OF_MODEL, TopicClassifier, TopicPaths, lexicon_file, local, model_file, source};

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
    let mut lexicons = lexicons(&sources, &taxonomy)?;
    sources.iter().for_each(|source| add(source.content.as_bytes()));
    let mut sections = Lexicon::new();
    lexicon_file::read(SECTIONS_FILE, SECTIONS, &taxonomy, &mut sections)?;
    add(SECTIONS.as_bytes());
    if let Some(path) = &paths.local {
        let content = source::read(path)?;
        local::read(&path.display().to_string(), &content, &mut taxonomy, &mut lexicons)?;
        add(content.as_bytes());
    }
    let model = model(paths.model.as_deref(), &mut add)?;
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(TopicClassifier { taxonomy, lexicons, sections, model, digest: format!("sha256:{hex}") })
}

fn model(path: Option<&Path>, add: &mut impl FnMut(&[u8])) -> Result<Model, DataError> {
    let Some(path) = path else {
        add(model_file::checksum(MODEL));
        return model_file::read(MODEL_FILE, MODEL);
    };
    let bytes = source::read_bytes(path, model_file::FILE_BYTES_MAX)?;
    add(model_file::checksum(&bytes));
    model_file::read(&path.display().to_string(), &bytes)
}

fn lexicons(sources: &[source::Source], taxonomy: &Taxonomy) -> Result<Vec<(String, Lexicon)>, DataError> {
    let mut lexicons: Vec<(String, Lexicon)> = Vec::new();
    for source in sources {
        if lexicons.last().is_none_or(|(language, _)| *language != source.language) {
            let mut lexicon = Lexicon::new();
            add_labels(&source.language, taxonomy, &mut lexicon);
            lexicons.push((source.language.clone(), lexicon));
        }
        let (_, lexicon) = lexicons.last_mut().expect("one was just pushed");
        lexicon_file::read(&source.file, &source.content, taxonomy, lexicon)?;
    }
    if lexicons.iter().all(|(language, _)| language != LANGUAGE_OF_MODEL) {
        let file = sources.first().map_or_else(String::new, |source| source.file.clone());
        let message = format!("stands alone: the lexicon needs a folder {LANGUAGE_OF_MODEL:?}");
        return Err(DataError { file, line: None, message });
    }
    Ok(lexicons)
}

/// The taxonomy's own labels are terms too, unless they are lists or explain themselves in brackets. English has a
/// lexicon that knows better what its single words mean.
fn add_labels(language: &str, taxonomy: &Taxonomy, lexicon: &mut Lexicon) {
    let living = taxonomy.concepts().filter(|(_, concept)| concept.replaced_by.is_none());
    for (id, label) in living.filter_map(|(id, _)| Some((id, taxonomy.label(id, language)?))) {
        if !label.contains([',', '(', '/']) {
            add_label(language, id, label, lexicon);
        }
    }
}

fn add_label(language: &str, concept: ConceptId, label: &str, lexicon: &mut Lexicon) {
    let weight = match Text::new("", "", label).tokens().len() {
        1 if language == LANGUAGE_OF_MODEL => return,
        1 => LABEL_WORD_WEIGHT,
        words if words <= TERM_WORDS_MAX => LABEL_WEIGHT,
        _ => return,
    };
    lexicon_file::add_term(&label.to_lowercase(), weight, concept, lexicon).expect("a label of words is a term");
}
