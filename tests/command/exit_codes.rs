//! The exit code follows the process, and every kind of end says what it was.

use crate::weft::run;
use snapbox::{IntoData, str};

fn check(scenario: &str, argument: &str, code: i32, stderr: impl IntoData) {
    run("scenarios")
        .args(["--invoke", &format!("run({scenario:?}, {argument:?})")])
        .args(["--limit", "wall-time=30s", "--limit", "memory=32MiB"])
        .assert()
        .code(code)
        .stderr_eq(stderr);
}

#[test]
fn an_error_of_the_guest_is_1() {
    check(
        "return-error",
        "no such flight",
        1,
        str![[r#"
...
error: process `scenarios` failed: no such flight

"#]],
    );
}

#[test]
fn an_exit_has_its_own_code() {
    run("wasi-command")
        .args(["--", "--exit", "3"])
        .assert()
        .code(1);
    check("exit", "0", 0, str!["..."]);
}

#[test]
fn a_trap_is_134_with_a_demangled_backtrace() {
    check(
        "trap",
        "",
        134,
        str![[r#"
...
error: process `scenarios` trapped: wasm `unreachable` instruction executed
  backtrace of the guest, innermost first:
...
    scenarios::[..]
...
"#]],
    );
}

#[test]
fn a_panic_is_134_with_its_message() {
    check(
        "panic",
        "boom",
        134,
        str![[r#"
[..] ERROR panic: boom [..]
error: process `scenarios` panicked
  backtrace of the guest, innermost first:
...
"#]],
    );
}

#[test]
fn a_limit_is_124_and_named() {
    check(
        "allocate-or-abort",
        "100",
        124,
        str![[r#"
...
error: process `scenarios` reached its limit `memory`

"#]],
    );
    run("scenarios")
        .args([
            "--invoke",
            "run(\"spin\", \"\")",
            "--limit",
            "wall-time=50ms",
        ])
        .assert()
        .code(124)
        .stderr_eq(str![[r#"
...
error: process `scenarios` reached its limit `wall-time`

"#]]);
}
