//! Reads that end when their process is asked to stop.

use crate::support::{
    HUNG, assert_empty, block_on, channel, end, host, options, text, with_channels,
};
use std::time::Duration;
use weft_channel::{Channel, Reader, Writer};
use weft_host::component::TRANSFORM;
use weft_host::{Argument, ExitStatus, Host, Process, StartOptions};

/// What there is to wait for it to be in its loop.
const A_MOMENT: Duration = Duration::from_millis(20);

/// A process that copies, and the channels on both of its sides.
struct Copying {
    host: Host,
    process: Process,
    input: Writer,
    output: Reader,
}

/// The ways to copy: guest, entry point, and a way of the guest `sdk`.
const COPYING: [(&str, Option<&str>, Option<&str>); 4] = [
    ("echo", None, None),
    ("blocking-echo", None, None),
    ("transform", Some(TRANSFORM), None),
    ("sdk", None, Some("finished/collected")),
];

impl Copying {
    async fn start(
        (guest, entry, way): (&str, Option<&str>, Option<&str>),
        output: &Channel,
    ) -> Self {
        let host = host(&[guest]).await;
        let input = channel(1 << 20);
        let ends: [Argument; 2] = [
            Argument::Reader(input.strong_reader().into()),
            output.strong_writer().unwrap().into(),
        ];
        let mut arguments = Vec::from(ends);
        if let Some(way) = way {
            arguments.insert(0, text(way));
            arguments.push(Argument::Wave("0".into()));
        }
        let mut start: StartOptions = options(guest, arguments);
        if let Some(entry) = entry {
            start = start.entry_point(entry);
        }
        let process = host.start(with_channels(start)).unwrap();
        Self {
            host,
            process,
            input: input.strong_writer().unwrap(),
            output: output.strong_reader(),
        }
    }
}

#[test]
fn a_guest_that_waits_for_a_frame_is_stopped_at_once() {
    block_on(async {
        for way in COPYING {
            let copying = Copying::start(way, &channel(1 << 20)).await;
            copying.input.try_write("a".into()).unwrap();
            let copied = tokio::time::timeout(HUNG, copying.output.read()).await;
            if way.0 != "transform" {
                assert!(copied.unwrap().unwrap().is_some(), "{way:?}");
            }
            assert_eq!(
                copying.process.stop(HUNG).await,
                ExitStatus::Stopped,
                "{way:?}"
            );
            assert_empty(&copying.host);
        }
    });
}

#[test]
fn a_guest_that_is_never_short_of_frames_is_stopped_too() {
    block_on(async {
        for way in COPYING {
            let copying = Copying::start(way, &channel(1 << 20)).await;
            let input = copying.input;
            let output = copying.output;
            let feeding =
                tokio::spawn(async move { while input.write("a".into()).await.is_ok() {} });
            let eating =
                tokio::spawn(async move { while let Ok(Some(_)) = output.read().await {} });
            tokio::time::sleep(A_MOMENT).await;
            let status = copying.process.stop(HUNG).await;
            assert_eq!(status, ExitStatus::Stopped, "{way:?}");
            feeding.abort();
            eating.await.unwrap();
        }
    });
}

#[test]
fn what_is_left_in_a_channel_that_has_ended_is_read_to_its_end() {
    block_on(async {
        for way in COPYING {
            // The output is full long before.
            let copying = Copying::start(way, &channel(256)).await;
            for number in 0..1000 {
                copying
                    .input
                    .write(format!("{number:08}").into())
                    .await
                    .unwrap();
            }
            drop(copying.input);
            copying.process.request_stop();
            tokio::time::sleep(A_MOMENT).await;
            let mut bytes = 0;
            while let Some(frame) = copying.output.read().await.unwrap() {
                bytes += frame.payload.len();
            }
            let status = end(&copying.process).await;
            assert_eq!(status, ExitStatus::Stopped, "{way:?}");
            assert!(bytes >= 8000, "{way:?}: {bytes} bytes");
        }
    });
}

/// How a way of the guest `sdk` ends that is asked to stop while it reads a channel that stays open.
async fn stopped(way: &str, grace: Duration) -> (ExitStatus, Writer) {
    let way = ("sdk", None, Some(way));
    let copying = Copying::start(way, &channel(1 << 20)).await;
    copying.input.try_write("a".into()).unwrap();
    tokio::time::sleep(A_MOMENT).await;
    (copying.process.stop(grace).await, copying.input)
}

#[test]
fn a_reader_tells_why_its_reads_have_ended() {
    block_on(async {
        let (status, _input) = stopped("finished/told", HUNG).await;
        assert_eq!(status, ExitStatus::Failed("1 stop".into()));
        let copying = Copying::start(("sdk", None, Some("finished/told")), &channel(64)).await;
        drop(copying.input);
        let status = end(&copying.process).await;
        assert_eq!(status, ExitStatus::Failed("0 end".into()));
    });
}

#[test]
fn a_reader_that_reads_past_the_request_does_so() {
    block_on(async {
        let (status, _input) = stopped("finished/past-stop", A_MOMENT).await;
        assert_eq!(status, ExitStatus::Killed);
    });
}

#[test]
fn a_stream_of_bytes_ends_too() {
    block_on(async {
        let (status, _input) = stopped("finished/bytes", HUNG).await;
        assert_eq!(status, ExitStatus::Stopped);
    });
}
