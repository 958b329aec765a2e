//! `dateline eval`: how good the classifiers are on labelled rows. Shows reports; `crate::eval` makes them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use comfy_table::{Cell, Table};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use serde::Serialize;

use super::output::{self, Reader};
use super::table;
use crate::classify::region::{RegionClassifier, RegionPaths};
use crate::classify::topic::{TopicClassifier, TopicPaths};
use crate::eval::regions::{self, RegionFigures, RegionReport};
use crate::eval::topics::{self, TopicFigures, TopicReport};
use crate::eval::{Confused, ReliabilityRow, Rows, Share, WrongRow};

/// Measure a classifier on labelled rows
#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Debug, Subcommand)]
enum Subject {
    /// Measure countries: rows of `id source title dateline body primary countries [language home]`
    Regions(RegionsArgs),
    /// Measure media topics: rows of `id source title body iptc [also deep lang sections]`
    Topics(TopicsArgs),
}

#[derive(Debug, Args)]
struct TopicsArgs {
    /// JSON Lines, one labelled item a line
    #[arg(value_name = "ROWS")]
    dataset: PathBuf,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
    /// Topic lexicon in place of the one compiled in
    #[arg(long = "topic-lexicon", alias = "lexicon", value_name = "FOLDER")]
    lexicon: Option<PathBuf>,
    /// Topic model in place of the one compiled in
    #[arg(long = "topic-model", alias = "model", value_name = "FILE")]
    model: Option<PathBuf>,
    /// Local topics and terms
    #[arg(long = "topic-local", alias = "local", value_name = "FILE")]
    local: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RegionsArgs {
    /// JSON Lines, one labelled item a line
    #[arg(value_name = "ROWS")]
    dataset: PathBuf,
    /// Print the report as one JSON object
    #[arg(long)]
    json: bool,
    /// Print each row's features as JSON Lines instead: what `training/regions` learns from
    #[arg(long)]
    features: bool,
    /// Gazetteer in place of the one compiled in
    #[arg(long, value_name = "FOLDER")]
    gazetteer: Option<PathBuf>,
    /// Local gazetteer entries
    #[arg(long = "gazetteer-local", alias = "local", value_name = "FILE")]
    local: Option<PathBuf>,
}

/// Measures and prints the report.
pub(super) fn run(args: EvalArgs) -> anyhow::Result<ExitCode> {
    match args.subject {
        Subject::Regions(args) => evaluate_regions(args),
        Subject::Topics(args) => evaluate_topics(args),
    }
}

fn evaluate_regions(args: RegionsArgs) -> anyhow::Result<ExitCode> {
    let paths = RegionPaths { gazetteer: args.gazetteer, local: args.local };
    let classifier = RegionClassifier::load(&paths)?;
    if args.features {
        return print_features(&classifier, &args.dataset);
    }
    let report = regions::evaluate(&classifier, open(&args.dataset)?).context("could not measure regions")?;
    print(&report, args.json, regions_tables)
}

fn print_features(classifier: &RegionClassifier, dataset: &Path) -> anyhow::Result<ExitCode> {
    let mut written = Ok(Reader::Listening);
    regions::features(classifier, open(dataset)?, |row| {
        if matches!(written, Ok(Reader::Listening)) {
            written = output::print_json(&row);
        }
    })?;
    written?;
    Ok(ExitCode::SUCCESS)
}

fn evaluate_topics(args: TopicsArgs) -> anyhow::Result<ExitCode> {
    let paths = TopicPaths { lexicon: args.lexicon, model: args.model, local: args.local };
    let classifier = TopicClassifier::load(&paths)?;
    let report = topics::evaluate(&classifier, open(&args.dataset)?).context("could not measure topics")?;
    print(&report, args.json, topics_tables)
}

/// Opens labelled rows, and draws on a terminal's standard error how far they are read.
fn open(dataset: &Path) -> anyhow::Result<Rows<impl BufRead + use<>>> {
    let name = dataset.display().to_string();
    let file = File::open(dataset).with_context(|| format!("could not open {name}"))?;
    let style =
        ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}").expect("the template is well formed");
    let bar = ProgressBar::new(file.metadata()?.len()).with_style(style).with_finish(ProgressFinish::AndClear);
    Ok(Rows::new(name, BufReader::new(bar.wrap_read(file))))
}

/// Prints a report as JSON or as the tables that `tables` makes of it.
fn print<R: Serialize>(report: &R, json: bool, tables: fn(&R) -> String) -> anyhow::Result<ExitCode> {
    if json {
        output::print_json_pretty(report)?;
    } else {
        output::print(format!("{}\n", tables(report)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn regions_tables(report: &RegionReport) -> String {
    let header = [
        "source",
        "rows",
        "top-1",
        "top-2",
        "lenient",
        "coverage",
        "micro F1",
        "precision",
        "recall",
        "macro F1",
        "abroad F1",
        "ECE",
    ];
    let mut figures = table::unfitted(&header);
    for (source, row) in &report.sources {
        figures.add_row(figures_row(source, row));
    }
    figures.add_row(figures_row("all", &report.all));
    let worst = worst_table(&report.worst);
    let reliability = reliability_table(&report.reliability);
    let confusion = confusion_table(&report.confusion);
    format!("{figures}\n\nReliability\n{reliability}\n\nConfusion\n{confusion}\n\nWorst errors\n{worst}")
}

fn figures_row(source: &str, row: &RegionFigures) -> Vec<Cell> {
    let ratios = [
        row.top1.ratio(),
        row.top2.ratio(),
        row.lenient.ratio(),
        row.coverage.ratio(),
        row.micro_f1,
        row.precision,
        row.recall,
        row.macro_f1,
        row.abroad_micro_f1,
        row.calibration_error,
    ];
    let numbers = std::iter::once(row.rows.to_string()).chain(ratios.map(ratio));
    std::iter::once(Cell::new(source)).chain(numbers.map(table::number)).collect()
}

fn topics_tables(report: &TopicReport) -> String {
    let header = [
        "source",
        "rows",
        "accuracy",
        "top-2",
        "macro F1",
        "coverage",
        "ECE",
        "headline",
        "headline ECE",
        "deeper",
        "deeper recall",
    ];
    let mut figures = table::unfitted(&header);
    for (source, row) in &report.sources {
        figures.add_row(topic_figures_row(source, row));
    }
    figures.add_row(topic_figures_row("all", &report.all));
    let mut recall = table::unfitted(&["topic", "rows", "recall"]);
    for (code, share) in &report.recall {
        recall.add_row([code.clone(), share.of.to_string(), ratio(share.ratio())]);
    }
    let worst = worst_table(&report.worst);
    let reliability = reliability_table(&report.reliability);
    let confusion = confusion_table(&report.confusion);
    format!(
        "{figures}\n\nRecall\n{recall}\n\nReliability\n{reliability}\n\nConfusion\n{confusion}\n\nWorst errors\n{worst}"
    )
}

fn topic_figures_row(source: &str, row: &TopicFigures) -> Vec<Cell> {
    let asked = |share: Share, value: f64| if share.of == 0 { "–".to_owned() } else { ratio(value) };
    let all = [row.accuracy.ratio(), row.top2.ratio(), row.macro_f1, row.coverage.ratio(), row.calibration_error];
    let some = [
        asked(row.headline, row.headline.ratio()),
        asked(row.headline, row.headline_calibration_error),
        asked(row.deeper, row.deeper.ratio()),
        asked(row.deeper_recall, row.deeper_recall.ratio()),
    ];
    let numbers = std::iter::once(row.rows.to_string()).chain(all.map(ratio)).chain(some);
    std::iter::once(Cell::new(source)).chain(numbers.map(table::number)).collect()
}

fn reliability_table(rows: &[ReliabilityRow]) -> Table {
    let mut reliability = table::unfitted(&["confidence", "given", "mean", "right"]);
    for row in rows {
        let bin = format!("{:.1}–{:.1}", row.from, row.to);
        reliability.add_row([bin, row.given.to_string(), ratio(row.confidence), ratio(row.right)]);
    }
    reliability
}

fn confusion_table(pairs: &[Confused]) -> Table {
    let mut confusion = table::unfitted(&["gold", "given", "rows"]);
    for pair in pairs {
        confusion.add_row([pair.gold.as_str(), pair.given.as_str(), &pair.rows.to_string()]);
    }
    confusion
}

fn worst_table(rows: &[WrongRow]) -> Table {
    let mut worst = table::unfitted(&["row", "gold", "given", "confidence"]);
    for row in rows {
        worst.add_row([row.id.as_str(), &row.gold, &row.given, &ratio(row.confidence)]);
    }
    worst
}

fn ratio(ratio: f64) -> String {
    format!("{ratio:.3}")
}
