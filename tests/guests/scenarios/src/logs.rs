//! Logs of one's own, logs of others, and spans.

use crate::number;
use std::fmt::Debug;
use std::io::Write;
use weft_guest::channel::Access;
use weft_guest::log::{self, Entry};
use weft_guest::{Channel, Process, ReadError, Reader, StartOptions, tracing};

/// Bytes of a channel that takes all that is written here.
const LARGE: u64 = 64 << 10;

/// Bytes of a channel for a few entries.
const SMALL: u64 = 1000;

/// Plays the scenario with this name, if it is one of these. What `arg` means is said at each.
pub async fn play(scenario: &str, arg: &str) -> Option<Result<String, String>> {
    Some(match scenario {
        "log-every-way" => every_way(arg),
        "register-wrong" => register_wrong(),
        "register-and-end" => register_and_end(arg),
        "register-small" => register_small(arg),
        "log-of-child" => log_of_child(arg).await,
        "speak-for" => speak_for(arg),
        "terminate-own-log" => terminate_own_log(),
        "log-as-the-host" => Ok(as_the_host()),
        "leave-a-span" => Ok(leave_a_span()),
        "many-spans" => many_spans(arg),
        _ => return None,
    })
}

fn text(error: impl Debug) -> String {
    format!("{error:?}")
}

/// Writes in every way there is, one after the other, and ends as `arg` says.
fn every_way(arg: &str) -> Result<String, String> {
    log::write(log::Level::Info, "scenarios", "1 by hand", &[]);
    println!("2 on stdout");
    tracing::info!("3 by tracing");
    eprintln!("4 on stderr");
    log::warn!("5 by log");
    tracing::info_span!("6 a span").in_scope(|| ());
    println!("7 on stdout");
    print!("8 without a line end");
    // A trap does not find what the guest itself holds back.
    std::io::stdout().flush().map_err(text)?;
    match arg {
        "panic" => crate::faults::panic("9 a panic"),
        "trap" => crate::faults::trap(),
        _ => Ok("done".to_owned()),
    }
}

/// Registers what cannot be a log. The entry before and the entry after are of one log.
fn register_wrong() -> Result<String, String> {
    log::info!("before");
    let channel = || Channel::dropping(LARGE).map_err(text);
    let (drained, terminated) = (channel()?, channel()?);
    drained.drain().map_err(text)?;
    terminated.terminate().map_err(text)?;
    let ends = Access::WEAK_READERS;
    let narrowed = channel()?.narrow(ends).map_err(text)?;
    let outcomes = [&drained, &terminated, &narrowed].map(|channel| text(log::register(channel)));
    log::info!("after");
    Ok(outcomes.join(" "))
}

/// Registers a channel that ends after one entry, as `arg` says, and writes on.
fn register_and_end(arg: &str) -> Result<String, String> {
    log::info!("before");
    let channel = Channel::dropping(LARGE).map_err(text)?;
    let mut entries = channel.strong_reader().map_err(text)?;
    log::register(&channel).map_err(text)?;
    log::info!("mine");
    let mine = bodies(&mut entries)?;
    match arg {
        "drain" => channel.drain(),
        _ => channel.terminate(),
    }
    .map_err(text)?;
    log::info!("after");
    log::info!("and on");
    Ok(mine.join(" "))
}

/// Registers a channel in which nobody makes room, floods it, and reads it after that.
fn register_small(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(SMALL).map_err(text)?;
    let mut entries = channel.strong_reader().map_err(text)?;
    log::register(&channel).map_err(text)?;
    let wanted: u64 = number(arg)?;
    for entry in 0..wanted {
        log::info!("{entry}");
    }
    let kept = bodies(&mut entries)?.len() as u64;
    log::info!("room again");
    let frame = entries.try_read().map_err(text)?.ok_or("nothing came")?;
    let entry = Entry::from_frame(&frame.payload).map_err(text)?;
    Ok(format!("{}", kept > 0 && kept + entry.dropped() == wanted))
}

/// The bodies of the entries that are there.
fn bodies(entries: &mut Reader) -> Result<Vec<String>, String> {
    let mut bodies = Vec::new();
    loop {
        match entries.try_read() {
            Ok(Some(frame)) => {
                let entry = Entry::from_frame(&frame.payload).map_err(text)?;
                bodies.push(entry.body);
            }
            Ok(None) | Err(ReadError::WouldBlock) => return Ok(bodies),
            Err(error) => return Err(text(error)),
        }
    }
}

/// Starts itself with the scenario `arg` and reads the child's log when the child has ended.
async fn log_of_child(arg: &str) -> Result<String, String> {
    let own = StartOptions::new("scenarios").arg(arg).arg("terminate");
    let own = own.capabilities([
        weft_guest::Capability::ChannelLifecycle,
        weft_guest::Capability::ChannelReader,
    ]);
    let child = Process::start(own).map_err(text)?;
    child.wait().await;
    let log = child.log_channel().map_err(text)?;
    let written = text(log.strong_writer().map(drop));
    drop(child);
    let mut entries = log.weak_reader().map_err(text)?;
    let mut bodies = Vec::new();
    while let Some(frame) = entries.read().await.map_err(text)? {
        bodies.push(Entry::from_frame(&frame.payload).map_err(text)?.body);
    }
    Ok(format!("{} {written}", bodies.join(" ")))
}

/// Registers a channel and terminates it as the last thing it does.
fn terminate_own_log() -> Result<String, String> {
    let channel = Channel::dropping(LARGE).map_err(text)?;
    log::register(&channel).map_err(text)?;
    log::info!("gone");
    channel.terminate().map_err(text)?;
    Ok("gone".to_owned())
}

/// Registers a channel and puts entries there that say that they are those of the process `arg`, with times and numbers that
/// make no sense.
fn speak_for(arg: &str) -> Result<String, String> {
    let channel = Channel::dropping(LARGE).map_err(text)?;
    let writer = channel.strong_writer().map_err(text)?;
    log::register(&channel).map_err(text)?;
    let whose = format!(r#"{{"service.name":"{arg}","weft.process.id":7}}"#);
    for (number, time, severity) in [
        (1, "1700000000000000000", 9),
        (2, "99999999999999999999999999999999999999999999", 255),
        (3, "-1", 0),
        (4, "soon", 9),
        // No entry, as a level has one byte.
        (5, "1", 70_000),
    ] {
        let entry = format!(
            r#"{{"Timestamp":"{time}","SeverityText":"INFO","SeverityNumber":{severity},"Body":"forged {number}","InstrumentationScope":{{"name":"x"}},"Resource":{whose}}}"#
        );
        writer
            .try_write(entry.as_bytes())
            .map_err(text)?
            .or_dropped();
    }
    // Whose it is, is said twice.
    let twice = format!(r#"{{"Body":"forged 6","Resource":{whose},"Resource":{whose}}}"#);
    writer
        .try_write(twice.as_bytes())
        .map_err(text)?
        .or_dropped();
    log::info!("by the host");
    Ok("spoken".to_owned())
}

/// Writes under the names that are the host's.
fn as_the_host() -> String {
    for target in ["weft", "stdout", "stderr"] {
        let text = format!("as {target}");
        log::write(log::Level::Warn, target, &text, &[]);
    }
    tracing::info_span!(target: "weft", "as a span").in_scope(|| ());
    "written".to_owned()
}

/// Leaves a span open.
fn leave_a_span() -> String {
    std::mem::forget(tracing::info_span!("left open", number = 42).entered());
    "left".to_owned()
}

/// Has `arg` spans open at once, which is more than there is room for, and goes on.
fn many_spans(arg: &str) -> Result<String, String> {
    let spans = (0..number(arg)?).map(|number: u32| tracing::info_span!("one of many", number));
    let spans: Vec<_> = spans.collect();
    spans.iter().for_each(|span| span.in_scope(|| ()));
    let open = spans.len();
    drop(spans);
    tracing::info_span!("afterwards").in_scope(|| log::info!("in it"));
    Ok(format!("{open} spans"))
}
