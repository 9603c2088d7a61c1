//! Attacks that are possible in wasm and cannot be written in Rust.

use super::{attack, besieged, host, limit};
use crate::support::{block_on, config, options};
use weft_host::{ExitStatus, Host, HostConfig, Limits, StartOptions, limits::LimitRequest};

async fn load(host: &Host, text: &str) {
    let bytes = wat::parse_str(text).expect("it is wat");
    host.components().load("bomb", bytes).await.expect("a bomb");
}

/// A component with a module whose `run` returns a number.
async fn load_module(host: &Host, module: &str) {
    let text = format!(
        r#"(component
            (core module $m {module})
            (core instance $i (instantiate $m))
            (func (export "run") (result s32) (canon lift (core func $i "run"))))"#
    );
    load(host, &text).await;
}

fn bomb(limits: LimitRequest) -> StartOptions {
    options("bomb", vec![]).limits(limits)
}

fn memory(pages: u64) -> LimitRequest {
    LimitRequest::default().memory(pages << 16)
}

#[test]
fn two_memories_get_no_more_than_one() {
    block_on(async {
        let host = host().await;
        // Grows both memories in turn until neither can grow, and returns their total size.
        let module = r#"
            (memory $a 1) (memory $b 1)
            (func (export "run") (result i32) (local $refused i32)
                (loop $again
                    (local.set $refused (i32.add
                        (i32.eq (memory.grow $a (i32.const 3)) (i32.const -1))
                        (i32.eq (memory.grow $b (i32.const 1)) (i32.const -1))))
                    (br_if $again (i32.lt_u (local.get $refused) (i32.const 2))))
                (i32.add (memory.size $a) (memory.size $b)))"#;
        load_module(&host, module).await;
        let status = attack(&host, bomb(memory(300))).await;
        assert_eq!(status, ExitStatus::Returned("300".into()));
        assert_eq!(attack(&host, bomb(memory(1))).await, limit("memory"));
    });
}

#[test]
fn a_table_bomb_gets_no_more_than_its_limit() {
    block_on(async {
        let host = host().await;
        let module = r#"
            (table $a 10 funcref) (table $b 10 funcref)
            (func (export "run") (result i32) (local $refused i32)
                (loop $again
                    (local.set $refused (i32.add
                        (i32.eq (table.grow $a (ref.null func) (i32.const 100)) (i32.const -1))
                        (i32.eq (table.grow $b (ref.null func) (i32.const 10)) (i32.const -1))))
                    (br_if $again (i32.lt_u (local.get $refused) (i32.const 2))))
                (i32.add (table.size $a) (table.size $b)))"#;
        load_module(&host, module).await;
        for (elements, wanted) in [
            (1000, ExitStatus::Returned("1000".into())),
            (19, limit("table-elements")),
        ] {
            let limits = LimitRequest::default().table_elements(elements);
            assert_eq!(attack(&host, bomb(limits)).await, wanted);
        }
    });
}

#[test]
fn a_bomb_of_handles_of_its_own_making_ends_at_its_limit() {
    block_on(async {
        let host = host().await;
        let component = r#"(component
            (type $thing (resource (rep i32)))
            (core func $new (canon resource.new $thing))
            (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (func (export "run")
                    (loop $again (drop (call $new (i32.const 1))) (br $again))))
            (core instance $i (instantiate $m
                (with "" (instance (export "new" (func $new))))))
            (func (export "run") (canon lift (core func $i "run"))))"#;
        load(&host, component).await;
        let status = attack(&host, bomb(LimitRequest::default())).await;
        assert_eq!(status, limit("handles"));
    });
}

/// A component that calls `log.write` with these lists, given as pointer and length: the target, the message and the
/// fields.
fn logs(pages: u32, lists: [(u32, u32); 3]) -> String {
    let arguments: String = lists
        .into_iter()
        .map(|(at, length)| format!(" (i32.const {}) (i32.const {})", at as i32, length as i32))
        .collect();
    format!(
        r#"(component
            (import "weft:fabric/log@0.2.0" (instance $log
                (type $level' (enum "trace" "debug" "info" "warn" "error"))
                (export "level" (type $level (eq $level')))
                (type $field' (record (field "key" string) (field "value" string)))
                (export "field" (type $field (eq $field')))
                (type $context' (record (field "trace-id" (tuple u64 u64)) (field "span-id" u64)
                    (field "sampled" bool)))
                (export "trace-context" (type $context (eq $context')))
                (type $entry' (record (field "level" $level) (field "target" string)
                    (field "message" string) (field "fields" (list $field))
                    (field "context" (option $context))))
                (export "entry" (type $entry (eq $entry')))
                (export "write" (func (param "entry" $entry)))))
            (core module $memory (memory (export "memory") {pages}))
            (core instance $memory (instantiate $memory))
            (core func $write (canon lower (func $log "write") (memory $memory "memory")))
            (core module $m
                (import "" "write" (func $write (param i32 i32 i32 i32 i32 i32 i32 i32 i64 i64 i64 i32)))
                (func (export "run") (call $write (i32.const 2){arguments}
                    (i32.const 0) (i64.const 0) (i64.const 0) (i64.const 0) (i32.const 0))))
            (core instance $i (instantiate $m
                (with "" (instance (export "write" (func $write))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    )
}

/// A component that returns this list.
fn returns(pages: u32, element: &str, (at, length): (u32, u32)) -> String {
    let (at, length) = (at as i32, length as i32);
    format!(
        r#"(component
            (core module $m
                (memory (export "memory") {pages})
                (func (export "run") (result i32)
                    (i32.store (i32.const 8) (i32.const {at}))
                    (i32.store (i32.const 12) (i32.const {length}))
                    (i32.const 8)))
            (core instance $i (instantiate $m))
            (func (export "run") (result (list {element}))
                (canon lift (core func $i "run") (memory $i "memory"))))"#
    )
}

/// A configuration that allows enough memory for the longest possible list.
fn vast() -> HostConfig {
    config().limits(Limits::default().memory(8 << 30))
}

#[test]
fn a_list_of_four_gibibytes_is_not_lifted() {
    block_on(async {
        let host = besieged(vast()).await;
        let all = (0, u32::MAX);
        for component in [
            logs(65536, [(0, 0), all, (0, 0)]),
            logs(65536, [(0, 0), (0, 0), (0, u32::MAX / 16)]),
            returns(65536, "u8", all),
            returns(65536, "(tuple u64 u64)", (0, u32::MAX / 16)),
        ] {
            load(&host, &component).await;
            let status = attack(&host, bomb(LimitRequest::default())).await;
            assert_eq!(status, limit("hostcall-bytes"), "{component}");
        }
    });
}

#[test]
fn a_list_beyond_the_guest_s_memory_ends_the_guest() {
    block_on(async {
        let host = host().await;
        for component in [
            logs(1, [(0, 0), (0, u32::MAX), (0, 0)]),
            logs(1, [(0, 0), (0, 0), (65528, 2)]),
            logs(1, [(u32::MAX, 1), (0, 0), (0, 0)]),
            returns(1, "u8", (0, 65537)),
            returns(1, "u64", (0, u32::MAX)),
        ] {
            load(&host, &component).await;
            let status = attack(&host, bomb(LimitRequest::default())).await;
            let ExitStatus::Trapped(trap) = status else {
                panic!("{status}: {component}")
            };
            assert!(!trap.panicked, "{trap:?}");
        }
    });
}
