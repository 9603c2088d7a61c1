//! A guest that does what it is told through a channel, one command a frame, and stops when it is
//! asked to. The model of processes in `tests/fuzz` tells.
//!
//! Commands: `return`, `fail`, `trap`, `exit`; `start NAME OWNERSHIP`, which starts another puppet, and
//! `drop NAME`, which lets its handle go. Those after which it goes on are acknowledged.

use std::collections::BTreeMap;
use weft_guest::futures::FutureExt;
use weft_guest::{Capability, Ownership, Process, StartOptions, process, registry, select};

/// Takes commands from the channel under `puppet/NAME` and acknowledges to the one under `puppets`.
#[weft_guest::main]
async fn main(name: String) -> Result<String, String> {
    let text = |error: weft_guest::CallError| format!("{error:?}");
    let commands = registry::lookup(&format!("puppet/{name}")).map_err(text)?;
    // It tells a request to stop and the end of its commands apart.
    let mut commands = commands.strong_reader().map_err(text)?.past_stop();
    let done = registry::lookup("puppets").map_err(text)?;
    let done = done.weak_writer().map_err(text)?;
    let mut children = BTreeMap::new();
    let mut stop = Box::pin(process::stop_request().fuse());
    loop {
        let command = select! {
            () = stop => return Ok("asked".to_owned()),
            frame = commands.read().fuse() => frame.map_err(|error| error.to_string())?,
        };
        let command = command.ok_or("nobody commands")?;
        let command = String::from_utf8_lossy(&command.payload).into_owned();
        let mut words = command.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        match word().as_str() {
            "return" => return Ok(name),
            "fail" => return Err(name),
            "trap" => panic!("{name}"),
            "exit" => std::process::exit(1),
            "start" => {
                let child = word();
                children.insert(child.clone(), start(child, &word()).map_err(text)?);
            }
            "drop" => drop(children.remove(&word())),
            other => return Err(format!("no command is called {other}")),
        }
        done.write(command)
            .await
            .map_err(|error| error.to_string())?
            .or_dropped();
    }
}

fn start(name: String, ownership: &str) -> Result<Process, weft_guest::CallError> {
    let ownership = match ownership {
        "linked" => Ownership::Linked,
        "detached" => Ownership::Detached,
        _ => Ownership::Child,
    };
    let options = StartOptions::new("puppet")
        .arg(name.as_str())
        .name(name)
        .ownership(ownership)
        .capability(Capability::ChannelReader)
        .capability(Capability::ChannelWriter)
        .capability(Capability::ProcessLifecycle)
        .capability(Capability::RegistryLookup("puppet".to_owned()));
    Process::start(options)
}
