//! `channel-async`.

use super::channel::{reader, sender, writer};
use crate::bindings::weft::fabric::channel::{
    Delivery, Handle, PackedDelivery, ReadError, Reader, WriteError, Writer,
};
use crate::testing::world::world;

pub(crate) async fn write(to: &Writer, payload: Vec<u8>) -> Result<bool, WriteError> {
    let sent = writer::send(to, &[&payload], Vec::new()).await?;
    Ok(sent > 0)
}

pub(crate) async fn write_packed(
    to: &Writer,
    ends: Vec<u32>,
    payload: Vec<u8>,
) -> Result<u32, WriteError> {
    let frames = writer::cut(&ends, &payload)?;
    writer::send(to, &frames, Vec::new()).await
}

pub(crate) async fn write_with(
    to: &Writer,
    payload: Vec<u8>,
    handles: Vec<Handle>,
) -> Result<bool, WriteError> {
    Ok(writer::send(to, &[&payload], handles).await? > 0)
}

pub(crate) async fn read(source: &Reader) -> Result<Option<Delivery>, ReadError> {
    Ok(reader::take(source, 1, usize::MAX).await?.pop())
}

pub(crate) async fn read_packed(
    source: &Reader,
    max_frames: u32,
    max_bytes: u32,
) -> Result<PackedDelivery, ReadError> {
    let (frames, bytes) = reader::bounds(max_frames, max_bytes);
    Ok(reader::pack(reader::take(source, frames, bytes).await?))
}

pub(crate) async fn await_frame(source: &Reader) {
    let _note = world().note("for a frame");
    let end = reader::end(source);
    reader::unless_stopped(&end, end.readable()).await;
}

pub(crate) async fn await_room(to: &Writer, frames: u32, bytes: u64) {
    let _note = world().note("for room in a channel");
    let end = sender(to);
    end.await_turn(frames, bytes).await;
    world().add_turn(&end);
}

pub(crate) async fn await_unread(to: &Writer) {
    let _note = world().note("until nobody reads what it writes");
    sender(to).unread().await;
}
