//! `dateline schema`: the contract as JSON Schema.

use std::fmt::Write as _;

use clap::Args;

use super::output;
use crate::event::schema::SCHEMAS;
use crate::parse::format_names;

/// Print a JSON Schema of the event contract, generated from the types
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Schema to print
    #[arg(default_value = "event", value_parser = SCHEMAS.map(|schema| schema.name))]
    name: String,
    /// List the schemas instead
    #[arg(long)]
    list: bool,
}

pub(super) fn run(args: &SchemaArgs) -> anyhow::Result<()> {
    if args.list {
        let mut list = String::new();
        for schema in SCHEMAS {
            writeln!(list, "{:8} {:36} {}", schema.name, schema.urn, schema.describes)?;
        }
        output::print(list)?;
        return Ok(());
    }
    let schema = SCHEMAS.iter().find(|schema| schema.name == args.name).expect("clap takes no other name");
    output::print_json_pretty(&schema.document(&format_names()))?;
    Ok(())
}
