//! What is not composed, and what is said of it.

use super::{compose, shown, stderr};
use crate::support::guest_of;
use crate::weft::{run, up};

#[test]
fn what_does_not_fit_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (link, hello) = (shown(guest_of("transform-link")), shown(guest_of("hello")));
    let said = stderr(
        compose(folder, &[&link, "--plug", &hello, "-o", "x.wasm"]),
        2,
    );
    assert!(
        said.contains("plugs nothing: it exports `run`, and"),
        "{said}"
    );
    assert!(
        said.contains("imports `weft:fabric/transformer@0.2.0`\n"),
        "{said}"
    );

    let odd = r#"(component
        (component $c
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (export "apply" (func $f)))
        (instance $i (instantiate $c))
        (export "weft:fabric/transformer@VERSION" (instance $i)))"#;
    let file = |version: &str| {
        let bytes = wat::parse_str(odd.replace("VERSION", version)).unwrap();
        std::fs::write(folder.join("odd.wasm"), bytes).unwrap();
        compose(folder, &[&link, "--plug", "odd.wasm", "-o", "x.wasm"])
    };
    let said = stderr(file("0.2.0"), 2);
    let wanted = "`odd.wasm` does not fit the import `weft:fabric/transformer@0.2.0` of";
    assert!(said.contains(wanted) && said.contains("`apply`"), "{said}");
    // What was made for an earlier contract is read as made for this one.
    assert_eq!(stderr(file("0.1.0"), 2), said);
    let said = stderr(file("0.3.0"), 2);
    assert!(said.contains("the versions are not compatible"), "{said}");
    assert!(!folder.join("x.wasm").exists());
}

#[test]
fn bad_input_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (link, transform) = (
        shown(guest_of("transform-link")),
        shown(guest_of("transform")),
    );
    let module = wat::parse_str("(module)").unwrap();
    std::fs::write(folder.join("module.wasm"), module).unwrap();
    std::fs::write(folder.join("copy.wasm"), std::fs::read(&link).unwrap()).unwrap();
    std::fs::write(
        folder.join("bad.wac"),
        "package a:b;\nlet x = new c:d { };\n",
    )
    .unwrap();
    std::fs::write(folder.join("worse.wac"), "package a:b;\nlet x == 3;\n").unwrap();
    let cases: [(&[&str], &str); 9] = [
        (
            &["copy.wasm", "-o", "x.wasm"],
            "say what to plug into it, with --plug FILE",
        ),
        (
            &["none.wasm", "--plug", &transform, "-o", "x.wasm"],
            "cannot read component `none.wasm`",
        ),
        (
            &["module.wasm", "--plug", &transform, "-o", "x.wasm"],
            "is a core module and no component",
        ),
        (
            &["bad.wac", "--plug", &transform, "-o", "x.wasm"],
            "--plug goes with a component",
        ),
        (
            &["copy.wasm", "--dep", "a:b=c", "-o", "x.wasm"],
            "--dep goes with a WAC document",
        ),
        (
            &["copy.wasm", "--plug", &transform, "-o", "copy.wasm"],
            "is what is composed",
        ),
        (
            &["bad.wac", "-o", "x.wasm"],
            "bad.wac:2:13: there is no component for package `c:d`",
        ),
        (
            &["bad.wac", "--dep", "c:d", "-o", "x.wasm"],
            "write PACKAGE=FILE",
        ),
        (&["worse.wac", "-o", "x.wasm"], "worse.wac:2:8: "),
    ];
    for (arguments, wanted) in cases {
        let said = stderr(compose(folder, arguments), 2);
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
    assert!(!folder.join("x.wasm").exists());
    assert_eq!(
        std::fs::read(folder.join("copy.wasm")).unwrap(),
        std::fs::read(&link).unwrap()
    );
}

#[test]
fn an_import_that_nobody_meets_is_named_when_composing_and_when_running() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let link = shown(guest_of("transform-link"));
    let said = stderr(
        compose(folder, &[&link, "--plug", &link, "-o", "open.wasm"]),
        0,
    );
    assert!(
        said.contains("`weft:fabric/transformer@0.2.0` is imported still"),
        "{said}"
    );
    let file = |name: &str, text: &str| {
        std::fs::write(folder.join(name), wat::parse_str(text).unwrap()).unwrap();
    };
    file(
        "two.wasm",
        r#"(component (import "a:b/c" (instance)) (import "left" (func)))"#,
    );
    file(
        "one.wasm",
        r#"(component (instance $i) (export "a:b/c" (instance $i)))"#,
    );
    let said = stderr(
        compose(
            folder,
            &["two.wasm", "--plug", "one.wasm", "-o", "open.wasm"],
        ),
        0,
    );
    assert!(said.contains("`left` is imported still"), "{said}");
    let said = stderr(run("transform-link"), 2);
    assert!(said.contains("weft:fabric/transformer@0.2.0"), "{said}");
}

#[test]
fn what_is_wrong_with_a_transform_in_a_manifest_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "component = \"transform\"\ntransform = \"transform\"",
            "`transform` says already what runs",
        ),
        (
            "transform = \"transform\"\ninput = \"a\"",
            "a transform needs output = \"CHANNEL\"",
        ),
        (
            "component = \"transform\"\ninput = \"a\"",
            "`input` goes with `transform`",
        ),
        ("restart = \"never\"", "nothing says what it runs"),
        (
            "transform = \"none\"\ninput = \"a\"\noutput = \"a\"",
            "there is no component `none`",
        ),
        (
            "transform = \"transform\"\ninput = \"a\"\noutput = \"b\"",
            "there is no channel `b`",
        ),
    ];
    for (process, wanted) in cases {
        let text = format!("[channels]\na = {{}}\n[processes.p]\n{process}\n");
        let said = stderr(up(folder.path(), &["transform"], &text), 2);
        assert!(said.contains(wanted), "{process}: {said}");
    }
}

/// A component of a thousand exports that it exports so many times.
fn copies(count: usize) -> Vec<u8> {
    let names = |what: &str, of: &str, count| -> String {
        (0..count)
            .map(|n| format!(r#"(export "{what}{n}" ({of}))"#))
            .collect()
    };
    let text = format!(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $all {})
            {})"#,
        names("f", "func $f", 1_000),
        names("copy", "instance $all", count)
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn parts_that_fit_and_are_too_much_together_are_not_composed() {
    let folder = tempfile::tempdir().unwrap();
    let heavy = folder.path().join("my/heavy.wasm");
    std::fs::create_dir_all(folder.path().join("my")).unwrap();
    std::fs::write(heavy, copies(300)).unwrap();
    let said = |instances: usize, code| {
        let new: String = (0..instances)
            .map(|n| format!("let i{n} = new my:heavy {{}};\n"))
            .collect();
        let document = format!("package my:composed;\n{new}");
        std::fs::write(folder.path().join("all.wac"), document).unwrap();
        stderr(compose(folder.path(), &["all.wac", "-o", "out.wasm"]), code)
    };
    assert_eq!(said(1, 0), "");
    let said = said(4, 2);
    assert!(
        said.contains("component `composed` would take about"),
        "{said}"
    );
}

#[test]
fn components_that_are_too_much_together_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let heavy = copies(300);
    std::fs::create_dir_all(folder.path().join("my")).unwrap();
    let said = |packages: usize, code| {
        let new: String = (0..packages)
            .map(|n| {
                let file = folder.path().join(format!("my/heavy{n}.wasm"));
                std::fs::write(file, &heavy).unwrap();
                format!("let i{n} = new my:heavy{n} {{}};\n")
            })
            .collect();
        let document = format!("package my:composed;\n{new}");
        std::fs::write(folder.path().join("all.wac"), document).unwrap();
        stderr(compose(folder.path(), &["all.wac", "-o", "out.wasm"]), code)
    };
    assert_eq!(said(1, 0), "");
    let said = said(8, 2);
    assert!(
        said.contains(".wasm` and those before it would take about"),
        "{said}"
    );
}
