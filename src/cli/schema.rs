//! `dateline schema`: the contract as JSON Schema.

use std::io::{self, Write as _};

use clap::Args;

use crate::event::schema::SCHEMAS;

/// Print a JSON Schema of the event contract, generated from the types
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Which schema
    #[arg(default_value = "event", value_parser = SCHEMAS.map(|schema| schema.name))]
    name: String,
    /// Name the schemas instead
    #[arg(long)]
    list: bool,
}

pub(super) fn run(args: &SchemaArgs) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    if args.list {
        for schema in SCHEMAS {
            writeln!(stdout, "{:8} {:36} {}", schema.name, schema.urn, schema.describes)?;
        }
        return Ok(());
    }
    let schema = SCHEMAS.iter().find(|schema| schema.name == args.name).expect("clap takes no other name");
    serde_json::to_writer_pretty(&mut stdout, &schema.document())?;
    writeln!(stdout)?;
    Ok(())
}
