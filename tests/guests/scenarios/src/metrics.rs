//! Metrics of its own.

use crate::number;
use crate::rights::stay_after;
use std::time::Duration;
use weft_guest::CallError;
use weft_guest::metrics::{counter, gauge, histogram};

/// Plays the scenario with this name, if it is one of these. What `arg` means is said at each.
pub async fn play(scenario: &str, arg: &str) -> Option<Result<String, String>> {
    Some(match scenario {
        "measure" => measure(),
        "measure-and-stay" => stay_after(measure()).await,
        "measure-otherwise" => stay_after(otherwise()).await,
        "measure-many" => many(arg),
        "measure-many-and-stay" => stay_after(many(arg)).await,
        "measure-wrong" => Ok(wrong()),
        _ => return None,
    })
}

fn said(error: CallError) -> String {
    format!("{error:?}")
}

/// A metric of each kind, with texts that have to be escaped, and numbers that are ignored.
fn measure() -> Result<String, String> {
    let read = counter("read")
        .unit("bytes")
        .description("Bytes of \"frames\"\nthat \\ were read")
        .label("from", "a \"b\" \\ c\nd")
        .open();
    let read = read.map_err(said)?;
    read.add(40.0);
    read.add(2.5);
    for ignored in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        read.add(ignored);
    }
    let waiting = gauge("waiting").open().map_err(said)?;
    waiting.set(3.0);
    waiting.add(-1.5);
    waiting.set(f64::NAN);
    let took = histogram("took").unit("seconds").bounds(&[0.1, 1.0]);
    let took = took.description("How long it took.").open().map_err(said)?;
    took.observe_time(Duration::from_millis(250));
    took.observe(0.05);
    took.observe(7.0);
    took.observe(f64::NAN);
    // The same series again, which stays when its handles are gone.
    drop(waiting);
    gauge("waiting").open().map_err(said)?.add(0.5);
    Ok(String::new())
}

/// The same names with another kind and another unit, and one of its own.
fn otherwise() -> Result<(), String> {
    counter("waiting").open().map_err(said)?.add(5.0);
    gauge("took_seconds").open().map_err(said)?.set(5.0);
    gauge("only_here").open().map_err(said)?.set(5.0);
    Ok(())
}

/// So many series with long labels, or as many as there may be. Returns how many, and what refused the next.
fn many(arg: &str) -> Result<String, String> {
    let wanted: u32 = number(arg)?;
    let label = "x".repeat(240);
    for n in 0..wanted {
        let mut one = gauge(&format!("metric_{n}"));
        for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            one = one.label(name, &label);
        }
        if let Err(error) = one.open() {
            return Ok(format!("{n} {error:?}"));
        }
    }
    Ok(format!("{wanted}"))
}

/// What is answered to wrong metrics, a line for each.
fn wrong() -> String {
    let known = counter("known").unit("bytes").label("a", "b").open();
    let known_too = histogram("buckets").open();
    let told = [
        known.map(drop),
        known_too.map(drop),
        counter("known").unit("bytes").open().map(drop),
        gauge("known").unit("bytes").open().map(drop),
        counter("known").unit("frames").open().map(drop),
        counter("known_bytes").open().map(drop),
        counter("known")
            .unit("bytes")
            .description("other")
            .open()
            .map(drop),
        histogram("buckets").bounds(&[1.0]).open().map(drop),
        histogram("other").bounds(&[2.0, 1.0]).open().map(drop),
        counter("read_total").open().map(drop),
        counter("a:b").open().map(drop),
        gauge("labelled")
            .label("process", "another")
            .open()
            .map(drop),
    ];
    let lines = told.into_iter().map(|answer| match answer {
        Ok(()) => "ok".to_owned(),
        Err(error) => said(error),
    });
    lines.collect::<Vec<_>>().join("\n")
}
