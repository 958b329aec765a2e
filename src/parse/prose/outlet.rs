//! Names of outlets: agencies, broadcasters and newspapers, as feeds give them for the source of a headline.

use super::is_word_of;

/// Maximum number of words in the name of an outlet.
pub(super) const OUTLET_WORDS_MAX: usize = 5;

/// Agencies and broadcasters known by a bare name, lower case.
const OUTLETS: [&str; 44] = [
    "abc",
    "afp",
    "al jazeera",
    "al arabiya",
    "ansa",
    "anadolu",
    "ap",
    "associated press",
    "axios",
    "bbc",
    "bloomberg",
    "cbs",
    "cnbc",
    "cnn",
    "deutsche welle",
    "dpa",
    "dw",
    "efe",
    "euronews",
    "france 24",
    "haaretz",
    "interfax",
    "itv",
    "kyodo",
    "le monde",
    "msnbc",
    "nbc",
    "npr",
    "pa media",
    "pbs",
    "politico",
    "pti",
    "reuters",
    "rfe/rl",
    "ria novosti",
    "rt",
    "sky news",
    "tass",
    "the economist",
    "the hill",
    "ukrinform",
    "upi",
    "xinhua",
    "yonhap",
];

/// Words that names of outlets are made with, lower case.
const OUTLET_WORDS: [&str; 33] = [
    "agency",
    "broadcasting",
    "chronicle",
    "courier",
    "daily",
    "dispatch",
    "express",
    "gazette",
    "globe",
    "guardian",
    "herald",
    "inquirer",
    "journal",
    "magazine",
    "mail",
    "media",
    "mirror",
    "news",
    "newspaper",
    "observer",
    "post",
    "press",
    "radio",
    "review",
    "standard",
    "star",
    "sun",
    "telegraph",
    "times",
    "today",
    "tribune",
    "tv",
    "wire",
];

/// Whether a name is one of the known, is made with an outlet's word, or is a host name.
pub(super) fn is_outlet(name: &str) -> bool {
    let name = name.trim().trim_start_matches("via ").trim_start_matches("Source: ");
    let words = name.split_whitespace().take(OUTLET_WORDS_MAX + 1).count();
    if !(1..=OUTLET_WORDS_MAX).contains(&words) {
        return false;
    }
    is_word_of(&OUTLETS, name) || words >= 2 && is_made_of_outlet_words(name) || is_host(name)
}

/// Whether a name in capitals has an outlet's word in it: `Cork Evening Herald`.
fn is_made_of_outlet_words(name: &str) -> bool {
    let is_capital = |first: char| first.is_uppercase() || first.is_ascii_digit();
    name.split_whitespace().all(|word| word.starts_with(is_capital))
        && name.split_whitespace().any(|word| is_word_of(&OUTLET_WORDS, word))
}

/// Whether a name is a host such as `example.com`.
fn is_host(name: &str) -> bool {
    let Some((host, top)) = name.rsplit_once('.') else { return false };
    !host.is_empty()
        && (2..=6).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_lowercase())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}
