//! Features of WebAssembly: what is on runs, and an error names what is off.

use crate::support::{block_on, host};
use weft_host::component::{LoadError, OFF_FEATURES};

/// A component with this in its core module.
fn core(module: &str) -> String {
    format!("(component (core module {module}))")
}

async fn load(text: &str) -> Result<(), LoadError> {
    let bytes = wat::parse_str(text).expect(text);
    let host = host(&[]).await;
    host.components().load("it", bytes).await.map(drop)
}

#[test]
fn a_component_that_needs_what_is_off_is_refused_by_the_features_name_and_the_reason() {
    block_on(async {
        let tried = [
            ("exceptions", core("(tag) (func (throw 0))")),
            ("garbage collection", core("(type (struct (field i32)))")),
            ("threads", core("(memory 1 1 shared)")),
            ("custom page sizes", core("(memory 1 (pagesize 1))")),
            (
                "wide arithmetic",
                core(
                    "(func (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))",
                ),
            ),
            ("stack switching", core("(type $f (func)) (type (cont $f))")),
            (
                "fixed-length lists",
                "(component (type (list u8 4)))".into(),
            ),
            (
                "error contexts",
                "(component (core func (canon error-context.drop)))".into(),
            ),
            (
                "threads of the component model",
                "(component (core func (canon thread.index)))".into(),
            ),
        ];
        for (name, text) in tried {
            let Err(error) = load(&text).await else {
                panic!("{name} is on")
            };
            let LoadError::Off { features, .. } = &error else {
                panic!("{name}: {error}")
            };
            assert!(
                features.iter().any(|off| off.name == name),
                "{name}: {error}"
            );
            let reason = OFF_FEATURES
                .iter()
                .find(|off| off.name == name)
                .unwrap()
                .reason;
            assert!(error.to_string().contains(reason), "{name}: {error}");
        }
    });
}

#[test]
fn features_that_are_on_need_nothing() {
    block_on(async {
        for text in [
            core("(memory i64 1)"),
            core("(memory 1) (memory 1)"),
            core("(func $f) (func (return_call $f))"),
            core("(func (param v128) (result v128) (local.get 0))"),
            core("(type $f (func)) (func (param (ref null $f)) (call_ref $f (local.get 0)))"),
            "(component (type (map string u32)))".into(),
            "(component (core func (canon task.cancel)))".into(),
            "(component (type $s (stream u8)) (core module $m (memory (export \"m\") 1)) (core instance $i (instantiate $m)) \
                (core func (canon stream.read $s (memory $i \"m\"))))"
                .into(),
        ] {
            load(&text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    });
}

#[test]
fn what_is_not_valid_with_any_feature_is_told_by_its_own_fault() {
    block_on(async {
        let error = load(&core("(func (result i32))")).await.unwrap_err();
        assert!(matches!(error, LoadError::Invalid { .. }), "{error}");
    });
}
