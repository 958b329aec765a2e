//! The routing key of an event, and the further keys under which desks may want it.
//!
//! `<kind>.<continent>.<country>.<topic>[.review]`, in lower-case words. The words are part of the contract: they do
//! not follow the labels of later taxonomy releases.

use crate::document::{Classification, ItemKind, Region, Topic};

/// Maximum number of routing keys of one event in addition to the primary one.
pub const CARBON_COPIES_MAX: usize = 16;

/// Where an event goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routes {
    /// Of the best region and topic.
    pub primary: String,
    /// Of the other pairs of region and topic, best first.
    pub others: Vec<String>,
}

/// The routing keys of an item. It is published once: RabbitMQ reads the others from the `CC` header.
pub fn routes(kind: ItemKind, classification: &Classification) -> Routes {
    let regions = words_or(&classification.regions, region_words, "world.zz");
    let topics = words_or(&classification.topics, topic_word, "unclassified");
    let review = if classification.review { ".review" } else { "" };
    let mut keys = regions
        .iter()
        .flat_map(|region| topics.iter().map(move |topic| format!("{}.{region}.{topic}{review}", kind.as_str())));
    let primary = keys.next().expect("there is a word for no region and for no topic");
    Routes { primary, others: keys.take(CARBON_COPIES_MAX).collect() }
}

/// The distinct words of a ranked list, or the word for none.
fn words_or<T>(ranked: &[T], word: fn(&T) -> String, none: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for candidate in ranked.iter().map(word) {
        if !words.contains(&candidate) {
            words.push(candidate);
        }
    }
    if words.is_empty() {
        words.push(none.to_owned());
    }
    words
}

fn region_words(region: &Region) -> String {
    let continent = match region.m49.get(1).map(String::as_str) {
        Some("002") => "africa",
        Some("009") => "oceania",
        Some("019") => "americas",
        Some("142") => "asia",
        Some("150") => "europe",
        Some("010") => "antarctica",
        _ => "world",
    };
    format!("{continent}.{}", region.code.as_str().to_lowercase())
}

fn topic_word(topic: &Topic) -> String {
    let top = topic.path.first().unwrap_or(&topic.code);
    let word = match top.strip_prefix("medtop:").unwrap_or(top) {
        "01000000" => "arts-culture-entertainment-media",
        "02000000" => "crime-law-justice",
        "03000000" => "disaster-accident-emergency",
        "04000000" => "economy-business-finance",
        "05000000" => "education",
        "06000000" => "environment",
        "07000000" => "health",
        "08000000" => "human-interest",
        "09000000" => "labour",
        "10000000" => "lifestyle-leisure",
        "11000000" => "politics-government",
        "12000000" => "religion",
        "13000000" => "science-technology",
        "14000000" => "society",
        "15000000" => "sport",
        "16000000" => "conflict-war-peace",
        "17000000" => "weather",
        _ => "unclassified",
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{ClassifierVersion, Role};

    fn region(code: &str, continent: &str) -> Region {
        Region {
            code: code.parse().unwrap(),
            name: code.to_owned(),
            m49: vec!["001".to_owned(), continent.to_owned()],
            role: Role::Primary,
            confidence: 0.9,
            evidence: Vec::new(),
            places: Vec::new(),
        }
    }

    fn topic(path: &[&str]) -> Topic {
        Topic {
            code: path.last().unwrap().to_string(),
            name: String::new(),
            path: path.iter().map(|code| code.to_string()).collect(),
            role: Role::Primary,
            confidence: 0.9,
            evidence: Vec::new(),
        }
    }

    fn classification(regions: Vec<Region>, topics: Vec<Topic>, review: bool) -> Classification {
        let version = ClassifierVersion { version: String::new(), gazetteer: String::new(), topics: String::new() };
        Classification { regions, topics, language: None, review, classifier: version }
    }

    #[track_caller]
    fn check(classification: Classification, primary: &str, others: &[&str]) {
        let routes = routes(ItemKind::Headline, &classification);
        assert_eq!(routes.primary, primary);
        assert_eq!(routes.others, others);
    }

    #[test]
    fn every_pair_of_region_and_top_level_topic_has_a_key() {
        let regions = vec![region("KP", "142"), region("RU", "150")];
        let topics = vec![topic(&["medtop:16000000", "medtop:20000053"]), topic(&["medtop:16000000"])];
        check(
            classification(regions, topics, false),
            "headline.asia.kp.conflict-war-peace",
            &["headline.europe.ru.conflict-war-peace"],
        );
    }

    #[test]
    fn nothing_known_has_a_key_too() {
        check(classification(Vec::new(), Vec::new(), true), "headline.world.zz.unclassified.review", &[]);
    }

    #[test]
    fn the_number_of_keys_is_bounded() {
        let regions = (b'A'..=b'Z').map(|letter| region(&format!("A{}", char::from(letter)), "142")).collect();
        let routes = routes(ItemKind::Article, &classification(regions, Vec::new(), false));
        assert_eq!(routes.others.len(), CARBON_COPIES_MAX);
    }
}
