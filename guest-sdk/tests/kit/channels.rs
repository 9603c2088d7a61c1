//! Channels, what travels in them, and names.

use crate::{SECOND, copy, send};
use weft_guest::channel::Access;
use weft_guest::futures::join;
use weft_guest::{
    CallError, Channel, ExitStatus, Handle, ReadError, Result, TypedWriter, WriteError, Written,
    blocking, registry, testing, time,
};

#[test]
fn a_stage_is_run_from_its_first_frame_to_its_result() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, copies) = testing::channel(64);
        let guest = testing::start(copy(input, output));
        send(&frames, &["one", "two"]).await?;
        drop(frames);
        assert_eq!(testing::texts(copies).await?, ["one", "two"]);
        assert_eq!(guest.wait().await, ExitStatus::Returned("2".into()));
        assert_eq!(guest.returned().await?, 2);
        Ok(())
    })
}

#[test]
fn a_full_channel_makes_its_writer_wait() -> Result {
    testing::run(async {
        let (writer, mut reader) = testing::channel(2);
        send(&writer, &["ab"]).await?;
        assert_eq!(writer.try_write(b"c"), Err(WriteError::WouldBlock));
        let (written, read) = join!(writer.write("c"), async {
            time::sleep(SECOND).await;
            reader.read().await
        });
        assert!(written?.is_kept());
        assert_eq!(read?.unwrap().payload, b"ab");
        assert_eq!(testing::elapsed(), SECOND);
        let too_large = Err(WriteError::TooLarge {
            most: 2,
            channel: None,
        });
        assert_eq!(writer.try_write(b"def"), too_large);
        Ok(())
    })
}

#[test]
fn a_dropping_channel_drops_and_counts() -> Result {
    testing::run(async {
        let channel = Channel::dropping(2)?;
        let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
        assert!(writer.write("ab").await?.is_kept());
        assert!(writer.write("c").await?.is_dropped());
        assert_eq!(reader.read().await?.unwrap().payload, b"ab");
        assert_eq!(channel.stats().frames_dropped, 1);
        Ok(())
    })
}

#[test]
fn every_kind_of_write_tells_whether_its_frame_was_dropped() -> Result {
    testing::run(async {
        let channel = Channel::dropping(2)?;
        let (writer, _slow) = (channel.strong_writer()?, channel.strong_reader()?);
        let typed = TypedWriter::<u32>::from(channel.strong_writer()?);
        let plain = blocking::Writer::from(channel.strong_writer()?);
        assert_eq!(plain.write("ab")?, Written::Kept);
        let dropped = [
            writer.write("c").await?,
            writer.try_write("c")?,
            writer.write_with("c", []).await?,
            typed.write(&7).await?,
            plain.write("c")?,
            plain.try_write("c")?,
            plain.write_with("c", [])?,
        ];
        assert_eq!(dropped, [Written::Dropped; 7]);
        assert_eq!(writer.write_packed(["c"].iter().collect()).await?, 0);
        assert_eq!(channel.stats().frames_dropped, 8);
        Ok(())
    })
}

#[test]
fn a_weak_reader_is_overtaken_and_told_so() -> Result {
    testing::run(async {
        let channel = Channel::bounded(2)?;
        let (writer, mut weak) = (channel.strong_writer()?, channel.weak_reader()?);
        send(&writer, &["a", "b", "c"]).await?;
        assert_eq!(weak.read().await.unwrap_err(), ReadError::Lagged(1));
        assert_eq!(weak.read().await?.unwrap().payload, b"b");
        let mut late = channel.strong_reader()?;
        assert_eq!(late.read().await?.unwrap().payload, b"b");
        Ok(())
    })
}

#[test]
fn only_strong_writers_keep_a_channel_open() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let (strong, weak) = (channel.strong_writer()?, channel.weak_writer()?);
        let mut reader = channel.strong_reader()?;
        send(&weak, &["a"]).await?;
        let demoted = strong.downgrade();
        assert_eq!(reader.read().await?.unwrap().payload, b"a");
        assert!(reader.read().await?.is_none());
        assert_eq!(weak.write("b").await, Err(WriteError::Drained));
        assert_eq!(demoted.write("b").await, Err(WriteError::Drained));
        assert!(matches!(channel.strong_writer(), Err(CallError::Closed)));
        Ok(())
    })
}

#[test]
fn a_drained_channel_can_be_read_to_its_end() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
        send(&writer, &["a"]).await?;
        channel.drain()?;
        assert_eq!(writer.try_write(b"b"), Err(WriteError::Drained));
        assert_eq!(reader.read().await?.unwrap().payload, b"a");
        assert!(reader.read().await?.is_none());
        Ok(())
    })
}

#[test]
fn a_terminated_channel_fails_what_waits_at_once() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let (writer, input) = (channel.strong_writer()?, channel.strong_reader()?);
        let (output, _copies) = testing::channel(8);
        let guest = testing::start(copy(input, output));
        time::sleep(SECOND).await;
        channel.terminate()?;
        let failed = ExitStatus::Failed(ReadError::Terminated.to_string());
        assert_eq!(guest.wait().await, failed);
        assert_eq!(writer.try_write(b"b"), Err(WriteError::Terminated));
        Ok(())
    })
}

#[test]
fn handles_travel_with_a_frame_to_its_first_reader() -> Result {
    testing::run(async {
        let channel = Channel::bounded(64)?;
        let (writer, mut first) = (channel.strong_writer()?, channel.strong_reader()?);
        let mut second = channel.strong_reader()?;
        let (news, mut mine) = testing::channel(64);
        writer
            .write_with("send news", [news.into()])
            .await?
            .or_dropped();
        let mut frame = first.read().await?.unwrap();
        let Some(Handle::Writer(reply)) = frame.handles.pop() else {
            panic!("a writer came with it");
        };
        reply.write("news").await?.or_dropped();
        assert_eq!(mine.read().await?.unwrap().payload, b"news");
        assert!(second.read().await?.unwrap().handles.is_empty());
        Ok(())
    })
}

#[test]
fn frames_that_a_reader_had_taken_go_with_it() -> Result {
    testing::run(async {
        let (writer, mut reader) = testing::channel(64);
        send(&writer, &["one", "two", "three"]).await?;
        drop(writer);
        let waited = reader.read_packed(2, 64).await?;
        assert_eq!(waited.iter().count(), 2);
        let (carrier, mut carried) = testing::channel(64);
        carrier
            .write_with("the rest", [reader.into()])
            .await?
            .or_dropped();
        let rest = carried.read().await?.unwrap().handles.pop();
        let rest = rest.and_then(Handle::reader).unwrap();
        assert_eq!(testing::texts(rest).await?, ["three"]);
        Ok(())
    })
}

#[test]
fn access_that_was_narrowed_is_refused() -> Result {
    testing::run(async {
        let channel = Channel::bounded(8)?;
        let inbox = channel.narrow(Access::WRITERS)?;
        inbox.weak_writer()?;
        let denied = CallError::PermissionDenied("channel-reader(handle)".into());
        assert_eq!(inbox.strong_reader().unwrap_err(), denied);
        let token = channel.share()?;
        assert_eq!(Channel::attach(&token)?.access(), Access::ALL);
        channel.revoke()?;
        assert!(matches!(
            Channel::attach(&token),
            Err(CallError::NotFound(_))
        ));
        Ok(())
    })
}

#[test]
fn a_name_is_awaited_until_it_is_published() -> Result {
    testing::run(async {
        let guest = testing::start(async {
            let channel = registry::await_name("jobs").await?;
            channel.weak_writer()?.write("ready").await?.or_dropped();
            Ok::<(), weft_guest::Error>(())
        });
        let channel = Channel::bounded(64)?;
        let mut reader = channel.strong_reader()?;
        let name = registry::publish("jobs", &channel)?;
        assert_eq!(reader.read().await?.unwrap().payload, b"ready");
        guest.returned().await?;
        drop(name);
        assert!(matches!(
            registry::lookup("jobs"),
            Err(CallError::NotFound(_))
        ));
        Ok(())
    })
}
