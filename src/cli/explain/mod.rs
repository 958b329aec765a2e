//! `dateline explain`: why a text is filed where it is. Shows an explanation; the classifiers make it.

mod regions;
mod topics;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::{load_config, output};
use crate::classify::region::RegionClassifier;
use crate::classify::region::explain::RegionExplanation;
use crate::classify::text::Text;
use crate::classify::topic::{TopicClassifier, TopicExplanation};
use crate::classify::{Context, language};
use crate::daemon::config::ClassifySection;
use crate::document::Language;

/// Bytes read at most: enough for any article, and a bound on what a terminal is shown.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// Show each name and term found in a text, what decided, and the scores behind the ranking
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// File, or - for standard input: the first line is the title, the rest the body
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// The title; the file is then all body
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The body; no file is read
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Home country of the feed, as GB
    #[arg(long, value_name = "CODE")]
    home: Option<String>,
    /// Language of the text, as en; detected when absent
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Section label or category tag of the sender; may be given again
    #[arg(long, value_name = "LABEL")]
    section: Vec<String>,
    /// Configuration file, for the data in use
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Gazetteer in place of the configured one
    #[arg(long, value_name = "FOLDER")]
    gazetteer: Option<PathBuf>,
    /// Local gazetteer entries in place of the configured ones
    #[arg(long, value_name = "FILE")]
    gazetteer_local: Option<PathBuf>,
    /// Topic lexicon in place of the configured one
    #[arg(long, value_name = "FOLDER")]
    topic_lexicon: Option<PathBuf>,
    /// Topic model in place of the configured one
    #[arg(long, value_name = "FILE")]
    topic_model: Option<PathBuf>,
    /// Local topics and terms in place of the configured ones
    #[arg(long, value_name = "FILE")]
    topic_local: Option<PathBuf>,
    /// Print the explanation as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Explanation {
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    regions: RegionExplanation,
    topics: TopicExplanation,
}

/// Explains one text and prints the explanation.
pub(super) fn run(args: ExplainArgs) -> anyhow::Result<ExitCode> {
    let config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let explanation = explain(&args, &overridden(&args, config.classify))?;
    let shown = match args.json {
        true => serde_json::to_string_pretty(&explanation)?,
        false => format!("{}\n\n{}", regions::in_words(&explanation.regions), topics::tables(&explanation.topics)),
    };
    output::print(format!("{shown}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn explain(args: &ExplainArgs, classify: &ClassifySection) -> anyhow::Result<Explanation> {
    let (title, body) = title_and_body(args)?;
    let language = match &args.language {
        Some(code) => Some(Language { code: code.clone(), confidence: 1.0 }),
        None => language::detect(&format!("{title}\n{body}")),
    };
    let text = Text::new(&title, "", &body);
    let context = Context { language: language.as_ref(), home: args.home.as_deref(), sections: &args.section };
    let regions = RegionClassifier::load(&classify.region_paths())?.explain(&text, &context);
    let topics = TopicClassifier::load(&classify.topic_paths())?.explain(&text, &context);
    Ok(Explanation { language, regions, topics })
}

/// What the command line says goes before what the configuration does.
fn overridden(args: &ExplainArgs, classify: ClassifySection) -> ClassifySection {
    ClassifySection {
        gazetteer: args.gazetteer.clone().or(classify.gazetteer),
        gazetteer_local: args.gazetteer_local.clone().or(classify.gazetteer_local),
        topic_lexicon: args.topic_lexicon.clone().or(classify.topic_lexicon),
        topic_model: args.topic_model.clone().or(classify.topic_model),
        topic_local: args.topic_local.clone().or(classify.topic_local),
        review_below: classify.review_below,
    }
}

fn title_and_body(args: &ExplainArgs) -> anyhow::Result<(String, String)> {
    let title = args.title.clone().unwrap_or_default();
    if let Some(body) = &args.body {
        return Ok((title, body.clone()));
    }
    if args.title.is_some() && args.file == Path::new("-") {
        return Ok((title, String::new()));
    }
    let text = read(&args.file)?;
    if args.title.is_some() {
        return Ok((title, text));
    }
    let (title, body) = text.trim_start().split_once('\n').unwrap_or((text.trim(), ""));
    Ok((title.trim().to_owned(), body.trim().to_owned()))
}

fn read(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        io::stdin().lock().take(TEXT_BYTES_MAX).read_to_string(&mut text).context("could not read standard input")?;
    } else {
        let input = fs::File::open(file).with_context(|| format!("could not open {}", file.display()))?;
        input
            .take(TEXT_BYTES_MAX)
            .read_to_string(&mut text)
            .with_context(|| format!("could not read {}", file.display()))?;
    }
    Ok(text)
}
