//! Values under keys that stay put, with O(1) insert and remove.
//!
//! Invariant: `free` heads a list of all vacant entries. It allocates nothing until
//! the first insert, and never more entries than were in use at one time.

#[derive(Debug)]
pub(super) struct Slab<T> {
    entries: Vec<Entry<T>>,
    free: Option<usize>,
}

#[derive(Debug)]
enum Entry<T> {
    Used(T),
    /// Vacant; names the next vacant one.
    Free(Option<usize>),
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            free: None,
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
        self.entries.push(Entry::Used(value));
        self.entries.len() - 1
    }

    pub fn remove(&mut self, key: usize) -> Option<T> {
        let entry = self.entries.get_mut(key)?;
        if matches!(entry, Entry::Free(_)) {
            return None;
        }
        let removed = std::mem::replace(entry, Entry::Free(self.free));
        self.free = Some(key);
        match removed {
            Entry::Used(value) => Some(value),
            Entry::Free(_) => None,
        }
    }

    #[inline]
    pub fn get(&self, key: usize) -> Option<&T> {
        match self.entries.get(key)? {
            Entry::Used(value) => Some(value),
            Entry::Free(_) => None,
        }
    }

    #[inline]
    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        match self.entries.get_mut(key)? {
            Entry::Used(value) => Some(value),
            Entry::Free(_) => None,
        }
    }

    /// All values.
    #[cfg(not(weft_model))]
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Used(value) => Some(value),
            Entry::Free(_) => None,
        })
    }

    /// Whether there are no entries, vacant ones included.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes all values out and makes all keys vacant; keeps the allocation.
    pub fn drain(&mut self) -> impl Iterator<Item = T> {
        self.free = None;
        self.entries.drain(..).filter_map(|entry| match entry {
            Entry::Used(value) => Some(value),
            Entry::Free(_) => None,
        })
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
}
