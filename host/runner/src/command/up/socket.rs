//! The control socket of `weft up`: its name, and what happens if it cannot be opened.

use crate::command::asked::Advised;
use crate::screen::{paint, say};
use crate::setting;
use anyhow::{Context, Result, bail};
use std::path::Path;
use weft_control::Opened;
use weft_service::Service;

/// The value of `--control` for no socket.
pub(super) const OFF: &str = "off";

/// Opens the socket that the user asked for, or else the usual one. If the usual one cannot be opened, `weft up` runs
/// without it, with a warning.
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
