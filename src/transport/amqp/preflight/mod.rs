//! What a worker would meet at its broker, found out without changing anything.
//!
//! AMQP shows what exists, what is permitted and how large a message may be. Arguments, policies and bindings come from
//! the management API, when `broker.management_url` names it; without it they are reported as unchecked, with the
//! command that shows them. What a finding asks for is done by an operator, never here.

mod greeting;
mod management;
mod permissions;
mod probe;
mod rules;

use std::time::Duration;

use lapin::uri::AMQPUri;
use serde::Serialize;

use super::dial::connect;
use super::options::BrokerOptions;
use super::rpc::Rpc;
use super::topology::options::{Queue, Role, TopologyMode, TopologyOptions};
use crate::error::chain;
use greeting::Greeting;
use management::Management;
use probe::Prober;

/// Severity of a finding, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Could not be found out from here.
    Unchecked,
    /// A worker runs, but not as safely as it could.
    Warning,
    /// A worker cannot run, or documents can be lost.
    Error,
}

/// One thing found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// What was looked at, such as `version` or `permission`.
    pub check: &'static str,
    /// The broker, queue or exchange.
    pub object: String,
    /// What was found.
    pub message: String,
    /// The command or setting that remedies it, or that shows what could not be checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What a policy would have to set to remedy it.
    #[serde(skip)]
    set: Option<serde_json::Value>,
}

impl Finding {
    fn new(severity: Severity, check: &'static str, object: impl Into<String>, message: impl Into<String>) -> Self {
        Finding { severity, check, object: object.into(), message: message.into(), remedy: None, set: None }
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn set(mut self, definition: serde_json::Value) -> Self {
        self.set = Some(definition);
        self
    }
}

/// What a worker will need.
#[derive(Debug, Clone, Copy)]
pub struct Needs<'a> {
    /// How to reach the broker.
    pub broker: &'a BrokerOptions,
    /// Exchanges and queues.
    pub topology: &'a TopologyOptions,
    /// Longest time a delivery is held.
    pub hold_max: Duration,
}

/// What is known of the server once connected.
struct Server {
    user: String,
    vhost: String,
    greeting: Option<Greeting>,
    message_bytes_max: usize,
}

/// Looks at every broker of the list, and closely at the first that accepts a connection.
pub async fn inspect(needs: Needs<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut looked_closely = false;
    for url in &needs.broker.urls {
        let object = url.redacted();
        let connection = match connect(needs.broker, url, "checks").await {
            Ok(connection) => connection,
            Err(error) => {
                let finding = Finding::new(Severity::Error, "connection", &object, chain(&error));
                findings.push(finding.remedy(remedy_for(&chain(&error))));
                continue;
            }
        };
        findings.push(Finding::new(Severity::Ok, "connection", &object, "connected"));
        let greeting = greeting::greet(needs.broker, url).await;
        findings.extend(greeting::findings(greeting.as_ref(), &object, needs.topology));
        if !std::mem::replace(&mut looked_closely, true) {
            let status = connection.status();
            let server = Server {
                user: status.username(),
                vhost: status.vhost().to_string(),
                greeting: greeting.ok(),
                message_bytes_max: usize::try_from(needs.broker.message_bytes_max.as_u64()).unwrap_or(usize::MAX),
            };
            let management = Management::of(needs.broker, url, &server.vhost).await;
            let prober = Prober { connection: &connection, rpc: Rpc { deadline: needs.broker.rpc_timeout } };
            findings.extend(look_closely(needs, &server, &prober, &management).await);
        }
        // Nothing on it depends on an orderly end.
        drop(tokio::time::timeout(needs.broker.close_timeout, connection.close(200, "bye".into())).await);
    }
    findings
}

async fn look_closely(
    needs: Needs<'_>,
    server: &Server,
    prober: &Prober<'_>,
    management: &Result<Management, Finding>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(permissions::objects(needs.topology, server, prober, management.as_ref().ok()).await);
    findings.extend(permissions::publishing(needs, server, prober).await);
    findings.extend(permissions::consuming(needs.topology, server, prober).await);
    let answers = match management {
        Ok(management) => rules::audited(needs, server, management).await,
        Err(finding) => {
            let mut unchecked = vec![finding.clone()];
            unchecked.extend(rules::unaudited(needs, server));
            unchecked
        }
    };
    findings.extend(answers);
    findings.push(rules::consumer_timeout(needs.hold_max, server));
    findings
}

/// The queues that a worker in this mode relies on: those of desks only where it declares them.
fn queues(topology: &TopologyOptions) -> impl Iterator<Item = Queue> {
    let declares = topology.mode == TopologyMode::Declare;
    topology.queues().into_iter().filter(move |queue| declares || queue.role != Role::Desk)
}

fn queue_object(queue: &str) -> String {
    format!("queue {queue}")
}

fn exchange_object(exchange: &str) -> String {
    format!("exchange {}", if exchange.is_empty() { "amq.default" } else { exchange })
}

/// The policy that lets letters be looked at without end, as an operator types it. It is the one that the preflight
/// asks for: of two policies that match a queue only one has effect.
pub fn looking_policy(broker: &BrokerOptions, queue: &str) -> String {
    let url = broker.urls.first().and_then(|url| url.0.parse::<AMQPUri>().ok());
    policy(queue, url.as_ref().map_or("/", |url| &url.vhost), &looked_at_without_end())
}

/// What a policy sets for it; RabbitMQ 4 reads -1 as no limit.
fn looked_at_without_end() -> serde_json::Value {
    serde_json::json!({ "delivery-limit": -1 })
}

/// A policy that sets something on one queue, as an operator types it.
fn policy(queue: &str, vhost: &str, definition: &serde_json::Value) -> String {
    let pattern = queue.replace('.', "\\.");
    format!("rabbitmqctl set_policy -p {vhost} --apply-to queues --priority 10 {queue} '^{pattern}$' '{definition}'")
}

fn remedy_for(error: &str) -> &'static str {
    if error.contains("ACCESS") || error.contains("403") {
        "check broker.username and broker.password_file; rabbitmqctl authenticate_user USER PASSWORD"
    } else if error.contains("NOT_ALLOWED") || error.contains("530") {
        "check the virtual host at the end of the URL; rabbitmqctl list_vhosts; rabbitmqctl list_user_permissions USER"
    } else if error.contains("ertificate") {
        "check broker.tls.ca_file, the host name of the URL, and the broker's certificate"
    } else {
        "check broker.urls, and that the broker is up: rabbitmq-diagnostics check_port_connectivity"
    }
}
