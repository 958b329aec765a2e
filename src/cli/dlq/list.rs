//! `dateline dlq list`: a line for each letter, and what their reasons mean. Changes nothing but the letters' delivery
//! counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use clap::Args;
use comfy_table::{Attribute, Cell, Color, Table};

use super::Mailbox;
use super::filters::FilterArgs;
use crate::cli::output::{self, Reader};
use crate::cli::table::{self, Column};
use crate::dead_letters::select::{Filters, Label};

/// Letters of one table: it is laid out as a whole.
const TABLE_ROWS_MAX: u64 = 500;

const COLUMNS: [Column; 7] =
    [("id", 12), ("reason", 12), ("source", 8), ("first seen", 22), ("tried", 7), ("bytes", 8), ("detail", 20)];

/// Characters of the reason's words shown.
const DETAIL_CHARS_MAX: usize = 80;

/// List dead letters: a table on a terminal, otherwise one JSON object a line
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filters: FilterArgs,
    /// Print one JSON object a line, also on a terminal
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(mailbox: &Mailbox, args: ListArgs) -> anyhow::Result<ExitCode> {
    let table = !args.json && io::stdout().is_terminal();
    let mut filters = Filters::from(args.filters);
    if table {
        filters.limit.get_or_insert(TABLE_ROWS_MAX);
    }
    let mut pass = mailbox.open(filters).await?;
    let mut rows = Vec::new();
    let mut warned = false;
    while let Some((label, _)) = pass.next().await? {
        mailbox.warn_of_looks(label.deliveries, &mut warned);
        if table {
            rows.push(label);
        } else if output::print_json(&label)? == Reader::Gone {
            break;
        }
    }
    let left = pass.left();
    let counts = mailbox.close(pass).await;
    if table {
        let (shown, met) = (rows.len(), counts.met);
        let legend = legend(&rows);
        output::print(format!("{}\n{legend}{shown} of {met} letters shown, {left} not met\n", as_table(&rows)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn as_table(labels: &[Label]) -> Table {
    let mut table = table::fitted(&COLUMNS);
    for label in labels {
        table.add_row([
            Cell::new(&label.id).add_attribute(Attribute::Bold),
            Cell::new(label.reason.as_deref().unwrap_or("—")).fg(Color::Red),
            Cell::new(&label.source),
            Cell::new(label.first_seen().map_or_else(|| "—".to_owned(), |time| time.to_string())),
            table::number(label.attempts),
            table::number(label.bytes),
            Cell::new(label.detail.as_deref().unwrap_or_default().chars().take(DETAIL_CHARS_MAX).collect::<String>()),
        ]);
    }
    table
}

/// What the reasons of these letters mean, and how many letters have each.
fn legend(labels: &[Label]) -> String {
    let mut counts: BTreeMap<&str, (usize, Option<&str>)> = BTreeMap::new();
    for label in labels {
        let Some(reason) = &label.reason else { continue };
        counts.entry(reason).or_insert((0, label.meaning)).0 += 1;
    }
    let mut text = String::new();
    for (reason, (count, meaning)) in &counts {
        let meaning = meaning.unwrap_or("Not a reason of Dateline's.");
        writeln!(text, "{reason} ({count}): {meaning}").expect("writing to a string does not fail");
    }
    if !counts.is_empty() {
        text.push_str("`dateline reasons REASON` says what to do.\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dead_letters::select::{Filters, Selection};
    use crate::message::{Incoming, header};

    fn label(reason: &str) -> Label {
        let mut letter = Incoming::default();
        letter.properties.headers.set(header::REASON, reason);
        Selection::new(Filters::default(), "wire".to_owned()).admit(&letter).expect("no filter is set")
    }

    #[test]
    fn each_reason_is_explained_once() {
        let legend = legend(&[label("panic"), label("empty"), label("panic"), label("elsewhere")]);
        let lines: Vec<&str> = legend.lines().collect();
        assert_eq!(lines.len(), 4, "{legend}");
        assert_eq!(lines[0], "elsewhere (1): Not a reason of Dateline's.");
        assert!(lines[1].starts_with("empty (1): ") && lines[2].starts_with("panic (2): Dateline's own"), "{legend}");
    }
}
