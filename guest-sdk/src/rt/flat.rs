//! Values as core values: the arguments of an export and what it returns.
//!
//! Each core value is kept as its bits in a `u64`, however wide it is; so the cases of a variant share their room by themselves.

use super::layout::Shape;
use super::memory::{self, At, Fields, Kept};
use super::{Lift, Lower};

/// The arguments of an export.
#[derive(Debug)]
pub struct Args(Source);

#[derive(Debug)]
enum Source {
    Flat(Flat),
    Memory(Fields, At),
}

impl Args {
    /// Arguments that came as core values.
    ///
    /// # Safety
    /// They came from the host, for the parameters that are lifted from it.
    #[allow(unsafe_code)]
    pub unsafe fn flat(values: Vec<u64>) -> Self {
        Args(Source::Flat(Flat { values, next: 0 }))
    }

    /// Arguments that are in memory, as they are too many.
    ///
    /// # Safety
    /// As for [`Args::flat`].
    #[allow(unsafe_code)]
    pub unsafe fn in_memory(address: usize) -> Self {
        // SAFETY: the caller's.
        let at = unsafe { At::new(address) };
        Args(Source::Memory(at.fields(), at))
    }

    /// The next one.
    pub fn lift<T: Lift>(&mut self) -> T {
        match &mut self.0 {
            Source::Flat(flat) => T::lift(flat),
            Source::Memory(fields, _) => fields.load(),
        }
    }
}

impl Drop for Args {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if let Source::Memory(fields, at) = &self.0 {
            let record = fields.record();
            // SAFETY: the host has allocated it for the record of all arguments.
            unsafe { memory::free(*at, record.size(), record.align()) };
        }
    }
}

/// Core values, taken one after the other.
#[derive(Debug)]
pub struct Flat {
    values: Vec<u64>,
    next: usize,
}

impl Flat {
    /// The bits of the next one.
    pub fn take(&mut self) -> u64 {
        let value = self.values.get(self.next).copied();
        self.next += 1;
        value.unwrap_or_default()
    }

    /// The number of a case, and what it carries.
    pub fn case<T>(&mut self, shape: Shape, lift: impl FnOnce(u32, &mut Flat) -> T) -> T {
        let end = self.next + shape.flat();
        let number = self.take() as u32;
        let value = lift(number, self);
        self.next = end;
        value
    }
}

/// A result for the host.
#[derive(Debug, Default)]
pub struct Lowered {
    values: Vec<u64>,
    kept: Kept,
}

impl Lowered {
    /// Lowers a value: into core values if they are at most so many, else into memory.
    pub fn new<T: Lower>(value: T, most: usize) -> Self {
        let mut lowered = Lowered::default();
        let shape = T::SHAPE;
        if shape.flat() <= most {
            value.lower(&mut lowered);
        } else {
            let at = lowered.kept.room(shape.size(), shape.align());
            value.store(at, &mut lowered.kept);
            lowered.push(at.address() as u64);
        }
        lowered
    }

    /// Adds the bits of a core value.
    pub fn push(&mut self, bits: u64) {
        self.values.push(bits);
    }

    /// Adds the number of a case and what it carries, by this closure, and room for what other cases carry.
    pub fn case(&mut self, shape: Shape, lower: impl FnOnce(&mut Lowered)) {
        let end = self.values.len() + shape.flat();
        lower(self);
        self.values.resize(end, 0);
    }

    pub(super) fn push_list<T: Lower>(&mut self, items: Vec<T>) {
        let (pointer, length) = self.kept.list(items);
        self.push(pointer);
        self.push(length);
    }

    /// The core values.
    pub fn values(&self) -> &[u64] {
        &self.values
    }
}
