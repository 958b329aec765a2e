//! The `[topology]` section of the configuration, and the queues and exchanges it names: each listed once, here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is to be done about exchanges and queues when a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TopologyMode {
    /// Declare them all.
    #[default]
    Declare,
    /// Check that they are there.
    Verify,
    /// Assume that they are there.
    None,
}

/// Types of queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueType {
    /// Replicated; the default.
    #[default]
    Quorum,
    /// On one node.
    Classic,
}

impl QueueType {
    /// As the broker and the configuration call it.
    pub fn name(self) -> &'static str {
        match self {
            QueueType::Quorum => "quorum",
            QueueType::Classic => "classic",
        }
    }
}

/// Names of exchanges and queues, and what they are declared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TopologyOptions {
    /// Declare, verify or assume that they are there.
    pub mode: TopologyMode,
    /// Type of the queues declared.
    pub queue_type: QueueType,
    /// Queue of raw documents.
    pub documents: String,
    /// Deliveries after which the broker itself dead-letters a document of a quorum queue.
    pub delivery_limit: u32,
    /// Whether the broker lets one worker at a time have documents, and the next only when that one is gone.
    pub single_active_consumer: bool,
    /// Topic exchange of events.
    pub events: String,
    /// Exchange of events no queue is bound for.
    pub unrouted: String,
    /// Queue that keeps them.
    pub parked: String,
    /// Exchange of dead letters; the routing key is the reason.
    pub dead: String,
    /// Queue that keeps them.
    pub dead_letters: String,
    /// Queue of documents that are tried one at a time, since a worker died while holding them; empty for none.
    pub suspects: String,
    /// Retry queues are named this and their delay.
    pub retry: String,
    /// Delay of each retry step, in whole milliseconds; as many retries as there are steps.
    #[serde(deserialize_with = "super::super::list::durations", serialize_with = "super::super::list::durations_out")]
    pub retry_delays: Vec<Duration>,
    /// Queues of events, declared and bound.
    pub bindings: Vec<Binding>,
}

/// A queue of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Name of the queue.
    pub queue: String,
    /// Routing keys it is bound with, such as `*.europe.#`.
    pub keys: Vec<String>,
}

/// What a queue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Documents come in by it.
    Documents,
    /// Documents come in by it one at a time.
    Suspects,
    /// Documents wait in it for another try; the number is the step.
    Retry(usize),
    /// It keeps dead letters.
    DeadLetters,
    /// It keeps events no queue is bound for.
    Parked,
    /// Desks read it.
    Desk,
}

/// A queue of the topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The configuration key that names it.
    pub key: &'static str,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
}

/// An exchange of the topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange<'a> {
    /// The configuration key that names it.
    pub key: &'static str,
    /// Its name.
    pub name: &'a str,
    /// Its type, as AMQP calls it.
    pub kind: &'static str,
}

impl Default for TopologyOptions {
    fn default() -> Self {
        TopologyOptions {
            mode: TopologyMode::default(),
            queue_type: QueueType::default(),
            documents: "dateline.documents".to_owned(),
            delivery_limit: 20,
            single_active_consumer: false,
            events: "dateline.events".to_owned(),
            unrouted: "dateline.unrouted".to_owned(),
            parked: "dateline.parked".to_owned(),
            dead: "dateline.dead".to_owned(),
            dead_letters: "dateline.dead-letters".to_owned(),
            suspects: "dateline.suspects".to_owned(),
            retry: "dateline.retry".to_owned(),
            retry_delays: [1, 10, 60, 600].map(Duration::from_secs).to_vec(),
            bindings: vec![Binding { queue: "dateline.items".to_owned(), keys: vec!["#".to_owned()] }],
        }
    }
}

impl TopologyOptions {
    /// Every name that is configured, under its key.
    pub fn names(&self) -> Vec<(&'static str, String)> {
        let exchanges = self.exchanges().map(|exchange| (exchange.key, exchange.name.to_owned()));
        let queues = self.queues().into_iter().map(|queue| (queue.key, queue.name));
        // The beginning of names may not be empty either.
        exchanges.into_iter().chain(queues).chain([("topology.retry", self.retry.clone())]).collect()
    }

    /// The queues a worker reads, writes or declares, in the order in which they are declared.
    pub fn queues(&self) -> Vec<Queue> {
        let queue = |key, name: &str, role| Queue { key, name: name.to_owned(), role };
        let mut queues = vec![queue("topology.documents", &self.documents, Role::Documents)];
        if !self.suspects.is_empty() {
            queues.push(queue("topology.suspects", &self.suspects, Role::Suspects));
        }
        let steps = 0..self.retry_delays.len();
        queues.extend(steps.map(|step| queue("topology.retry", &self.retry_queue(step), Role::Retry(step))));
        queues.push(queue("topology.dead_letters", &self.dead_letters, Role::DeadLetters));
        queues.push(queue("topology.parked", &self.parked, Role::Parked));
        let desks = self.bindings.iter();
        queues.extend(desks.map(|binding| queue("topology.bindings", &binding.queue, Role::Desk)));
        queues
    }

    /// The exchanges a worker publishes to.
    pub fn exchanges(&self) -> [Exchange<'_>; 3] {
        let exchange = |key, name, kind| Exchange { key, name, kind };
        [
            exchange("topology.events", &self.events, "topic"),
            exchange("topology.unrouted", &self.unrouted, "fanout"),
            exchange("topology.dead", &self.dead, "topic"),
        ]
    }

    /// Name of the queue of a retry step, counted from 0; it includes the delay, since the delay is a property of the
    /// queue.
    pub fn retry_queue(&self, step: usize) -> String {
        let delay = humantime::format_duration(self.retry_delays[step]).to_string();
        format!("{}.{}", self.retry, delay.replace(' ', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_queue_is_named_after_its_delay() {
        let topology = TopologyOptions::default();
        let names: Vec<String> = (0..4).map(|step| topology.retry_queue(step)).collect();
        assert_eq!(names, ["dateline.retry.1s", "dateline.retry.10s", "dateline.retry.1m", "dateline.retry.10m"]);
    }
}
