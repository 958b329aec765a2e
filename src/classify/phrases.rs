//! Finds known phrases in a text: hash tables over words and word sequences, for the gazetteer and for lexicons. Knows
//! nothing about what a phrase means.

use super::text::{Gap, Shape, Token, hash_phrase};

/// What case a phrase asks of a text, as shown by how its entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Written in lower case: any case will do.
    Any,
    /// Written with a capital: the text must be too, where its case says anything.
    Capital,
    /// Written in capitals, as `WHO` is: the text must be too, where its case says anything.
    Capitals,
}

impl Case {
    /// The case that a whole phrase asks for: `Capitals` when it has no lower-case letter at all.
    pub(super) fn of_phrase(phrase: &str) -> Case {
        let mut letters = phrase.chars().filter(|char| char.is_alphabetic());
        match letters.next() {
            Some(first) if first.is_uppercase() && !phrase.chars().any(char::is_lowercase) => Case::Capitals,
            Some(first) if first.is_uppercase() => Case::Capital,
            _ => Case::Any,
        }
    }

    /// The case that a phrase asks for by the shape of its first word.
    pub(super) fn of_shape(shape: Shape) -> Case {
        match shape {
            Shape::Upper => Case::Capitals,
            Shape::Title | Shape::Mixed => Case::Capital,
            Shape::Lower | Shape::Number | Shape::Caseless => Case::Any,
        }
    }
}

/// Phrases by the hashes of their words, each with a number of the caller's.
#[derive(Debug, Clone)]
pub(super) struct Phrases {
    table: Table<Phrase>,
}

/// What a sequence of words is: a phrase, the beginning of longer ones, or both.
#[derive(Debug, Clone, Copy, Default)]
struct Phrase(u32);

impl Phrase {
    const CONTINUES: u32 = 1 << 31;

    fn continues(self) -> bool {
        self.0 & Phrase::CONTINUES != 0
    }

    fn number(self) -> Option<u32> {
        (self.0 & !Phrase::CONTINUES).checked_sub(1)
    }
}

impl Phrases {
    /// An empty table with room for this number of phrases and beginnings.
    pub(super) fn with_capacity(phrases: usize) -> Self {
        Phrases { table: Table::with_capacity(phrases) }
    }

    /// Keeps a number for a phrase, in place of the one that was kept before.
    pub(super) fn insert(&mut self, key: u64, number: u32) {
        let phrase = self.table.entry(key);
        phrase.0 = (phrase.0 & Phrase::CONTINUES) | (number + 1);
    }

    /// Notes that longer phrases begin so.
    pub(super) fn insert_beginning(&mut self, key: u64) {
        self.table.entry(key).0 |= Phrase::CONTINUES;
    }

    /// The number of a phrase.
    pub(super) fn get(&self, key: u64) -> Option<u32> {
        self.table.get(key)?.number()
    }

    /// Gives every phrase that begins at the first of these words to `found`, the shortest first, as its number of
    /// words and its number. `key` is the hash under which the first word is kept.
    #[inline]
    pub(super) fn walk(&self, key: u64, tokens: &[Token], words_max: usize, mut found: impl FnMut(usize, u32)) {
        let mut key = key;
        for words in 1..=tokens.len().min(words_max) {
            let Some(phrase) = self.table.get(key) else { break };
            if let Some(number) = phrase.number() {
                found(words, number);
            }
            match tokens.get(words) {
                Some(next) if phrase.continues() && joins(next) => key = hash_phrase(key, next.hash),
                _ => break,
            }
        }
    }
}

/// Whether a word continues a phrase: only a space or a joint is before it.
pub(super) fn joins(token: &Token) -> bool {
    token.gap < Gap::Comma
}

/// A hash table whose keys are hashes already: a slot is a mask away, one cache line a look-up, no second hashing. It
/// only grows while it is built. A key of zero marks an empty slot; no phrase hashes to it in practice, and one that
/// did would merely not be found.
#[derive(Debug, Clone)]
pub(super) struct Table<V> {
    slots: Vec<(u64, V)>,
    mask: usize,
    len: usize,
}

/// Slots per two keys: a third of them stay empty, so that a miss ends after a slot or two.
const SLOTS_PER_TWO_KEYS: usize = 3;
const SLOTS_MIN: usize = 8;

impl<V: Copy + Default> Table<V> {
    /// An empty table with room for this number of keys.
    pub(super) fn with_capacity(keys: usize) -> Self {
        let slots = (keys * SLOTS_PER_TWO_KEYS / 2).next_power_of_two().max(SLOTS_MIN);
        Table { slots: vec![(0, V::default()); slots], mask: slots - 1, len: 0 }
    }

    /// What is kept for a key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<V> {
        let mut at = key as usize & self.mask;
        loop {
            let (slot, value) = self.slots[at];
            if slot == key && key != 0 {
                return Some(value);
            }
            if slot == 0 {
                return None;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// What is kept for a key, to be changed; the default when nothing was.
    pub(super) fn entry(&mut self, key: u64) -> &mut V {
        if (self.len + 1) * SLOTS_PER_TWO_KEYS / 2 > self.slots.len() {
            self.grow();
        }
        let mut at = key as usize & self.mask;
        while self.slots[at].0 != 0 && self.slots[at].0 != key {
            at = (at + 1) & self.mask;
        }
        if self.slots[at].0 == 0 {
            self.slots[at].0 = key;
            self.len += 1;
        }
        &mut self.slots[at].1
    }

    fn grow(&mut self) {
        let mut larger = Table::with_capacity(self.slots.len() * 2);
        for &(key, value) in self.slots.iter().filter(|(key, _)| *key != 0) {
            *larger.entry(key) = value;
        }
        *self = larger;
    }
}

/// A bit for each of many hashes, small enough for the processor's cache: most words of a text are in no table, and
/// this says so at once.
#[derive(Debug, Clone)]
pub(super) struct Bits {
    bits: Vec<u64>,
    shift: u32,
}

impl Bits {
    /// No hashes yet; `log` is the binary logarithm of the number of bits, at least 6.
    pub(super) fn new(log: u32) -> Bits {
        Bits { bits: vec![0; 1 << (log - 6)], shift: 64 - log }
    }

    pub(super) fn insert(&mut self, hash: u64) {
        let bit = hash >> self.shift;
        self.bits[(bit / 64) as usize] |= 1 << (bit % 64);
    }

    /// False when the hash was not inserted; true when it was, and now and then when it was not.
    #[inline]
    pub(super) fn may_contain(&self, hash: u64) -> bool {
        let bit = hash >> self.shift;
        self.bits[(bit / 64) as usize] >> (bit % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::text::Text;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let mut table = Table::with_capacity(2);
        let key = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for n in 1..1000 {
            *table.entry(key(n)) = n as u32;
        }
        *table.entry(key(7)) += 63;
        assert_eq!(table.get(key(7)), Some(70));
        assert_eq!(table.get(key(999)), Some(999));
        assert_eq!(table.get(key(1000)), None);
        assert_eq!(table.get(0), None);
    }

    #[test]
    fn bits_never_miss_what_was_put_in() {
        let mut bits = Bits::new(8);
        let hashes: Vec<u64> = (1..50u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        assert!(!bits.may_contain(hashes[0]));
        hashes.iter().for_each(|&hash| bits.insert(hash));
        assert!(hashes.iter().all(|&hash| bits.may_contain(hash)));
    }

    #[track_caller]
    fn check_walk(text: &str, expected: &[(usize, u32)]) {
        let mut phrases = Phrases::with_capacity(4);
        for (number, phrase) in ["new", "new york", "new york city hall", "york"].into_iter().enumerate() {
            let text = Text::new(phrase, "", "");
            let mut key = text.tokens()[0].hash;
            for word in &text.tokens()[1..] {
                phrases.insert_beginning(key);
                key = hash_phrase(key, word.hash);
            }
            phrases.insert(key, number as u32);
        }
        let text = Text::new(text, "", "");
        let mut found = Vec::new();
        phrases.walk(text.tokens()[0].hash, text.tokens(), 4, |words, number| found.push((words, number)));
        assert_eq!(found, expected, "phrases at the start of {text:?}");
    }

    #[test]
    fn every_phrase_that_begins_at_a_word_is_found() {
        check_walk("New York City Hall", &[(1, 0), (2, 1), (4, 2)]);
        check_walk("New York City", &[(1, 0), (2, 1)]);
        check_walk("New, York", &[(1, 0)]);
        check_walk("York", &[(1, 3)]);
        check_walk("Old York", &[]);
    }

    #[track_caller]
    fn check_case(phrase: &str, expected: Case) {
        assert_eq!(Case::of_phrase(phrase), expected, "case of {phrase:?}");
    }

    #[test]
    fn a_phrase_asks_for_the_case_it_is_written_in() {
        check_case("lorry", Case::Any);
        check_case("Lagos", Case::Capital);
        check_case("WHO", Case::Capitals);
        check_case("法国", Case::Any);
        check_case("7-Eleven", Case::Capital);
    }
}
