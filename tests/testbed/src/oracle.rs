//! Decides what became of documents, by set arithmetic over ids alone: what was seeded against what came out.
//!
//! What ought to come out is computed by the processor in this process, which makes the same events of the same bytes
//! as any worker does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use dateline::daemon::build;
use dateline::daemon::config::Config;
use dateline::message::{HeaderValue, Headers, Incoming, Outgoing, Properties};
use dateline::processing::Processor;
use dateline::processing::outcome::Outcome;

use crate::drain::{Drained, Seed};
use crate::published;

static PROCESSOR: LazyLock<Processor> =
    LazyLock::new(|| build::processor(&Config::default()).expect("the data compiled in can be used"));

/// Headers that a processor acts on and that change no event.
const FAULT_POINT: &str = "dateline-fault-point";

/// The events of a document that no fault befalls, under the default bounds; none when it becomes a dead letter.
fn events_of(document: &Seed) -> Vec<Outgoing> {
    let mut headers = Headers::default();
    for (name, value) in document.headers.iter().filter(|(name, _)| name != FAULT_POINT) {
        headers.set(name.as_str(), value.as_str());
    }
    let properties = Properties {
        content_type: document.content_type.clone(),
        message_id: Some(document.id.clone()),
        headers,
        ..Properties::default()
    };
    match PROCESSOR.process(&Incoming { body: document.body.clone().into(), properties, ..Incoming::default() }) {
        Outcome::Publish(composed) => composed.events,
        Outcome::Reject(_) => Vec::new(),
    }
}

/// Everything that was sent and everything that came out.
#[derive(Debug, Default)]
pub struct Oracle {
    documents: BTreeMap<String, Seed>,
    expected: BTreeMap<String, Vec<String>>,
    bodies: BTreeMap<String, Vec<u8>>,
    keys: BTreeMap<String, Vec<String>>,
    /// The document of each event.
    origins: BTreeMap<String, Vec<String>>,
    /// Documents that did not come out yet.
    missing: BTreeSet<String>,
    /// Event ids, each as often as it came out.
    pub events: BTreeMap<String, u64>,
    /// Reasons of the dead letters of each document.
    pub dead: BTreeMap<String, Vec<String>>,
    /// Documents found in a queue that a worker reads from.
    pub queued: BTreeSet<String>,
    strange: Vec<String>,
}

/// The sums.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Documents sent.
    pub documents: usize,
    /// Those that are neither published whole, nor dead letters, nor queued.
    pub lost: Vec<String>,
    /// Events that came out more than once, each time counted but the first.
    pub duplicates: u64,
    /// What should not be: events with other bytes than expected, or of an unknown document, and dead letters with
    /// other bytes.
    pub strange: Vec<String>,
    /// Documents that should have become events and became dead letters, by reason.
    pub wronged: BTreeMap<String, usize>,
    /// Documents still queued that did not come out.
    pub queued: usize,
}

impl Oracle {
    /// Notes documents that are about to be sent.
    pub fn expect(&mut self, documents: &[Seed]) {
        for document in documents {
            let mut ids = Vec::new();
            for event in events_of(document) {
                let id = event.properties.message_id.expect("every event has an id");
                published::event(&event.body, &id);
                let mut keys = vec![event.routing_key];
                if let Some(HeaderValue::Array(copies)) = event.properties.headers.0.get("CC") {
                    keys.extend(copies.iter().filter_map(|copy| match copy {
                        HeaderValue::Text(key) => Some(key.clone()),
                        _ => None,
                    }));
                }
                self.bodies.insert(id.clone(), event.body.to_vec());
                self.keys.insert(id.clone(), keys);
                self.origins.entry(id.clone()).or_default().push(document.id.clone());
                ids.push(id);
            }
            self.missing.insert(document.id.clone());
            self.expected.insert(document.id.clone(), ids);
            self.documents.insert(document.id.clone(), document.clone());
        }
    }

    /// Notes an event that came out.
    pub fn saw_event(&mut self, message: &Drained) {
        match self.bodies.get(&message.id) {
            Some(body) if *body == message.body => {}
            Some(_) => self.strange.push(format!("event {} has other bytes than expected", message.id)),
            None => self.strange.push(format!("event {} does not belong to any document", message.id)),
        }
        *self.events.entry(message.id.clone()).or_default() += 1;
        // Two sendings of one document have the same events.
        for document in self.origins.get(&message.id).cloned().unwrap_or_default() {
            if self.came_out(&document) {
                self.missing.remove(&document);
            }
        }
    }

    /// Notes a dead letter that came out.
    pub fn saw_dead_letter(&mut self, message: &Drained) {
        match self.documents.get(&message.id) {
            Some(document) if document.body == message.body => {}
            _ => self.strange.push(format!("the dead letter {} has other bytes than its original", message.id)),
        }
        // What the broker itself gave up on carries its reason in the key.
        let reason = message.headers().remove("dateline-reason").unwrap_or_else(|| message.routing_key.clone());
        self.dead.entry(message.id.clone()).or_default().push(reason);
        self.missing.remove(&message.id);
    }

    /// Notes a document that is still queued.
    pub fn saw_queued(&mut self, message: &Drained) {
        self.queued.insert(message.id.clone());
    }

    /// Whether every document came out, one way or another.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// The events that a queue is to have which is bound for such keys.
    pub fn expected_events(&self, is_for: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let wanted = self.keys.iter().filter(|(_, keys)| keys.iter().any(|key| is_for(key)));
        wanted.map(|(id, _)| id.clone()).collect()
    }

    /// How many events came out, duplicates included.
    pub fn events_seen(&self) -> u64 {
        self.events.values().sum()
    }

    /// How many dead letters came out, duplicates included.
    pub fn dead_letters_seen(&self) -> u64 {
        self.dead.values().map(|reasons| reasons.len() as u64).sum()
    }

    /// The sums over all that was seen.
    pub fn verdict(&self) -> Verdict {
        let mut wronged = BTreeMap::new();
        for (id, reasons) in &self.dead {
            if self.expected.get(id).is_some_and(|events| !events.is_empty()) {
                *wronged.entry(reasons[0].clone()).or_default() += 1;
            }
        }
        Verdict {
            documents: self.documents.len(),
            lost: self.missing.difference(&self.queued).cloned().collect(),
            duplicates: self.events.values().map(|count| count - 1).sum(),
            strange: self.strange.clone(),
            wronged,
            // A copy of what came out waits too when its acknowledgement went down with a link: that is at least once.
            queued: self.queued.intersection(&self.missing).count(),
        }
    }

    fn came_out(&self, id: &String) -> bool {
        let events = &self.expected[id];
        let published = !events.is_empty() && events.iter().all(|event| self.events.contains_key(event));
        published || self.dead.contains_key(id)
    }
}
