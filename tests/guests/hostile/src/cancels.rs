//! Begins every async call there is and gives it up in the middle.

use crate::{number, text};
use std::future::Future;
use weft_guest::bindings::weft::fabric::channel::{Handle, ReadError};
use weft_guest::bindings::weft::fabric::{channel_async, process_async, registry_async};
use weft_guest::futures::future::poll_immediate;
use weft_guest::{Channel, Monitor, Process, StartOptions, time};

/// Polls a call once and drops it. Whether it had waited.
async fn give_up(call: impl Future) -> u32 {
    u32::from(poll_immediate(Box::pin(call)).await.is_none())
}

/// `arg` rounds of every call that waits, all given up; then shows that each has had no effect.
pub async fn cancel_everything(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(4).map_err(text)?;
    let full = channel.strong_writer().map_err(text)?.into_raw();
    let at_its_end = channel.strong_reader().map_err(text)?.into_raw();
    let empty = Channel::bounded(4).map_err(text)?;
    let empty = empty.strong_reader().map_err(text)?.into_raw();
    full.try_write(b"full").map_err(text)?;
    let spinning = StartOptions::new("hostile").arg("spin").arg("");
    let child = Process::start(spinning).map_err(text)?;
    let monitor = Monitor::new().map_err(text)?;
    monitor.watch(&child, 7).map_err(text)?;
    let (raw_child, raw_monitor) = (child.into_raw(), monitor.into_raw());

    let rounds = number(arg)?;
    let mut waited = 0;
    for _ in 0..rounds {
        let carried = channel.weak_writer().map_err(text)?.into_raw();
        waited += give_up(channel_async::read(&empty)).await;
        waited += give_up(channel_async::read_packed(&empty, 10, 10)).await;
        waited += give_up(channel_async::write(&full, b"x".to_vec())).await;
        waited += give_up(channel_async::write_packed(&full, vec![1], b"x".to_vec())).await;
        let handles = vec![Handle::Writer(carried)];
        waited += give_up(channel_async::write_with(&full, b"x".to_vec(), handles)).await;
        waited += give_up(channel_async::await_frame(&empty)).await;
        waited += give_up(channel_async::await_room(&full, 1, 1)).await;
        waited += give_up(channel_async::await_unread(&full)).await;
        waited += give_up(process_async::await_exit(&raw_monitor)).await;
        waited += give_up(process_async::wait(&raw_child)).await;
        waited += give_up(process_async::next_exit(&raw_monitor)).await;
        waited += give_up(process_async::stop_request()).await;
        waited += give_up(registry_async::await_name("nobody/has/it".to_owned())).await;
        waited += give_up(time::sleep(std::time::Duration::from_secs(3600))).await;
    }
    // A stop that is given up is an order all the same.
    waited += give_up(process_async::stop(&raw_child, 1)).await;
    let status = process_async::wait(&raw_child).await;
    let exit = process_async::next_exit(&raw_monitor)
        .await
        .map(|exit| exit.tag);

    let mut read = 0;
    while let Ok(Some(_)) = at_its_end.try_read() {
        read += 1;
    }
    let nothing = matches!(empty.try_read(), Ok(None) | Err(ReadError::WouldBlock));
    Ok(format!(
        "{waited} of {} waited, {read} frame, {status:?} {exit:?}, nothing came {nothing}",
        rounds * 14 + 1
    ))
}
