//! Starts others with every case of a value, and with what does not fit.

use std::time::Duration;
use weft_guest::{Capability, Channel, Process, StartOptions, Value, futures};

/// Plays `what`, with `component` as the one to start; both are said at each.
#[weft_guest::main]
async fn main(what: String, component: String) -> weft_guest::Result<String> {
    match what.as_str() {
        "every" => every(&component).await,
        "widened" => Ok(widened(&component).await?),
        "pass-often" => pass_often(&component).await,
        "fail-often" => fail_often(&component),
        "hand-round" => hand_round(&component).await,
        "hand-on-leash" => hand_on_leash().await,
        "refused-leash" => refused_leash().await,
        wrong => wrong_one(&component, wrong),
    }
}

/// A process that returns when it is asked to stop.
fn family(name: &str, what: &str) -> weft_guest::Result<Process> {
    Ok(Process::start(family_options(name, what))?)
}

fn family_options(name: &str, what: &str) -> StartOptions {
    StartOptions::new("family").name(name).arg(what).arg("7")
}

/// A handle of the live child of this name.
fn child_called(name: &str) -> weft_guest::Result<Option<Process>> {
    let children = weft_guest::process::children()?;
    Ok(children.into_iter().find(|child| child.name() == name))
}

fn start(component: &str, args: Vec<Value>) -> weft_guest::Result<Process> {
    let options = StartOptions::new(component).name("child");
    let options = args.into_iter().fold(options, StartOptions::arg);
    Ok(Process::start(
        options
            .capability(Capability::ChannelReader)
            .capability(Capability::ChannelWriter),
    )?)
}

/// What `every-arg` takes, in its order, with ends of this channel.
fn args(channel: &Channel, process: Process) -> weft_guest::Result<Vec<Value>> {
    let aside = Channel::bounded(64)?;
    Ok(vec![
        true.into(),
        i8::MIN.into(),
        u8::MAX.into(),
        i16::MIN.into(),
        u16::MAX.into(),
        i32::MIN.into(),
        u32::MAX.into(),
        i64::MIN.into(),
        u64::MAX.into(),
        1.5f32.into(),
        (-0.1f64).into(),
        'ß'.into(),
        "a \"text\"".into(),
        vec![0u8, 255].into(),
        aside.into(),
        channel.strong_reader()?.into(),
        channel.weak_writer()?.into(),
        process.into(),
        Value::wave("some([1, 2])"),
    ])
}

/// All arguments reach `component`, a kind of `every-arg`.
async fn every(component: &str) -> weft_guest::Result<String> {
    let channel = Channel::bounded(64)?;
    let mut back = channel.strong_reader()?;
    let there = channel.strong_writer()?;
    let child = start(component, args(&channel, family("other", "return")?)?)?;
    there.write("four").await?.or_dropped();
    back.read().await?;
    let copied = back.read().await?.unwrap_or_default();
    let copied = String::from_utf8(copied.payload)?;
    Ok(format!("{copied}: {}", child.wait().await))
}

/// Numbers fit wider parameters of `typed-args`.
async fn widened(component: &str) -> weft_guest::Result<String> {
    let args = vec![
        true.into(),
        7u8.into(),
        (-7i16).into(),
        "text".into(),
        Vec::new().into(),
        Value::wave("[]"),
        Value::wave("none"),
    ];
    Ok(start(component, args)?.wait().await.to_string())
}

/// Replaces one argument of `every-arg` by one that does not fit, and returns the error.
fn wrong_one(component: &str, case: &str) -> weft_guest::Result<String> {
    let channel = Channel::bounded(64)?;
    let mut args = args(&channel, family("other", "return")?)?;
    let (index, value): (usize, Value) = match case {
        "u32-for-u8" => (2, 7u32.into()),
        "negative-for-u32" => (6, (-1i32).into()),
        "s64-for-s32" => (5, 7i64.into()),
        "f64-for-f32" => (9, 1.0f64.into()),
        "u64-for-f64" => (10, 1u64.into()),
        "number-for-bool" => (0, 1u8.into()),
        "string-for-char" => (11, "x".into()),
        "char-for-string" => (12, 'x'.into()),
        "string-for-bytes" => (13, "x".into()),
        "reader-for-channel" => (14, channel.strong_reader()?.into()),
        "writer-for-reader" => (15, channel.weak_writer()?.into()),
        "reader-for-writer" => (16, channel.strong_reader()?.into()),
        "channel-for-process" => (17, channel.into()),
        "process-for-reader" => (15, family("wrong", "return")?.into()),
        "process-for-option" => (18, family("wrong", "return")?.into()),
        "wave-for-process" => (17, Value::wave("1")),
        other => return Err(weft_guest::Error::msg(format!("no case {other}"))),
    };
    if let Some(slot) = args.get_mut(index) {
        *slot = value;
    }
    match start(component, args) {
        Ok(_) => Ok("it started".to_owned()),
        Err(error) => Ok(error.to_string()),
    }
}

/// Passes a reader and a process, again and again, to `parked` and to `waiter`: more than it may hold at once.
async fn pass_often(component: &str) -> weft_guest::Result<String> {
    let channel = Channel::bounded(64)?;
    for _ in 0..50 {
        let parked = start("parked", vec![channel.strong_reader()?.into()])?;
        parked.kill()?;
        let child = start(component, vec!["wait".into(), parked.into()])?;
        child.wait().await;
    }
    Ok("passed".to_owned())
}

/// Handles of starts that fail are gone too.
fn fail_often(component: &str) -> weft_guest::Result<String> {
    let channel = Channel::bounded(64)?;
    let mut refused = 0;
    for _ in 0..50 {
        let args = vec![
            channel.strong_reader()?.into(),
            family("other", "return")?.into(),
        ];
        refused += u32::from(start(component, args).is_err());
    }
    Ok(format!("refused {refused}"))
}

/// Hands a process to several waiters of two kinds, some before its end and one after it.
async fn hand_round(components: &str) -> weft_guest::Result<String> {
    let own = family("other", "await-stop")?;
    let mut waiters = Vec::new();
    let find = || child_called("other")?.ok_or_else(|| weft_guest::Error::msg("it is gone"));
    for component in components.split(' ').cycle().take(6) {
        waiters.push(start(component, vec!["wait".into(), find()?.into()])?);
    }
    let late = find()?;
    own.stop(std::time::Duration::from_secs(60)).await?;
    waiters.push(start("waiter", vec!["wait".into(), late.into()])?);
    let ends = futures::future::join_all(waiters.iter().map(Process::wait)).await;
    let mut ends: Vec<_> = ends.iter().map(ToString::to_string).collect();
    ends.dedup();
    Ok(format!("{} {}", waiters.len(), ends.join("; ")))
}

/// Hands the handle of a linked child on, which ends with it in its hands. The child stays linked.
async fn hand_on_leash() -> weft_guest::Result<String> {
    let options = family_options("held", "ignore-stop").ownership(weft_guest::Ownership::Linked);
    let linked = Process::start(options)?;
    let other = start("waiter", vec!["return".into(), linked.into()])?;
    other.wait().await;
    let Some(held) = child_called("held")? else {
        return Ok("it was stopped".to_owned());
    };
    // Whoever kills a linked process is not ended by it, so somebody else does.
    let options = StartOptions::new("waiter").arg("kill").arg(held);
    Process::start(options.capability(Capability::ProcessLifecycle))?
        .wait()
        .await;
    weft_guest::time::sleep(Duration::from_secs(3600)).await;
    Ok("it was not ended".to_owned())
}

/// A start that fails drops the handle of a linked child, which stops it.
async fn refused_leash() -> weft_guest::Result<String> {
    let options = family_options("held", "await-stop").ownership(weft_guest::Ownership::Linked);
    let linked = Process::start(options)?;
    let id = linked.id();
    let refused = start("waiter", vec![linked.into(), "wait".into()]);
    let mut seen = String::from("it runs");
    for _ in 0..10_000 {
        let children = weft_guest::process::children()?;
        if !children.iter().any(|child| child.id() == id) {
            seen = String::from("it was stopped");
            break;
        }
        weft_guest::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    Ok(format!("{}; {seen}", refused.is_err()))
}
