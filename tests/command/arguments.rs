//! Arguments as text: what is written arrives whole, or is refused with the place and the reason.

use crate::weft::weft;
use std::path::Path;
use tempfile::TempDir;

/// Functions with parameters of many types. What they return is made of what they were given.
const SHAPES: &str = r#"(component
    (type $point' (record (field "x" s32) (field "y" (option s32))))
    (export $point "point" (type $point'))
    (type $line' (record (field "from" $point) (field "to" (option $point))))
    (export $line "line" (type $line'))
    (type $level' (enum "low" "none" "true" "inf"))
    (export $level "level" (type $level'))
    (type $rights' (flags "read" "write" "true"))
    (export $rights "rights" (type $rights'))
    (type $shape' (variant (case "dot") (case "disc" f32) (case "some" u32)))
    (export $shape "shape" (type $shape'))
    (core module $m
        (memory (export "memory") 1)
        (global $free (mut i32) (i32.const 1024))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (global.get $free)
            (global.set $free (i32.add (global.get $free) (local.get 3))))
        (func (export "one") (param i32) (result i32) (local.get 0))
        (func (export "three") (param i32 i32 i32) (result i32) (i32.add (local.get 0) (local.get 2)))
        (func (export "seven") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (local.get 0))
        (func (export "float") (param f32) (result f32) (local.get 0))
        (func (export "wide") (param f64) (result f64) (local.get 0))
        (func (export "long") (param i64) (result i64) (local.get 0))
        (func (export "options") (param i32 i32 i32 i32 i32) (result i32)
            (i32.add (local.get 0) (i32.add (local.get 2) (local.get 4))))
        (func (export "length") (param i32 i32) (result i32) (local.get 1))
        (func (export "case") (param i32 i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m))
    (alias core export $i "memory" (core memory $memory))
    (alias core export $i "realloc" (core func $realloc))
    (func $point-in (param "p" $point) (result s32) (canon lift (core func $i "three")))
    (export "point-in" (func $point-in))
    (func $line-in (param "l" $line) (result s32) (canon lift (core func $i "seven")))
    (export "line-in" (func $line-in))
    (func $level-in (param "l" $level) (result $level) (canon lift (core func $i "one")))
    (export "level-in" (func $level-in))
    (func $rights-in (param "r" $rights) (result $rights) (canon lift (core func $i "one")))
    (export "rights-in" (func $rights-in))
    (func $shape-in (param "s" $shape) (result u32) (canon lift (core func $i "case")))
    (export "shape-in" (func $shape-in))
    (func $byte-in (param "b" u8) (result u8) (canon lift (core func $i "one")))
    (export "byte-in" (func $byte-in))
    (func $long-in (param "l" u64) (result u64) (canon lift (core func $i "long")))
    (export "long-in" (func $long-in))
    (func $float-in (param "f" f32) (result f32) (canon lift (core func $i "float")))
    (export "float-in" (func $float-in))
    (func $wide-in (param "f" f64) (result f64) (canon lift (core func $i "wide")))
    (export "wide-in" (func $wide-in))
    (func $char-in (param "c" char) (result char) (canon lift (core func $i "one")))
    (export "char-in" (func $char-in))
    (func $text-in (param "t" string) (result u32)
        (canon lift (core func $i "length") (memory $memory) (realloc $realloc)))
    (export "text-in" (func $text-in))
    (func $points-in (param "l" (list $point)) (result u32)
        (canon lift (core func $i "length") (memory $memory) (realloc $realloc)))
    (export "points-in" (func $points-in))
    (func $pair-in (param "p" (tuple u8 u8)) (result u32) (canon lift (core func $i "case")))
    (export "pair-in" (func $pair-in))
    (func $options-in (param "a" u32) (param "b" (option u32)) (param "c" (option u32)) (result u32)
        (canon lift (core func $i "options")))
    (export "options-in" (func $options-in)))"#;

fn shapes() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let component = wat::parse_str(SHAPES).unwrap();
    std::fs::write(folder.path().join("shapes.wasm"), component).unwrap();
    folder
}

fn invoke(folder: &Path, call: &str) -> (i32, String, String) {
    let output = weft()
        .current_dir(folder)
        .args(["run", "shapes.wasm", "--invoke", call])
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout).trim_end().to_owned(),
        text(output.stderr),
    )
}

fn check_values(cases: &[(&str, &str)]) {
    let folder = shapes();
    for (call, wanted) in cases {
        let (code, stdout, stderr) = invoke(folder.path(), call);
        assert_eq!((code, stdout.as_str()), (0, *wanted), "{call}: {stderr}");
    }
}

fn check_refusals(cases: &[(&str, &str)]) {
    let folder = shapes();
    for (call, wanted) in cases {
        let (code, stdout, stderr) = invoke(folder.path(), call);
        assert_eq!((code, stdout.as_str()), (2, ""), "{call}: {stderr}");
        assert!(stderr.contains(wanted), "{call}: {stderr}");
    }
}

#[test]
fn a_field_that_a_record_has_not_is_refused_wherever_it_is() {
    check_refusals(&[
        (
            "point-in({x: 1, yy: 2})",
            ": there is no field `yy`; there are: x, y",
        ),
        ("point-in({x: 1, y: 2, z: 3})", ": there is no field `z`"),
        ("point-in({y: 2})", ": the field `x` of type s32 is missing"),
        ("point-in({x: 1, x: 2})", ": duplicate field \"x\""),
        (
            "line-in({from: {x: 1}, to: {x: 1, yy: 2}})",
            ": at `to`: there is no field `yy`",
        ),
        (
            "line-in({from: {x: \"1\"}})",
            ": at `from.x`: this is a string; s32 is written as 3",
        ),
        (
            "points-in([{x: 1}, {x: 1, why: 2}])",
            ": at `[1]`: there is no field `why`",
        ),
        (
            "point-in({x, y})",
            ": this is flags; record is written as {name: value}",
        ),
    ]);
    check_values(&[
        ("point-in({y: 2, x: 1})", "3"),
        ("point-in({x: 7})", "7"),
        ("line-in({from: {x: 4, y: none}, to: some({x: 1})})", "4"),
    ]);
}

#[test]
fn a_name_that_a_type_has_not_is_told_with_those_it_has() {
    check_refusals(&[
        (
            "level-in(high)",
            ": there is no case `high`; there are: low, none, true, inf",
        ),
        (
            "level-in(low(1))",
            ": `low` comes without a value; write low",
        ),
        (
            "shape-in(square)",
            ": there is no case `square`; there are: dot, disc, some",
        ),
        (
            "shape-in(disc)",
            ": `disc` comes with a value; write disc(…) with one of type f32",
        ),
        (
            "shape-in(dot(1))",
            ": `dot` comes without a value; write dot",
        ),
        (
            "shape-in(disc(1e39))",
            ": at `disc`: 1e39 is too large for f32",
        ),
        (
            "rights-in({read, execute})",
            ": there is no flag `execute`; there are: read, write, true",
        ),
        ("rights-in({read, read})", ": duplicate flag \"read\""),
        ("pair-in((1, 2, 3))", ": it has 3 values, 2 are wanted"),
        (
            "pair-in([1, 2])",
            ": this is a list; tuple is written as (a, b)",
        ),
    ]);
}

#[test]
fn words_of_the_notation_are_names_where_a_name_is_wanted() {
    check_values(&[
        ("level-in(none)", "%none"),
        ("level-in(%none)", "%none"),
        ("level-in(true)", "%true"),
        ("level-in(inf)", "%inf"),
        ("rights-in({%true, write})", "{write, true}"),
        ("rights-in({})", "{}"),
        ("shape-in(some(3))", "2"),
        ("shape-in(%some(3))", "2"),
    ]);
}

#[test]
fn a_number_is_one_of_its_type_or_is_refused() {
    check_refusals(&[
        ("byte-in(256)", ": 256 is not in 0..255, the range of u8"),
        ("byte-in(-1)", ": -1 is not in 0..255, the range of u8"),
        ("byte-in(1.0)", ": 1.0 is no whole number, as u8 wants one"),
        ("long-in(18446744073709551616)", "the range of u64"),
        (
            "float-in(1e39)",
            ": 1e39 is too large for f32, whose largest number is 3.4028235e38; infinity is inf",
        ),
        ("float-in(-1e39)", ": -1e39 is too large for f32"),
        ("wide-in(1e309)", ": 1e309 is too large for f64"),
        (
            "float-in(16777217)",
            ": 16777217 is no number that f32 has; the nearest is 16777216, and 16777217.0 means that",
        ),
        ("char-in('ab')", "'ab'"),
        (
            "char-in(\"a\")",
            ": this is a string; char is written as 'a'",
        ),
        ("char-in('\\u{d800}')", "invalid character escape"),
        (
            "text-in('a')",
            ": this is a char; string is written as \"text\"",
        ),
        (
            "byte-in(1) 2",
            "is not a call: trailing characters after value",
        ),
        ("byte-in(1 2)", "is not a call: unexpected token"),
    ]);
    check_values(&[
        ("byte-in(255)", "255"),
        ("long-in(18446744073709551615)", "18446744073709551615"),
        ("float-in(inf)", "inf"),
        ("float-in(-inf)", "-inf"),
        ("float-in(nan)", "nan"),
        ("float-in(3)", "3"),
        ("float-in(16777216)", "16777216"),
        ("wide-in(1e39)", "1000000000000000000000000000000000000000"),
        ("char-in('\\u{df}')", "'ß'"),
        ("text-in(\"a\\u{0}b\")", "3"),
    ]);
}

#[test]
fn the_last_parameters_may_be_left_out_when_they_are_options() {
    check_values(&[
        ("options-in(1)", "1"),
        ("options-in(1, 2)", "3"),
        ("options-in(1, some(2), some(3))", "6"),
        ("options-in(1, none, 3)", "4"),
    ]);
    check_refusals(&[
        (
            "options-in",
            "`options-in` takes 1 to 3 argument(s), 0 given; its signature is options-in: func(",
        ),
        (
            "options-in(1, 2, 3, 4)",
            "`options-in` takes 1 to 3 argument(s), 4 given",
        ),
    ]);
}

/// Runs one entry point from a manifest.
fn up(folder: &Path, entry_point: &str, args: &str) -> (i32, String) {
    let text = format!(
        "[components]\nshapes = \"shapes.wasm\"\n[processes.p]\ncomponent = \"shapes\"\n\
         entry-point = \"{entry_point}\"\nargs = {{ {args} }}\n"
    );
    std::fs::write(folder.join("weft.toml"), text).unwrap();
    let output = weft()
        .current_dir(folder)
        .args(["up", "weft.toml"])
        .output();
    let output = output.unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), stderr)
}

#[test]
fn a_manifest_s_arguments_are_held_to_the_same() {
    let folder = shapes();
    for (entry_point, args, wanted) in [
        (
            "point-in",
            "p = { x = 1, yy = 2 }",
            ": there is no field `yy`; there are: x, y",
        ),
        (
            "line-in",
            "l = { from = { x = 1 }, to = { x = 1, yy = 2 } }",
            ": at `to`: there is no field `yy`",
        ),
        (
            "point-in",
            "p = { x = 1, \"y: 1, z\" = 2 }",
            "\"y: 1, z\" is no name of a field",
        ),
        ("float-in", "f = 1e39", "is too large for f32"),
        (
            "wide-in",
            "f = 9007199254740993",
            ": 9007199254740993 is no number that f64 has; the nearest is 9007199254740992",
        ),
        (
            "byte-in",
            "b = 256",
            ": 256 is not in 0..255, the range of u8",
        ),
        (
            "rights-in",
            "r = \"{read, execute}\"",
            ": there is no flag `execute`",
        ),
        (
            "options-in",
            "b = 2",
            "parameter `a` of type u32 was not given",
        ),
        (
            "options-in",
            "a = 1, d = 2",
            "`options-in` has no parameter `d`",
        ),
    ] {
        let (code, stderr) = up(folder.path(), entry_point, args);
        assert_eq!(code, 2, "{args}: {stderr}");
        assert!(stderr.contains(wanted), "{args}: {stderr}");
    }
    for (entry_point, args, wanted) in [
        ("point-in", "p = { x = 7 }", "p returned 7"),
        ("options-in", "a = 1, c = 3", "p returned 4"),
        ("float-in", "f = inf", "p returned inf"),
        (
            "wide-in",
            "f = 9007199254740992",
            "p returned 9007199254740992",
        ),
        ("float-in", "f = 16777217.0", "p returned 16777216"),
        ("rights-in", "r = {}", "p returned {}"),
    ] {
        let (code, stderr) = up(folder.path(), entry_point, args);
        assert_eq!(code, 0, "{args}: {stderr}");
        assert!(stderr.contains(wanted), "{args}: {stderr}");
    }
}
