//! Whole functions and the WIT they become.

use super::*;

fn check(rust: &str, wit: &str) {
    let function: ItemFn = syn::parse_str(rust).expect("the case is Rust");
    let read = Signature::read(&function).map(|signature| signature.wit());
    assert_eq!(read.map_err(|e| e.to_string()), Ok(wit.to_owned()));
}

fn check_refused(rust: &str, says: &str) {
    let function: ItemFn = syn::parse_str(rust).expect("the case is Rust");
    let read = Signature::read(&function).map(|_| ());
    let text = read.expect_err("it is refused").to_string();
    assert!(text.contains(says), "{text}");
}

#[test]
fn async_is_carried_over() {
    check("async fn main() {}", "async func()");
    check("fn main() {}", "func()");
}

#[test]
fn names_become_kebab_case_and_are_escaped() {
    check(
        "fn main(max_rows: u32, _from: String, r#type: bool, arg_1: u8, mut input: Reader) {}",
        "func(max-rows: u32, from: string, type: bool, arg1: u8, input: reader)",
    );
}

#[test]
fn a_value_is_returned_as_it_is() {
    check("fn main() -> u32 { 1 }", "func() -> u32");
    check("fn main() -> () {}", "func()");
    check(
        "fn main() -> Option<String> { None }",
        "func() -> option<string>",
    );
}

#[test]
fn a_result_fails_with_text_whatever_its_error() {
    check(
        "fn main() -> Result<(), MyError> {}",
        "func() -> result<_, string>",
    );
    check(
        "fn main() -> Result<u64, MyError> {}",
        "func() -> result<u64, string>",
    );
    check(
        "fn main() -> weft_guest::Result<Vec<u8>> {}",
        "func() -> result<list<u8>, string>",
    );
    check(
        "fn main() -> weft_guest::Result {}",
        "func() -> result<_, string>",
    );
    check(
        "fn main() -> Result<Result<u8, bool>, MyError> {}",
        "func() -> result<result<u8, bool>, string>",
    );
}

#[test]
fn what_is_no_entry_point_is_refused() {
    check_refused("fn main<T>(a: u32) {}", "generic");
    check_refused("fn main(self) {}", "free function");
    check_refused("unsafe fn main() {}", "unsafe");
    check_refused("const fn main() {}", "const");
    check_refused("extern \"C\" fn main() {}", "ordinary");
    check_refused("fn main((a, b): (u32, u32)) {}", "plain name");
    check_refused("fn main(_: u32) {}", "plain name");
    check_refused("fn main(größe: u32) {}", "a to z");
    check_refused("fn main(__: u32) {}", "a to z");
    check_refused("fn main(a: Flight<u8>) {}", "`Flight`");
    check_refused("fn main() -> Flight<u8> {}", "`Flight`");
}
