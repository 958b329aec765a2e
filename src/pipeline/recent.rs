//! A bounded set that forgets what was put in longest ago.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Remembers up to a number of names.
#[derive(Debug)]
pub struct Recent(Mutex<LruCache<String, ()>>);

impl Recent {
    /// Remembers the last `max` names.
    pub fn new(max: NonZeroUsize) -> Self {
        Recent(Mutex::new(LruCache::new(max)))
    }

    /// Remembers a name.
    pub fn insert(&self, name: &str) {
        self.lock().put(name.to_owned(), ());
    }

    /// Whether a name is remembered.
    pub fn contains(&self, name: &str) -> bool {
        self.lock().contains(name)
    }

    /// Forgets a name; tells whether it was remembered.
    pub fn remove(&self, name: &str) -> bool {
        self.lock().pop(name).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<String, ()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_name_is_forgotten_first() {
        let recent = Recent::new(NonZeroUsize::new(2).unwrap());
        for name in ["a", "b", "c"] {
            recent.insert(name);
        }
        assert_eq!(["a", "b", "c"].map(|name| recent.contains(name)), [false, true, true]);
        assert!(recent.remove("b") && !recent.remove("b"));
    }
}
