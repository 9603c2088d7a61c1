//! Values in memory, as the canonical ABI lays them out.
//!
//! Invariants: an [`At`] is made only of memory that the host has filled for this type, or that was allocated here for it; so what is
//! behind it can be read and written. What was allocated for a result is freed when the host has taken it.
#![allow(unsafe_code)]

use super::layout::{Shape, aligned};
use super::{Lift, Lower};
use std::alloc::{self, Layout as Allocation};

/// A place of a value in memory.
#[derive(Clone, Copy, Debug)]
pub struct At(*mut u8);

impl At {
    /// # Safety
    /// The memory there is that of a value, and of no other.
    pub(super) unsafe fn new(address: usize) -> Self {
        At(std::ptr::with_exposed_provenance_mut(address))
    }

    pub(super) fn address(self) -> usize {
        self.0.expose_provenance()
    }

    fn after(self, offset: usize) -> Self {
        At(self.0.wrapping_add(offset))
    }

    /// A number of so many bytes: 1, 2, 4 or 8.
    pub(super) fn load_bits(self, size: usize) -> u64 {
        let mut bytes = [0; 8];
        // SAFETY: see the module; a number has at most 8 bytes.
        unsafe {
            self.0
                .copy_to_nonoverlapping(bytes.as_mut_ptr(), size.min(8))
        };
        u64::from_le_bytes(bytes)
    }

    pub(super) fn store_bits(self, size: usize, bits: u64) {
        let bytes = bits.to_le_bytes();
        // SAFETY: see the module; a number has at most 8 bytes.
        unsafe { self.0.copy_from_nonoverlapping(bytes.as_ptr(), size.min(8)) };
    }

    /// The bits of flags in so many bytes.
    pub fn load_number(self, size: usize) -> u32 {
        self.load_bits(size) as u32
    }

    /// The same, the other way.
    pub fn store_number(self, size: usize, bits: u32) {
        self.store_bits(size, bits.into());
    }

    /// The fields of a record, in order.
    pub fn fields(self) -> Fields {
        Fields {
            start: self,
            shape: Vec::new(),
        }
    }

    /// The pointer and the length of a list.
    pub(super) fn load_pair(self) -> (u64, u64) {
        let word = size_of::<usize>();
        (self.load_bits(word), self.after(word).load_bits(word))
    }
}

/// Takes a list that the host has allocated.
///
/// # Safety
/// It is a list of this type, and this guest's own.
pub(super) unsafe fn list<T: Lift>(pointer: u64, length: u64) -> Vec<T> {
    let (pointer, length) = (pointer as usize, length as usize);
    let shape = T::SHAPE;
    let first = At(std::ptr::with_exposed_provenance_mut(pointer));
    let items = (0..length).map(|index| T::load(first.after(index * shape.size())));
    let items = items.collect();
    // SAFETY: the host has allocated it so.
    unsafe { free(first, length * shape.size(), shape.align()) };
    items
}

/// Takes bytes that the host has allocated.
///
/// # Safety
/// They are a `list<u8>` or a `string`, and this guest's own.
pub(super) unsafe fn bytes(pointer: u64, length: u64) -> Vec<u8> {
    let length = length as usize;
    if length == 0 {
        return Vec::new();
    }
    let pointer = std::ptr::with_exposed_provenance_mut(pointer as usize);
    // SAFETY: the host has allocated them so.
    unsafe { Vec::from_raw_parts(pointer, length, length) }
}

/// # Safety
/// It was allocated with this size and alignment.
pub(super) unsafe fn free(at: At, size: usize, align: usize) {
    if let Ok(allocation) = Allocation::from_size_align(size, align)
        && size > 0
    {
        // SAFETY: the caller's.
        unsafe { alloc::dealloc(at.0, allocation) };
    }
}

/// Goes through the fields of a record.
#[derive(Debug)]
pub struct Fields {
    start: At,
    /// Those that were passed.
    shape: Vec<Shape>,
}

impl Fields {
    fn next(&mut self, shape: Shape) -> At {
        let end = self
            .shape
            .iter()
            .fold(0, |end, field| aligned(end, field.align()) + field.size());
        self.shape.push(shape);
        self.start.after(aligned(end, shape.align()))
    }

    /// Takes the next.
    pub fn load<T: Lift>(&mut self) -> T {
        T::load(self.next(T::SHAPE))
    }

    /// Puts the next.
    pub fn store<T: Lower>(&mut self, value: T, kept: &mut Kept) {
        value.store(self.next(T::SHAPE), kept);
    }

    /// The record of the fields that were passed.
    pub(super) fn record(&self) -> Shape {
        Shape::record(&self.shape)
    }
}

impl Shape {
    /// The number of the case, and the place of what it carries.
    pub fn load_case(self, at: At, cases: u32) -> (u32, At) {
        let (tag, offset) = self.case(cases);
        (at.load_number(tag), at.after(offset))
    }

    /// Puts the number of the case, and gives the place of what it carries.
    pub fn store_case(self, at: At, cases: u32, number: u32) -> At {
        let (tag, offset) = self.case(cases);
        at.store_number(tag, number);
        at.after(offset)
    }
}

/// The memory of a result, until the host has taken it.
#[derive(Debug, Default)]
pub struct Kept(Vec<(At, Allocation)>);

impl Kept {
    /// Room that is freed with this.
    pub(super) fn room(&mut self, size: usize, align: usize) -> At {
        let Ok(allocation) = Allocation::from_size_align(size, align) else {
            return At(std::ptr::dangling_mut());
        };
        if size == 0 {
            return At(std::ptr::without_provenance_mut(align));
        }
        // SAFETY: the size is not 0.
        let pointer = unsafe { alloc::alloc_zeroed(allocation) };
        if pointer.is_null() {
            alloc::handle_alloc_error(allocation);
        }
        self.0.push((At(pointer), allocation));
        At(pointer)
    }

    /// A list: its address and its length.
    pub(super) fn list<T: Lower>(&mut self, items: Vec<T>) -> (u64, u64) {
        let (shape, length) = (T::SHAPE, items.len());
        let first = self.room(length * shape.size(), shape.align());
        for (index, item) in items.into_iter().enumerate() {
            item.store(first.after(index * shape.size()), self);
        }
        (first.address() as u64, length as u64)
    }

    pub(super) fn store_list<T: Lower>(&mut self, items: Vec<T>, at: At) {
        let word = size_of::<usize>();
        let (pointer, length) = self.list(items);
        at.store_bits(word, pointer);
        at.after(word).store_bits(word, length);
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for (at, allocation) in self.0.drain(..) {
            // SAFETY: it was allocated so, by `room`.
            unsafe { alloc::dealloc(at.0, allocation) };
        }
    }
}
