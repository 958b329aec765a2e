//! What the classifier promises from outside: an explanation explains what is published, nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use dateline::classify::Classifier;
use dateline::classify::language::LanguageBasis;
use dateline::document::{Document, Item};
use dateline::parse::{Limits, Raw, parse};

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

fn document(body: &[u8]) -> Option<Document> {
    parse(&Raw::new(body).source("desk"), &Limits::default()).ok()
}

/// Every document of our own, by file.
fn documents() -> Vec<(PathBuf, Document)> {
    let folders =
        ["documents", "digests"].map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files.filter_map(|file| Some((file.clone(), document(&fs::read(&file).unwrap())?))).collect()
}

#[test]
fn an_explanation_is_the_classification_with_its_reasons() {
    let mut items = 0;
    for (file, document) in documents() {
        let of_document = CLASSIFIER.of_document(&document, Some("IE"));
        for ordinal in 0..document.items.len() {
            let explanation = of_document.explain(ordinal);
            let verdicts = explanation.topics.topics.len();
            let listed = explanation.regions.countries.iter().filter(|country| country.listed).count();
            let classification = explanation.into_classification();
            assert_eq!(classification, of_document.classify(ordinal), "item {ordinal} of {}", file.display());
            assert_eq!((listed, verdicts), (classification.regions.len(), classification.topics.len()));
            items += 1;
        }
    }
    assert!(items > 20, "only {items} items");
}

#[test]
fn an_item_without_a_document_is_classified_as_the_one_item_of_a_document() {
    let document = document(b"Flood closes schools in Cork, Ireland").unwrap();
    let item: &Item = &document.items[0];
    let classification = CLASSIFIER.classify(item);
    assert_eq!(classification, CLASSIFIER.of_document(&document, None).classify(0));
    assert_eq!(classification, CLASSIFIER.explain(item).into_classification());
    assert_eq!(classification.regions[0].code, "IE");
}

#[track_caller]
fn check_basis(document: &Document, ordinal: usize, expected: LanguageBasis) {
    let explanation = CLASSIFIER.of_document(document, None).explain(ordinal);
    assert_eq!(explanation.language.basis, expected, "{:?}", explanation.fields);
    assert_eq!(explanation.language.language, explanation.classification.language);
}

#[test]
fn an_explanation_says_how_the_language_is_known() {
    let declared = document(br#"{"title":"Rain closes two roads","language":"en-GB"}"#).unwrap();
    check_basis(&declared, 0, LanguageBasis::Declared);
    check_basis(&document(b"Rain closes two roads in the north of the county").unwrap(), 0, LanguageBasis::Detected);
    let digest = document(b"Rain closes two roads in the north\n\nSnow closes three in the south\n").unwrap();
    check_basis(&digest, 1, LanguageBasis::Document);
    check_basis(&document(br#"{"title":"Go!"}"#).unwrap(), 0, LanguageBasis::Unknown);
}
