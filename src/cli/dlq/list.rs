//! `dateline dlq list`: a line for each letter. Changes nothing but what a look changes.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Args;
use comfy_table::{Attribute, Cell, CellAlignment, Color, Table};

use super::Desk;
use super::select::{Filters, Label};
use crate::cli::output::{self, Reader};
use crate::cli::table::{self, Column};

/// Letters of one table: it is laid out as a whole.
const TABLE_ROWS_MAX: u64 = 500;

const COLUMNS: [Column; 7] =
    [("id", 12), ("reason", 12), ("source", 8), ("first seen", 22), ("tried", 7), ("bytes", 8), ("detail", 20)];

/// Characters of the reason's words shown.
const DETAIL_CHARS_MAX: usize = 80;

/// List dead letters: a table on a terminal, else one JSON object a line
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filters: Filters,
    /// One JSON object a line, also on a terminal
    #[arg(long)]
    json: bool,
}

pub(super) async fn list(desk: &Desk, args: ListArgs) -> anyhow::Result<ExitCode> {
    let table = !args.json && io::stdout().is_terminal();
    let mut selection = desk.select(if table { args.filters.limited(TABLE_ROWS_MAX) } else { args.filters });
    let mut letters = desk.open().await?;
    let mut rows = Vec::new();
    let mut warned = false;
    let mut met = 0u64;
    while !selection.is_full()
        && let Some(letter) = letters.next().await?
    {
        met += 1;
        let Some(label) = selection.admit(&letter.message) else { continue };
        desk.warn_of_looks(label.deliveries, &mut warned);
        if table {
            rows.push(label);
        } else if output::print_json(&label)? == Reader::Gone {
            break;
        }
    }
    let left = letters.left();
    desk.close(letters).await;
    if table {
        let shown = rows.len();
        output::print(format!("{}\n{shown} of {met} letters shown, {left} not met\n", as_table(&rows)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn as_table(labels: &[Label]) -> Table {
    let mut table = table::new(&COLUMNS);
    for label in labels {
        let number = |number: String| Cell::new(number).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(&label.id).add_attribute(Attribute::Bold),
            Cell::new(label.reason.as_deref().unwrap_or("—")).fg(Color::Red),
            Cell::new(&label.source),
            Cell::new(label.first_seen.map_or_else(|| "—".to_owned(), time)),
            number(label.attempts.to_string()),
            number(label.bytes.to_string()),
            Cell::new(label.detail.as_deref().unwrap_or_default().chars().take(DETAIL_CHARS_MAX).collect::<String>()),
        ]);
    }
    table
}

fn time(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.to_string())
}
