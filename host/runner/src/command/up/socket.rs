//! The control socket of `weft up`: under which name, and what becomes of it if it cannot be.

use crate::command::asked::Advised;
use crate::screen::{paint, say};
use crate::setting;
use anyhow::{Context, Result, bail};
use std::path::Path;
use weft_control::Opened;
use weft_service::Service;

/// What `--control` says for none.
const OFF: &str = "off";

/// The file whose name says nothing, so that its folder's is taken.
const USUAL: &str = "weft.toml";

/// Opens the socket that was asked for; the usual one unless something was. Without that one it goes, too, with a warning.
pub(super) async fn open(
    asked: Option<&Path>,
    name: &str,
    service: &Service,
) -> Result<Option<Opened>> {
    match asked {
        Some(path) if path == OFF => Ok(None),
        Some(path) if path.as_os_str().eq_ignore_ascii_case(OFF) => {
            let path = path.display();
            bail!(
                "--control {path}: write `{OFF}` for none, or `./{path}` for a socket of that name"
            )
        }
        Some(path) => {
            let path = path.to_owned();
            let opened = service.run(async move { Opened::at(&path).await }).await?;
            Ok(Some(opened.map_err(Advised).context("--control")?))
        }
        None => {
            let name = name.to_owned();
            let opened = async move { Opened::usual(&setting::control_folders(), &name).await };
            match service.run(opened).await? {
                Ok(opened) => Ok(Some(opened)),
                Err(error) => {
                    let error = paint::error_text(&Advised(error).into());
                    say::warning(&format!(
                        "no control socket, so no `weft ps`, logs, stop and channels: {error}"
                    ));
                    Ok(None)
                }
            }
        }
    }
}

/// What a runner of this manifest is called: by its folder, or by its file if that has a name of its own.
pub(super) fn name(manifest: &Path) -> String {
    let full = std::path::absolute(manifest);
    let full = full.as_deref().unwrap_or(manifest);
    let folder = full.parent().and_then(Path::file_name);
    let name = match full.file_name() {
        Some(file) if file != USUAL => full.file_stem(),
        _ => folder,
    };
    name.unwrap_or_default().to_string_lossy().into_owned()
}
