//! Puts a configuration together from a file and the environment, and says everything that is wrong with it at once.

use std::collections::BTreeMap;
use std::path::Path;

use config::{ConfigError, Environment, File, FileFormat, Value, ValueKind};
use serde_json::Value as Json;

use super::check::ORIGIN;
use super::{Config, ConfigFault};

/// Prefix of environment variables, and the separator between the parts of a key in them.
const ENVIRONMENT: (&str, &str) = ("DATELINE", "__");

/// Origin of values from the environment.
const ENVIRONMENT_ORIGIN: &str = "the environment";

/// Faults reported at once.
const FAULTS_MAX: usize = 100;

impl Config {
    /// Puts the configuration together from a file and the environment.
    ///
    /// # Errors
    /// Every fault there is, each with its key, where it comes from, and what is allowed.
    pub fn load(file: Option<&Path>) -> Result<Config, Vec<ConfigFault>> {
        Config::load_from(file, None)
    }

    /// The same with other variables in place of the environment's.
    pub fn load_from(
        file: Option<&Path>,
        variables: Option<BTreeMap<String, String>>,
    ) -> Result<Config, Vec<ConfigFault>> {
        let values = collect(file, variables).map_err(|error| {
            let origin = file.map_or_else(|| ENVIRONMENT_ORIGIN.to_owned(), |file| file.display().to_string());
            vec![ConfigFault { key: String::new(), origin, message: without_excerpt(&error) }]
        })?;
        let (config, mut faults) = read(&values);
        for fault in faults.iter_mut().filter(|fault| fault.origin != ENVIRONMENT_ORIGIN) {
            // The library names the file by a path of its own making.
            fault.origin = file.map_or_else(|| fault.origin.clone(), |file| file.display().to_string());
        }
        if faults.is_empty() {
            faults = config.check();
            for fault in &mut faults {
                fault.origin = match stated(&values, &fault.key) {
                    Some(ENVIRONMENT_ORIGIN) => ENVIRONMENT_ORIGIN.to_owned(),
                    Some(_) => file.map_or_else(|| ORIGIN.to_owned(), |file| file.display().to_string()),
                    None => ORIGIN.to_owned(),
                };
            }
        }
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }
}

fn collect(file: Option<&Path>, variables: Option<BTreeMap<String, String>>) -> Result<Value, ConfigError> {
    let (prefix, separator) = ENVIRONMENT;
    let environment = Environment::with_prefix(prefix).prefix_separator(separator).separator(separator);
    let environment = environment.source(variables.map(|variables| variables.into_iter().collect()));
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(FileFormat::Toml));
    }
    Ok(builder.add_source(environment).build()?.cache)
}

/// What is wrong with a file, and where, without the lines of it that may hold a password.
fn without_excerpt(error: &ConfigError) -> String {
    let text = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => return other.to_string(),
    };
    let is_excerpt = |line: &str| line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|');
    let lines: Vec<&str> = text.lines().filter(|line| !is_excerpt(line) && !line.trim().is_empty()).collect();
    lines.join(": ")
}

/// Keys whose values are never shown.
const SECRET_KEYS: [&str; 3] = ["broker.urls", "broker.password", "broker.management_url"];

/// What is wrong with a value that is a secret or in whose place secrets are expected; `None` for any other.
fn withheld(values: &Json, path: &[String]) -> Option<String> {
    let key = path.join(".");
    let secret = SECRET_KEYS.iter().any(|secret| *secret == key || secret.starts_with(&format!("{key}.")));
    if !secret {
        return None;
    }
    let found = match values.pointer(&format!("/{}", path.join("/")))? {
        Json::Null => "nothing",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list with something else in it",
        Json::Object(_) => "a table",
    };
    let expected = match key.as_str() {
        "broker" => "a table of keys",
        "broker.urls" => "a list of texts in quotes, or one text with commas",
        _ => "text in quotes",
    };
    Some(format!("is {found} (not shown); expected {expected}"))
}

/// Reads a configuration, taking out what is wrong and noting it, until the rest can be read.
fn read(origins: &Value) -> (Config, Vec<ConfigFault>) {
    let mut values = to_json(origins);
    let mut faults = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, Config>(&values) {
            Ok(config) => return (config, faults),
            Err(error) => error,
        };
        let message = error.inner().to_string();
        let path = key_path(&error.path().to_string(), &message);
        let origin = origin_of(origins, &path);
        if origin == ENVIRONMENT_ORIGIN && retype(&mut values, &path) {
            continue;
        }
        let message = withheld(&values, &path).unwrap_or(message);
        let removed = remove(&mut values, &path);
        faults.push(ConfigFault { key: path.join("."), origin, message });
        if !removed || faults.len() >= FAULTS_MAX {
            return (Config::default(), faults);
        }
    }
}

/// The values in a form whose errors say what is allowed.
fn to_json(value: &Value) -> Json {
    match &value.kind {
        ValueKind::Nil => Json::Null,
        ValueKind::Boolean(flag) => (*flag).into(),
        ValueKind::I64(number) => (*number).into(),
        ValueKind::U64(number) => (*number).into(),
        ValueKind::I128(number) => number.to_string().into(),
        ValueKind::U128(number) => number.to_string().into(),
        ValueKind::Float(number) => (*number).into(),
        ValueKind::String(text) => text.as_str().into(),
        ValueKind::Array(values) => values.iter().map(to_json).collect(),
        ValueKind::Table(table) => table.iter().map(|(name, value)| (name.clone(), to_json(value))).collect(),
    }
}

/// The parts of a key. The elements of a list go with the list, and an unknown key may appear in the message only.
fn key_path(path: &str, message: &str) -> Vec<String> {
    let parts = path.split('.').filter(|part| !matches!(*part, "?" | ""));
    let mut parts: Vec<String> = parts.map(|part| part.split('[').next().unwrap_or(part).to_owned()).collect();
    let unknown = message.split_once("unknown field `").and_then(|(_, rest)| rest.split_once('`'));
    if let Some((unknown, _)) = unknown
        && parts.last().map(String::as_str) != Some(unknown)
    {
        parts.push(unknown.to_owned());
    }
    parts
}

/// Where the value at a path came from, or what contains it when it has no origin of its own.
fn origin_of(values: &Value, path: &[String]) -> String {
    let mut at = values;
    let mut origin = values.origin();
    for part in path {
        let ValueKind::Table(table) = &at.kind else { break };
        let Some(value) = table.get(part) else { break };
        at = value;
        origin = value.origin().or(origin);
    }
    origin.unwrap_or(ENVIRONMENT_ORIGIN).to_owned()
}

/// Where the value of a key came from, if it was set.
fn stated<'a>(values: &'a Value, key: &str) -> Option<&'a str> {
    let mut at = values;
    for part in key.split('.') {
        let ValueKind::Table(table) = &at.kind else { return None };
        at = table.get(part)?;
    }
    at.origin()
}

/// Environment variables are all text: reads one as a number or flag where text will not do.
fn retype(values: &mut Json, path: &[String]) -> bool {
    let pointer: String = path.iter().map(|part| format!("/{part}")).collect();
    let Some(value) = values.pointer_mut(&pointer) else { return false };
    let typed = value.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
    match typed {
        Some(typed) if typed.is_number() || typed.is_boolean() => {
            *value = typed;
            true
        }
        _ => false,
    }
}

/// Takes the value at a path out, or the value that the path leads through.
fn remove(values: &mut Json, path: &[String]) -> bool {
    let Some((name, rest)) = path.split_first() else { return false };
    let Some(table) = values.as_object_mut() else { return false };
    match table.get_mut(name) {
        Some(value) if !rest.is_empty() && value.is_object() => remove(value, rest),
        _ => table.remove(name).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn load(toml: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<ConfigFault>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(toml.as_bytes()).unwrap();
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Config::load_from(Some(file.path()), Some(variables))
    }

    #[track_caller]
    fn check(toml: &str, variables: &[(&str, &str)], expected: &[(&str, &str)]) {
        let faults = load(toml, variables).unwrap_err();
        let found: Vec<_> = faults.iter().map(|fault| (fault.key.as_str(), fault.message.as_str())).collect();
        assert_eq!(found.len(), expected.len(), "faults {faults:#?}");
        for (key, part) in expected {
            let hit = faults.iter().any(|fault| fault.key == *key && fault.message.contains(part));
            assert!(hit, "no fault of {key} that says {part:?} in {faults:#?}");
        }
    }

    #[test]
    fn every_fault_is_told_with_its_key_and_what_is_allowed() {
        check(
            "[broker]\nheartbeat = \"soon\"\nurl = \"amqp://h\"\n[topology]\nmode = \"delcare\"\n[log]\nformat = \"xml\"\n",
            &[("DATELINE__PIPELINE__IN_FLIGHT_MAX", "0"), ("DATELINE__NONSENSE", "1")],
            &[
                ("broker.heartbeat", "expected"),
                ("broker.url", "expected one of `urls`"),
                ("topology.mode", "expected one of `declare`, `verify`, `none`"),
                ("log.format", "expected `text` or `json`"),
                ("pipeline.in_flight_max", "nonzero"),
                ("nonsense", "expected one of `broker`"),
            ],
        );
    }

    #[test]
    fn a_fault_names_the_file_or_the_environment() {
        let faults = load("[broker]\nheartbeat = 1\n", &[("DATELINE__LOG__FORMAT", "xml")]).unwrap_err();
        let origin = |key: &str| &faults.iter().find(|fault| fault.key == key).unwrap().origin;
        assert!(origin("broker.heartbeat").contains("tmp"), "{faults:#?}");
        assert!(origin("log.format").contains("environment"), "{faults:#?}");
    }

    #[test]
    fn the_environment_overrides_the_file_and_the_file_the_defaults() {
        let config = load(
            "[pipeline]\nin_flight_max = 7\n[log]\nformat = \"json\"\n[sources.wire]\nhome = \"GB\"\n",
            &[
                ("DATELINE__PIPELINE__IN_FLIGHT_MAX", "9"),
                ("DATELINE__BROKER__URLS", "amqp://a/%2f,amqp://b/%2f"),
                ("DATELINE__BROKER__PASSWORD", "0123"),
            ],
        )
        .unwrap();
        assert_eq!(config.pipeline.in_flight_max.get(), 9);
        assert_eq!(config.broker.urls.len(), 2);
        assert_eq!(config.broker.password.unwrap().0, "0123");
        assert_eq!(config.sources["wire"].home, "GB".parse().ok());
        assert_eq!(config.pipeline.hold_max, Config::default().pipeline.hold_max);
    }

    #[track_caller]
    fn check_untold(toml: &str, variables: &[(&str, &str)], key: &str) {
        let faults = load(toml, variables).unwrap_err();
        assert_eq!(faults[0].key, key, "{faults:#?}");
        let shown = format!("{faults:?}{}", faults[0]);
        assert!(!shown.contains("s3cret") && !shown.contains("123456"), "{shown}");
        assert!(key.is_empty() || faults[0].message.contains("expected"), "{shown}");
    }

    #[test]
    fn a_secret_that_is_wrong_is_not_told() {
        check_untold("[broker]\nurls = [\"amqp:u:s3cret@h\"]\n", &[], "broker.urls");
        check_untold("[broker]\nurls = [\"amqp://u:s3cret\"]\n", &[], "broker.urls");
        check_untold("[broker]\nurls = [\"s3cret://u@h\"]\n", &[], "broker.urls");
        check_untold("[broker]\nurls = [123456]\n", &[], "broker.urls");
        check_untold("[broker]\nurls = 123456\n", &[], "broker.urls");
        check_untold("[broker]\npassword = 123456\n", &[], "broker.password");
        check_untold("[broker]\npassword = [\"s3cret\"]\n", &[], "broker.password");
        check_untold("[broker]\nmanagement_url = \"u:s3cret@h\"\n", &[], "broker.management_url");
        check_untold("broker = \"amqp://u:s3cret@h\"\n", &[], "broker");
        check_untold("", &[("DATELINE__BROKER__URLS", "amqp:u:s3cret@h")], "broker.urls");
        check_untold("[broker]\npassword = \"s3cret\n", &[], "");
        check_untold("[broker]\npassword = s3cret\n", &[], "");
    }

    #[test]
    fn bounds_that_nothing_can_run_with_are_faults() {
        let seconds = ["connect_timeout", "rpc_timeout", "confirm_timeout", "settle_timeout", "close_timeout"];
        for key in seconds.into_iter().chain(["idle_renewal", "heartbeat", "backoff_min"]) {
            check(&format!("[broker]\n{key} = \"0s\"\n"), &[], &[(&format!("broker.{key}"), "expected")]);
        }
        for key in ["drain_timeout", "hand_back_timeout", "hold_max"] {
            check(&format!("[pipeline]\n{key} = \"0s\"\n"), &[], &[(&format!("pipeline.{key}"), "at least 1ms")]);
        }
        check("[broker]\nheartbeat = \"1500ms\"\n", &[], &[("broker.heartbeat", "whole seconds")]);
        check("[broker]\nmessage_bytes_max = \"0 B\"\n", &[], &[("broker.message_bytes_max", "at least")]);
        check("[processing]\nbody_bytes_max = \"0 B\"\n", &[], &[("processing.body_bytes_max", "at least")]);
        check("[broker]\nbackoff_min = \"3s\"\n", &[], &[("broker.backoff_max", "backoff_min, which is 3s")]);
    }

    #[test]
    fn words_that_nobody_knows_are_faults() {
        check("[log]\nfilter = \"inof\"\n", &[], &[("log.filter", "\"inof\" is not a level; expected off, error")]);
        check("[log]\nfilter = \"info,lapin=loud\"\n", &[], &[("log.filter", "expected off, error")]);
        check("[log]\nfilter = \"\"\n", &[], &[("log.filter", "expected off, error")]);
        check(
            "[sources.wire]\nhome = \"UK\"\n",
            &[],
            &[("sources.wire.home", "\"UK\" is not a country code; expected an ISO")],
        );
        check("[sources.wire]\nhome = \"gb\"\n", &[], &[("sources.wire.home", "two capital letters")]);
        assert!(load("[log]\nfilter = \"warn,dateline=debug\"\n[sources.a]\nhome = \"XK\"\n", &[]).is_ok());
    }

    #[test]
    fn queues_and_exchanges_that_are_one_are_faults() {
        let documents = "is topology.documents too; expected a queue of its own";
        for key in ["parked", "dead_letters", "suspects"] {
            let toml = format!("[topology]\n{key} = \"dateline.documents\"\n");
            check(&toml, &[], &[(&format!("topology.{key}"), documents)]);
        }
        check("[topology]\ndocuments = \"dateline.retry.10s\"\n", &[], &[("topology.retry", documents)]);
        check(
            "[[topology.bindings]]\nqueue = \"dateline.dead-letters\"\nkeys = [\"#\"]\n",
            &[],
            &[("topology.bindings", "is topology.dead_letters too")],
        );
        check("[topology]\ndead = \"dateline.events\"\n", &[], &[("topology.dead", "an exchange of its own")]);
        let twice = "[[topology.bindings]]\nqueue = \"q\"\nkeys = [\"a\"]\n".repeat(2);
        assert!(load(&twice, &[]).is_ok(), "a queue may be bound twice");
    }

    #[test]
    fn a_fault_that_no_type_shows_names_its_file_too() {
        let faults = load("[broker]\nrpc_timeout = \"0s\"\n", &[("DATELINE__LOG__FILTER", "loud")]).unwrap_err();
        let origin = |key: &str| &faults.iter().find(|fault| fault.key == key).unwrap().origin;
        assert!(origin("broker.rpc_timeout").contains("tmp"), "{faults:#?}");
        assert!(origin("log.filter").contains("environment"), "{faults:#?}");
    }

    #[test]
    fn a_file_that_is_not_toml_is_named() {
        let faults = load("[broker\n", &[]).unwrap_err();
        assert_eq!((faults.len(), faults[0].key.as_str()), (1, ""), "{faults:#?}");
        assert!(faults[0].origin.contains("tmp") && faults[0].message.contains("line 1"), "{faults:#?}");
    }
}
