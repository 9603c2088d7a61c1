//! Traces that cross channels: what one process sends in a span, another works on as a child of it.

use crate::support::{block_on, channel, end, host, log, options, text, with_channels};
use weft_channel::Channel;
use weft_host::{
    Argument, Host, Process,
    log::{LogEntry, SPAN_EVENT},
};

/// Starts one side, which reads the channel or writes to it.
fn start(host: &Host, guest: &str, scenario: &str, through: &Channel, reads: bool) -> Process {
    let other = channel(1000);
    let (input, output) = if reads {
        (through, &other)
    } else {
        (&other, through)
    };
    let arguments = vec![
        text(scenario),
        Argument::Reader(input.strong_reader().into()),
        Argument::Writer(output.strong_writer().unwrap().into()),
        Argument::Wave("0".to_owned()),
    ];
    host.start(with_channels(options(guest, arguments)))
        .unwrap()
}

/// The spans of this name in the log of a process that has returned.
async fn spans(process: &Process, name: &str) -> Vec<LogEntry> {
    let status = end(process).await;
    assert!(status.is_success(), "{status}");
    let mut entries = log(process).await;
    entries.retain(|entry| entry.event_name.as_deref() == Some(SPAN_EVENT) && entry.body == name);
    entries
}

/// Both sides, the spans of `sent` and of `worked`: each of these is a child of that one.
async fn child_of(
    sender: (&str, &str, &str),
    receiver: (&str, &str),
    children: usize,
) -> Vec<LogEntry> {
    let host = host(&["sdk", "sdk-blocking"]).await;
    let through = channel(1000);
    let receiving = start(&host, "sdk", receiver.0, &through, true);
    let sending = start(&host, sender.0, sender.1, &through, false);
    let sent = spans(&sending, sender.2).await;
    let [sent] = &sent[..] else {
        panic!("{sent:?}")
    };
    let worked = spans(&receiving, receiver.1).await;
    assert_eq!(worked.len(), children, "{worked:?}");
    for span in &worked {
        assert_eq!(span.trace_id, sent.trace_id);
        assert_eq!(
            Some(&span.attributes["weft.span.parent"]),
            sent.span_id.as_ref()
        );
    }
    worked
}

#[test]
fn frames_of_plain_typed_and_buffered_ends_bring_their_span() {
    block_on(async {
        let sender = ("sdk", "traced/send", "send");
        let taken = child_of(sender, ("traced/take", "take"), 3).await;
        let kinds: Vec<&str> = taken
            .iter()
            .map(|span| span.attributes["kind"].as_str())
            .collect();
        assert_eq!(kinds, ["typed", "plain", "buffered"]);
    });
}

#[test]
fn requests_bring_their_span_by_themselves() {
    block_on(async {
        for (guest, scenario) in [("sdk", "traced/ask"), ("sdk-blocking", "traced")] {
            let sender = (guest, scenario, "ask");
            child_of(sender, ("traced/answer", "answer"), 1).await;
        }
    });
}
