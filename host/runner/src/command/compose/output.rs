//! Where a composed component goes.
//!
//! Invariant: what was there before stays whole until the new file is.

use anyhow::{Context, Result, bail};
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Writes the component, and returns the exit code.
pub(super) fn write(path: &Path, inputs: &[&Path], bytes: &[u8]) -> Result<u8> {
    if path.as_os_str() == "-" {
        let mut out = std::io::stdout().lock();
        if out.is_terminal() {
            bail!("a component is no text for a terminal; say -o FILE, or send stdout elsewhere");
        }
        out.write_all(bytes)
            .and_then(|()| out.flush())
            .context("cannot write to stdout")?;
        return Ok(0);
    }
    let shown = path.display();
    let same = |other: &&Path| match (path.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    if inputs.iter().any(same) {
        bail!("`{shown}` is what is composed; choose another file with -o");
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let written = std::fs::write(&draft, bytes).and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written.with_context(|| format!("cannot write `{shown}`"))?;
    Ok(0)
}
