//! Takes one argument of each kind and says what it got.

/// Returns all arguments, in Rust's debug form, separated by `; `.
#[weft_guest::main]
async fn main(
    flag: bool,
    count: u32,
    ratio: f64,
    name: String,
    bytes: Vec<u8>,
    list: Vec<String>,
    maybe: Option<u32>,
) -> String {
    format!("{flag:?}; {count:?}; {ratio:?}; {name:?}; {bytes:?}; {list:?}; {maybe:?}")
}

/// Returns the number of letters of a text: one more entry point, under its own name.
#[weft_guest::entry_point]
fn count_letters(r#type: String) -> u64 {
    r#type.chars().count() as u64
}
