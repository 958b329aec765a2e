//! The configuration: defaults compiled in, then a file, then `DATELINE__SECTION__KEY` from the environment. The only
//! place that reads the environment. Each module owns its section; here they are put together.

mod check;
mod load;

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::classify::region::RegionPaths;
use crate::classify::topic::TopicPaths;
use crate::dateline::SourceOptions;
use crate::document::{FormatName, SourceName};
use crate::parse::{format_named, format_names};
use crate::pipeline::order::OrderBy;
use crate::transport::amqp::options::BrokerOptions;
use crate::transport::amqp::topology::options::TopologyOptions;

/// Everything that can be configured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How to reach the broker.
    pub broker: BrokerOptions,
    /// Exchanges and queues.
    pub topology: TopologyOptions,
    /// The life of a delivery.
    pub pipeline: PipelineSection,
    /// Parsing.
    pub processing: ProcessingSection,
    /// What is known of feeds, by name.
    pub sources: BTreeMap<SourceName, SourceOptions>,
    /// Classification.
    pub classify: ClassifySection,
    /// Logs.
    pub log: LogSection,
    /// Health over HTTP.
    pub health: HealthSection,
}

/// The life of a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineSection {
    /// Deliveries in hand at once; the prefetch is the same number.
    pub in_flight_max: NonZeroU16,
    /// How long deliveries in hand may take to finish after a signal; then they are handed back.
    #[serde(with = "humantime_serde")]
    pub drain_timeout: Duration,
    /// How long handing back may take.
    #[serde(with = "humantime_serde")]
    pub hand_back_timeout: Duration,
    /// Longest time a delivery is held; keep it under half the broker's consumer timeout.
    #[serde(with = "humantime_serde")]
    pub hold_max: Duration,
    /// Which documents keep their order.
    pub order_by: OrderBy,
    /// Deaths of workers after which a document becomes a dead letter.
    pub crash_attempts_max: u64,
    /// Published documents remembered to skip identical ones; 0 remembers none.
    pub duplicates_remembered_max: usize,
}

impl Default for PipelineSection {
    fn default() -> Self {
        PipelineSection {
            in_flight_max: NonZeroU16::new(256).expect("256 is not 0"),
            drain_timeout: Duration::from_secs(30),
            hand_back_timeout: Duration::from_secs(5),
            hold_max: Duration::from_secs(600),
            order_by: OrderBy::None,
            crash_attempts_max: 3,
            duplicates_remembered_max: 0,
        }
    }
}

/// Parsing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProcessingSection {
    /// Feed of documents that do not name theirs.
    pub source: SourceName,
    /// Format of every document; recognised by content when absent.
    #[serde(deserialize_with = "format")]
    pub format: Option<FormatName>,
    /// Largest body, also after decompression.
    pub body_bytes_max: ByteSize,
    /// Maximum number of items in one document.
    pub items_max: NonZeroUsize,
    /// Maximum number of non-blank lines in one document.
    pub lines_max: NonZeroUsize,
}

impl Default for ProcessingSection {
    fn default() -> Self {
        ProcessingSection {
            source: "default".parse().expect("it is short and not empty"),
            format: None,
            body_bytes_max: ByteSize::mib(4),
            items_max: NonZeroUsize::new(1_000).expect("1,000 is not 0"),
            lines_max: NonZeroUsize::new(200_000).expect("200,000 is not 0"),
        }
    }
}

/// Reads the name of a format.
fn format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<FormatName>, D::Error> {
    let Some(name) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let format = format_named(&name).ok_or_else(|| {
        D::Error::custom(format!("{name:?} is not a format; expected one of {}", format_names().join(", ")))
    })?;
    Ok(Some(format.name))
}

/// Classification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClassifySection {
    /// Gazetteer in place of the one compiled in.
    pub gazetteer: Option<PathBuf>,
    /// Entries that add to the gazetteer, change or remove some of it.
    pub gazetteer_local: Option<PathBuf>,
    /// Topic lexicon in place of the one compiled in.
    pub topic_lexicon: Option<PathBuf>,
    /// Topic model in place of the one compiled in.
    pub topic_model: Option<PathBuf>,
    /// Terms and house topics that add to the lexicon.
    pub topic_local: Option<PathBuf>,
    /// Items whose best region or topic is less sure are marked for review.
    pub review_below: f64,
}

impl Default for ClassifySection {
    fn default() -> Self {
        ClassifySection {
            gazetteer: None,
            gazetteer_local: None,
            topic_lexicon: None,
            topic_model: None,
            topic_local: None,
            review_below: 0.5,
        }
    }
}

impl ClassifySection {
    /// Where the regions' data is.
    pub fn region_paths(&self) -> RegionPaths {
        RegionPaths { gazetteer: self.gazetteer.clone(), local: self.gazetteer_local.clone() }
    }

    /// Where the topics' data is.
    pub fn topic_paths(&self) -> TopicPaths {
        TopicPaths {
            lexicon: self.topic_lexicon.clone(),
            model: self.topic_model.clone(),
            local: self.topic_local.clone(),
        }
    }
}

/// Logs, on standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// Lines for people or for machines.
    pub format: LogFormat,
    /// What is logged: a level, and levels of modules.
    pub filter: String,
}

impl Default for LogSection {
    fn default() -> Self {
        LogSection { format: LogFormat::Text, filter: "info,lapin=off".to_owned() }
    }
}

/// Lines for people or for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text, coloured on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// Health over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthSection {
    /// Address and port of `/livez`, `/readyz` and `/ledger`; empty for none.
    pub listen: String,
}

impl Default for HealthSection {
    fn default() -> Self {
        HealthSection { listen: "127.0.0.1:8080".to_owned() }
    }
}

/// One fault of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigFault {
    /// The key, its parts joined by dots; empty when the fault concerns the whole file.
    pub key: String,
    /// The file, or `the environment`.
    pub origin: String,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl std::fmt::Display for ConfigFault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = if self.key.is_empty() { "(file)" } else { &self.key };
        write!(formatter, "{key}: {} (from {})", self.message, self.origin)
    }
}
