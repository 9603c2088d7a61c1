//! Any bytes as a component: they are loaded or refused, and a guest of a loaded component ends within its
//! limits.

use crate::runtime;
use std::sync::OnceLock;
use std::time::Duration;
use weft_host::{Host, HostConfig, StartOptions, component::LoadError, limits::LimitRequest};

/// A component with a bit of everything. Bytes that are not a component themselves edit it.
const SEED: &str = r#"(component
    (import "weft:fabric/log@0.2.0" (instance $log
        (type $level' (enum "trace" "debug" "info" "warn" "error"))
        (export "level" (type $level (eq $level')))
        (export "enabled" (func (param "level" $level) (param "target" string) (result bool)))))
    (type $thing (resource (rep i32)))
    (core func $new (canon resource.new $thing))
    (core module $memory (memory (export "memory") 1 4))
    (core instance $memory (instantiate $memory))
    (core func $enabled (canon lower (func $log "enabled") (memory $memory "memory")))
    (core module $m
        (import "" "enabled" (func $enabled (param i32 i32 i32) (result i32)))
        (import "" "new" (func $new (param i32) (result i32)))
        (import "" "memory" (memory 1))
        (table $t 4 8 funcref)
        (global $g (mut i32) (i32.const 0))
        (elem (i32.const 0) $helper)
        (data (i32.const 16) "some text")
        (func $helper (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
        (func (export "run") (result i32) (local i32)
            (drop (call $enabled (i32.const 2) (i32.const 16) (i32.const 9)))
            (drop (call $new (i32.const 1)))
            (drop (memory.grow (i32.const 1)))
            (loop $again
                (global.set $g (i32.add (global.get $g) (i32.const 1)))
                (br_if $again (i32.lt_u (global.get $g) (i32.const 10))))
            (call_indirect $t (param i32) (result i32) (i32.const 7) (i32.const 0))))
    (core instance $i (instantiate $m (with "" (instance
        (export "enabled" (func $enabled)) (export "new" (func $new))
        (export "memory" (memory $memory "memory"))))))
    (func (export "run") (result s32) (canon lift (core func $i "run"))))"#;

/// Bytes of one edit of the seed: the position, the replacement, and the kind of edit.
const EDIT: usize = 4;

/// Loads the bytes, or the seed as edited by them, and runs the component.
pub fn run(bytes: &[u8]) {
    let bytes = if bytes.starts_with(b"\0asm") {
        bytes.to_vec()
    } else {
        edited(bytes)
    };
    runtime().block_on(async {
        let components = host().components();
        let _ = components
            .inspect("fuzzed", bytes.clone())
            .await
            .map_err(told);
        if let Err(error) = components.load("fuzzed", bytes).await {
            return told(error);
        }
        let options = StartOptions::new("fuzzed").entry_point("run").limits(
            LimitRequest::default()
                .wall_time(Duration::from_millis(100))
                .memory(4 << 20),
        );
        if let Ok(process) = host().start(options) {
            let _ = process.wait().await.to_string();
        }
        host().components().get("fuzzed").expect("it is loaded");
    });
    assert_eq!(host().usage().stores, 0);
}

/// A refusal has a message, and is not one that should never happen here.
fn told(error: LoadError) {
    assert!(!error.to_string().is_empty());
    assert!(
        !matches!(
            error,
            LoadError::Interrupted { .. } | LoadError::TooSlow { .. }
        ),
        "{error}"
    );
}

fn edited(edits: &[u8]) -> Vec<u8> {
    let mut bytes = wat::parse_str(SEED).expect("it is wat");
    for edit in edits.chunks_exact(EDIT) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % bytes.len().max(1);
        match edit[3] {
            _ if bytes.is_empty() => {}
            0..128 => bytes[at] = edit[2],
            128..192 => bytes[at] ^= 1 << (edit[2] % 8),
            192..224 => bytes.insert(at, edit[2]),
            224..250 => drop(bytes.remove(at)),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let config = HostConfig::default()
            .max_processes(8)
            .max_component_bytes(1 << 20);
        let _inside = runtime().enter();
        Host::new(config).expect("a host")
    })
}
