//! How a process ended is told apart, with what the guest said.

use crate::support::{assert_empty, block_on, end, host, options, outcome, scenario};
use weft_host::{Capabilities, ExitStatus, limits::LimitRequest, process::Trap};

async fn exit(name: &str, argument: &str) -> ExitStatus {
    let host = host(&["scenarios"]).await;
    let status = outcome(&host, scenario(name, argument, Capabilities::none())).await;
    assert_empty(&host);
    status
}

fn trap(status: ExitStatus) -> Trap {
    match status {
        ExitStatus::Trapped(trap) => trap,
        other => panic!("not a trap: {other:?}"),
    }
}

#[test]
fn a_value_comes_back_as_wave() {
    block_on(async {
        assert_eq!(
            exit("echo", "a \"b\"").await,
            ExitStatus::Returned(r#""a \"b\"""#.into())
        );
    });
}

#[test]
fn an_error_of_the_guest_is_a_failure_with_its_text() {
    block_on(async {
        assert_eq!(
            exit("return-error", "no such flight").await,
            ExitStatus::Failed("no such flight".into())
        );
    });
}

#[test]
fn a_panic_is_told_from_other_traps_and_keeps_its_message() {
    block_on(async {
        let trap = self::trap(exit("panic", "boom").await);
        assert!(trap.panicked);
        assert!(trap.message.contains("boom"), "{trap:?}");
        let long = self::trap(exit("panic", &"x".repeat(100_000)).await);
        assert_eq!(long.message.len(), 8 << 10);
    });
}

#[test]
fn a_trap_has_a_demangled_backtrace() {
    block_on(async {
        let trap = trap(exit("trap", "").await);
        assert!(!trap.panicked);
        assert_eq!(trap.message, "wasm `unreachable` instruction executed");
        assert!(
            trap.backtrace
                .iter()
                .any(|frame| frame.contains("scenarios::")),
            "{trap:?}"
        );
        assert!(
            trap.backtrace.iter().all(|frame| !frame.contains("_ZN")),
            "{trap:?}"
        );
    });
}

#[test]
fn recursion_without_end_ends_at_the_limit_of_the_stack() {
    block_on(async {
        let status = exit("stack-overflow", "").await;
        assert_eq!(status, ExitStatus::Limit("stack".into()));
    });
}

#[test]
fn an_exit_is_told_from_a_return_of_an_error() {
    block_on(async {
        // WASI 0.2 knows success and failure: std's exit(3) arrives as 1.
        assert_eq!(exit("exit", "3").await, ExitStatus::Exited(1));
        assert_eq!(exit("exit", "0").await, ExitStatus::Returned(String::new()));
    });
}

#[test]
fn every_waiter_sees_the_same_end_before_and_after_it() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = host
            .start(scenario("return-error", "x", Capabilities::none()))
            .unwrap();
        let waiters: Vec<_> = (0..8)
            .map(|_| {
                let process = process.clone();
                tokio::spawn(async move { process.wait().await })
            })
            .collect();
        for waiter in waiters {
            assert_eq!(waiter.await.unwrap(), ExitStatus::Failed("x".into()));
        }
        assert_eq!(end(&process).await, ExitStatus::Failed("x".into()));
        assert_eq!(process.status(), Some(ExitStatus::Failed("x".into())));
    });
}

/// The end of the entry point `go` of a component without imports.
async fn end_of(wat: &str, limits: LimitRequest) -> ExitStatus {
    let host = host(&[]).await;
    let bytes = wat::parse_str(wat).unwrap();
    host.components().load("it", bytes).await.unwrap();
    let options = options("it", vec![]).entry_point("go").limits(limits);
    outcome(&host, options).await
}

#[test]
fn an_error_without_a_value_is_a_failure_and_no_exit() {
    block_on(async {
        let wat = r#"(component
            (core module $m (func (export "go") (result i32) i32.const 1))
            (core instance $i (instantiate $m))
            (func (export "go") (result (result)) (canon lift (core func $i "go"))))"#;
        let status = end_of(wat, LimitRequest::default()).await;
        assert_eq!(
            status,
            ExitStatus::Failed("an error without a value".into())
        );
    });
}

#[test]
fn a_handle_inside_a_result_has_no_text_and_hurts_nobody() {
    block_on(async {
        let wat = r#"(component
            (type $r (resource (rep i32)))
            (export $re "r" (type $r))
            (core func $new (canon resource.new $r))
            (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "go") (result i32)
                    (i32.store8 (i32.const 0) (i32.const 1))
                    (i32.store (i32.const 4) (call $new (i32.const 7)))
                    (i32.const 0)))
            (core instance $i (instantiate $m
                (with "" (instance (export "new" (func $new))))))
            (func (export "go") (result (option (own $re)))
                (canon lift (core func $i "go") (memory $i "memory"))))"#;
        let status = end_of(wat, LimitRequest::default()).await;
        let wanted = "(a value without a text form)";
        assert_eq!(status, ExitStatus::Returned(wanted.into()));
    });
}

/// A guest that is refused memory, does `then` and traps.
fn refused(then: &str) -> String {
    format!(
        r#"(component
            (import "wasi:random/insecure@0.2.0" (instance $random
                (export "get-insecure-random-u64" (func (result u64)))))
            (core func $call (canon lower (func $random "get-insecure-random-u64")))
            (core module $m
                (import "host" "call" (func $call (result i64)))
                (memory 1)
                (func (export "go")
                    (drop (call $call))
                    (drop (memory.grow (i32.const 1000)))
                    {then}
                    unreachable))
            (core instance $i (instantiate $m
                (with "host" (instance (export "call" (func $call))))))
            (func (export "go") (canon lift (core func $i "go"))))"#
    )
}

#[test]
fn a_trap_after_a_refused_growth_is_still_a_trap_when_the_guest_went_on() {
    block_on(async {
        let went_on = refused("(drop (call $call))");
        let trap = trap(end_of(&went_on, LimitRequest::default().memory(1 << 20)).await);
        assert_eq!(trap.message, "wasm `unreachable` instruction executed");
        let grown = refused("(drop (memory.grow (i32.const 1)))");
        assert!(matches!(
            end_of(&grown, LimitRequest::default().memory(1 << 20)).await,
            ExitStatus::Trapped(_)
        ));
    });
}

#[test]
fn a_guest_that_can_only_trap_when_it_is_refused_memory_ends_at_that_limit() {
    block_on(async {
        let status = end_of(&refused(""), LimitRequest::default().memory(1 << 20)).await;
        assert_eq!(status, ExitStatus::Limit("memory".into()));
    });
}

#[test]
fn a_memory_of_64_bits_cannot_outwit_the_limit() {
    block_on(async {
        let wat = r#"(component
            (core module $m
                (memory $a 4)
                (memory $b i64 1)
                (func (export "go") (result i32)
                    (drop (memory.grow $b (i64.const 0xffffffffffff)))
                    (drop (memory.grow $b (i64.const -1)))
                    (memory.size $a)))
            (core instance $i (instantiate $m))
            (func (export "go") (result u32) (canon lift (core func $i "go"))))"#;
        assert_eq!(
            end_of(wat, LimitRequest::default().memory(1 << 20)).await,
            ExitStatus::Returned("4".into())
        );
    });
}
