//! Calls as people type them. Any text is either a call of an entry point with values of its types, or refused
//! before anything runs.

use crate::{runtime, words};
use std::sync::OnceLock;
use weft_host::{
    Arguments, Host, HostConfig, StartOptions,
    process::{StartError, parse_invocation},
};

/// The type of the parameter of each entry point, `f0` and so on.
const TYPES: &[&str] = &[
    "bool",
    "u8",
    "s8",
    "u16",
    "s16",
    "u32",
    "s32",
    "u64",
    "s64",
    "f32",
    "f64",
    "char",
    "string",
    "(list u8)",
    "(list string)",
    "(list (list bool))",
    "$record",
    "$variant",
    "$enum",
    "$flags",
    "(option u8)",
    "(option (option string))",
    "(result u8 (error string))",
    "(result)",
    "(tuple u8 string f64)",
    "(list $record)",
    "(list $variant)",
];

/// The words that calls are made of.
const WORDS: &[&str] = &[
    "f0",
    "f1",
    "f4",
    "f6",
    "f8",
    "f9",
    "f11",
    "f12",
    "f13",
    "f14",
    "f15",
    "f16",
    "f17",
    "f18",
    "f19",
    "f20",
    "f21",
    "f22",
    "f23",
    "f24",
    "f25",
    "f26",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ": ",
    ":",
    "-",
    "0",
    "1",
    "255",
    "256",
    "-129",
    "18446744073709551616",
    "1e400",
    "nan",
    "inf",
    "-inf",
    "1.5",
    "true",
    "false",
    "'a'",
    "'\\u{1f980}'",
    "'\\u{d800}'",
    "\"a\"",
    "\"",
    "\\",
    "\\n",
    "\\u{",
    "none",
    "some",
    "ok",
    "err",
    "a",
    "b",
    "c-d",
    "%",
    "//",
    "\n",
    "a: 1",
    "b: \"x\"",
    "c-d: none",
    "some(",
    "ok(",
    "{a, b}",
    "{:}",
    "...",
    "\u{0}",
    "\u{1f980}",
];

/// Makes a text of the bytes, parses it as a call, and fits its arguments.
pub fn run(bytes: &[u8]) {
    let text = words::text(bytes, WORDS);
    let Ok((entry_point, arguments)) = parse_invocation(&text) else {
        return;
    };
    if let Arguments::Positional(given) = &arguments
        && given.len() > text.len()
    {
        panic!("more arguments than text: {text:?}");
    }
    let options = StartOptions::new("types")
        .name("fuzzed")
        .entry_point(entry_point)
        .arguments(arguments);
    let _inside = runtime().enter();
    match host().prepare(options) {
        Ok(_) | Err(StartError::UnknownEntryPoint(_) | StartError::Argument(_)) => {}
        Err(other) => panic!("{text:?}: {other}"),
    }
}

/// A host with a component that takes every type.
fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let config = HostConfig::default().max_processes(8);
        let host = Host::new(config).expect("a host");
        let bytes = wat::parse_str(component()).expect("it is wat");
        runtime()
            .block_on(host.components().load("types", bytes))
            .expect("it loads");
        host
    })
}

fn component() -> String {
    let functions = TYPES.iter().enumerate().map(|(n, ty)| {
        let core = flat(ty);
        (
            format!("(func (export \"f{n}\") (param {core}))"),
            format!(
                "(func (export \"f{n}\") (param \"x\" {ty}) (canon lift (core func $i \"f{n}\") \
                 (memory $i \"memory\") (realloc (core func $i \"realloc\"))))"
            ),
        )
    });
    let (core, lifted): (String, String) = functions.unzip();
    format!(
        r#"(component
            (type $record' (record (field "a" u8) (field "b" string) (field "c-d" (option bool))))
            (export $record "record" (type $record'))
            (type $variant' (variant (case "a") (case "b" u32) (case "c-d" string)))
            (export $variant "variant" (type $variant'))
            (type $enum' (enum "a" "b" "c-d"))
            (export $enum "enumeration" (type $enum'))
            (type $flags' (flags "a" "b" "c-d"))
            (export $flags "flag-set" (type $flags'))
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
                {core})
            (core instance $i (instantiate $m))
            {lifted})"#
    )
}

/// The core type of a parameter.
fn flat(ty: &str) -> &'static str {
    match ty {
        "u64" | "s64" => "i64",
        "f32" => "f32",
        "f64" => "f64",
        "string" => "i32 i32",
        "$record" => "i32 i32 i32 i32 i32",
        "$variant" | "(result u8 (error string))" => "i32 i32 i32",
        "(option u8)" => "i32 i32",
        "(option (option string))" => "i32 i32 i32 i32",
        "(tuple u8 string f64)" => "i32 i32 i32 f64",
        list if list.starts_with("(list") => "i32 i32",
        _ => "i32",
    }
}
