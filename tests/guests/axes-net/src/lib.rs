//! A guest that makes connections, as many, as large, or both, as it is let: `axes` for what only a host with a network has.

#[path = "../../axes/src/make.rs"]
#[allow(dead_code)]
mod make;
mod networks;

use make::How;
use weft_guest::{Reader, Writer};

/// Makes what `axis` names, until it is refused or has a great many; says on `kept` that it has, and waits on `go`. Returns
/// how many it made and what it was told last.
#[weft_guest::main]
async fn main(axis: String, how: String, kept: Writer, go: Reader) -> Result<String, String> {
    let how = How::named(&how).ok_or_else(|| format!("`{how}` is no way to make something"))?;
    let made = networks::make(&axis, how).await;
    let made = made.ok_or_else(|| format!("no axis is called `{axis}`"))?;
    // On the guest's own stack: a task that waits would have to be paid for.
    let (kept, go) = (kept.into_raw(), go.into_raw());
    let _ = kept.try_write(b"kept");
    let _ = go.read();
    Ok(made.told())
}
