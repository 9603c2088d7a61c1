//! Components that keep the compiler busy, or that are too large for it. Loading refuses them with a typed error and in
//! time, and other components can be loaded meanwhile.

use super::{Neighbours, host};
use crate::support::{HUNG, block_on, config, host_with};
use std::time::Duration;
use weft_host::{Host, component::LoadError};

/// A component with this many copies of a function.
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

/// A function with this many locals, which change between as many branches to one block.
fn locals(count: usize) -> String {
    let step =
        |n| format!("(local.set {n} (call $value (local.get {n}))) (br_if 0 (local.get {n}))");
    let steps: String = (0..count).map(step).collect();
    format!("(func (local {}) (block {steps}))", "i32 ".repeat(count))
}

/// A function that keeps this many values on its stack across as many branches.
fn stacked(count: usize) -> String {
    let push = "(call $value (i32.const 1))".repeat(count);
    let branches = "(block (br_if 0 (local.get 0)))".repeat(count);
    let sum = "i32.add ".repeat(count - 1);
    format!("(func (param i32) (result i32) {push} {branches} {sum})")
}

/// A function with this many jump tables of 50,000 entries. A hundred values are live across them.
fn tables(count: usize) -> String {
    let table = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(50_000));
    format!(
        "(func (local {}) {})",
        "i32 ".repeat(100),
        table.repeat(count)
    )
}

/// A function with this many calls in a row.
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
        // It is refused even if the module has another error, which the compiler would report first.
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
        let config = config()
            // Every compilation exceeds this time.
            .compile_time(Duration::ZERO)
            .max_compilations(2)
            // With a cache, a second run of this test would find the component there.
            .cache_directory(None);
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
            // A small component may be compiled before the time is checked.
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
        let config = config().max_component_bytes(1000);
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

/// A section of a component.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![id];
    bytes.extend(leb(content.len()));
    bytes.extend_from_slice(content);
    bytes
}

/// A number in LEB128.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 127) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 128);
    }
}

/// The first bytes of a component.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

/// A component with these sections.
fn of_sections(sections: &[Vec<u8>]) -> Vec<u8> {
    [EMPTY, &sections.concat()].concat()
}

/// This many components nested in each other.
fn nested(levels: usize) -> Vec<u8> {
    (1..levels).fold(EMPTY.to_vec(), |inner, _| {
        of_sections(&[section(4, &inner)])
    })
}

/// This many components, each of which instantiates the one before it twice.
fn doubled(levels: usize) -> Vec<u8> {
    let twice = section(5, &[2, 0, 0, 0, 0, 0, 0]);
    (0..levels).fold(EMPTY.to_vec(), |inner, _| {
        of_sections(&[section(4, &inner), twice.clone()])
    })
}

/// A component type (`0x41`) or an instance type (`0x42`) nested this deep.
fn nested_types(kind: u8, levels: usize) -> Vec<u8> {
    let open = [kind, 1, 1].repeat(levels);
    of_sections(&[section(7, &[&[1], &open[..], &[kind, 0]].concat())])
}

/// A component with one module of these sections.
fn of_module(sections: &[Vec<u8>]) -> Vec<u8> {
    let module = [b"\0asm\x01\0\0\0", &sections.concat()[..]].concat();
    of_sections(&[section(1, &module)])
}

/// A module with this many empty functions.
fn functions(count: usize) -> Vec<u8> {
    let of = |item: &[u8]| [leb(count), item.repeat(count)].concat();
    of_module(&[
        section(1, b"\x01\x60\0\0"),
        section(3, &of(b"\0")),
        section(10, &of(b"\x02\0\x0b")),
    ])
}

/// A module with a segment of this many elements.
fn elements(count: usize) -> Vec<u8> {
    let items = [b"\x01\x01\0".to_vec(), leb(count), vec![0; count]].concat();
    of_module(&[
        section(1, b"\x01\x60\0\0"),
        section(3, b"\x01\0"),
        section(9, &items),
        section(10, b"\x01\x02\0\x0b"),
    ])
}

#[test]
fn what_nests_or_repeats_without_end_is_refused_before_it_is_taken_in() {
    block_on(async {
        let host = host().await;
        for fits in [
            nested(100),
            doubled(4),
            nested_types(0x41, 99),
            functions(2_000),
        ] {
            host.components().load("fits", fits).await.expect("it fits");
        }
        for (deep, what) in [
            (nested(101), "components"),
            (nested(20_000), "components"),
            (nested_types(0x41, 101), "types"),
            (nested_types(0x42, 1_000_000), "types"),
        ] {
            let error = refused(&host, deep).await;
            assert!(
                matches!(error, LoadError::TooDeep { most: 100, .. }),
                "{what}: {error}"
            );
        }
        let many = of_sections(&vec![section(4, EMPTY); 1_000]);
        let error = refused(&host, many).await;
        assert!(
            matches!(error, LoadError::TooManyParts { most: 1_000, .. }),
            "{error}"
        );
        for (heavy, what) in [
            (doubled(40), "instances of its components"),
            (functions(300_000), "functions"),
            (elements(1_000_000), "elements of tables"),
        ] {
            match refused(&host, heavy).await {
                LoadError::TooMuch { mainly, .. } => assert_eq!(mainly, what),
                error => panic!("{error}"),
            }
        }
        Neighbours::start(&host).finish().await;
    });
}
