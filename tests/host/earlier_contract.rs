//! Components that were made for version 0.1 of the contract run in this host, though names have changed since.

use crate::support::{block_on, end, host, options, with_channels};
use weft_host::ExitStatus;

/// Makes a channel whose writers wait (`park`, `block` today), and a monitor that traps exits (`take-links`). Returns
/// whether the channel was refused.
const EARLIER: &str = r#"(component
    (import "weft:fabric/types@0.1.0" (instance $types
        (type $cases (variant
            (case "permission-denied" string) (case "not-found" string) (case "invalid-argument" string)
            (case "exhausted" string) (case "already-exists" string) (case "closed")
            (case "unsupported" string) (case "failed" string)))
        (export "error" (type (eq $cases)))))
    (alias export $types "error" (type $error))
    (import "weft:fabric/channel@0.1.0" (instance $channels
        (alias outer 1 $error (type $outer))
        (export "error" (type $error (eq $outer)))
        (export "channel" (type $channel (sub resource)))
        (type $cases (enum "park" "drop"))
        (export "backpressure" (type $backpressure (eq $cases)))
        (type $fields (record (field "capacity" u64) (field "backpressure" $backpressure)))
        (export "options" (type $options (eq $fields)))
        (type $own (own $channel))
        (type $result (result $own (error $error)))
        (export "[static]channel.create" (func (param "options" $options) (result $result)))))
    (import "weft:fabric/process@0.1.0" (instance $processes
        (alias outer 1 $error (type $outer))
        (export "error" (type $error (eq $outer)))
        (export "monitor" (type $monitor (sub resource)))
        (type $own (own $monitor))
        (type $borrow (borrow $monitor))
        (type $result (result $own (error $error)))
        (export "[static]monitor.create" (func (result $result)))
        (export "[method]monitor.take-links" (func (param "self" $borrow)))))
    (core module $libc
        (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
    (core instance $libc (instantiate $libc))
    (core func $create (canon lower (func $channels "[static]channel.create")
        (memory $libc "memory") (realloc (func $libc "realloc"))))
    (core func $monitor (canon lower (func $processes "[static]monitor.create")
        (memory $libc "memory") (realloc (func $libc "realloc"))))
    (core func $trap (canon lower (func $processes "[method]monitor.take-links")))
    (core module $program
        (import "host" "memory" (memory 1))
        (import "host" "create" (func $create (param i64 i32 i32)))
        (import "host" "monitor" (func $monitor (param i32)))
        (import "host" "trap" (func $trap (param i32)))
        (func (export "run") (result i32)
            (call $monitor (i32.const 64))
            (call $trap (i32.load (i32.const 68)))
            (call $create (i64.const 8) (i32.const 0) (i32.const 16))
            (i32.load8_u (i32.const 16))))
    (core instance $program (instantiate $program (with "host" (instance
        (export "memory" (memory $libc "memory"))
        (export "create" (func $create))
        (export "monitor" (func $monitor))
        (export "trap" (func $trap))))))
    (func (export "run") (result u32) (canon lift (core func $program "run"))))"#;

#[test]
fn a_component_made_for_0_1_runs() {
    block_on(async {
        let host = host(&[]).await;
        let bytes = wat::parse_str(EARLIER).unwrap();
        let component = host.components().load("earlier", bytes).await.unwrap();
        let imports = component.info().imports.iter();
        let of_weft = imports.filter(|import| import.name.starts_with("weft:fabric/"));
        assert!(of_weft.clone().count() > 0);
        for import in of_weft {
            assert!(import.name.ends_with("@0.2.0"), "{}", import.name);
        }
        let denied = host.start(options("earlier", vec![])).unwrap();
        assert_eq!(end(&denied).await, ExitStatus::Returned("1".into()));
        let granted = host
            .start(with_channels(options("earlier", vec![])))
            .unwrap();
        assert_eq!(end(&granted).await, ExitStatus::Returned("0".into()));
    });
}

#[test]
fn a_component_made_for_a_version_there_is_not_is_refused() {
    block_on(async {
        let host = host(&[]).await;
        let bytes = wat::parse_str(EARLIER.replace("@0.1.0", "@0.3.0")).unwrap();
        let error = host.components().load("later", bytes).await.unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("weft:fabric/channel@0.3.0 (there is weft:fabric/channel@0.2.0)"),
            "{error}"
        );
    });
}
