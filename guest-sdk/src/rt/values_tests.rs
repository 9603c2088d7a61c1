//! Values go into memory and into core values, and come back as they were.

use super::*;
use crate::rt::flat::Args;
use proptest::prelude::*;

type Everything = (
    (bool, u8, i8, u16),
    (i16, u32, i32, u64),
    (i64, char, Vec<u16>, String),
    Option<(u8, Result<f64, Vec<String>>)>,
    Vec<Option<Result<(), (u64, u8)>>>,
);

/// Lowered as core values or into memory, as `most` has it, and lifted again as the host would have passed it on.
fn there_and_back<T: Lift + Lower>(value: T, most: usize) -> T {
    let lowered = Lowered::new(value, most);
    let values = lowered.values().to_vec();
    // The memory is the lifted value's now.
    std::mem::forget(lowered);
    let in_memory = T::SHAPE.flat() > most;
    #[allow(unsafe_code)]
    // SAFETY: it was lowered for this type.
    let mut args = unsafe {
        match in_memory {
            true => Args::in_memory(values[0] as usize),
            false => Args::flat(values),
        }
    };
    args.lift()
}

proptest! {
    #[test]
    fn values_come_back(
        value: (bool, u8, i8, u16),
        more: (i16, u32, i32, u64),
        last: (i64, char, Vec<u16>, String),
        option: Option<(u8, Result<u32, Vec<String>>)>,
        list: Vec<Option<Result<(), (u64, u8)>>>,
    ) {
        let option = option.map(|(number, result)| (number, result.map(f64::from)));
        let all: Everything = (value, more, last, option, list);
        prop_assert_eq!(&there_and_back(all.clone(), 0), &all);
        prop_assert_eq!(&there_and_back(all.clone(), 100), &all);
    }
}
