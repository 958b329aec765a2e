//! The words that say something about a name next to them. What they say is for `cues`.

use crate::classify::phrases::Table;
use crate::classify::text::{Token, hash_word};

/// Folded verbs of which a person is the subject, seldom a town.
const SPEAKS: [&str; 16] = [
    "said",
    "says",
    "told",
    "added",
    "adds",
    "thinks",
    "believes",
    "wrote",
    "explained",
    "recalled",
    "admitted",
    "insisted",
    "pleaded",
    "testified",
    "joked",
    "tweeted",
];
/// Folded words that come before a person's name.
const BEFORE_PERSON: [&str; 48] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "sir",
    "lord",
    "lady",
    "dame",
    "prof",
    "professor",
    "rev",
    "reverend",
    "pastor",
    "judge",
    "justice",
    "sen",
    "senator",
    "rep",
    "congressman",
    "congresswoman",
    "gov",
    "sgt",
    "sergeant",
    "lt",
    "col",
    "capt",
    "captain",
    "officer",
    "detective",
    "deputy",
    "coach",
    "attorney",
    "actor",
    "actress",
    "singer",
    "striker",
    "midfielder",
    "defender",
    "goalkeeper",
    "quarterback",
    "author",
    "saint",
    "bishop",
    "father",
    "councillor",
    "cllr",
    "inspector",
];
/// Folded words that follow the name of something named after a place or a person, which is not a place of that name.
const AFTER_THING: [&str; 30] = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "drive",
    "boulevard",
    "blvd",
    "close",
    "crescent",
    "court",
    "terrace",
    "inc",
    "corp",
    "ltd",
    "plc",
    "co",
    "llc",
    "gmbh",
    "bros",
    "brothers",
    "foundation",
    "prize",
    "award",
    "elementary",
    "jr",
    "sr",
    "iii",
];
/// Folded prepositions of place.
const PREPOSITIONS: [&str; 10] = ["in", "at", "near", "from", "outside", "around", "across", "throughout", "via", "to"];
/// Folded words that belong to the place after them: `East London`, `downtown Houston`.
const PART_OF_PLACE: [&str; 18] = [
    "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "greater", "inner",
    "upper", "lower", "downtown", "old", "mid", "rural", "the",
];

/// Words that say something about the name next to them, by their hashes.
#[derive(Debug)]
pub(super) struct CueWords(Table<u8>);

impl CueWords {
    pub(super) const PREPOSITION: u8 = 1;
    pub(super) const PART_OF_PLACE: u8 = 2;
    pub(super) const BEFORE_PERSON: u8 = 4;
    pub(super) const AFTER_THING: u8 = 8;
    pub(super) const SPEAKS: u8 = 16;

    pub(super) fn new() -> CueWords {
        let lists: [(u8, &[&str]); 5] = [
            (CueWords::PREPOSITION, &PREPOSITIONS),
            (CueWords::PART_OF_PLACE, &PART_OF_PLACE),
            (CueWords::BEFORE_PERSON, &BEFORE_PERSON),
            (CueWords::AFTER_THING, &AFTER_THING),
            (CueWords::SPEAKS, &SPEAKS),
        ];
        let mut table = Table::with_capacity(0);
        for (list, words) in lists {
            words.iter().for_each(|word| *table.entry(hash_word(word)) |= list);
        }
        CueWords(table)
    }

    /// The lists that a word is on, a bit each.
    pub(super) fn lists(&self, word: &Token) -> u8 {
        self.0.get(word.hash).unwrap_or_default()
    }
}
