//! JSON Schemas of the contract, generated from the types, so that schema and code cannot diverge.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::cloudevent::{Data, Event};
use super::ninjs::NinjsItem;

/// URN of the schema of an event's `data`; also the event's `dataschema`.
pub const ITEM_URN: &str = "urn:dateline:schema:item.v1";

/// A schema of the contract.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Name on the command line.
    pub name: &'static str,
    /// Its `$id`.
    pub urn: &'static str,
    /// What it describes.
    pub describes: &'static str,
    generate: fn() -> schemars::Schema,
}

/// Every schema of the contract.
pub const SCHEMAS: [Schema; 3] = [
    Schema {
        name: "event",
        urn: "urn:dateline:schema:event.v1",
        describes: "the whole event: CloudEvents 1.0 envelope and data",
        generate: generate::<Event>,
    },
    Schema {
        name: "item",
        urn: ITEM_URN,
        describes: "an event's data: item, classification and document",
        generate: generate::<Data>,
    },
    Schema {
        name: "ninjs",
        urn: "urn:dateline:schema:ninjs-item.v1",
        describes: "an event's data.item: the part of IPTC ninjs 3.1 in use",
        generate: generate::<NinjsItem>,
    },
];

impl Schema {
    /// The schema as a JSON Schema 2020-12 document; `formats` are the names of the formats that can be read.
    pub fn document(&self, formats: &[&str]) -> Value {
        let mut document = (self.generate)().to_value();
        document["$id"] = self.urn.into();
        if let Some(format) = document.pointer_mut("/$defs/DocumentRef/properties/format") {
            format["enum"] = formats.into();
        }
        document
    }
}

fn generate<T: schemars::JsonSchema>() -> schemars::Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}
