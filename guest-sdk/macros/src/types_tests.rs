//! The mapping of types, case by case.

use super::*;

fn check(rust: &str, wit: &str) {
    let ty: Type = syn::parse_str(rust).expect("the case is Rust");
    let mapped = map(&ty).map(|ty| ty.wit());
    assert_eq!(mapped.map_err(|e| e.to_string()), Ok(wit.to_owned()));
}

fn check_refused(rust: &str, says: &str) {
    let ty: Type = syn::parse_str(rust).expect("the case is Rust");
    let mapped = map(&ty).map(|_| ());
    let text = mapped.expect_err("it is refused").to_string();
    assert!(text.contains(says), "{text}");
    assert!(
        text.contains("TypedWriter"),
        "lists what is possible: {text}"
    );
}

#[test]
fn numbers_have_the_signs_wit_gives_them() {
    check("u8", "u8");
    check("i8", "s8");
    check("i16", "s16");
    check("u64", "u64");
    check("i64", "s64");
    check("f64", "f64");
}

#[test]
fn texts_and_lists() {
    check("bool", "bool");
    check("char", "char");
    check("String", "string");
    check("std::string::String", "string");
    check("Vec<u8>", "list<u8>");
    check("Vec<Vec<String>>", "list<list<string>>");
}

#[test]
fn optional_and_fallible_and_tuples() {
    check("Option<u32>", "option<u32>");
    check("Result<u32, String>", "result<u32, string>");
    check("Result<(), String>", "result<_, string>");
    check("Result<u32, ()>", "result<u32>");
    check("Result<(), ()>", "result");
    check("(u32, Option<String>)", "tuple<u32, option<string>>");
    check("(u32,)", "tuple<u32>");
}

#[test]
fn ends_are_resources_however_they_are_typed() {
    check("Reader", "reader");
    check("weft_guest::blocking::Writer", "writer");
    check("Channel", "channel");
    check("TypedReader<Flight>", "reader");
    check("TypedWriter<Flight, Postcard>", "writer");
    check("Vec<(String, Reader)>", "list<tuple<string, reader>>");
}

#[test]
fn types_of_the_guest_are_remembered_from_any_depth() {
    let ty: Type = syn::parse_str("Vec<(Mode, Option<config::Limits>)>").expect("the case is Rust");
    let paths = map(&ty).expect("it maps").declared();
    let names: Vec<String> = paths.iter().map(declared_name).collect();
    assert_eq!(names, ["Mode", "Limits"]);
}

#[test]
fn a_refusal_names_the_way_out() {
    check_refused("&str", "such as String for &str");
    check_refused("usize", "use u32 or u64");
    check_refused("u128", "64 bits");
    check_refused("HashMap<String, u32>", "Vec<(K, V)>");
    check_refused("[u8; 4]", "Vec<T>");
    check_refused("Box<String>", "without the Box");
    check_refused("Flight<u8>", "`Flight` has no counterpart");
    check_refused("()", "no type of a value");
    check_refused("Vec<Flight<u8>>", "`Flight`");
    check_refused("impl Fn()", "no counterpart");
    check_refused("Result<u32>", "both its types");
}
