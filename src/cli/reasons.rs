//! `dateline reasons`: why documents become dead letters, and what to do about each reason.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde::Serialize;

use super::output::{self, OutputError, Reader};
use crate::document::Reason;

/// List the reasons for dead letters, or explain one
#[derive(Debug, Args)]
pub(super) struct ReasonsArgs {
    /// Reason to explain: what it means, what to do, an example
    #[arg(value_name = "REASON", value_parser = parser(), hide_possible_values = true)]
    reason: Option<Reason>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// A reason as `--json` shows it.
#[derive(Serialize)]
struct Explained {
    reason: Reason,
    summary: &'static str,
    /// Markdown.
    page: &'static str,
}

pub(super) fn run(args: &ReasonsArgs) -> Result<(), OutputError> {
    let asked = args.reason.as_ref().map_or(Reason::ALL, std::slice::from_ref);
    if args.json {
        for &reason in asked {
            let explained = Explained { reason, summary: reason.summary(), page: reason.page() };
            if output::print_json(&explained)? == Reader::Gone {
                break;
            }
        }
        return Ok(());
    }
    let text = args.reason.map_or_else(list, |reason| reason.page().to_owned());
    output::print(text).map(|_| ())
}

fn list() -> String {
    let width = Reason::ALL.iter().map(|reason| reason.as_str().len()).max().unwrap_or_default();
    let mut text = String::new();
    for reason in Reason::ALL {
        writeln!(text, "{reason:width$}  {}", reason.summary()).expect("writing to a string does not fail");
    }
    text
}

fn parser() -> impl clap::builder::TypedValueParser<Value = Reason> {
    let known = PossibleValuesParser::new(Reason::ALL.iter().map(|reason| reason.as_str()));
    known.try_map(|code| code.parse::<Reason>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_on_a_line_with_its_meaning() {
        let list = list();
        assert_eq!(list.lines().count(), Reason::ALL.len());
        for (line, reason) in list.lines().zip(Reason::ALL) {
            assert!(line.starts_with(reason.as_str()) && line.ends_with(reason.summary()), "{line}");
        }
    }
}
