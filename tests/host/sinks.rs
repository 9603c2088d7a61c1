//! Sinks as an embedder starts them.

use crate::support::{block_on, channel, end, host};
use std::sync::Arc;
use weft_host::{Arguments, ExitStatus, StartOptions};
use weft_net::sink::{FileSink, INPUT, Outflow};

#[test]
fn a_sink_with_a_weak_reader_counts_the_frames_that_were_gone_before_it_read_them() {
    block_on(async {
        let (host, folder) = (host(&[]).await, tempfile::tempdir().unwrap());
        let channel = channel(40);
        let writer = channel.strong_writer().unwrap();
        let reader = channel.weak_reader();
        for n in 0..20 {
            let frame = format!("{n:010}").into_bytes();
            writer.write(frame.into()).await.unwrap();
        }
        drop(writer);
        let file = folder.path().join("out");
        let sink = FileSink::new(file.clone(), Outflow::default());
        let arguments = Arguments::Named(vec![(INPUT.to_owned(), reader.into())]);
        let start = StartOptions::native("sink", Arc::new(sink)).arguments(arguments);
        let process = host.start(start).unwrap();
        assert_eq!(
            end(&process).await,
            ExitStatus::Returned("4 frames".to_owned())
        );
        let written = std::fs::read_to_string(file).unwrap();
        let wanted: String = (16..20).map(|n| format!("{n:010}\n")).collect();
        assert_eq!(written, wanted);
        let counted: Vec<_> = process
            .metrics()
            .iter()
            .map(|it| format!("{} {:?}", it.instrument.name, it.value))
            .collect();
        for (name, value) in [
            ("sink_frames", "4.0"),
            ("sink_written", "44.0"),
            ("sink_overtaken", "16.0"),
        ] {
            let found = counted
                .iter()
                .any(|it| it.starts_with(&format!("{name} ")) && it.contains(value));
            assert!(found, "{name}: {counted:?}");
        }
    });
}
