//! Validity against the schemas that others publish: CloudEvents 1.0 for an event, ninjs 3.1 for its item.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

static CLOUDEVENTS: LazyLock<Validator> = LazyLock::new(|| validator("cloudevents.json"));
static NINJS: LazyLock<Validator> = LazyLock::new(|| validator("ninjs-schema_3.1.json"));

/// Reads an event and fails unless it is valid against both schemas.
#[track_caller]
pub fn event(body: &[u8], what: &str) -> Value {
    let event: Value = serde_json::from_slice(body).unwrap_or_else(|error| panic!("{what}: {error}"));
    check_valid(&CLOUDEVENTS, &event, what);
    check_valid(&NINJS, &event["data"]["item"], what);
    event
}

/// Fails with all that makes an instance invalid.
#[track_caller]
pub fn check_valid(validator: &Validator, instance: &Value, what: &str) {
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

fn validator(name: &str) -> Validator {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/schema").join(name);
    let text = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let schema: Value = serde_json::from_slice(&text).expect("a published schema is JSON");
    // No item of ours has a geometry: what refers to the schema of GeoJSON is invalid.
    let geojson = jsonschema::Registry::new()
        .add("https://geojson.org/schema/GeoJSON.json", Value::Bool(false))
        .and_then(|registry| registry.prepare())
        .expect("a schema that accepts nothing is a schema");
    let options = jsonschema::options().should_validate_formats(true).with_registry(&geojson);
    options.build(&schema).expect("a published schema is a schema")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An event with one thing wrong.
    #[track_caller]
    fn check_refused(validator: &Validator, mut instance: Value, name: &str, wrong: Value) {
        assert!(validator.is_valid(&instance), "the event is valid before it is changed");
        instance[name] = wrong;
        assert!(!validator.is_valid(&instance), "{name} may be {}", instance[name]);
    }

    #[test]
    fn the_published_schemas_refuse_what_is_wrong() {
        let event = json!({"specversion": "1.0", "type": "a", "source": "urn:a", "id": "1"});
        for (name, wrong) in [
            ("specversion", json!(1)),
            ("id", json!("")),
            ("source", json!("not a reference")),
            ("time", json!("yesterday")),
            ("datacontenttype", json!(5)),
        ] {
            check_refused(&CLOUDEVENTS, event.clone(), name, wrong);
        }
        let item = json!({"uri": "urn:a:1", "standard": {"name": "ninjs", "version": "3.1"}});
        for (name, wrong) in [
            ("uri", json!("not a reference")),
            ("pubStatus", json!("draft")),
            ("headlines", json!("Dike breaks")),
            ("versionCreated", json!("yesterday")),
            ("places", json!([{"geometryGeoJson": {"type": "Point", "coordinates": [5, 60]}}])),
            ("colour", json!("red")),
        ] {
            check_refused(&NINJS, item.clone(), name, wrong);
        }
    }
}
