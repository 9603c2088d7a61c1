//! How a process ended is told apart, with what the guest said.

use crate::support::{assert_empty, block_on, end, host, outcome, scenario};
use weft_host::{Capabilities, ExitStatus, Trap};

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
        let trap = trap(exit("panic", "boom").await);
        assert!(trap.panicked);
        assert!(trap.message.contains("boom"), "{trap:?}");
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
fn recursion_without_end_is_a_trap() {
    block_on(async {
        assert_eq!(
            trap(exit("stack-overflow", "").await).message,
            "call stack exhausted"
        );
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
