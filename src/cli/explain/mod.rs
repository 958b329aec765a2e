//! `dateline explain`: why the items of a document are classified as they are. Reads a document as `dateline process`
//! does and shows explanations; `classify` makes them.

mod languages;
mod numbers;
mod words;

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use serde_json::json;

use super::output::{self, OutputError, Reader};
use super::process::{AUTO, document_formats};
use super::{exit, fail, load_config, table};
use crate::classify::Explanation;
use crate::daemon::build;
use crate::daemon::config::Config;
use crate::document::{CountryCode, Document, FormatName, ItemKind, LanguageTag, SourceName};
use crate::message::Incoming;
use crate::parse::{Fault, format_named};

/// Show why each item of a document is about these countries and topics, and which entry to change
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// File, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// Configuration file; without it, the defaults and the environment
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Format of the document
    #[arg(long, default_value = AUTO, value_parser = PossibleValuesParser::new(document_formats()))]
    format: String,
    /// Feed the document comes from
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
    /// Explain only this item, counted from 1 as `process` does
    #[arg(long, value_name = "NUMBER")]
    item: Option<usize>,
    /// Title of a text to explain; the file, when one is named, is its body
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Body of a text to explain; no file is read
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Home country of the feed, e.g. GB, in place of the configured one
    #[arg(long, value_name = "CODE")]
    home: Option<CountryCode>,
    /// Language of the items, e.g. en, as if the sender had declared it
    #[arg(long, value_name = "CODE")]
    language: Option<LanguageTag>,
    /// Section label or category tag, as if the sender had added it; may be repeated
    #[arg(long, value_name = "LABEL")]
    section: Vec<String>,
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
    /// Show the numbers behind each decision too
    #[arg(long)]
    numbers: bool,
    /// Print one JSON object, with every number
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    document: DocumentShown,
    items: Vec<ItemShown>,
}

/// What an event says about its document.
#[derive(Serialize)]
struct DocumentShown {
    id: String,
    source: SourceName,
    format: FormatName,
    items: usize,
}

/// An item and why it is classified as it is.
#[derive(Serialize)]
struct ItemShown {
    /// Position in the document, from 0 as in events.
    ordinal: usize,
    kind: ItemKind,
    #[serde(flatten)]
    explanation: Explanation,
}

/// Explains the items of one document and prints the explanations.
pub(super) fn run(args: ExplainArgs) -> anyhow::Result<ExitCode> {
    let mut config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    override_config(&mut config, &args);
    let body = match body(&args, config.processing.body_bytes_max.as_u64()) {
        Ok(body) => body,
        Err(error) => return Ok(fail(exit::NO_INPUT, &error)),
    };
    let processor = build::processor(&config)?;
    let message = Incoming { body: body.into(), ..Incoming::default() };
    let dateline = processor.dateline();
    let document = match dateline.parse(&processor.raw(&message)) {
        Ok(document) => declare(document, &args),
        Err(fault) => return Ok(rejected(&fault)),
    };
    let asked = match ordinals(args.item, document.items.len()) {
        Ok(asked) => asked,
        Err(error) => return Ok(fail(exit::NO_INPUT, &error)),
    };
    let classifier = match &args.home {
        Some(home) => dateline.classifier().of_document(&document, Some(home.as_str())),
        None => dateline.classifier_of(&document),
    };
    let items = asked.map(|ordinal| ItemShown {
        ordinal,
        kind: document.items[ordinal].kind,
        explanation: classifier.explain(ordinal),
    });
    if args.json {
        output::print_json_pretty(&Report { document: DocumentShown::new(&document), items: items.collect() })?;
    } else {
        print_in_words(items, args.numbers)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Positions of the items asked for: all, or the one of this number.
fn ordinals(number: Option<usize>, items: usize) -> anyhow::Result<Range<usize>> {
    let Some(number) = number else { return Ok(0..items) };
    let last = if items == 1 { "1 item".to_owned() } else { format!("{items} items") };
    anyhow::ensure!((1..=items).contains(&number), "there is no item {number}: the document has {last}");
    Ok(number - 1..number)
}

/// Says why the document would become a dead letter.
fn rejected(fault: &Fault) -> ExitCode {
    let reason = fault.reason;
    fail(exit::DATA, &anyhow::anyhow!("{reason}: {fault}; `dateline reasons {reason}` says what to do"))
}

fn print_in_words(items: impl Iterator<Item = ItemShown>, numbers: bool) -> Result<(), OutputError> {
    let width = table::text_width();
    for (shown, item) in items.enumerate() {
        let gap = if shown == 0 { "" } else { "\n" };
        let mut text = words::in_words(item.ordinal, item.kind, &item.explanation, width);
        if numbers {
            text += &numbers::tables(&item.explanation);
        }
        if output::print(format!("{gap}{text}"))? == Reader::Gone {
            break;
        }
    }
    Ok(())
}

/// The command line takes precedence over the configuration.
fn override_config(config: &mut Config, args: &ExplainArgs) {
    if let Some(source) = &args.source {
        config.processing.source.clone_from(source);
    }
    if args.format != AUTO {
        config.processing.format = format_named(&args.format).map(|format| format.name);
    }
    let classify = &mut config.classify;
    for (path, given) in [
        (&mut classify.gazetteer, &args.gazetteer),
        (&mut classify.gazetteer_local, &args.gazetteer_local),
        (&mut classify.topic_lexicon, &args.topic_lexicon),
        (&mut classify.topic_model, &args.topic_model),
        (&mut classify.topic_local, &args.topic_local),
    ] {
        if given.is_some() {
            path.clone_from(given);
        }
    }
}

/// The bytes of the document: those of the file, or a JSON envelope of the texts given. One byte more than allowed is
/// enough to see that there are too many.
fn body(args: &ExplainArgs, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    if args.title.is_none() && args.body.is_none() {
        return read(&args.file, bytes_max);
    }
    let mut body = args.body.clone();
    if body.is_none() && args.file != Path::new("-") {
        body = Some(String::from_utf8(read(&args.file, bytes_max)?).context("the body is not UTF-8")?);
    }
    Ok(json!({ "title": args.title, "body": body }).to_string().into_bytes())
}

fn read(file: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().take(bytes_max + 1).read_to_end(&mut body).context("could not read standard input")?;
    } else {
        let name = file.display();
        let opened = File::open(file).with_context(|| format!("could not open {name}"))?;
        opened.take(bytes_max + 1).read_to_end(&mut body).with_context(|| format!("could not read {name}"))?;
    }
    Ok(body)
}

/// The document as if its sender had declared this too.
fn declare(mut document: Document, args: &ExplainArgs) -> Document {
    for item in &mut document.items {
        let declared = &mut item.declared;
        declared.language = args.language.clone().or_else(|| declared.language.take());
        if !args.section.is_empty() {
            declared.sections = declared.sections.iter().chain(&args.section).cloned().collect();
        }
    }
    document
}

impl DocumentShown {
    fn new(document: &Document) -> DocumentShown {
        DocumentShown {
            id: document.name.id.to_string(),
            source: document.source.clone(),
            format: document.format,
            items: document.items.len(),
        }
    }
}
