//! Faults of a configuration that no single value shows.

use std::path::PathBuf;

use super::{Config, ConfigFault};

/// Longest name of a queue or exchange, by AMQP.
const NAME_BYTES_MAX: usize = 255;

impl Config {
    /// Faults that no single value shows.
    pub(super) fn check(&self) -> Vec<ConfigFault> {
        let mut faults = Vec::new();
        let mut fault = |key: &str, message: String| {
            faults.push(ConfigFault { key: key.to_owned(), origin: "the effective configuration".to_owned(), message });
        };
        if self.broker.urls.is_empty() {
            fault("broker.urls", "is empty; expected at least one amqp:// or amqps:// URL".to_owned());
        }
        let urls = self.broker.urls.len();
        for (number, url) in (1..).zip(&self.broker.urls) {
            if let Err(reason) = url.check_url() {
                let which = format!("number {number} of {urls} (not shown) is no broker's URL");
                fault("broker.urls", format!("{which}: {reason}; expected amqp:// or amqps://user@host:port/vhost"));
            }
        }
        if let Some(url) = &self.broker.management_url
            && url.0.strip_prefix("http://").is_none_or(str::is_empty)
        {
            fault("broker.management_url", "its value (not shown) is no URL; expected http://host:port".to_owned());
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
            if name.len() > NAME_BYTES_MAX || (name.is_empty() && key != "topology.suspects") {
                fault(key, format!("{name:?} is no name of a queue or exchange; expected 1 to 255 bytes"));
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
                format!("{:?} is no address and port; expected such as 127.0.0.1:8080", self.health.listen),
            );
        }
        faults
    }

    fn files(&self) -> Vec<(&'static str, &PathBuf)> {
        let classify = &self.classify;
        [("classify.gazetteer_local", &classify.gazetteer_local), ("classify.topic_local", &classify.topic_local)]
            .into_iter()
            .filter_map(|(key, file)| file.as_ref().map(|file| (key, file)))
            .collect()
    }
}
