//! Short ways to run the command and to write manifests.

use crate::support::{guest_of, target};
use snapbox::cmd::Command;
use std::path::Path;

/// The command, with a cache of its own and none of this shell's settings.
pub fn weft() -> Command {
    Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .env("NO_COLOR", "1")
        .env_remove("WEFT_LOG")
        .env_remove("RUST_BACKTRACE")
        .timeout(crate::support::HUNG)
}

/// The command, about to run a guest.
pub fn run(name: &str) -> Command {
    weft().arg("run").arg(guest_of(name))
}

/// Writes a manifest with these guests as components and runs it.
pub fn up(folder: &Path, components: &[&str], text: &str) -> Command {
    let mut manifest = String::from("[components]\n");
    for name in components {
        let file = guest_of(name);
        manifest.push_str(&format!("{name} = {:?}\n", file.display().to_string()));
    }
    manifest.push_str(text);
    std::fs::write(folder.join("weft.toml"), manifest).unwrap();
    weft().current_dir(folder).arg("up").arg("weft.toml")
}
