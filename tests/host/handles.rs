//! Handles that travel with frames, between native code and guests.

use crate::support::{block_on, channel, host, outcome, scenario};
use weft_channel::{Attachment, Attachments};
use weft_host::{Capabilities, ExitStatus, StartOptions, limits::LimitRequest};

fn reads_named() -> StartOptions {
    let mut set = Capabilities::channels();
    set.lookup.insert(String::new());
    scenario("read-named", "x", set)
}

#[test]
fn the_first_reader_gets_the_handles_and_the_next_the_frame_alone() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let (carries, carried) = (channel(64), channel(64));
        let _held = host.publish("x", &carries.clone().into()).unwrap();
        let handles = Attachments::new(vec![
            Attachment::Writer(carried.strong_writer().unwrap()),
            Attachment::Channel(carried.clone(), 0),
            Attachment::Reader(carried.weak_reader()),
        ]);
        let writer = carries.strong_writer().unwrap();
        writer.write_with("hi".into(), handles).await.unwrap();
        let stats = carried.stats();
        assert_eq!((stats.strong_writers, stats.weak_readers), (1, 1));
        let status = outcome(&host, reads_named()).await;
        assert_eq!(
            status,
            ExitStatus::Returned("\"hi [writer channel reader]\"".into())
        );
        // They went with the guest that got them.
        while carried.stats().strong_writers + carried.stats().weak_readers > 0 {
            tokio::task::yield_now().await;
        }
        let status = outcome(&host, reads_named()).await;
        assert_eq!(status, ExitStatus::Returned("\"hi []\"".into()));
    });
}

#[test]
fn handles_beyond_the_limit_of_the_reader_are_lost_and_named_so() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let carries = channel(64);
        let _held = host.publish("x", &carries.clone().into()).unwrap();
        let handles = (0..5).map(|_| Attachment::Writer(carries.weak_writer().unwrap()));
        let handles = Attachments::new(handles.collect());
        let writer = carries.strong_writer().unwrap();
        writer.write_with("hi".into(), handles).await.unwrap();
        let ExitStatus::Returned(text) = outcome(
            &host,
            reads_named()
                // A channel, a reader, two handles of WASI's streams, and some of these.
                .limits(LimitRequest::default().handles(6)),
        )
        .await
        else {
            panic!("it reads")
        };
        assert!(text.contains("writer lost"), "{text}");
        assert_eq!(
            text.matches("writer").count() + text.matches("lost").count(),
            5
        );
    });
}
