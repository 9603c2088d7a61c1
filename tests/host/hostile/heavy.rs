//! Components that cost more than their size suggests: from few bytes, the compiler, the validator or the host makes
//! much more. They are refused before anything of them is used, and the error names what there is too much of.

use super::{Neighbours, host};
use crate::support::block_on;
use weft_host::{Host, component::LoadError};
use weft_host_fuzz::axes::{axis, component};

async fn refused(host: &Host, what: &str, bytes: Vec<u8>) -> LoadError {
    match host.components().load("monster", bytes).await {
        Err(error) => error,
        Ok(_) => panic!("{what}: it is too much, and was loaded"),
    }
}

async fn fits(host: &Host, name: &str, count: u32) {
    let loaded = host.components().load("fits", axis(name).component(count));
    let loaded = loaded.await;
    loaded.unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[test]
fn a_function_of_few_bytes_that_are_much_for_the_compiler_is_refused() {
    block_on(async {
        let host = host().await;
        // The axis, a count that fits, a count that is too much for the compiler, and what the error names.
        for (name, few, many, what) in [
            ("calls", 100, 700_000, "calls"),
            ("wide calls", 10, 6_000, "calls"),
            ("indirect calls", 100, 40_000, "calls"),
            ("table reads", 100, 40_000, "uses of tables"),
            ("table writes", 100, 40_000, "uses of tables"),
            ("table growth", 100, 40_000, "uses of tables"),
            ("memory copies", 100, 140_000, "instructions"),
            ("memory growth", 100, 140_000, "instructions"),
            ("loops", 100, 10_001, "loops"),
            ("nested loops", 100, 101, "loops in each other"),
            ("conditions", 100, 180_000, "branches and loops"),
            (
                "locals across branches",
                30,
                3_000,
                "values across branches",
            ),
            ("rotations", 100, 70_000, "instructions"),
            ("divisions", 100, 200_000, "instructions"),
            ("truncations", 100, 180_000, "instructions"),
            ("vector shifts", 100, 70_000, "instructions"),
            ("far loads", 100, 170_000, "instructions"),
        ] {
            fits(&host, name, few).await;
            match refused(&host, name, axis(name).component(many)).await {
                LoadError::TooHeavy {
                    function: 2,
                    what: said,
                    count,
                    most,
                    ..
                } => {
                    assert!(said.ends_with(what), "{name}: {said}");
                    assert!(count > most, "{name}: {count} of {most}");
                }
                error => panic!("{name}: {error}"),
            }
        }
        Neighbours::start(&host).finish().await;
    });
}

#[test]
fn functions_that_are_much_together_are_refused() {
    block_on(async {
        let host = host().await;
        for (name, few, many, what) in [
            ("functions of a hundred calls", 10, 38_000, "code"),
            ("functions of ten indirect calls", 10, 60_000, "code"),
            (
                "functions of 1,000 parameters and results",
                10,
                8_000,
                "code",
            ),
            ("functions", 10, 140_000, "functions"),
            ("core types", 10, 100_000, "types of modules"),
            ("function names", 10, 140_000, "functions"),
        ] {
            fits(&host, name, few).await;
            match refused(&host, name, axis(name).component(many)).await {
                LoadError::TooMuch { mainly, .. } => assert_eq!(mainly, what, "{name}"),
                error => panic!("{name}: {error}"),
            }
        }
        // Each part alone fits, but both together are too much.
        let half = [("functions", 80_000), ("core types", 50_000)];
        let both = component(half.map(|(name, count)| (axis(name), count)));
        let error = refused(&host, "two", both).await;
        assert!(matches!(error, LoadError::TooMuch { .. }), "{error}");
        Neighbours::start(&host).finish().await;
    });
}

#[test]
fn what_is_written_once_and_meant_many_times_is_weighed_each_time() {
    block_on(async {
        let host = host().await;
        let entries = "imports, exports and types that it uses";
        let instances = "instances of its components";
        for (name, few, many, what) in [
            ("doubled instance types", 4, 21, entries),
            ("doubled instance types of a long name", 4, 16, entries),
            ("instance types with copies of another", 2, 500, entries),
            ("copies of an instance", 4, 1_200, entries),
            ("imports of an instance with resources", 4, 20_000, entries),
            (
                "captured components",
                4,
                30,
                "components and modules that it keeps",
            ),
            ("doubled instances", 4, 40, instances),
            ("instances of many imports", 1, 7_000, instances),
        ] {
            let bytes = axis(name).component(few);
            if let Err(error) = host.components().inspect("fits", bytes).await {
                panic!("{name}: {error}");
            }
            match refused(&host, name, axis(name).component(many)).await {
                LoadError::TooMuch { mainly, .. } => assert_eq!(mainly, what, "{name}"),
                error => panic!("{name}: {error}"),
            }
        }
        let handed_on = axis("components handed on").component(4);
        let error = refused(&host, "handed on", handed_on).await;
        assert!(matches!(error, LoadError::HandedOn { .. }), "{error}");
        Neighbours::start(&host).finish().await;
    });
}
