//! A bounded set that forgets what was put in longest ago.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Remembers up to a number of keys.
#[derive(Debug)]
pub struct Recent<K: Hash + Eq>(Mutex<LruCache<K, ()>>);

impl<K: Hash + Eq> Recent<K> {
    /// Remembers the last `max` keys.
    pub fn new(max: NonZeroUsize) -> Self {
        Recent(Mutex::new(LruCache::new(max)))
    }

    /// Remembers a key.
    pub fn insert(&self, key: K) {
        self.lock().put(key, ());
    }

    /// Whether a key is remembered.
    pub fn contains(&self, key: &K) -> bool {
        self.lock().contains(key)
    }

    /// Forgets a key, and reports whether it was remembered.
    pub fn remove(&self, key: &K) -> bool {
        self.lock().pop(key).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<K, ()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_key_is_forgotten_first() {
        let recent = Recent::new(NonZeroUsize::new(2).unwrap());
        for key in ["a", "b", "c"] {
            recent.insert(key);
        }
        assert_eq!(["a", "b", "c"].map(|key| recent.contains(&key)), [false, true, true]);
        assert!(recent.remove(&"b") && !recent.remove(&"b"));
    }
}
