//! Which letters are selected, and what is written on them. Shows and changes nothing.

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::reason;
use crate::message::{HeaderValue, Headers, Incoming, header};

/// Bytes of a digest shown: enough to distinguish letters, short enough to copy.
const DIGEST_BYTES_SHOWN: usize = 8;

/// What the id of a letter without one begins with.
const DIGEST_PREFIX: &str = "sha256:";

/// Filters; a letter must pass all that are given, and one of the values where several are.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// Codes of reasons.
    pub reasons: Vec<String>,
    /// Names of feeds.
    pub sources: Vec<String>,
    /// Message ids, document ids or digests.
    pub ids: Vec<String>,
    /// Only letters that first failed before this.
    pub older_than: Option<Timestamp>,
    /// Only letters that first failed after this.
    pub newer_than: Option<Timestamp>,
    /// Maximum number of letters.
    pub limit: Option<u64>,
}

impl Filters {
    /// Filters that only one letter passes.
    pub fn one(id: &str) -> Filters {
        Filters { ids: vec![id.to_owned()], limit: Some(1), ..Filters::default() }
    }
}

/// Filters at work: counts what they let pass.
#[derive(Debug)]
pub struct Selection {
    filters: Filters,
    source_default: String,
    selected: u64,
}

impl Selection {
    /// Nothing is selected yet. `source_default` is the feed of letters that name none.
    pub fn new(filters: Filters, source_default: String) -> Self {
        Selection { filters, source_default, selected: 0 }
    }

    /// Whether the maximum number of letters has passed.
    pub fn is_full(&self) -> bool {
        self.filters.limit.is_some_and(|limit| self.selected >= limit)
    }

    /// What is written on a letter, when it passes.
    pub fn admit(&mut self, letter: &Incoming) -> Option<Label> {
        let label = Label::read(letter, &self.source_default);
        let passes = !self.is_full() && self.passes(letter, &label);
        self.selected += u64::from(passes);
        passes.then_some(label)
    }

    fn passes(&self, letter: &Incoming, label: &Label) -> bool {
        let Filters { reasons, sources, ids, older_than, newer_than, .. } = &self.filters;
        // A letter whose time is not known is neither old nor new.
        let is = |compare: fn(&Timestamp, &Timestamp) -> bool, moment: &Option<Timestamp>| match moment {
            Some(moment) => label.first_seen().is_some_and(|seen| compare(&seen, moment)),
            None => true,
        };
        (reasons.is_empty() || label.reason.as_ref().is_some_and(|reason| reasons.contains(reason)))
            && (sources.is_empty() || sources.contains(&label.source))
            && (ids.is_empty() || ids.iter().any(|id| is_named(letter, label, id)))
            && is(Timestamp::lt, older_than)
            && is(Timestamp::gt, newer_than)
    }
}

fn is_named(letter: &Incoming, label: &Label, id: &str) -> bool {
    label.id == id
        || letter.properties.headers.text(header::ID) == Some(id)
        || (id.starts_with(DIGEST_PREFIX) && digest(&letter.body) == id)
}

/// What is written on a letter, for people and for filters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Label {
    /// Message id, document id, or the beginning of the body's SHA-256: the first there is.
    pub id: String,
    /// Code of the reason; absent when nobody gave one.
    pub reason: Option<String>,
    /// What that means, in one line; absent for an unknown code.
    pub meaning: Option<&'static str>,
    /// Stage that rejected the document.
    pub stage: Option<String>,
    /// The reason in words.
    pub detail: Option<String>,
    /// The feed.
    pub source: String,
    /// How often it was tried.
    pub attempts: u64,
    /// How many workers died of it.
    pub crashes: u64,
    /// POSIX seconds at which it first failed, or its own timestamp.
    pub first_seen: Option<u64>,
    /// Where it was first published to.
    pub original_exchange: Option<String>,
    /// Routing key it was first published with.
    pub original_routing_key: Option<String>,
    /// Routing key it was last published with.
    pub routing_key: String,
    /// MIME type.
    pub content_type: Option<String>,
    /// Size of the body.
    pub bytes: usize,
    /// How often it was taken off this queue and handed back, where the queue counts.
    pub deliveries: Option<u64>,
}

impl Label {
    /// When the document first failed, as far as it is known.
    pub fn first_seen(&self) -> Option<Timestamp> {
        self.first_seen.and_then(|seconds| Timestamp::from_second(i64::try_from(seconds).ok()?).ok())
    }

    fn read(letter: &Incoming, source_default: &str) -> Label {
        let properties = &letter.properties;
        let headers = &properties.headers;
        let text = |name| headers.text(name).map(str::to_owned);
        let death = last_death(headers);
        // A letter of ours carries no record of deaths: where there is one, the broker had the last word.
        let of_broker = death.and_then(|death| death.text("reason")).map(|reason| reason.replace('_', "-"));
        let reason = of_broker.or_else(|| text(header::REASON));
        Label {
            id: properties.message_id.clone().or_else(|| text(header::ID)).unwrap_or_else(|| digest(&letter.body)),
            meaning: reason.as_deref().and_then(reason::meaning),
            reason,
            stage: text(header::STAGE),
            detail: text(header::DETAIL),
            source: text(header::SOURCE).unwrap_or_else(|| source_default.to_owned()),
            attempts: headers.count(header::ATTEMPTS).unwrap_or(0),
            crashes: headers.count(header::CRASHES).unwrap_or(0),
            first_seen: headers
                .count(header::FIRST_SEEN)
                .or_else(|| death.and_then(|death| seconds(death.0.get("time"))))
                .or(properties.timestamp),
            original_exchange: text(header::ORIGINAL_EXCHANGE),
            original_routing_key: text(header::ORIGINAL_ROUTING_KEY),
            routing_key: letter.routing_key.clone(),
            content_type: properties.content_type.clone(),
            bytes: letter.body.len(),
            deliveries: headers.count("x-delivery-count"),
        }
    }
}

/// The latest entry of the broker's own record.
fn last_death(headers: &Headers) -> Option<&Headers> {
    match headers.0.get("x-death") {
        Some(HeaderValue::Array(deaths)) => match deaths.first() {
            Some(HeaderValue::Table(death)) => Some(death),
            _ => None,
        },
        _ => None,
    }
}

fn seconds(value: Option<&HeaderValue>) -> Option<u64> {
    match value {
        Some(HeaderValue::Timestamp(seconds)) => Some(*seconds),
        _ => None,
    }
}

/// Enough of the SHA-256 to recognise a body by.
fn digest(body: &[u8]) -> String {
    let digest = format!("{:x}", Sha256::digest(body));
    format!("{DIGEST_PREFIX}{}", &digest[..2 * DIGEST_BYTES_SHOWN])
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_SEEN: u64 = 1_000_000;

    fn letter() -> Incoming {
        let mut letter = Incoming { body: b"raw".as_slice().into(), ..Incoming::default() };
        letter.properties.message_id = Some("m1".into());
        letter.properties.headers.set(header::ID, "doc-1");
        letter.properties.headers.set(header::REASON, "invalid-utf8");
        letter.properties.headers.set(header::FIRST_SEEN, FIRST_SEEN);
        letter
    }

    fn at(seconds: u64) -> Option<Timestamp> {
        Timestamp::from_second(i64::try_from(seconds).expect("the test's times are small")).ok()
    }

    #[track_caller]
    fn check(change: impl Fn(&mut Filters), expected: bool) {
        let mut filters = Filters::default();
        change(&mut filters);
        let admitted = Selection::new(filters.clone(), "wire".to_owned()).admit(&letter()).is_some();
        assert_eq!(admitted, expected, "{filters:?}");
    }

    #[test]
    fn a_letter_passes_when_every_filter_lets_it() {
        check(|_| (), true);
        check(|filters| filters.reasons = vec!["panic".into(), "invalid-utf8".into()], true);
        check(|filters| filters.reasons = vec!["invalid".into()], false);
        check(|filters| filters.sources = vec!["wire".into()], true);
        check(|filters| filters.sources = vec!["other".into()], false);
        check(|filters| filters.ids = vec!["m1".into()], true);
        check(|filters| filters.ids = vec!["doc-1".into()], true);
        check(|filters| filters.ids = vec![digest(b"raw")], true);
        check(|filters| filters.ids = vec![digest(b"other")], false);
        check(|filters| filters.older_than = at(FIRST_SEEN + 1), true);
        check(|filters| filters.older_than = at(FIRST_SEEN), false);
        check(|filters| filters.newer_than = at(FIRST_SEEN - 1), true);
        check(|filters| filters.newer_than = at(FIRST_SEEN), false);
        check(|filters| filters.limit = Some(0), false);
        let both = |filters: &mut Filters| {
            filters.ids = vec!["m1".into()];
            filters.reasons = vec!["panic".into()];
        };
        check(both, false);
    }

    #[test]
    fn a_letter_of_unknown_age_is_neither_old_nor_new() {
        let mut letter = letter();
        letter.properties.headers.0.remove(header::FIRST_SEEN);
        for (older_than, newer_than) in [(at(FIRST_SEEN), None), (None, at(0))] {
            let filters = Filters { older_than, newer_than, ..Filters::default() };
            assert_eq!(Selection::new(filters, String::new()).admit(&letter), None);
        }
        letter.properties.timestamp = Some(FIRST_SEEN - 5);
        let filters = Filters { older_than: at(FIRST_SEEN), ..Filters::default() };
        assert!(Selection::new(filters, String::new()).admit(&letter).is_some());
    }

    #[test]
    fn no_more_letters_pass_than_the_limit_says() {
        let mut selection = Selection::new(Filters { limit: Some(2), ..Filters::default() }, String::new());
        let admitted = (0..5).filter(|_| selection.admit(&letter()).is_some()).count();
        assert_eq!((admitted, selection.is_full()), (2, true));
    }

    #[test]
    fn the_broker_has_the_last_word_on_the_reason() {
        let mut death = Headers::default();
        death.set("reason", "delivery_limit");
        death.0.insert("time".into(), HeaderValue::Timestamp(7));
        let mut letter = letter();
        letter.properties.headers.0.insert("x-death".into(), HeaderValue::Array(vec![HeaderValue::Table(death)]));
        assert_eq!(Label::read(&letter, "").reason.as_deref(), Some("delivery-limit"));
        letter.properties.headers.0.remove(header::FIRST_SEEN);
        assert_eq!(Label::read(&letter, "").first_seen, Some(7));
    }
}
