//! The broker's management API: what AMQP does not report. It is only read, never asked to change anything.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::super::dial::uri;
use super::super::options::BrokerOptions;
use super::{Finding, Severity};
use crate::secret::Secret;

/// Longest time for one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How the management API is switched on.
const ENABLE: &str = "rabbitmq-plugins enable rabbitmq_management, and set broker.management_url";

/// A management API that has answered once.
pub(super) struct Management {
    agent: ureq::Agent,
    base: String,
    authorization: String,
    vhost: String,
}

impl Management {
    /// The one that the configuration names, if it answers.
    pub(super) async fn of(broker: &BrokerOptions, url: &Secret, vhost: &str) -> Result<Management, Finding> {
        let object = "management API";
        let Some(management_url) = &broker.management_url else {
            let message = "not configured: arguments, policies and bindings are compared as far as AMQP can";
            return Err(Finding::new(Severity::Unchecked, "management", object, message).remedy(ENABLE));
        };
        let unreachable = |error: String| {
            let message = format!("{}: {error}", management_url.redacted());
            let remedy = "check broker.management_url; rabbitmq-plugins enable rabbitmq_management; rabbitmqctl \
                        set_user_tags USER monitoring";
            Finding::new(Severity::Warning, "management", object, message).remedy(remedy)
        };
        let login = uri(broker, url).await.map_err(|error| unreachable(error.to_string()))?.authority.userinfo;
        let (base, login) = split(&management_url.0, format!("{}:{}", login.username, login.password));
        let config = ureq::Agent::config_builder().timeout_global(Some(ANSWER_TIMEOUT)).http_status_as_error(true);
        let management = Management {
            agent: config.build().into(),
            base,
            authorization: format!("Basic {}", STANDARD.encode(login)),
            vhost: vhost.to_owned(),
        };
        match management.get(&["whoami"]).await {
            Ok(_) => Ok(management),
            Err(error) => Err(unreachable(error)),
        }
    }

    /// A queue of the virtual host.
    pub(super) async fn queue(&self, queue: &str) -> Result<Value, String> {
        self.get(&["queues", &self.vhost, queue]).await
    }

    /// An exchange of the virtual host.
    pub(super) async fn exchange(&self, exchange: &str) -> Result<Value, String> {
        self.get(&["exchanges", &self.vhost, exchange]).await
    }

    /// What an exchange sends on: queues and exchanges bound to it.
    pub(super) async fn bindings(&self, exchange: &str) -> Result<Vec<Value>, String> {
        match self.get(&["exchanges", &self.vhost, exchange, "bindings", "source"]).await? {
            Value::Array(bindings) => Ok(bindings),
            other => Err(format!("bindings are not a list: {other}")),
        }
    }

    /// What a user may do in the virtual host; reported to administrators only.
    pub(super) async fn permissions(&self, user: &str) -> Result<Value, String> {
        self.get(&["permissions", &self.vhost, user]).await
    }

    /// Deprecated features in use, from 3.13 on.
    pub(super) async fn deprecated(&self) -> Result<Vec<Value>, String> {
        match self.get(&["deprecated-features", "used"]).await? {
            Value::Array(features) => Ok(features),
            _ => Ok(Vec::new()),
        }
    }

    async fn get(&self, path: &[&str]) -> Result<Value, String> {
        let path: Vec<String> =
            path.iter().map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string()).collect();
        let request = self.agent.get(format!("{}/api/{}", self.base, path.join("/")));
        let request = request.header("Authorization", &self.authorization);
        let answered = tokio::task::spawn_blocking(move || request.call()?.body_mut().read_json::<Value>()).await;
        answered.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }
}

/// The URL without its user, and who to log in as: the URL's own user before the broker's.
fn split(url: &str, login: String) -> (String, String) {
    let url = url.trim_end_matches('/');
    match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (own, host))) => (format!("{scheme}://{host}"), own.to_owned()),
        None => (url.to_owned(), login),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_the_management_url_goes_before_that_of_the_broker() {
        let check = |url: &str, expected: (&str, &str)| {
            let (base, login) = split(url, "broker:one".to_owned());
            assert_eq!((base.as_str(), login.as_str()), expected);
        };
        check("http://host:15672/", ("http://host:15672", "broker:one"));
        check("http://watch:two@host:15672", ("http://host:15672", "watch:two"));
    }
}
