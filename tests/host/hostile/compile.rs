//! Components made to keep the compiler busy, or to be too much for it. They are refused when they are
//! loaded, with a typed error and in time, and others are loaded meanwhile.

use super::{Neighbours, host};
use crate::support::{HUNG, block_on, config, host_with};
use std::time::Duration;
use weft_host::{Host, HostConfig, LoadError};

/// A component of so many of these functions.
fn component(functions: usize, function: &str) -> Vec<u8> {
    let functions = function.repeat(functions);
    let text = format!(
        r#"(component
            (core module $m
                (func $value (param i32) (result i32) (local.get 0))
                {functions}
                (func (export "run")))
            (core instance $i (instantiate $m))
            (func (export "run") (canon lift (core func $i "run"))))"#
    );
    wat::parse_str(text).expect("it is wat")
}

/// A function of so many locals that change between as many branches to one place.
fn locals(count: usize) -> String {
    let step =
        |n| format!("(local.set {n} (call $value (local.get {n}))) (br_if 0 (local.get {n}))");
    let steps: String = (0..count).map(step).collect();
    format!("(func (local {}) (block {steps}))", "i32 ".repeat(count))
}

/// A function that keeps so many values on its stack across as many branches.
fn stacked(count: usize) -> String {
    let push = "(call $value (i32.const 1))".repeat(count);
    let branches = "(block (br_if 0 (local.get 0)))".repeat(count);
    let sum = "i32.add ".repeat(count - 1);
    format!("(func (param i32) (result i32) {push} {branches} {sum})")
}

/// A function of so many jump tables of fifty thousand places, across which a hundred values live.
fn tables(count: usize) -> String {
    let table = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(50_000));
    format!(
        "(func (local {}) {})",
        "i32 ".repeat(100),
        table.repeat(count)
    )
}

/// A function of so many calls in a row.
fn long(calls: usize) -> String {
    format!(
        "(func {})",
        "(drop (call $value (i32.const 1)))".repeat(calls)
    )
}

async fn refused(host: &Host, bytes: Vec<u8>) -> LoadError {
    host.components()
        .load("monster", bytes)
        .await
        .expect_err("it is too much")
}

#[test]
fn a_function_that_is_too_much_for_the_compiler_is_refused_before_it_begins() {
    block_on(async {
        let host = host().await;
        let fits = component(
            3,
            &[locals(100), stacked(100), tables(1), long(1000)].concat(),
        );
        host.components().load("fits", fits).await.expect("it fits");
        for monster in [locals(9_000), stacked(6_000), tables(14), long(500_000)] {
            let error = refused(&host, component(1, &monster)).await;
            assert!(
                matches!(error, LoadError::TooHeavy { function: 1, .. }),
                "{error}"
            );
            assert!(error.to_string().contains("`monster`"), "{error}");
        }
        // Not even where something else is wrong that the compiler would tell of first.
        let broken = format!("(func (result i32)) {}", locals(9_000));
        let error = refused(&host, component(1, &broken)).await;
        assert!(matches!(error, LoadError::Invalid { .. }), "{error}");
        Neighbours::start(&host).finish().await;
    });
}

#[test]
fn a_compilation_without_end_is_given_up_and_counts_until_it_ends() {
    block_on(async {
        let neighbours = host().await;
        let config = HostConfig {
            // Whatever takes time takes too long.
            compile_time: Duration::ZERO,
            max_compilations: 2,
            // Or the second run of this test would find it there.
            cache_directory: None,
            ..config()
        };
        let host = host_with(config, &[]).await;
        let monster = component(4, &stacked(2_000));
        let mut given_up = 0;
        loop {
            match refused(&host, monster.clone()).await {
                LoadError::TooSlow { .. } => given_up += 1,
                LoadError::Exhausted { most: 2, .. } => break,
                other => panic!("{other}"),
            }
        }
        assert!(given_up >= 2);
        Neighbours::start(&neighbours).finish().await;
        let freed = async {
            // So little may be through before anybody looks at the time.
            let little = || host.components().load("little", component(0, ""));
            while let Err(LoadError::Exhausted { .. }) = little().await {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(HUNG, freed)
            .await
            .expect("the compiler ends");
    });
}

#[test]
fn a_component_beyond_the_host_s_size_is_refused_from_memory_and_from_files_without_end() {
    block_on(async {
        let config = HostConfig {
            max_component_bytes: 1000,
            ..config()
        };
        let host = host_with(config, &[]).await;
        let fits = component(0, "");
        host.components().load("fits", fits).await.expect("it fits");
        let large = component(1, &long(500));
        let error = refused(&host, large).await;
        assert!(
            matches!(error, LoadError::TooLarge { most: 1000, .. }),
            "{error}"
        );
        let endless = std::path::Path::new("/dev/zero");
        let error = host
            .components()
            .load_file("zero", endless)
            .await
            .unwrap_err();
        assert!(
            matches!(error, LoadError::TooLarge { most: 1000, .. }),
            "{error}"
        );
    });
}
