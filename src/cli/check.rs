//! `dateline check`: is the configuration right, and what is it? With `--broker`: will a worker run at its broker?
//!
//! Exit codes: 0 all is well, or could not be checked; 1 nothing worse than a warning; 69 no broker could be reached;
//! 78 the configuration or the broker's set-up is wrong.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use comfy_table::{Cell, Color, Table};
use serde::Serialize;

use super::table::{self, Column};
use super::{exit, load_config, misconfigured, output};
use crate::daemon::build;
use crate::daemon::config::Config;
use crate::transport::amqp::preflight::{Finding, Needs, Severity, inspect};

/// The columns of the findings at a broker.
const COLUMNS: [Column; 4] = [("", 9), ("check", 12), ("object", 14), ("finding", 30)];

/// Print the effective configuration, or what is wrong with it
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Configuration file; without it, the defaults and the environment
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Report what a worker would meet at its broker instead, changing nothing
    #[arg(long)]
    broker: bool,
    /// Print the findings as one JSON object, also on a terminal
    #[arg(long, requires = "broker")]
    json: bool,
}

pub(super) fn run(args: CheckArgs) -> anyhow::Result<ExitCode> {
    let config = match load_config(args.config.as_deref()) {
        Ok(config) => config,
        Err(code) => return Ok(code),
    };
    let faults = config.check_files();
    if !faults.is_empty() {
        return Ok(misconfigured(&faults));
    }
    if let Err(error) = build::processor(&config) {
        writeln!(io::stderr().lock(), "{error}")?;
        return Ok(ExitCode::from(exit::CONFIG));
    }
    if args.broker {
        return check_broker(&config, args.json);
    }
    let text = toml::to_string(&config).context("could not print the configuration")?;
    output::print(text)?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Report<'a> {
    worst: Severity,
    findings: &'a [Finding],
}

fn check_broker(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("could not start the runtime")?;
    let needs = Needs { broker: &config.broker, topology: &config.topology, hold_max: config.pipeline.hold_max };
    let findings = runtime.block_on(inspect(needs));
    runtime.shutdown_background();
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Unchecked);
    if json || !io::stdout().is_terminal() {
        output::print_json_pretty(&Report { worst, findings: &findings })?;
    } else {
        output::print(format!("{}\n", as_table(&findings)))?;
    }
    Ok(exit_code(worst, &findings))
}

fn exit_code(worst: Severity, findings: &[Finding]) -> ExitCode {
    let connected = findings.iter().any(|finding| finding.check == "connection" && finding.severity == Severity::Ok);
    match worst {
        Severity::Ok | Severity::Unchecked => ExitCode::SUCCESS,
        Severity::Warning => ExitCode::from(exit::WARNING),
        Severity::Error if connected => ExitCode::from(exit::CONFIG),
        Severity::Error => ExitCode::from(exit::UNAVAILABLE),
    }
}

/// Worst first; the remedy for a finding is below its message.
fn as_table(findings: &[Finding]) -> Table {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut table = table::fitted(&COLUMNS);
    for finding in findings {
        let (mark, color) = match finding.severity {
            Severity::Ok => ("ok", Color::Green),
            Severity::Unchecked => ("unchecked", Color::Blue),
            Severity::Warning => ("warning", Color::Yellow),
            Severity::Error => ("error", Color::Red),
        };
        let remedy = finding.remedy.as_ref().map(|remedy| format!("\n→ {remedy}")).unwrap_or_default();
        let says = Cell::new(format!("{}{remedy}", finding.message));
        table.add_row([Cell::new(mark).fg(color), Cell::new(finding.check), Cell::new(&finding.object), says]);
    }
    table
}
