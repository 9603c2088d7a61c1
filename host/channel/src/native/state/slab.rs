//! Values under keys that stay put.
//!
//! The first [`IN_PLACE`] values are in a list, where a key is an index: inserting, finding and removing one costs O(1). All further
//! ones are in a tree, so that memory is given back when many of them go, whichever stay.
//!
//! Invariant: `free` heads a list of all vacant entries of the list. It allocates nothing until
//! the first insert.

use std::collections::BTreeMap;

/// Values in the list: more than most channels ever have readers. The list keeps its memory.
const IN_PLACE: usize = 256;

#[derive(Debug)]
pub(super) struct Slab<T> {
    entries: Vec<Entry<T>>,
    free: Option<usize>,
    beyond: BTreeMap<usize, T>,
    /// The key given last beyond the list; none is given twice.
    last_beyond: usize,
}

#[derive(Debug)]
enum Entry<T> {
    Used(T),
    /// Vacant; names the next vacant one.
    Free(Option<usize>),
}

impl<T> Entry<T> {
    fn value(self) -> Option<T> {
        match self {
            Self::Used(value) => Some(value),
            Self::Free(_) => None,
        }
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            free: None,
            beyond: BTreeMap::new(),
            last_beyond: IN_PLACE,
        }
    }
}

impl<T> Slab<T> {
    pub fn insert(&mut self, value: T) -> usize {
        if let Some(key) = self.free
            && let Some(entry) = self.entries.get_mut(key)
        {
            if let Entry::Free(next) = entry {
                self.free = *next;
            }
            *entry = Entry::Used(value);
            return key;
        }
        if self.entries.len() < IN_PLACE {
            self.entries.push(Entry::Used(value));
            return self.entries.len() - 1;
        }
        self.last_beyond += 1;
        self.beyond.insert(self.last_beyond, value);
        self.last_beyond
    }

    pub fn remove(&mut self, key: usize) -> Option<T> {
        if key > IN_PLACE {
            return self.beyond.remove(&key);
        }
        let entry = self.entries.get_mut(key)?;
        if matches!(entry, Entry::Free(_)) {
            return None;
        }
        let removed = std::mem::replace(entry, Entry::Free(self.free));
        self.free = Some(key);
        removed.value()
    }

    #[cfg(test)]
    pub fn get(&self, key: usize) -> Option<&T> {
        match self.entries.get(key) {
            Some(Entry::Used(value)) => Some(value),
            Some(Entry::Free(_)) => None,
            None => self.beyond.get(&key),
        }
    }

    #[inline]
    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        match self.entries.get_mut(key) {
            Some(Entry::Used(value)) => Some(value),
            Some(Entry::Free(_)) => None,
            None => self.beyond.get_mut(&key),
        }
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        let in_place = self.entries.iter().filter_map(|entry| match entry {
            Entry::Used(value) => Some(value),
            Entry::Free(_) => None,
        });
        in_place.chain(self.beyond.values())
    }

    /// Whether there are no entries, vacant ones included.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes the only value there ever was since the last [`drain`](Self::drain), if there was only one.
    #[inline]
    pub fn take_only(&mut self) -> Option<T> {
        match self.entries.as_slice() {
            [Entry::Used(_)] => self.entries.pop()?.value(),
            _ => None,
        }
    }

    /// Takes all values out and makes all keys vacant; keeps the allocation of the list.
    pub fn drain(&mut self) -> impl Iterator<Item = T> {
        self.free = None;
        let beyond = (!self.beyond.is_empty()).then(|| std::mem::take(&mut self.beyond));
        let in_place = self.entries.drain(..).filter_map(Entry::value);
        in_place.chain(beyond.into_iter().flat_map(BTreeMap::into_values))
    }

    /// In bytes.
    #[cfg(test)]
    pub fn allocated(&self) -> usize {
        self.entries.capacity() * size_of::<Entry<T>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_reused_and_stale_keys_find_nothing() {
        let mut slab = Slab::default();
        let (a, b) = (slab.insert('a'), slab.insert('b'));
        assert_eq!(slab.remove(a), Some('a'));
        assert_eq!(slab.remove(a), None);
        assert_eq!(slab.get(a), None);
        assert_eq!(slab.insert('c'), a);
        assert_eq!((slab.get(a), slab.get(b)), (Some(&'c'), Some(&'b')));
        assert_eq!(slab.entries.len(), 2);
        assert_eq!(slab.drain().collect::<Vec<_>>(), ['c', 'b']);
        assert_eq!(slab.get(b), None);
        assert_eq!(slab.insert('d'), 0);
    }

    #[test]
    fn a_crowd_leaves_no_memory_behind_though_the_last_of_it_stays() {
        let mut slab = Slab::default();
        let keys: Vec<_> = (0..10_000).map(|value| slab.insert(value)).collect();
        for (value, &key) in keys.iter().enumerate() {
            assert_eq!(slab.get(key), Some(&value));
        }
        for &key in &keys[..9_999] {
            assert!(slab.remove(key).is_some());
            assert_eq!(slab.remove(key), None);
        }
        assert_eq!(slab.get_mut(keys[9_999]), Some(&mut 9_999));
        assert_eq!((slab.entries.len(), slab.beyond.len()), (IN_PLACE, 1));
        // The places of the list come first again, and no key comes twice.
        let again: Vec<_> = (0..300).map(|value| slab.insert(value)).collect();
        assert!(again[..IN_PLACE].iter().all(|&key| key < IN_PLACE));
        assert!(again[IN_PLACE..].iter().all(|key| !keys.contains(key)));
        assert_eq!(slab.drain().count(), 301);
        assert_eq!((slab.get(keys[9_999]), slab.values().count()), (None, 0));
    }
}
