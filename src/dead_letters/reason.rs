//! What a letter's reason means: those of this project, and the few that a broker gives itself.

use std::str::FromStr as _;

use crate::document::Reason;

/// Codes of a broker that dead-letters by a queue's own arguments or policy, and what they mean.
const BROKER_REASONS: [(&str, &str); 3] = [
    ("expired", "The broker dropped the message: its time to live ran out in a queue."),
    ("maxlen", "The broker dropped the message: its queue was full."),
    ("rejected", "A consumer rejected the message for good."),
];

/// Every code that a letter can be filtered by.
pub fn codes() -> impl Iterator<Item = &'static str> {
    let ours = Reason::ALL.iter().map(|reason| reason.as_str());
    ours.chain(BROKER_REASONS.map(|(code, _)| code))
}

/// What a code means, in one line; `None` for an unknown code.
pub fn meaning(code: &str) -> Option<&'static str> {
    let of_broker = || BROKER_REASONS.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning);
    Reason::from_str(code).ok().map(Reason::summary).or_else(of_broker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_means_something_and_is_listed_once() {
        let codes: Vec<&str> = codes().collect();
        assert!(codes.contains(&"invalid-utf8") && codes.contains(&"maxlen"), "{codes:?}");
        for (at, code) in codes.iter().enumerate() {
            assert!(meaning(code).is_some_and(|meaning| !meaning.is_empty()), "{code} has no meaning");
            assert!(!codes[..at].contains(code), "{code} is listed twice");
        }
        assert_eq!(meaning("somebody-elses"), None);
    }
}
