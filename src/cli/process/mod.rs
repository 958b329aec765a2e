//! `dateline process`: the same pipeline on files and standard input, without a broker.

mod events;

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{Failure, Watched};
use super::{exit, fail, load_config};
use crate::daemon::build;
use crate::document::SourceName;
use crate::error::chain;
use crate::parse::{FORMATS, format_named};
use crate::pipeline::handle::{Handler, HandlerOptions, WorkerMemory};
use crate::pipeline::ledger::Counts;
use crate::pipeline::order::OrderBy;
use crate::pipeline::{self, Drained, Finish, PipelineOptions, Signals};
use crate::transport::stdio::{Framing, Input, StdioPublisher, StdioSource};

/// Documents in hand at once.
const IN_FLIGHT_MAX: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not 0");

/// Minimum size of the input for which a progress bar is shown.
const PROGRESS_BYTES_MIN: u64 = 1 << 20;

/// Classify documents from files or standard input; rejected ones go to stderr as NDJSON
#[derive(Debug, Args)]
pub(super) struct ProcessArgs {
    /// Files, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<PathBuf>,
    /// Configuration file; without it, the defaults and the environment
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Format of the files
    #[arg(long, default_value = AUTO, value_parser = formats())]
    format: String,
    /// How events are written: a table on a terminal, otherwise one event a line
    #[arg(long)]
    output: Option<Output>,
    /// Feed the documents come from
    #[arg(long, value_name = "NAME")]
    source: Option<SourceName>,
}

/// Word of `--format` for a format that is recognised by content.
pub(super) const AUTO: &str = "auto";

/// Word of `--format` for JSON envelopes, one a line.
const NDJSON: &str = "ndjson";

/// The words of `--format` for one document: its name, or [`AUTO`].
pub(super) fn document_formats() -> Vec<PossibleValue> {
    let named = FORMATS.iter().map(|format| PossibleValue::new(format.name.as_str()).help(format.describes));
    std::iter::once(PossibleValue::new(AUTO).help("recognised by content")).chain(named).collect()
}

/// The words of `--format` for documents.
fn formats() -> PossibleValuesParser {
    let ndjson = PossibleValue::new(NDJSON).help("one JSON object a line");
    PossibleValuesParser::new(document_formats().into_iter().chain([ndjson]))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    Table,
    Ndjson,
}

pub(super) fn run(args: ProcessArgs) -> anyhow::Result<ExitCode> {
    let mut config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let (format, framing) = match args.format.as_str() {
        AUTO => (config.processing.format, Framing::Whole),
        NDJSON => (format_named("json").map(|format| format.name), Framing::Lines),
        name => (format_named(name).map(|format| format.name), Framing::Whole),
    };
    config.processing.format = format;
    if let Some(source) = args.source {
        config.processing.source = source;
    }
    let processor = build::processor(&config)?;
    let terminal = io::stdout().is_terminal();
    let processor = match args.output.unwrap_or(if terminal { Output::Table } else { Output::Ndjson }) {
        Output::Table => processor.encode_with(Box::new(events::as_table)),
        Output::Ndjson => processor,
    };
    let processor = Arc::new(processor);
    let bar = progress_bar(&args.files);
    let inputs = args.files.iter().map(|file| open(file, framing, &bar)).collect::<anyhow::Result<Vec<_>>>();
    let inputs = match inputs {
        Ok(inputs) => inputs,
        Err(error) => return Ok(fail(exit::NO_INPUT, &error)),
    };
    let body_bytes_max = usize::try_from(config.processing.body_bytes_max.as_u64()).unwrap_or(usize::MAX);
    let source = StdioSource::new(inputs, body_bytes_max);
    let (events, dead_letters) = (Watched::new(io::stdout()), Watched::new(io::stderr()));
    let failures = Failures { events: events.failure(), dead_letters: dead_letters.failure() };
    let publisher = StdioPublisher::new(events, dead_letters);
    // A paused pager holds everything up, and there is no queue to hand a document back to.
    let options = HandlerOptions { hold_max: Duration::MAX, ..build::handler_options(&config) };
    let memory = Arc::new(WorkerMemory::new(&options));
    let signals = Signals::default();
    let handler = Arc::new(Handler::new(processor, publisher, Arc::clone(&memory), options, signals.abandon.clone()));
    let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
    let drained = runtime.block_on(async {
        let mut source = source;
        pipeline::run(&mut source, handler, &pipeline_options(), &signals).await
    });
    bar.finish_and_clear();
    Ok(finished(&drained, &failures, memory.ledger.total()))
}

/// Documents come out in the order they went in.
fn pipeline_options() -> PipelineOptions {
    PipelineOptions {
        in_flight_max: IN_FLIGHT_MAX,
        drain_timeout: Duration::MAX,
        hand_back_timeout: Duration::from_secs(1),
        order_by: OrderBy::Arrival,
    }
}

fn open(file: &Path, framing: Framing, bar: &ProgressBar) -> anyhow::Result<Input> {
    let name = file.display().to_string();
    let reader: Box<dyn BufRead + Send> = if name == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let opened = File::open(file).with_context(|| format!("could not open {name}"))?;
        anyhow::ensure!(!opened.metadata()?.is_dir(), "{name} is a folder, not a file");
        Box::new(BufReader::new(bar.wrap_read(opened)))
    };
    Ok(Input { name, reader, framing })
}

/// A bar for the bytes of long input; hidden without a terminal.
fn progress_bar(files: &[PathBuf]) -> ProgressBar {
    let bytes = files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len()).sum();
    if bytes < PROGRESS_BYTES_MIN || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        .expect("the template is valid");
    ProgressBar::new(bytes).with_style(style)
}

/// Why output was lost, if it was. The pipeline reports one fault; here each stream reports its own.
struct Failures {
    events: Failure,
    dead_letters: Failure,
}

/// Says what went wrong, if anything did, and gives the exit code: success means that every document was completed.
fn finished(drained: &Drained, failures: &Failures, counts: Counts) -> ExitCode {
    let lost = counts.received - counts.published - counts.skipped - counts.dead_lettered;
    let residue = |what: String| {
        let error = anyhow::anyhow!("{what}; {lost} of {} documents read did not complete", counts.received);
        fail(exit::RESIDUE, &error)
    };
    if let Some(error) = failures.dead_letters.get() {
        return residue(format!("could not write dead letters to standard error: {error}"));
    }
    match (failures.events.get(), &drained.finish) {
        (Some(error), _) if error.kind() != io::ErrorKind::BrokenPipe => {
            residue(format!("could not write events to standard output: {error}"))
        }
        (_, Finish::Source(error)) => fail(exit::NO_INPUT, &anyhow::anyhow!("{}", chain(error))),
        // The reader of our events has gone.
        (Some(_), _) => rejections(counts),
        (None, Finish::Fault(fault)) => residue(chain(fault)),
        (None, _) if !drained.complete || lost != 0 => residue("not everything was processed".to_owned()),
        (None, Finish::Exhausted | Finish::Stopped) => rejections(counts),
    }
}

fn rejections(counts: Counts) -> ExitCode {
    if counts.dead_lettered == 0 { ExitCode::SUCCESS } else { ExitCode::from(exit::DATA) }
}
