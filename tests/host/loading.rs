//! What cannot be run is refused when it is loaded, and the phase is told.

use crate::support::{block_on, config, guest, host};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use weft_host::{
    Host,
    component::LoadError,
    engine::{CacheRisk, EngineError},
};

async fn refused(bytes: &[u8]) -> LoadError {
    let host = host(&[]).await;
    let error = host
        .components()
        .load("it", bytes.to_vec())
        .await
        .expect_err("it is refused");
    assert!(host.components().names().is_empty());
    error
}

#[test]
fn a_missing_file_is_named() {
    block_on(async {
        let host = host(&[]).await;
        let error = host
            .components()
            .load_file("it", Path::new("no/such.wasm"))
            .await
            .unwrap_err();
        assert!(matches!(error, LoadError::Read { .. }));
        assert!(error.to_string().contains("no/such.wasm"), "{error}");
    });
}

#[test]
fn bytes_that_are_no_wasm_are_shown() {
    block_on(async {
        let error = refused(b"#!/bin/sh").await;
        assert!(matches!(error, LoadError::NotWasm { .. }));
        assert!(error.to_string().contains("`#!/b`"), "{error}");
        assert!(refused(b"").await.to_string().contains("nothing"));
    });
}

#[test]
fn a_core_module_is_told_from_a_component() {
    block_on(async {
        let error = refused(b"\0asm\x01\0\0\0").await;
        assert!(matches!(error, LoadError::CoreModule { .. }), "{error}");
        assert!(
            error.to_string().contains("wasm-tools component new"),
            "{error}"
        );
    });
}

#[test]
fn a_component_that_was_cut_short_is_not_valid() {
    block_on(async {
        let mut bytes = std::fs::read(guest("hello.wasm")).unwrap();
        bytes.truncate(bytes.len() / 2);
        assert!(matches!(refused(&bytes).await, LoadError::Invalid { .. }));
    });
}

#[test]
fn an_import_that_is_not_offered_is_named() {
    block_on(async {
        let component = wat::parse_str(
            r#"(component
                (import "wasi:http/types@0.2.0" (instance))
                (import "acme:tape/drive@1.0.0" (instance)))"#,
        );
        let error = refused(&component.unwrap()).await;
        let LoadError::UnknownImports { imports, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(imports, &["wasi:http/types@0.2.0", "acme:tape/drive@1.0.0"]);
    });
}

#[test]
fn a_known_interface_in_another_shape_is_explained() {
    block_on(async {
        let component = wat::parse_str(
            r#"(component
                (import "weft:fabric/log@0.2.0" (instance
                    (export "shout" (func (param "text" string))))))"#,
        );
        let error = refused(&component.unwrap()).await;
        assert!(matches!(error, LoadError::Mismatch { .. }), "{error}");
        assert!(error.to_string().contains("shout"), "{error}");
    });
}

#[test]
fn a_newer_component_takes_over_its_name() {
    block_on(async {
        let host = host(&["hello"]).await;
        let file = guest("parked.wasm");
        host.components().load_file("hello", &file).await.unwrap();
        let signature = host.components().get("hello").unwrap().info().entry_points[0].signature();
        assert_eq!(
            signature,
            "run: async func(input: reader) -> result<u64, string>"
        );
    });
}

#[test]
fn a_host_whose_cache_others_can_put_code_into_is_not_made_and_the_error_says_where() {
    block_on(async {
        let root = tempfile::tempdir().unwrap();
        let open = root.path().canonicalize().unwrap().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        // Also one that would be made in it.
        for cache in [open.clone(), open.join("cache")] {
            let made = Host::new(config().cache_directory(cache));
            let error = made.expect_err("it is not safe");
            let EngineError::UnsafeCache(CacheRisk::Writable { path, mode: 0o777 }) = &error else {
                panic!("{error}")
            };
            assert_eq!(*path, open);
            assert!(error.to_string().contains("chmod go-w"), "{error}");
        }
    });
}
