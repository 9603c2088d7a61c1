//! The resources of wasm itself: memory, tables, instances, stack, time; and what a component creates itself: streams,
//! futures, sets of waitables, resources.

use crate::row::End::{All, Limit};
use crate::row::{Row, row};
use crate::setting::Setting;
use std::time::Duration;

pub fn rows() -> Vec<Row> {
    let mut rows = limits();
    rows.extend(own());
    rows
}

fn limits() -> Vec<Row> {
    vec![
        row("memory", &[])
            .number(&[Limit("memory")])
            .size(&[Limit("memory")])
            .both(&[Limit("memory")]),
        row("time", &[]).number(&[Limit("cpu-time")]).with(|setting| {
            setting.attacker.limits.cpu_time = Some(Duration::from_millis(300));
        }),
        row("waiting", &[]).number(&[Limit("wall-time")]).with(|setting| {
            setting.attacker.limits.wall_time = Some(Duration::from_millis(300));
        }),
        row("stack", &[]).number(&[Limit("stack")]),
        row("result", &[]).size(&[Limit("result-bytes")]),
        row("instructions", &[]).number(&[Limit("fuel")]).with(|setting| {
            setting.config.count_fuel = true;
            setting.attacker.limits.fuel = Some(100_000_000);
            component(setting, "(func (export \"run\") (loop (br 0)))", "");
        }),
        row("tables", &[]).number(&[Limit("table-elements")]).with(|setting| {
            setting.attacker.limits.table_elements = Some(50_000);
            component(
                setting,
                "(table 1 funcref)
                 (func (export \"run\")
                    (loop (br_if 0 (i32.ne (i32.const -1) (table.grow (ref.null func) (i32.const 1000)))))
                    (unreachable))",
                "",
            );
        }),
        row("instances", &[]).number(&[Limit("instances")]).with(|setting| {
            setting.attacker.limits.instances = Some(100);
            let more = "(core instance (instantiate $empty))".repeat(100);
            component(
                setting,
                "(func (export \"run\"))",
                &format!("(core module $empty) {more}"),
            );
        }),
        row("lifted", &[]).size(&[Limit("hostcall-bytes")]).with(|setting| {
            setting.component = Some(lifted());
        }),
    ]
}

/// Things that a component creates with built-in functions, and that the host counts.
fn own() -> Vec<Row> {
    vec![
        row("own-resources", &[])
            .number(&[Limit("handles")])
            .with(|setting| {
                makes(
                    setting,
                    "(type $own (resource (rep i32))) (core func $new (canon resource.new $own))",
                    "(drop (call $new (i32.const 7)))",
                    "(param i32) (result i32)",
                );
            }),
        row("own-streams", &[])
            .number(&[Limit("handles")])
            .with(|setting| {
                let ty = "(type $ty (stream u8)) (core func $new (canon stream.new $ty))";
                makes(setting, ty, "(drop (call $new))", "(result i64)");
            }),
        row("own-futures", &[])
            .number(&[Limit("handles")])
            .with(|setting| {
                let ty = "(type $ty (future u8)) (core func $new (canon future.new $ty))";
                makes(setting, ty, "(drop (call $new))", "(result i64)");
            }),
        row("own-waitable-sets", &[])
            .number(&[Limit("handles")])
            .with(|setting| {
                let ty = "(core func $new (canon waitable-set.new))";
                makes(setting, ty, "(drop (call $new))", "(result i32)");
            }),
        row("own-globals", &[]).number(&[All]).with(|setting| {
            let globals = "(global (mut i64) (i64.const 7))".repeat(100_000);
            component(setting, &format!("{globals} (func (export \"run\"))"), "");
        }),
    ]
}

/// Makes the attacker a component with one module that exports `run`.
fn component(setting: &mut Setting, module: &str, more: &str) {
    setting.component = Some(format!(
        r#"(component
            {more}
            (core module $m {module})
            (core instance $i (instantiate $m))
            (func (export "run") (canon lift (core func $i "run"))))"#
    ));
}

/// Makes the attacker a component that calls the built-in function `$new`, of type `ty`, endlessly.
fn makes(setting: &mut Setting, new: &str, call: &str, ty: &str) {
    setting.component = Some(format!(
        r#"(component
            {new}
            (core module $m
                (import "" "new" (func $new {ty}))
                (func (export "run") (loop {call} (br 0))))
            (core instance $i (instantiate $m
                (with "" (instance (export "new" (func $new))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    ));
}

/// A component that calls `log.enabled` with a target as large as its whole memory.
fn lifted() -> String {
    let (pages, bytes) = (16 * 17, (16 * 17) << 16);
    format!(
        r#"(component
            (import "weft:fabric/log@0.2.0" (instance $log
                (type $level' (enum "trace" "debug" "info" "warn" "error"))
                (export "level" (type $level (eq $level')))
                (export "enabled" (func (param "level" $level) (param "target" string) (result bool)))))
            (core module $memory (memory (export "memory") {pages}))
            (core instance $memory (instantiate $memory))
            (core func $enabled (canon lower (func $log "enabled") (memory $memory "memory")))
            (core module $m
                (import "" "enabled" (func $enabled (param i32 i32 i32) (result i32)))
                (func (export "run") (drop (call $enabled (i32.const 2) (i32.const 0) (i32.const {bytes})))))
            (core instance $i (instantiate $m
                (with "" (instance (export "enabled" (func $enabled))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    )
}
