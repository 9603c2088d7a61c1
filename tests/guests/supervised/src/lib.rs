//! A child for supervisors: does what the frames of its input say, and keeps a diary in its output.
//!
//! Entries begin with its tag: `up` when it starts, `stop` when it was asked to, `end` when the
//! input has ended, and the words of an order before it is carried out. Frames that are no order it copies,
//! marked with the version of this component.

use std::hint::black_box;
use std::time::Duration;
use weft_guest::futures::{FutureExt, select};
use weft_guest::{Reader, Writer, process, time};

/// Tests make a newer component by putting another in the file's place.
static VERSION: &str = "version-1";

const ORDERS: [&str; 7] = [
    "return",
    "fail",
    "trap",
    "hang",
    "fail-when-stopped",
    "close",
    "send",
];

/// Returns the number of frames copied.
#[weft_guest::main]
async fn main(tag: String, input: Reader, diary: Writer) -> Result<u64, String> {
    let mut input = input.past_stop();
    let version = black_box(VERSION);
    weft_guest::log::info!("{version} up");
    let mut diary = Some(diary);
    let mut copied = 0;
    note(&diary, &format!("{tag} up")).await?;
    loop {
        let frame = select! {
            () = process::stop_request().fuse() => {
                note(&diary, &format!("{tag} stop")).await?;
                return Ok(copied);
            }
            frame = input.read().fuse() => frame.map_err(|error| error.to_string())?,
        };
        let Some(frame) = frame else {
            note(&diary, &format!("{tag} end")).await?;
            return Ok(copied);
        };
        let order = String::from_utf8_lossy(&frame.payload).into_owned();
        if ORDERS.contains(&order.as_str()) {
            note(&diary, &format!("{tag} {order}")).await?;
        }
        match order.as_str() {
            "return" => return Ok(copied),
            "fail" => return Err("told to".to_owned()),
            "trap" => panic!("told to"),
            // Deaf to everything from here on.
            "hang" => loop {
                time::sleep(Duration::from_secs(3600)).await;
            },
            "fail-when-stopped" => {
                process::stop_request().await;
                return Err("not like this".to_owned());
            }
            "close" => drop(diary.take()),
            "send" => {
                let Some(handle) = diary.take() else { continue };
                let channel =
                    weft_guest::Channel::bounded(64).map_err(|error| error.to_string())?;
                let writer = channel.strong_writer().map_err(|error| error.to_string())?;
                let sent = writer.write_with("take it", [handle.into()]).await;
                return Err(format!("{sent:?}"));
            }
            text => {
                note(&diary, &format!("{tag} {version} {text}")).await?;
                copied += 1;
            }
        }
    }
}

async fn note(diary: &Option<Writer>, entry: &str) -> Result<(), String> {
    if let Some(diary) = diary {
        diary
            .write(entry)
            .await
            .map_err(|error| error.to_string())?
            .or_dropped();
    }
    Ok(())
}
