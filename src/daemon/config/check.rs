//! Faults of a configuration that no single value shows.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

use super::{Config, ConfigFault};
use crate::daemon::telemetry;

/// Longest name of a queue or exchange, by AMQP.
const NAME_BYTES_MAX: usize = 255;

/// Minimum duration that a key may have; nothing here needs a shorter one.
const DURATION_MIN: Duration = Duration::from_millis(1);

/// Longest heartbeat, by AMQP.
const HEARTBEAT_SECONDS_MAX: u64 = u16::MAX as u64;

/// Origin of faults that no value alone shows; [`Config::load`] names the file when it says something of the key.
pub(super) const ORIGIN: &str = "the effective configuration";

/// The countries compiled in, a code first in each line.
const COUNTRIES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/gazetteer/countries.tsv"));

impl Config {
    /// Faults that no single value shows.
    pub(super) fn check(&self) -> Vec<ConfigFault> {
        let mut faults = Vec::new();
        let mut fault = |key: &str, message: String| {
            faults.push(ConfigFault { key: key.to_owned(), origin: ORIGIN.to_owned(), message });
        };
        if self.broker.urls.is_empty() {
            fault("broker.urls", "is empty; expected at least one amqp:// or amqps:// URL".to_owned());
        }
        let urls = self.broker.urls.len();
        for (number, url) in (1..).zip(&self.broker.urls) {
            if let Err(reason) = url.check_url() {
                let which = format!("number {number} of {urls} (not shown) is not a broker's URL");
                fault("broker.urls", format!("{which}: {reason}; expected amqp:// or amqps://user@host:port/vhost"));
            }
        }
        if let Some(url) = &self.broker.management_url
            && url.0.strip_prefix("http://").is_none_or(str::is_empty)
        {
            fault("broker.management_url", "its value (not shown) is not a URL; expected http://host:port".to_owned());
        }
        if self.broker.tls.cert_file.is_some() != self.broker.tls.key_file.is_some() {
            fault("broker.tls", "expected both cert_file and key_file, or neither".to_owned());
        }
        for (key, file) in self.files() {
            if !file.is_file() {
                fault(key, format!("{} is not a file", file.display()));
            }
        }
        for (key, name) in self.topology.names() {
            if name.len() > NAME_BYTES_MAX || name.is_empty() {
                fault(key, format!("{name:?} is not the name of a queue or exchange; expected 1 to 255 bytes"));
            }
        }
        if self.topology.retry_delays.iter().any(|delay| delay.as_millis() == 0) {
            fault("topology.retry_delays", "expected delays of at least 1ms".to_owned());
        }
        if !(0.0..=1.0).contains(&self.classify.review_below) {
            fault("classify.review_below", format!("{} is not in 0 to 1", self.classify.review_below));
        }
        if self.pipeline.crash_attempts_max == 0 {
            fault("pipeline.crash_attempts_max", "expected at least 1".to_owned());
        }
        if !self.health.listen.is_empty() && self.health.listen.parse::<std::net::SocketAddr>().is_err() {
            fault(
                "health.listen",
                format!("{:?} is not an address and port; expected e.g. 127.0.0.1:8080", self.health.listen),
            );
        }
        self.check_bounds(&mut fault);
        self.check_distinct(&mut fault);
        if let Err(reason) = telemetry::filter(&self.log.filter) {
            let expected = "off, error, warn, info, debug or trace, and module=level, with commas";
            fault("log.filter", format!("{:?}: {reason}; expected {expected}", self.log.filter));
        }
        let countries = self.countries();
        for (name, source) in &self.sources {
            if let Some(home) = source.home.filter(|home| !countries.contains(home.as_str())) {
                let expected = "an ISO 3166-1 alpha-2 code in capitals, e.g. GB";
                fault(
                    &format!("sources.{name}.home"),
                    format!("\"{home}\" is not a country code; expected {expected}"),
                );
            }
        }
        faults
    }

    /// Files that a worker reads at each attempt to connect and that cannot be read now. They may come later, so a
    /// worker waits for them.
    pub fn check_files(&self) -> Vec<ConfigFault> {
        let broker = &self.broker;
        let files = [
            ("broker.password_file", &broker.password_file),
            ("broker.tls.ca_file", &broker.tls.ca_file),
            ("broker.tls.cert_file", &broker.tls.cert_file),
            ("broker.tls.key_file", &broker.tls.key_file),
        ];
        let mut faults = Vec::new();
        for (key, file) in files.into_iter().filter_map(|(key, file)| file.as_ref().map(|file| (key, file))) {
            // A folder can be opened, but not read.
            if let Err(error) = File::open(file).and_then(|mut file| file.read(&mut [0])) {
                let message = format!("could not read {}: {error}; expected a file this user may read", file.display());
                faults.push(ConfigFault { key: key.to_owned(), origin: ORIGIN.to_owned(), message });
            }
        }
        faults
    }

    fn check_bounds(&self, fault: &mut impl FnMut(&str, String)) {
        let (broker, pipeline) = (&self.broker, &self.pipeline);
        let heartbeat = broker.heartbeat;
        if heartbeat.subsec_nanos() != 0 || !(1..=HEARTBEAT_SECONDS_MAX).contains(&heartbeat.as_secs()) {
            fault("broker.heartbeat", format!("{heartbeat:?}: expected whole seconds, 1s to {HEARTBEAT_SECONDS_MAX}s"));
        }
        for (key, duration) in [
            ("broker.connect_timeout", broker.connect_timeout),
            ("broker.rpc_timeout", broker.rpc_timeout),
            ("broker.confirm_timeout", broker.confirm_timeout),
            ("broker.settle_timeout", broker.settle_timeout),
            ("broker.close_timeout", broker.close_timeout),
            ("broker.idle_renewal", broker.idle_renewal),
            ("broker.backoff_min", broker.backoff_min),
            ("pipeline.drain_timeout", pipeline.drain_timeout),
            ("pipeline.hand_back_timeout", pipeline.hand_back_timeout),
            ("pipeline.hold_max", pipeline.hold_max),
        ] {
            if duration < DURATION_MIN {
                fault(key, format!("{duration:?}: expected at least {DURATION_MIN:?}"));
            }
        }
        if broker.backoff_max < broker.backoff_min {
            let (least, most) = (broker.backoff_min, broker.backoff_max);
            fault("broker.backoff_max", format!("{most:?}: expected at least broker.backoff_min, which is {least:?}"));
        }
        for (key, size) in [
            ("broker.message_bytes_max", broker.message_bytes_max),
            ("processing.body_bytes_max", self.processing.body_bytes_max),
        ] {
            if size.as_u64() == 0 {
                fault(key, "0 bytes: expected at least 1 B, e.g. 4 MiB".to_owned());
            }
        }
    }

    /// No name may serve two purposes: dead letters would be consumed as documents.
    fn check_distinct(&self, fault: &mut impl FnMut(&str, String)) {
        let topology = &self.topology;
        let queues: Vec<_> = topology.queues().into_iter().map(|queue| (queue.key, queue.name)).collect();
        let exchanges = topology.exchanges().map(|exchange| (exchange.key, exchange.name.to_owned()));
        for (kind, names) in [("a queue", queues), ("an exchange", exchanges.to_vec())] {
            for (position, (key, name)) in names.iter().enumerate() {
                let same = names[..position].iter().find(|(other, taken)| taken == name && other != key);
                if let Some((other, _)) = same.filter(|_| !name.is_empty()) {
                    fault(key, format!("{name:?} is {other} too; expected {kind} of its own"));
                }
            }
        }
    }

    /// Codes of the countries of the gazetteer in use.
    fn countries(&self) -> BTreeSet<String> {
        let folder = self.classify.gazetteer.as_ref();
        // A gazetteer that cannot be read is reported when it is loaded.
        let own = folder.and_then(|folder| fs::read_to_string(folder.join("countries.tsv")).ok());
        let table = own.as_deref().unwrap_or(COUNTRIES);
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        rows.filter_map(|row| row.split_once('\t')).map(|(code, _)| code.to_owned()).collect()
    }

    fn files(&self) -> Vec<(&'static str, &PathBuf)> {
        let classify = &self.classify;
        [("classify.gazetteer_local", &classify.gazetteer_local), ("classify.topic_local", &classify.topic_local)]
            .into_iter()
            .filter_map(|(key, file)| file.as_ref().map(|file| (key, file)))
            .collect()
    }
}
