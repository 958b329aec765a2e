//! A look-up table from word and phrase hashes to numbers, for the lexicon and the model. It only grows while it is
//! built.
//!
//! Keys are finished hashes already, so a slot is a mask away: one cache line a look-up, and no second hashing. A key
//! of zero marks an empty slot; no phrase hashes to it in practice, and one that did would merely not be found.

/// Slots per key: a third of them stay empty, so that a miss ends after a slot or two.
const SLOTS_PER_KEY: usize = 3;

/// Open addressing with linear probing.
#[derive(Debug, Clone)]
pub(super) struct Table {
    slots: Vec<(u64, u32)>,
    mask: usize,
    len: usize,
}

impl Table {
    /// An empty table with room for so many keys without growing.
    pub(super) fn with_capacity(keys: usize) -> Self {
        let slots = (keys * SLOTS_PER_KEY / 2).next_power_of_two().max(8);
        Table { slots: vec![(0, 0); slots], mask: slots - 1, len: 0 }
    }

    /// The number kept for a key.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<u32> {
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

    /// Keeps a number for a key and gives the one that was kept before, if any.
    pub(super) fn insert(&mut self, key: u64, value: u32) -> Option<u32> {
        if (self.len + 1) * SLOTS_PER_KEY / 2 > self.slots.len() {
            self.grow();
        }
        let mut at = key as usize & self.mask;
        while self.slots[at].0 != 0 {
            if self.slots[at].0 == key {
                return Some(std::mem::replace(&mut self.slots[at].1, value));
            }
            at = (at + 1) & self.mask;
        }
        self.slots[at] = (key, value);
        self.len += 1;
        None
    }

    fn grow(&mut self) {
        let mut larger = Table::with_capacity(self.slots.len() * 2);
        for &(key, value) in self.slots.iter().filter(|(key, _)| *key != 0) {
            larger.insert(key, value);
        }
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let mut table = Table::with_capacity(2);
        let key = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for n in 1..1000 {
            assert_eq!(table.insert(key(n), n as u32), None);
        }
        assert_eq!(table.insert(key(7), 70), Some(7));
        assert_eq!(table.get(key(7)), Some(70));
        assert_eq!(table.get(key(999)), Some(999));
        assert_eq!(table.get(key(1000)), None);
        assert_eq!(table.get(0), None);
    }
}
