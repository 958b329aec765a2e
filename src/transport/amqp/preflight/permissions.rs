//! What is there, whether it is what would be declared, and what the user may do with it: as far as AMQP shows it.

use regex_lite::Regex;
use serde_json::Value;

use super::management::Management;
use super::probe::{Answer, Prober};
use super::{Finding, Needs, Server, Severity, exchange_object, queue_object, queues};
use crate::transport::amqp::topology;
use crate::transport::amqp::topology::options::{TopologyMode, TopologyOptions};

/// Name of a declaration in a finding.
const DECLARE: &str = "declare";

/// Whether each exchange and queue is there and as it would be declared.
pub(super) async fn objects(
    topology: &TopologyOptions,
    server: &Server,
    prober: &Prober<'_>,
    management: Option<&Management>,
) -> Vec<Finding> {
    let granted = match management {
        Some(management) => management.permissions(&server.user).await.ok(),
        None => None,
    };
    let may = MayConfigure { granted, server };
    let mut findings = Vec::new();
    for exchange in topology.exchanges() {
        let (name, kind, object) = (exchange.name, exchange.kind, exchange_object(exchange.name));
        let there = prober.exchange(name).await;
        let again = match (&there, topology.mode) {
            (Answer::Done, TopologyMode::Declare) => Some(prober.exchange_again(exchange).await),
            _ => None,
        };
        let create = format!("rabbitmqadmin declare exchange name={name} type={kind} durable=true");
        findings.push(may.finding(topology.mode, name, object, (&there, again.as_ref()), &create));
    }
    for queue in queues(topology) {
        let name = &queue.name;
        let there = prober.queue(name).await;
        let again = match (&there, topology.mode) {
            (Answer::Done, TopologyMode::Declare) => {
                Some(prober.queue_again(name, topology::queue_arguments(topology, queue.role)).await)
            }
            _ => None,
        };
        let create = "dateline run with topology.mode = \"declare\" and a user who may configure".to_owned();
        findings.push(may.finding(topology.mode, name, queue_object(name), (&there, again.as_ref()), &create));
    }
    findings
}

/// What a user may declare, as far as it is known.
struct MayConfigure<'a> {
    granted: Option<Value>,
    server: &'a Server,
}

impl MayConfigure<'_> {
    fn finding(
        &self,
        mode: TopologyMode,
        name: &str,
        object: String,
        (there, again): (&Answer, Option<&Answer>),
        create: &str,
    ) -> Finding {
        let finding = |severity, message: String| Finding::new(severity, DECLARE, object.clone(), message);
        match (there, again) {
            (Answer::Done, None) => finding(Severity::Ok, "is there".to_owned()),
            (Answer::Done, Some(Answer::Done)) => finding(Severity::Ok, "is there, as it would be declared".to_owned()),
            (Answer::Done, Some(Answer::Unfit(text))) => {
                finding(Severity::Error, format!("is there, but different: {text}")).remedy(differs(name, &object))
            }
            (_, Some(Answer::Forbidden(text))) => finding(Severity::Error, text.clone())
                .remedy(format!("{}, or set topology.mode = \"verify\"", self.grant())),
            (Answer::Missing, _) => match (mode, self.may(name)) {
                (TopologyMode::Declare, Some(true)) => {
                    finding(Severity::Ok, "is not there; will be declared".to_owned())
                }
                (TopologyMode::Declare, Some(false)) => {
                    finding(Severity::Error, "is not there, and this user may not declare it".to_owned())
                        .remedy(self.grant())
                }
                (TopologyMode::Declare, None) => finding(
                    Severity::Unchecked,
                    "is not there; whether this user may declare it is not known".to_owned(),
                )
                .remedy(format!("rabbitmqctl list_user_permissions {}", self.server.user)),
                _ => finding(Severity::Error, "is not there".to_owned()).remedy(create),
            },
            // From 4.3 on, looking for an object takes the permission to configure it.
            (Answer::Forbidden(text), _) => match mode {
                TopologyMode::None => finding(Severity::Unchecked, text.clone()).remedy("rabbitmqctl list_queues name"),
                _ => finding(Severity::Error, text.clone()).remedy(self.grant()),
            },
            (Answer::Unfit(text) | Answer::Unclear(text), _) | (_, Some(Answer::Unclear(text))) => {
                finding(Severity::Unchecked, text.clone()).remedy("rabbitmqctl list_queues name type arguments")
            }
            (_, Some(Answer::Missing)) => finding(Severity::Unchecked, "has gone while it was looked at".to_owned()),
        }
    }

    fn may(&self, name: &str) -> Option<bool> {
        let pattern = self.granted.as_ref()?.get("configure")?.as_str()?;
        Some(Regex::new(pattern).ok()?.is_match(name))
    }

    fn grant(&self) -> String {
        grant(self.server)
    }
}

fn grant(server: &Server) -> String {
    format!("rabbitmqctl set_permissions -p {} {} CONFIGURE WRITE READ", server.vhost, server.user)
}

/// The ways out; the broker names the first difference only, which need not be the one that matters.
fn differs(name: &str, object: &str) -> String {
    match object.starts_with("queue ") {
        true => format!(
            "make topology.queue_type, delivery_limit, dead and retry_delays what it has; or set topology.mode = \
             \"verify\" and the rest by a policy; or, when it is empty, rabbitmqctl delete_queue {name}"
        ),
        false => format!("rabbitmqadmin delete exchange name={name}, and bind its queues again"),
    }
}

/// Whether events, dead letters and retries may be published, and how large.
pub(super) async fn publishing(needs: Needs<'_>, server: &Server, prober: &Prober<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_rabbit(server) {
        // Another broker might treat the question as a message.
        let unchecked = Finding::new(Severity::Unchecked, "publish", "every exchange", "not asked of this broker");
        return vec![unchecked.remedy("publish a message by hand")];
    }
    // Retries and suspects go to their queues by name.
    let names = needs.topology.exchanges().map(|exchange| exchange.name);
    for exchange in names.into_iter().chain([""]) {
        let object = exchange_object(exchange);
        let finding = |severity, message: String| Finding::new(severity, "publish", object.clone(), message);
        findings.push(match prober.write(exchange, 0).await {
            Answer::Unfit(_) => finding(Severity::Ok, "this user may publish to it".to_owned()),
            Answer::Forbidden(text) => finding(Severity::Error, text).remedy(grant(server)),
            // Said once, where it is looked for.
            Answer::Missing => continue,
            Answer::Unclear(text) => finding(Severity::Unchecked, text)
                .remedy("rabbitmqctl list_user_permissions; rabbitmqctl list_connections name state"),
            Answer::Done => finding(Severity::Warning, "the broker took what it must refuse".to_owned()),
        });
    }
    findings.push(message_size(server, prober).await);
    findings
}

async fn message_size(server: &Server, prober: &Prober<'_>) -> Finding {
    let max = server.message_bytes_max;
    let finding = |severity, message: String| Finding::new(severity, "message size", "broker", message);
    let ask = "rabbitmqctl eval 'application:get_env(rabbit, max_message_size).'";
    match prober.write("", max).await {
        Answer::Unfit(text) if text.contains("message size") => {
            let limit = text.rsplit(' ').find_map(|word| word.trim_matches(['\'', '"']).parse::<u64>().ok());
            let limit = limit.map_or_else(|| "LIMIT".to_owned(), |limit| format!("{limit}B"));
            finding(Severity::Error, format!("broker.message_bytes_max is more than the broker takes: {text}")).remedy(
                format!("set broker.message_bytes_max = \"{limit}\", or max_message_size = {max} in rabbitmq.conf"),
            )
        }
        Answer::Unfit(_) => finding(Severity::Ok, format!("takes messages of {max} bytes, broker.message_bytes_max")),
        Answer::Forbidden(_) => {
            finding(Severity::Unchecked, "this user may not publish to the default exchange".to_owned()).remedy(ask)
        }
        Answer::Missing | Answer::Done => finding(Severity::Unchecked, "unexpected answer".to_owned()).remedy(ask),
        Answer::Unclear(text) => finding(Severity::Unchecked, text).remedy(ask),
    }
}

/// Whether documents may be consumed.
pub(super) async fn consuming(topology: &TopologyOptions, server: &Server, prober: &Prober<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_rabbit(server) {
        let unchecked = Finding::new(Severity::Unchecked, "consume", "every queue", "not asked of this broker");
        return vec![unchecked.remedy("consume a message by hand")];
    }
    for queue in [&topology.documents, &topology.suspects].into_iter().filter(|queue| !queue.is_empty()) {
        let finding = |severity, message: String| Finding::new(severity, "consume", queue_object(queue), message);
        findings.push(match prober.read(queue).await {
            Answer::Unfit(_) => finding(Severity::Ok, "this user may consume from it".to_owned()),
            Answer::Forbidden(text) => finding(Severity::Error, text).remedy(grant(server)),
            Answer::Missing => continue,
            Answer::Unclear(text) => {
                finding(Severity::Unchecked, text).remedy(format!("rabbitmqctl list_user_permissions {}", server.user))
            }
            Answer::Done => finding(Severity::Warning, "the broker took what it must refuse".to_owned()),
        });
    }
    findings
}

fn is_rabbit(server: &Server) -> bool {
    server.greeting.as_ref().is_some_and(|greeting| greeting.product == "RabbitMQ")
}
