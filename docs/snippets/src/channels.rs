//! Channels: their ends, what happens when they are full, batches, and handles that travel.

use std::time::Duration;
use weft_guest::channel::Access;
use weft_guest::rpc::{Client, Server};
use weft_guest::{Channel, ReadError, Result, Written, join};

pub async fn ends() -> Result {
    // ANCHOR: ends
    let channel = Channel::bounded(64 * 1024)?; // bytes
    let writer = channel.strong_writer()?;
    let mut reader = channel.strong_reader()?;

    writer.write("one").await?.or_dropped();
    writer.write("two").await?.or_dropped();
    drop(writer); // the last strong writer: the stream ends after what is there

    let mut frames = 0;
    while let Some(frame) = reader.read().await? {
        println!("{}", String::from_utf8_lossy(&frame.payload));
        frames += 1;
    }
    assert_eq!(frames, 2);
    // ANCHOR_END: ends
    Ok(())
}

pub async fn lagged() -> Result {
    // ANCHOR: lagged
    let channel = Channel::bounded(4)?;
    let writer = channel.strong_writer()?;
    let mut reader = channel.weak_reader()?; // holds nobody back

    for frame in ["ab", "cd", "ef"] {
        writer.write(frame).await?.or_dropped(); // the third pushes the first out
    }
    match reader.read().await {
        Err(ReadError::Lagged(lost)) => assert_eq!(lost, 1),
        other => panic!("{other:?}"),
    }
    // It goes on with the oldest frame there is.
    assert_eq!(reader.read().await?.unwrap_or_default().payload, b"cd");
    // ANCHOR_END: lagged
    Ok(())
}

pub fn dropping() -> Result {
    // ANCHOR: dropping
    let channel = Channel::dropping(4)?;
    let writer = channel.strong_writer()?;
    let _slow = channel.strong_reader()?;

    assert_eq!(writer.try_write(b"four")?, Written::Kept);
    assert_eq!(writer.try_write(b"more")?, Written::Dropped); // no room: lost, and counted
    assert_eq!(channel.stats().frames_dropped, 1);
    // ANCHOR_END: dropping
    Ok(())
}

pub async fn batches() -> Result {
    let channel = Channel::bounded(64 * 1024)?;
    let writer = channel.strong_writer()?;
    let reader = channel.strong_reader()?;
    // ANCHOR: batches
    let mut out = writer.buffered();
    for number in 0..1000 {
        out.write(format!("frame {number}")).await?; // a few nanoseconds
    }
    drop(out); // sends what is left, as does `flush`, which also says whether it could

    let mut input = reader.buffered();
    let mut bytes = 0;
    while let Some(frame) = input.read().await? {
        bytes += frame.len(); // lent, not copied
    }
    // ANCHOR_END: batches
    assert_eq!(bytes, 8890);
    Ok(())
}

pub async fn narrow() -> Result {
    // ANCHOR: narrow
    let channel = Channel::bounded(1024)?;
    let inbox = channel.narrow(Access::WRITERS)?; // to give away

    assert!(inbox.strong_writer().is_ok());
    assert!(inbox.strong_reader().is_err()); // not even with the capability
    // ANCHOR_END: narrow
    Ok(())
}

pub async fn request() -> Result {
    let channel = Channel::bounded(1024)?;
    let (requests, incoming) = (channel.strong_writer()?, channel.strong_reader()?);
    let ask = async {
        // ANCHOR: client
        let client = Client::new(requests); // a Writer
        let second = Duration::from_secs(1);
        let reply = client.call_within(second, "what time is it?").await?;
        // ANCHOR_END: client
        assert_eq!(reply, b"late");
        Result::Ok(())
    };
    let answer = async {
        // ANCHOR: server
        let mut server = Server::new(incoming); // a Reader
        while let Some(request) = server.next().await? {
            request.reply("late").await?;
        }
        // ANCHOR_END: server
        Result::Ok(())
    };
    let (asked, answered) = join!(ask, answer);
    asked.and(answered)
}
