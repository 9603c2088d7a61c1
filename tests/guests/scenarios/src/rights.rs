//! Things that need a right, a limit or a person who asks to stop.

use crate::number;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use weft_guest::{Capability, Channel, Process, StartOptions, process, time};

/// Plays the scenario with this name, if it is one of these. What `arg` means is said at each.
pub async fn play(scenario: &str, arg: &str) -> Option<Result<String, String>> {
    Some(match scenario {
        "read-file" => read_file(arg),
        "write-file" => write_file(arg),
        "read-env" => read_env(arg),
        "clock" => Ok(clock()),
        "tick" => Ok(tick()),
        "connect" => connect(arg),
        "create-channel" => create_channel(arg),
        "share" => share(),
        "attach" => attach(arg),
        "write-huge" => write_huge(arg),
        "hold-handles" => hold_handles(arg),
        "start-child" => start_child(arg).await,
        "start-named" => start_named(arg).await,
        "leave-orphan" => leave_orphan(),
        "start-child-with" => start_child_with(arg).await,
        "wait-stop" => Ok(wait_for_stop().await),
        "ignore-stop" => ignore_stop().await,
        "sleep" => sleep(arg).await,
        _ => return None,
    })
}

/// Reads the file at `arg` and returns its length.
fn read_file(arg: &str) -> Result<String, String> {
    let bytes = std::fs::read(arg).map_err(|error| format!("{:?}", error.kind()))?;
    Ok(format!("{} bytes", bytes.len()))
}

/// Writes a few bytes to the file at `arg`.
fn write_file(arg: &str) -> Result<String, String> {
    std::fs::write(arg, b"written").map_err(|error| format!("{:?}", error.kind()))?;
    Ok("written".to_owned())
}

/// Returns the value of the variable `arg`; with an empty `arg` the names of all.
fn read_env(arg: &str) -> Result<String, String> {
    if arg.is_empty() {
        let mut names: Vec<_> = std::env::vars().map(|(name, _)| name).collect();
        names.sort();
        return Ok(names.join(" "));
    }
    std::env::var(arg).map_err(|error| error.to_string())
}

/// Reads the monotonic clock alone.
fn tick() -> String {
    let start = Instant::now();
    format!("{:?}", start.elapsed())
}

/// Connects to an address.
fn connect(arg: &str) -> Result<String, String> {
    let connected = std::net::TcpStream::connect(arg);
    let kind = connected.map(|_| "connected").map_err(|error| error.kind());
    kind.map(str::to_owned).map_err(|kind| kind.to_string())
}

/// Whether the clocks run: `wall set|zero, monotonic runs|stands`.
fn clock() -> String {
    let wall = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let start = Instant::now();
    let runs = (0..1_000_000).any(|_| start.elapsed() > Duration::ZERO);
    format!(
        "wall {}, monotonic {}",
        if wall.is_zero() { "zero" } else { "set" },
        if runs { "runs" } else { "stands" },
    )
}

/// Creates a channel of `arg` bytes and both kinds of ends.
fn create_channel(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(number(arg)?).map_err(|error| format!("{error:?}"))?;
    channel
        .strong_writer()
        .map_err(|error| format!("{error:?}"))?;
    channel
        .strong_reader()
        .map_err(|error| format!("{error:?}"))?;
    Ok(format!("{:?}", channel.stats()))
}

/// Shares a channel with itself: what is written through one handle is read through the
/// other, and the token ends when it is revoked, and when the channel is dropped.
fn share() -> Result<String, String> {
    let text = |error: weft_guest::CallError| format!("{error:?}");
    let channel = Channel::bounded(64).map_err(text)?;
    let token = channel.share().map_err(text)?;
    let attached = Channel::attach(&token).map_err(text)?;
    let writer = attached.strong_writer().map_err(text)?;
    let mut reader = channel.strong_reader().map_err(text)?;
    writer
        .try_write(b"shared")
        .map_err(|error| error.to_string())?
        .or_dropped();
    let frame = reader.try_read().map_err(|error| error.to_string())?;
    let frame = frame.map(|frame| frame.payload).unwrap_or_default();
    channel.revoke().map_err(text)?;
    let revoked = Channel::attach(&token).is_err();
    let second = attached.share().map_err(text)?;
    drop((channel, attached));
    let dropped = Channel::attach(&second).is_err();
    let frame = String::from_utf8_lossy(&frame).into_owned();
    Ok(format!(
        "{frame}, revoked {revoked}, dropped {dropped}, new token {}",
        token != second
    ))
}

/// Attaches to the channel of the token `arg` and writes a frame to it.
fn attach(arg: &str) -> Result<String, String> {
    let channel = Channel::attach(arg).map_err(|error| format!("{error:?}"))?;
    let writer = channel
        .weak_writer()
        .map_err(|error| format!("{error:?}"))?;
    Ok(format!("{:?}", writer.try_write(b"attached")))
}

/// Hands the host a frame of `arg` MiB, which no channel here could hold.
fn write_huge(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(1).map_err(|error| format!("{error:?}"))?;
    let writer = channel
        .strong_writer()
        .map_err(|error| format!("{error:?}"))?;
    let frame = vec![1; number::<usize>(arg)? << 20];
    Ok(format!("{:?}", writer.try_write(&frame)))
}

/// Creates `arg` channels and holds all of them to the end.
fn hold_handles(arg: &str) -> Result<String, String> {
    let mut held = Vec::new();
    for _ in 0..number::<u32>(arg)? {
        match Channel::bounded(1) {
            Ok(channel) => held.push(channel),
            Err(error) => return Err(format!("held {}, then {error:?}", held.len())),
        }
    }
    Ok(format!("held {}", held.len()))
}

/// Starts the component `arg` with no arguments and no rights, and waits for it.
async fn start_child(arg: &str) -> Result<String, String> {
    let child = Process::start(StartOptions::new(arg)).map_err(|error| format!("{error:?}"))?;
    Ok(child.wait().await.to_string())
}

/// Starts a child that never ends, and does not wait for it.
fn leave_orphan() -> Result<String, String> {
    let options = StartOptions::new("scenarios").arg("ignore-stop").arg("");
    Process::start(options).map_err(|error| format!("{error:?}"))?;
    eprintln!("left");
    Ok("left".to_owned())
}

/// Starts a child of this name, which waits until it is stopped, and waits for it.
async fn start_named(arg: &str) -> Result<String, String> {
    let options = StartOptions::new("scenarios").name(arg);
    let options = options.arg("wait-stop").arg("");
    let child = Process::start(options).map_err(|error| format!("{error:?}"))?;
    Ok(child.wait().await.to_string())
}

/// Starts this component anew to read `/inner/NAME` or a clock, as `arg` says: a child
/// with a right of its own. `clocks`, or `mount SOURCE`.
async fn start_child_with(arg: &str) -> Result<String, String> {
    let (what, source) = arg.split_once(' ').unwrap_or((arg, ""));
    let options = StartOptions::new("scenarios");
    let options = match what {
        "clocks" => options.capability(Capability::Clocks).arg("clock").arg(""),
        "mount" => options
            .capability(Capability::Filesystem {
                source: source.to_owned(),
                guest_path: "/inner".to_owned(),
                writable: false,
            })
            .arg("read-file")
            .arg("/inner/a.txt"),
        other => return Err(format!("no such right: {other}")),
    };
    let child = Process::start(options).map_err(|error| format!("{error:?}"))?;
    Ok(child.wait().await.to_string())
}

/// Waits until it is asked to stop, and stops.
async fn wait_for_stop() -> String {
    process::stop_request().await;
    "asked to stop".to_owned()
}

/// Waits until it is asked to stop, after what has been done already.
pub async fn stay_after<T>(done: Result<T, String>) -> Result<String, String> {
    done?;
    Ok(wait_for_stop().await)
}

/// Sleeps for ever, whoever asks.
async fn ignore_stop() -> Result<String, String> {
    loop {
        time::sleep(Duration::from_secs(3600)).await;
    }
}

/// Sleeps `arg` milliseconds, twice at once.
pub async fn sleep(arg: &str) -> Result<String, String> {
    let duration = Duration::from_millis(number(arg)?);
    weft_guest::join!(time::sleep(duration), time::sleep(duration));
    Ok("slept".to_owned())
}
