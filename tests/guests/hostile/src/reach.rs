//! Reaches for what it was not given, by ways that are allowed.

use crate::text;
use weft_guest::{CallError, Capability, Channel, Limits, Process, StartOptions};

/// Tries so many tokens, and some that are none.
pub fn guess_tokens(arg: &str) -> Result<String, String> {
    let counted = (0..crate::number(arg)?).map(|n| format!("{n:032x}"));
    let odd = ["", "0", "../channel", "\u{0}", "\u{1f980}"];
    let odd = odd
        .into_iter()
        .map(str::to_owned)
        .chain(["f".repeat(1 << 20)]);
    let mut tried = 0;
    for token in counted.chain(odd) {
        match Channel::attach(&token) {
            Err(CallError::NotFound(_)) => tried += 1,
            Err(error) => return Err(text(error)),
            Ok(_) => return Err(format!("attached by `{token}`")),
        }
    }
    Ok(format!("{tried} tried"))
}

/// Starts children with more than it has, in every way. Returns what was said to each.
pub fn ask_for_more() -> Result<String, String> {
    let mount = |source: &str, writable| Capability::Filesystem {
        source: source.to_owned(),
        guest_path: "/".to_owned(),
        writable,
    };
    let variable = |value: &str| Capability::Environment {
        name: "HOME".to_owned(),
        value: value.to_owned(),
    };
    let rights = [
        Capability::ChannelLifecycle,
        Capability::ChannelReader,
        Capability::ChannelWriter,
        Capability::LogReader,
        Capability::Clocks,
        Capability::RegistryPublish(String::new()),
        Capability::RegistryPublish("mine".to_owned()),
        Capability::RegistryPublish("other/".to_owned()),
        Capability::RegistryLookup(String::new()),
        Capability::RegistryLookup("mine/".to_owned()),
        variable("/root"),
        mount("/", false),
        mount("/inner/..", false),
        mount("/inner/../inner/..", false),
        mount("/inner/link", false),
        mount("/inner", true),
    ];
    let child = || StartOptions::new("hostile").arg("spin").arg("");
    let rights = rights.map(|right| (text(&right), child().capability(right)));
    let limits = [
        Limits {
            memory: Some(u64::MAX),
            ..Limits::default()
        },
        Limits {
            handles: Some(u32::MAX),
            ..Limits::default()
        },
        Limits {
            children: Some(u32::MAX),
            ..Limits::default()
        },
    ];
    let limits = limits.map(|limits| (text(limits), child().limits(limits)));
    let mut said = Vec::new();
    for (what, options) in rights.into_iter().chain(limits) {
        match Process::start(options) {
            Ok(_) => return Err(format!("got {what}")),
            Err(error) => said.push(text(error)),
        }
    }
    Ok(said.join("\n"))
}
