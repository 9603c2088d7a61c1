//! Limits of what wasm itself can grow, by components so small that they do nothing else.

use crate::support::{block_on, config, host, host_with, options, outcome};
use weft_host::{ExitStatus, Host, StartOptions, limits::LimitRequest, process::StartError};

fn limit(name: &str) -> ExitStatus {
    ExitStatus::Limit(name.into())
}

/// Loads a component whose only export is a module's `run`.
async fn load(host: &Host, name: &str, result: &str, module: &str) {
    let (lifted, lowered) = match result {
        "" => (String::new(), String::new()),
        ty => (format!("(result {ty})"), "(result i32)".to_owned()),
    };
    let text = format!(
        r#"(component
            (core module $m {})
            (core instance $i (instantiate $m))
            (func (export "run") {lifted} (canon lift (core func $i "run"))))"#,
        module.replace("RESULT", &lowered)
    );
    let bytes = wat::parse_str(text).unwrap();
    host.components().load(name, bytes).await.unwrap();
}

fn run(name: &str, limits: LimitRequest) -> StartOptions {
    options(name, vec![]).limits(limits)
}

#[test]
fn memory_is_the_sum_of_all_memories_from_the_beginning_and_later() {
    block_on(async {
        let host = host(&[]).await;
        load(
            &host,
            "two",
            "s32",
            r#"(memory $a 10) (memory $b 10)
               (func (export "run") (result i32)
                   (i32.add (memory.grow $a (i32.const 10)) (memory.grow $b (i32.const 10))))"#,
        )
        .await;
        let with = |pages: u64| LimitRequest::default().memory(pages << 16);
        for (pages, wanted) in [
            (40, ExitStatus::Returned("20".into())),
            // The second is refused: -1.
            (39, ExitStatus::Returned("9".into())),
            (20, ExitStatus::Returned("-2".into())),
            (19, limit("memory")),
        ] {
            let status = outcome(&host, run("two", with(pages))).await;
            assert_eq!(status, wanted, "{pages}");
        }
    });
}

#[test]
fn table_elements_are_the_sum_of_all_tables() {
    block_on(async {
        let host = host(&[]).await;
        load(
            &host,
            "tables",
            "s32",
            r#"(table $a 100 funcref) (table $b 100 funcref)
               (func (export "run") (result i32)
                   (i32.add
                       (table.grow $a (ref.null func) (i32.const 100))
                       (table.grow $b (ref.null func) (i32.const 100))))"#,
        )
        .await;
        let with = |elements| LimitRequest::default().table_elements(elements);
        for (elements, wanted) in [
            (400, ExitStatus::Returned("200".into())),
            (399, ExitStatus::Returned("99".into())),
            (199, limit("table-elements")),
        ] {
            let status = outcome(&host, run("tables", with(elements))).await;
            assert_eq!(status, wanted, "{elements}");
        }
    });
}

#[test]
fn a_table_beyond_what_the_engine_has_room_for_ends_at_the_limit_too() {
    block_on(async {
        let host = host(&[]).await;
        load(
            &host,
            "tables",
            "s32",
            r#"(table 1 funcref)
               (func (export "run") (result i32)
                   (if (i32.eq (i32.const -1) (table.grow (ref.null func) (i32.const 150000))) (then (unreachable)))
                   (i32.const 0))"#,
        )
        .await;
        let status = outcome(&host, run("tables", LimitRequest::default())).await;
        assert_eq!(status, limit("table-elements"));
    });
}

#[test]
fn instances_are_bounded() {
    block_on(async {
        let host = host(&[]).await;
        let text = format!(
            r#"(component
                (core module $m (func (export "run")))
                {}
                (core instance $i (instantiate $m))
                (func (export "run") (canon lift (core func $i "run"))))"#,
            "(core instance (instantiate $m))".repeat(9)
        );
        let bytes = wat::parse_str(text).unwrap();
        host.components().load("ten", bytes).await.unwrap();
        for (instances, wanted) in [
            (10, ExitStatus::Returned(String::new())),
            (9, limit("instances")),
        ] {
            let limits = LimitRequest::default().instances(instances);
            assert_eq!(outcome(&host, run("ten", limits)).await, wanted);
        }
    });
}

/// Calls itself a hundred thousand levels deep, and comes back.
const DEEP: &str = r#"
    (func $deep (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0))))
    (func (export "run") (result i32) (call $deep (i32.const 100000)))"#;

#[test]
fn the_depth_of_calls_is_bounded_by_the_host_s_stack() {
    block_on(async {
        for (stack, wanted) in [
            (512 << 10, limit("stack")),
            (16 << 20, ExitStatus::Returned("100000".into())),
        ] {
            let config = config().stack(stack);
            let host = host_with(config, &[]).await;
            load(&host, "deep", "s32", DEEP).await;
            let status = outcome(&host, run("deep", LimitRequest::default())).await;
            assert_eq!(status, wanted);
        }
    });
}

/// Counts down from a thousand.
const COUNT: &str = r#"
    (func (export "run") (local i32)
        (local.set 0 (i32.const 1000))
        (loop $again
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))"#;

#[test]
fn fuel_ends_the_same_program_at_the_same_place() {
    block_on(async {
        let config = config().count_fuel(true);
        let host = host_with(config, &[]).await;
        load(&host, "count", "", COUNT).await;
        let with = |fuel| {
            let limits = LimitRequest::default().fuel(fuel);
            outcome(&host, run("count", limits))
        };
        let (mut low, mut high) = (1, 1 << 20);
        assert_eq!(with(low).await, limit("fuel"));
        assert_eq!(with(high).await, ExitStatus::Returned(String::new()));
        while high - low > 1 {
            let middle = (low + high) / 2;
            match with(middle).await {
                ExitStatus::Returned(_) => high = middle,
                status => {
                    assert_eq!(status, limit("fuel"));
                    low = middle;
                }
            }
        }
        for _ in 0..5 {
            assert_eq!(with(low).await, limit("fuel"));
            assert_eq!(with(high).await, ExitStatus::Returned(String::new()));
        }
        // Without the limit nothing ends it.
        let free = outcome(&host, run("count", LimitRequest::default())).await;
        assert_eq!(free, ExitStatus::Returned(String::new()));
    });
}

#[test]
fn fuel_in_a_host_that_counts_none_is_refused() {
    block_on(async {
        let host = host(&[]).await;
        load(&host, "count", "", COUNT).await;
        let limits = LimitRequest::default().fuel(1);
        let error = host.start(run("count", limits)).unwrap_err();
        assert!(matches!(error, StartError::FuelNotCounted), "{error}");
    });
}
