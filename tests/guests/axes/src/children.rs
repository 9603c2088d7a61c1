//! Children: alive, ended, watched, linked, and what is held of them.

use crate::channels::channel;
use crate::logs::write;
use crate::make::{How, MANY, MIB, Made, insist, repeat, said};
use crate::starts::{options, start};
use std::time::Duration;
use weft_guest::bindings::weft::fabric::process::{self, Monitor, Process, Value};
use weft_guest::bindings::weft::fabric::types::{Capability, Error};
use weft_guest::blocking;

/// Bytes of what a child returns: as many as a result may have.
const RESULT: usize = MIB - 100;

/// An hour.
const LONG: Duration = Duration::from_secs(3600);

pub fn make(axis: &str, how: How) -> Option<Made> {
    let made = match axis {
        "live-children" => live(how),
        "ended-children" => ended(how),
        "generations" => generations(),
        "process-handles" => handles(),
        "listed-children" => listed(),
        "log-channels" => log_channels(),
        "handed-processes" => handed(),
        "monitors" => Ok(repeat(MANY, |_| Monitor::create())),
        "watches" => watches(),
        "watched-children" => watched(),
        "links" => links(),
        "kills" => kills(),
        "waits-on-the-stack" => {
            process::wait_stop();
            return None;
        }
        _ => return None,
    };
    Some(made.unwrap_or_else(|error| Made::new(0, error, ())))
}

/// What a child does.
pub fn child(what: &str) -> Result<String, String> {
    match what {
        "return" => Ok(String::new()),
        "fill" => {
            for _ in 0..64 {
                write("", &"y".repeat(1000), &[]);
            }
            Ok("z".repeat(RESULT))
        }
        "stay" => {
            process::wait_stop();
            Ok("asked".to_owned())
        }
        // Whatever it is asked.
        "sleep" => loop {
            blocking::sleep(LONG);
        },
        "descend" => {
            let below = Process::start(parent("descend")).map_err(said)?;
            Ok(format!("{:?}", below.wait()))
        }
        other => Err(format!("no child is called {other}")),
    }
}

/// A child that may start others.
fn parent(what: &str) -> process::StartOptions {
    process::StartOptions {
        capabilities: vec![Capability::ProcessLifecycle],
        ..options(what)
    }
}

fn live(how: How) -> Result<Made, String> {
    let name = "x".repeat(how.pick(0, 0, 255));
    Ok(repeat(MANY, |_| {
        let options = process::StartOptions {
            name: name.clone(),
            ..options("stay")
        };
        Process::start(options)
    }))
}

/// Children that have ended, with what they left: a record, or a full log and a large result.
fn ended(how: How) -> Result<Made, String> {
    let what = how.pick("return", "fill", "fill");
    Ok(repeat(how.pick(2000, 1, 1000), |_| {
        let child = start(what)?;
        child.wait();
        Ok::<_, String>((child.name(), child.id(), child.status().is_some(), child))
    }))
}

/// A child that starts one of its kind, which starts one.
fn generations() -> Result<Made, String> {
    let child = Process::start(parent("descend")).map_err(said)?;
    let told = format!("{:?}", child.wait());
    Ok(Made::new(1, told.replace('\\', ""), ()))
}

/// A table full of handles of one child, got by listing it.
fn handles() -> Result<Made, String> {
    let child = start("stay")?;
    Ok(repeat(MANY, |_| process::children()).and(child))
}

/// A list of as many as there may be, again and again.
fn listed() -> Result<Made, String> {
    let children = repeat(MANY, |_| start("stay"));
    Ok(repeat(20_000, |_| {
        let _ = (process::current(), process::stop_requested());
        process::children().map(drop)
    })
    .and(children))
}

fn log_channels() -> Result<Made, String> {
    let child = start("stay")?;
    Ok(repeat(MANY, |_| child.log_channel()).and(child))
}

/// Handles of processes handed to children, which fit none of their parameters.
fn handed() -> Result<Made, String> {
    let _child = start("stay")?;
    Ok(insist(2000, |_| {
        let mut handed = options("return");
        for child in process::children()? {
            handed.args.push(Value::Process(child));
        }
        let root = channel(1)?;
        handed.args.push(Value::Writer(root.strong_writer()?));
        handed.args.push(Value::Reader(root.strong_reader()?));
        handed.args.push(Value::Channel(root));
        Process::start(handed)
    }))
}

/// One child watched by many monitors, and no longer watched by some.
fn watches() -> Result<Made, String> {
    let child = start("stay")?;
    Ok(repeat(MANY, |n| {
        let monitor = Monitor::create()?;
        monitor.watch(&child, n)?;
        if n % 2 == 0 {
            monitor.unwatch(&child);
            monitor.trap_exits();
            monitor.watch(&child, n)?;
        }
        let _ = monitor.try_next();
        Ok::<_, Error>(monitor)
    })
    .and(child))
}

/// Ends of children, with large results, that a monitor holds and nobody takes.
fn watched() -> Result<Made, String> {
    let monitor = Monitor::create().map_err(said)?;
    Ok(repeat(1000, |n| {
        let child = start("fill")?;
        monitor.watch(&child, n).map_err(said)?;
        child.wait();
        Ok::<_, String>(())
    })
    .and(monitor))
}

/// One child linked again and again.
fn links() -> Result<Made, String> {
    let child = start("stay")?;
    Ok(repeat(200_000, |n| {
        let linked = child.link();
        if n % 3 == 0 {
            child.unlink();
        }
        linked
    })
    .and(child))
}

/// A child killed again and again, and asked to stop.
fn kills() -> Result<Made, String> {
    let child = start("stay")?;
    Ok(repeat(100_000, |n| {
        let killed = child.kill();
        match n {
            0 => child.stop(0).map(drop),
            _ => killed,
        }
    })
    .and(child))
}
