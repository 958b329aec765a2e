//! What arguments, policies and bindings must be for no document to be lost, and how to remedy each.
//!
//! An argument is given when a queue is declared and never changes; a policy is set by an operator and goes second. A
//! rule looks at both and asks for policies only, since they can be set while the worker runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::topology::DELIVERY_LIMIT_NONE;
use super::management::Management;
use super::{Finding, Needs, Server, Severity, exchange_object, looked_at_without_end, policy, queue_object, queues};
use crate::transport::amqp::topology::options::{Exchange, QueueType, Role, TopologyOptions};

/// How long RabbitMQ lets a consumer hold a delivery unless configured otherwise.
const CONSUMER_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30 * 60);

/// The first version whose quorum queues drop a message after 20 deliveries unless configured otherwise.
const VERSION_LIMITS_DELIVERIES: (u32, u32) = (4, 0);

/// Everything the management API reports.
pub(super) async fn audited(needs: Needs<'_>, server: &Server, management: &Management) -> Vec<Finding> {
    let mut findings = vec![Finding::new(Severity::Ok, "management", "management API", "answers")];
    for queue in queues(needs.topology) {
        // What is missing was reported already.
        if let Ok(found) = management.queue(&queue.name).await {
            findings.extend(Rules { needs, server, queue: &queue.name, found: &found }.findings(queue.role));
        }
    }
    for exchange in needs.topology.exchanges() {
        if let Ok(found) = management.exchange(exchange.name).await {
            findings.push(exchange_type(exchange, &found));
        }
    }
    findings.extend(bound(needs.topology, management).await);
    findings.extend(deprecated(server, management).await);
    findings
}

/// What only the management API reports, and the commands that show it instead.
pub(super) fn unaudited(needs: Needs<'_>, server: &Server) -> Vec<Finding> {
    let vhost = &server.vhost;
    let unchecked = |check, object: &str, message: &str, remedy: String| {
        Finding::new(Severity::Unchecked, check, object, message).remedy(remedy)
    };
    let dead = &needs.topology.dead;
    vec![
        unchecked(
            "queue settings",
            "queues",
            "types, delivery limits and dead-letter exchanges set by policies are not known",
            format!("rabbitmqctl list_queues -p {vhost} name type durable arguments effective_policy_definition"),
        ),
        unchecked(
            "bindings",
            &exchange_object(dead),
            "whether a queue keeps dead letters and parked events is not known",
            format!("rabbitmqctl list_bindings -p {vhost} source_name destination_name routing_key"),
        ),
        unchecked(
            "deprecated features",
            "broker",
            "not known",
            "rabbitmqctl list_deprecated_features --used (from 3.13 on)".to_owned(),
        ),
    ]
}

/// Whether the broker may take a delivery away while a worker still holds it. No interface reports the setting.
pub(super) fn consumer_timeout(hold_max: Duration, server: &Server) -> Finding {
    let (held, default) = (humantime::format_duration(hold_max), humantime::format_duration(CONSUMER_TIMEOUT_DEFAULT));
    let finding = |severity, message: String| Finding::new(severity, "consumer timeout", "broker", message);
    if hold_max.saturating_mul(2) > CONSUMER_TIMEOUT_DEFAULT {
        let message =
            format!("pipeline.hold_max = {held} is more than half the consumer timeout, {default} by default");
        let millis = hold_max.as_millis().saturating_mul(2);
        let remedy = format!("set pipeline.hold_max to at most 15m, or consumer_timeout = {millis} in rabbitmq.conf");
        return finding(Severity::Warning, message).remedy(remedy);
    }
    let named = server.greeting.as_ref().map_or("this version", |greeting| greeting.version.as_str());
    let message = format!(
        "pipeline.hold_max = {held} fits the default of {default}; whether {named} is configured otherwise cannot be seen"
    );
    finding(Severity::Unchecked, message).remedy("rabbitmqctl eval 'application:get_env(rabbit, consumer_timeout).'")
}

fn exchange_type(exchange: Exchange<'_>, found: &Value) -> Finding {
    let (object, expected) = (exchange_object(exchange.name), exchange.kind);
    let kind = found["type"].as_str().unwrap_or("?");
    // A fanout exchange takes every routing key that a topic exchange bound with # takes.
    match kind == expected || (expected == "topic" && kind == "fanout") {
        true => Finding::new(Severity::Ok, "exchange type", object, format!("is a {kind} exchange")),
        false => {
            let message = format!("is a {kind} exchange, {expected} expected");
            let remedy = format!("rabbitmqadmin delete exchange name={}; then declare it as {expected}", exchange.name);
            Finding::new(Severity::Error, "exchange type", object, message).remedy(remedy)
        }
    }
}

/// Whether something is bound where documents would vanish otherwise.
async fn bound(topology: &TopologyOptions, management: &Management) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (exchange, queue, severity) in [
        (&topology.dead, Some(&topology.dead_letters), Severity::Error),
        (&topology.unrouted, Some(&topology.parked), Severity::Error),
        (&topology.events, None, Severity::Warning),
    ] {
        if let Ok(bindings) = management.bindings(exchange).await {
            findings.push(binding(exchange, queue.map(String::as_str), severity, &bindings));
        }
    }
    findings
}

fn binding(exchange: &str, queue: Option<&str>, severity: Severity, bindings: &[Value]) -> Finding {
    let object = exchange_object(exchange);
    let destinations: Vec<&str> = bindings.iter().filter_map(|binding| binding["destination"].as_str()).collect();
    let everything = |binding: &&Value| ["#", ""].iter().any(|key| binding["routing_key"] == **key);
    match queue {
        _ if destinations.is_empty() => {
            let message = "nothing is bound to it".to_owned();
            let queue = queue.unwrap_or("QUEUE");
            Finding::new(severity, "bindings", object, message)
                .remedy(format!("rabbitmqadmin declare binding source={exchange} destination={queue} routing_key='#'"))
        }
        Some(queue) if !bindings.iter().filter(everything).any(|binding| binding["destination"] == *queue) => {
            let message = format!("bound to {}, but not with every key to {queue}", destinations.join(", "));
            Finding::new(Severity::Warning, "bindings", object, message)
                .remedy(format!("rabbitmqadmin declare binding source={exchange} destination={queue} routing_key='#'"))
        }
        _ => Finding::new(Severity::Ok, "bindings", object, format!("bound to {}", destinations.join(", "))),
    }
}

async fn deprecated(server: &Server, management: &Management) -> Vec<Finding> {
    let finding = |severity, message: String| Finding::new(severity, "deprecated features", "broker", message);
    match management.deprecated().await {
        Ok(used) if used.is_empty() => vec![finding(Severity::Ok, "none in use".to_owned())],
        Ok(used) => used
            .iter()
            .map(|feature| {
                let name = feature["name"].as_str().unwrap_or("?");
                finding(Severity::Warning, format!("{name} is in use; 4.3 denies some by default and removes others"))
                    .remedy("rabbitmqctl list_deprecated_features --used")
            })
            .collect(),
        Err(_) if server.greeting.as_ref().and_then(|greeting| greeting.version()) < Some((3, 13)) => Vec::new(),
        Err(error) => vec![finding(Severity::Unchecked, error).remedy("rabbitmqctl list_deprecated_features --used")],
    }
}

/// The rules for one queue.
struct Rules<'a> {
    needs: Needs<'a>,
    server: &'a Server,
    queue: &'a str,
    /// As the management API describes it.
    found: &'a Value,
}

impl Rules<'_> {
    fn findings(&self, role: Role) -> Vec<Finding> {
        let mut findings = vec![self.queue_type()];
        findings.extend(self.transient());
        findings.extend(self.mirrored());
        match role {
            Role::Documents | Role::Suspects => {
                findings.push(self.dead_letter_exchange());
                findings.extend(self.delivery_limit());
                findings.extend(self.length());
                findings.extend(self.consumer_timeout());
            }
            Role::Retry(step) => findings.push(self.delay(step)),
            Role::DeadLetters | Role::Parked => {
                findings.extend(self.looked_at());
                findings.extend(self.forgets());
            }
            Role::Desk => {}
        }
        self.combine_policies(&mut findings);
        findings
    }

    /// Of all policies that match a queue only one has effect: it must hold everything the findings ask for, and what
    /// the one in effect holds now.
    fn combine_policies(&self, findings: &mut [Finding]) {
        let mut definition = self.found["effective_policy_definition"].as_object().cloned().unwrap_or_default();
        let wanted = findings.iter().filter_map(|finding| finding.set.as_ref()?.as_object());
        definition.extend(wanted.flatten().map(|(name, value)| (name.clone(), value.clone())));
        let command = policy(self.queue, &self.server.vhost, &Value::Object(definition));
        for finding in findings.iter_mut().filter(|finding| finding.set.is_some()) {
            finding.remedy = Some(command.clone());
        }
    }

    fn queue_type(&self) -> Finding {
        let expected = self.needs.topology.queue_type.name();
        let found = self.found["type"].as_str().unwrap_or("?");
        if found == expected {
            return self.finding(Severity::Ok, "queue type", format!("is a {found} queue"));
        }
        self.finding(Severity::Error, "queue type", format!("is a {found} queue, {expected} expected"))
            .remedy(format!("set topology.queue_type = \"{found}\"; or, when it is empty, {}", self.delete()))
    }

    fn transient(&self) -> Option<Finding> {
        let message = "does not survive a restart; 4.3 denies such queues".to_owned();
        (self.found["durable"] == json!(false)).then(|| {
            self.finding(Severity::Error, "durable", message)
                .remedy(format!("{}, and declare it durable", self.delete()))
        })
    }

    fn mirrored(&self) -> Option<Finding> {
        self.found["effective_policy_definition"]["ha-mode"].as_str().map(|mode| {
            self.finding(
                Severity::Warning,
                "deprecated features",
                format!("is mirrored (ha-mode {mode}); 4.0 removed that"),
            )
            .remedy("use a quorum queue, or rabbitmqctl clear_policy NAME")
        })
    }

    fn dead_letter_exchange(&self) -> Finding {
        let dead = &self.needs.topology.dead;
        let check = "dead-letter exchange";
        match self.setting("dead-letter-exchange").and_then(Value::as_str) {
            Some(exchange) if exchange == dead => self.finding(Severity::Ok, check, format!("is {dead}")),
            Some(other) => self
                .finding(Severity::Warning, check, format!("is {other:?}, not topology.dead = {dead:?}"))
                .remedy("set topology.dead to it, or change the argument or policy"),
            None => self
                .finding(Severity::Error, check, "none: what the broker gives up on is dropped".to_owned())
                .set(json!({ "dead-letter-exchange": dead, "dead-letter-routing-key": "delivery-limit" })),
        }
    }

    fn delivery_limit(&self) -> Option<Finding> {
        if self.found["type"] != "quorum" {
            return None;
        }
        let check = "delivery limit";
        let limit = self.needs.topology.delivery_limit;
        let set = json!({ "delivery-limit": limit });
        Some(match self.setting("delivery-limit").and_then(Value::as_i64) {
            Some(found) if found < 0 => self
                .finding(
                    Severity::Warning,
                    check,
                    "none: a document that kills workers comes back without end".to_owned(),
                )
                .set(set.clone()),
            Some(found) => self.finding(Severity::Ok, check, format!("{found} deliveries")),
            None if self.limits_deliveries() => {
                self.finding(Severity::Ok, check, "20 deliveries, by default".to_owned())
            }
            None => self
                .finding(
                    Severity::Warning,
                    check,
                    "none: a document that kills workers comes back without end".to_owned(),
                )
                .set(set.clone()),
        })
    }

    /// A full queue may refuse, but must not drop what it holds.
    fn length(&self) -> Option<Finding> {
        self.setting("max-length").or_else(|| self.setting("max-length-bytes"))?;
        let overflow = self.setting("overflow").and_then(Value::as_str).unwrap_or("drop-head");
        (!overflow.starts_with("reject-publish")).then(|| {
            self.finding(Severity::Error, "overflow", format!("is bounded and drops its oldest documents ({overflow})"))
                .set(json!({ "overflow": "reject-publish" }))
        })
    }

    fn consumer_timeout(&self) -> Option<Finding> {
        let timeout = Duration::from_millis(self.setting("consumer-timeout")?.as_u64()?);
        let hold_max = self.needs.hold_max;
        let message = format!(
            "{} against pipeline.hold_max = {}",
            humantime::format_duration(timeout),
            humantime::format_duration(hold_max)
        );
        Some(match hold_max.saturating_mul(2) > timeout {
            true => {
                let half = u64::try_from(timeout.as_millis() / 2).unwrap_or(u64::MAX);
                self.finding(Severity::Error, "consumer timeout", format!("{message}: less than twice as long"))
                    .remedy(format!("set pipeline.hold_max = \"{half}ms\" or less"))
            }
            false => self.finding(Severity::Ok, "consumer timeout", message),
        })
    }

    fn delay(&self, step: usize) -> Finding {
        let topology = self.needs.topology;
        let millis = u64::try_from(topology.retry_delays[step].as_millis()).unwrap_or(u64::MAX);
        let back = (
            self.setting("message-ttl").and_then(Value::as_u64) == Some(millis),
            self.setting("dead-letter-exchange").and_then(Value::as_str) == Some(""),
            self.setting("dead-letter-routing-key").and_then(Value::as_str) == Some(&topology.documents),
        );
        if back == (true, true, true) {
            return self.finding(Severity::Ok, "retry", format!("back to {} after {millis} ms", topology.documents));
        }
        let set = json!({
            "message-ttl": millis, "dead-letter-exchange": "", "dead-letter-routing-key": topology.documents,
        });
        let message = format!("does not send documents back to {} after {millis} ms", topology.documents);
        self.finding(Severity::Error, "retry", message).set(set)
    }

    /// Looking at a letter counts as a delivery before 4.3.
    fn looked_at(&self) -> Option<Finding> {
        let limited = match self.setting("delivery-limit").and_then(Value::as_i64) {
            Some(limit) => (0..i64::from(DELIVERY_LIMIT_NONE)).contains(&limit),
            None => self.limits_deliveries(),
        };
        (self.found["type"] == "quorum" && limited).then(|| {
            let message = "has a delivery limit: a letter looked at that often is dropped".to_owned();
            self.finding(Severity::Warning, "delivery limit", message).set(looked_at_without_end())
        })
    }

    fn forgets(&self) -> Option<Finding> {
        let limits = ["message-ttl", "expires", "max-length", "max-length-bytes"];
        let limit = limits.into_iter().find(|limit| self.setting(limit).is_some())?;
        let message = format!("forgets what it is to keep, by its {limit}");
        Some(
            self.finding(Severity::Warning, "keeps", message)
                .remedy("rabbitmqctl list_policies; remove the limit, or archive"),
        )
    }

    /// The argument, or the policy when there is no argument.
    fn setting(&self, name: &str) -> Option<&Value> {
        let argument = self.found["arguments"].get(format!("x-{name}"));
        argument.or_else(|| self.found["effective_policy_definition"].get(name))
    }

    fn limits_deliveries(&self) -> bool {
        let version = self.server.greeting.as_ref().and_then(|greeting| greeting.version());
        self.needs.topology.queue_type == QueueType::Quorum && version >= Some(VERSION_LIMITS_DELIVERIES)
    }

    fn delete(&self) -> String {
        format!("rabbitmqctl delete_queue -p {} {}", self.server.vhost, self.queue)
    }

    fn finding(&self, severity: Severity, check: &'static str, message: String) -> Finding {
        Finding::new(severity, check, queue_object(self.queue), message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::amqp::options::BrokerOptions;
    use crate::transport::amqp::preflight::greeting::Greeting;

    const HOLD_MAX: Duration = Duration::from_secs(600);

    /// The findings on a quorum queue of this role, with these arguments and this policy.
    #[track_caller]
    fn check(version: &str, role: Role, (arguments, policy): (Value, Value), expected: &[(&str, Severity)]) {
        let (broker, topology) = (BrokerOptions::default(), TopologyOptions::default());
        let needs = Needs { broker: &broker, topology: &topology, hold_max: HOLD_MAX };
        let server = Server {
            user: "wire".to_owned(),
            vhost: "/".to_owned(),
            greeting: Some(Greeting::of("RabbitMQ", version)),
            message_bytes_max: 0,
        };
        let found = json!({
            "type": "quorum", "durable": true, "arguments": arguments, "effective_policy_definition": policy,
        });
        let findings = Rules { needs, server: &server, queue: "q", found: &found }.findings(role);
        let findings: Vec<_> = findings.iter().map(|finding| (finding.check, finding.severity)).collect();
        assert_eq!(findings[0], ("queue type", Severity::Ok));
        assert_eq!(findings[1..], *expected, "{version} {found}");
    }

    #[test]
    fn what_the_broker_gives_up_on_must_go_somewhere() {
        let dead = json!({ "dead-letter-exchange": "dateline.dead" });
        let limited = |limit: i64| (json!({ "x-delivery-limit": limit }), dead.clone());
        let exchange = |severity| ("dead-letter exchange", severity);
        let limit = |severity| ("delivery limit", severity);
        let (ok, warning, error) = (Severity::Ok, Severity::Warning, Severity::Error);
        check("3.13.7", Role::Documents, (json!({}), json!({})), &[exchange(error), limit(warning)]);
        check("4.1.0", Role::Documents, (json!({}), json!({})), &[exchange(error), limit(ok)]);
        check("4.1.0", Role::Documents, limited(-1), &[exchange(ok), limit(warning)]);
        check("3.13.7", Role::Documents, limited(20), &[exchange(ok), limit(ok)]);
        let elsewhere = (json!({ "x-dead-letter-exchange": "other" }), dead.clone());
        check("4.1.0", Role::Documents, elsewhere, &[exchange(warning), limit(ok)]);
    }

    #[test]
    fn one_policy_remedies_all_that_a_policy_can_and_keeps_what_the_one_in_effect_sets() {
        let (broker, topology) = (BrokerOptions::default(), TopologyOptions::default());
        let needs = Needs { broker: &broker, topology: &topology, hold_max: HOLD_MAX };
        let greeting = Some(Greeting::of("RabbitMQ", "3.13.7"));
        let server = Server { user: "wire".into(), vhost: "/".into(), greeting, message_bytes_max: 0 };
        let found = json!({
            "type": "quorum", "durable": true, "arguments": {}, "effective_policy_definition": { "max-length": 9 },
        });
        let findings = Rules { needs, server: &server, queue: "q", found: &found }.findings(Role::Documents);
        let remedies: Vec<&String> = findings.iter().filter_map(|finding| finding.remedy.as_ref()).collect();
        assert_eq!(remedies.len(), 3);
        for part in ["max-length\":9", "dead-letter-exchange", "delivery-limit\":20", "reject-publish"] {
            assert!(remedies.iter().all(|remedy| remedy.contains(part)), "{part} is missing in {remedies:?}");
        }
    }

    #[test]
    fn a_bounded_intake_must_refuse_and_not_drop() {
        let intake = |bounds: Value, overflow: &[(&str, Severity)]| {
            let arguments = json!({ "x-dead-letter-exchange": "dateline.dead", "x-delivery-limit": 20 });
            let mut expected = vec![("dead-letter exchange", Severity::Ok), ("delivery limit", Severity::Ok)];
            expected.extend(overflow);
            check("4.1.0", Role::Documents, (arguments, bounds), &expected);
        };
        intake(json!({ "max-length": 10 }), &[("overflow", Severity::Error)]);
        intake(json!({ "max-length-bytes": 10, "overflow": "reject-publish" }), &[]);
        intake(json!({ "consumer-timeout": 1_199_999 }), &[("consumer timeout", Severity::Error)]);
        intake(json!({ "consumer-timeout": 1_200_000 }), &[("consumer timeout", Severity::Ok)]);
    }

    #[test]
    fn letters_that_are_looked_at_must_not_run_out_of_deliveries() {
        let kept = |version, arguments, expected: &[(&str, Severity)]| {
            check(version, Role::DeadLetters, (arguments, json!({})), expected);
        };
        kept("3.13.7", json!({}), &[]);
        kept("4.0.5", json!({}), &[("delivery limit", Severity::Warning)]);
        kept("4.0.5", json!({ "x-delivery-limit": -1 }), &[]);
        kept("3.13.7", json!({ "x-delivery-limit": 5 }), &[("delivery limit", Severity::Warning)]);
        kept("3.13.7", json!({ "x-message-ttl": 5 }), &[("keeps", Severity::Warning)]);
    }

    #[test]
    fn a_retry_queue_must_send_documents_back_in_time() {
        let set = |millis: u64, queue: &str| json!({ "x-message-ttl": millis, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": queue });
        let retry =
            |arguments, severity| check("4.1.0", Role::Retry(1), (arguments, json!({})), &[("retry", severity)]);
        retry(set(10_000, "dateline.documents"), Severity::Ok);
        retry(set(1_000, "dateline.documents"), Severity::Error);
        retry(set(10_000, "elsewhere"), Severity::Error);
        retry(json!({}), Severity::Error);
    }

    #[test]
    fn an_exchange_that_feeds_a_queue_in_part_is_not_taken_for_one_that_feeds_it_whole() {
        let check = |key: &str, expected: Severity| {
            let bindings = [json!({ "destination": "kept", "routing_key": key })];
            assert_eq!(binding("dead", Some("kept"), Severity::Error, &bindings).severity, expected, "{key}");
        };
        check("#", Severity::Ok);
        check("panic", Severity::Warning);
        assert_eq!(binding("dead", Some("kept"), Severity::Error, &[]).severity, Severity::Error);
    }
}
