//! `dateline topics`: lists and searches the taxonomy, house topics included.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::output;
use crate::classify::topic::taxonomy::{ConceptId, Taxonomy};
use crate::classify::topic::{TopicClassifier, TopicPaths};

/// List the media topics, or search them by code or by words of a label in any language
#[derive(Debug, Args)]
pub(super) struct TopicsArgs {
    /// Code, e.g. 16000000 or medtop:20000065, or words of a label; without any, all topics are listed
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Language of the labels, e.g. de or pt-BR
    #[arg(long, value_name = "CODE", default_value = "en-GB")]
    language: String,
    /// Show at most this many levels
    #[arg(long, value_name = "LEVELS", default_value_t = 8)]
    depth: usize,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Local topics and terms, whose house topics are listed too
    #[arg(long = "topic-local", alias = "local", value_name = "FILE")]
    local: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    code: String,
    name: &'a str,
    path: Vec<String>,
}

/// Prints the topics asked for.
pub(super) fn run(args: &TopicsArgs) -> anyhow::Result<ExitCode> {
    let classifier = TopicClassifier::load(&TopicPaths { local: args.local.clone(), ..TopicPaths::default() })?;
    let taxonomy = classifier.taxonomy();
    let found = find(taxonomy, &args.words.join(" "), args.depth);
    let mut text = String::new();
    for id in &found {
        let name = taxonomy.label(*id, &args.language).unwrap_or_else(|| taxonomy.get(*id).name());
        let code = taxonomy.get(*id).qcode();
        if args.json {
            text += &serde_json::to_string(&Listed { code, name, path: taxonomy.path(*id) })?;
            text.push('\n');
        } else {
            let indent = 2 * (taxonomy.ancestry(*id).count() - 1);
            writeln!(text, "{:indent$}{code}  {name}", "")?;
        }
    }
    output::print(text)?;
    Ok(if found.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A code finds its topic and those below it, words find the topics that have them in a label.
fn find(taxonomy: &Taxonomy, words: &str, depth: usize) -> Vec<ConceptId> {
    let shown = |id: &ConceptId| taxonomy.ancestry(*id).count() <= depth;
    match taxonomy.find(words) {
        Some(asked) => {
            let living = taxonomy.concepts().filter(|(_, concept)| concept.replaced_by.is_none()).map(|(id, _)| id);
            living.filter(|id| taxonomy.ancestry(*id).any(|id| id == asked)).filter(shown).collect()
        }
        None => taxonomy.search(words).into_iter().filter(shown).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, depth: usize, expected: &[&str]) {
        let taxonomy = Taxonomy::media_topics();
        let found = find(&taxonomy, words, depth);
        let codes: Vec<&str> = found.iter().map(|id| taxonomy.get(*id).code.as_ref()).collect();
        assert_eq!(codes, expected, "topics of {words:?}");
    }

    #[test]
    fn a_code_lists_what_lies_below_it() {
        check("medtop:20000062", 8, &["20000062", "20000063"]);
        check("20000062", 3, &["20000062"]);
    }

    #[test]
    fn words_search_the_labels() {
        check("Erdbeben", 8, &["20000153"]);
        check("no such topic", 8, &[]);
        assert_eq!(find(&Taxonomy::media_topics(), "", 1).len(), 17);
    }
}
