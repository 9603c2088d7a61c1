//! A supervisor over children of the guest `supervised`, for the suites of restarts and reloads.

use crate::support::{HUNG, channel, host, options, text, with_channels};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use weft_channel::{Channel, Reader, Writer};
use weft_host::{
    Argument, Host,
    supervise::{Backoff, ChildSpec, Event, Next, Restart, Supervision, Supervisor},
};

/// Children by name, each with a channel for its orders, and what is told of them.
pub struct Nursery {
    pub host: Host,
    pub supervisor: Supervisor,
    pub orders: BTreeMap<String, Channel>,
    writers: BTreeMap<String, Writer>,
    pub diary: Channel,
    reader: Reader,
    events: UnboundedReceiver<String>,
}

/// A child whose orders and diary are these channels.
pub fn spec(name: &str, restart: Restart, orders: &Channel, diary: &Channel) -> ChildSpec {
    let arguments = vec![
        text(name),
        Argument::Reader(orders.strong_reader().into()),
        Argument::Writer(diary.strong_writer().unwrap().into()),
    ];
    ChildSpec::new(
        name,
        with_channels(options("supervised", arguments)).name(name),
    )
    .restart(restart)
}

/// Restarts at once, five times.
pub fn at_once() -> Supervision {
    Supervision::default()
        .backoff(Backoff::new(Duration::ZERO, Duration::ZERO))
        // No test depends on being faster.
        .within(10 * HUNG)
        .grace(HUNG)
}

/// Restarts so late that no test sees it.
pub fn much_later() -> Supervision {
    at_once().backoff(Backoff::new(100 * HUNG, 100 * HUNG))
}

/// What an event says, in one line.
fn words(event: &Event<'_>) -> String {
    match event {
        Event::Started { child, .. } => format!("+{child}"),
        Event::Ended { child, end, next } => {
            let next = match next {
                Next::Nothing => "for good".to_owned(),
                Next::Restart { count, .. } => format!("restart {count}"),
                Next::RestartWithSibling => "with a sibling".to_owned(),
                Next::Reload => "reload".to_owned(),
                Next::Mend => "mend".to_owned(),
                Next::GiveUp => "give up".to_owned(),
            };
            format!("{child} {end}, {next}")
        }
    }
}

impl Nursery {
    /// Starts these children.
    pub async fn new(settings: Supervision, children: &[(&str, Restart)]) -> Self {
        Self::with(settings, children, |spec| spec).await
    }

    /// The same with other options.
    pub async fn with(
        settings: Supervision,
        children: &[(&str, Restart)],
        change: impl Fn(ChildSpec) -> ChildSpec,
    ) -> Self {
        let host = host(&["supervised"]).await;
        Self::on(host, settings, children, change)
    }

    /// The same on a host.
    pub fn on(
        host: Host,
        settings: Supervision,
        children: &[(&str, Restart)],
        change: impl Fn(ChildSpec) -> ChildSpec,
    ) -> Self {
        // Small, so that a child that copies is never far ahead of whoever reads.
        let diary = channel(1000);
        let reader = diary.strong_reader();
        let orders: BTreeMap<String, Channel> = children
            .iter()
            .map(|(name, _)| ((*name).to_owned(), channel(1000)))
            .collect();
        let writers = orders
            .iter()
            .map(|(name, channel)| (name.clone(), channel.strong_writer().unwrap()))
            .collect();
        let specs = children
            .iter()
            .map(|(name, restart)| change(spec(name, *restart, &orders[*name], &diary)))
            .collect();
        let (tell, events) = unbounded_channel();
        let prepared = Supervisor::prepare(&host, settings, specs).unwrap();
        let supervisor = prepared.launch(move |event| drop(tell.send(words(&event))));
        Self {
            host,
            supervisor,
            orders,
            writers,
            diary,
            reader,
            events,
        }
    }

    /// Gives a child an order.
    pub async fn order(&self, child: &str, order: &str) {
        let order = Bytes::copy_from_slice(order.as_bytes());
        let written = tokio::time::timeout(HUNG, self.writers[child].write(order)).await;
        assert!(written.expect("the order is taken").unwrap());
    }

    /// Ends the orders of a child.
    pub fn close(&mut self, child: &str) {
        self.writers.remove(child);
    }

    /// The next of what is told.
    pub async fn event(&mut self) -> String {
        let event = tokio::time::timeout(HUNG, self.events.recv()).await;
        event.expect("an event").expect("an observer")
    }

    /// Checks what is told next.
    pub async fn expect(&mut self, events: &[&str]) {
        for wanted in events {
            assert_eq!(&self.event().await, wanted);
        }
    }

    /// Checks that nothing more is told; of a supervisor that has ended.
    pub async fn expect_no_more(&mut self) {
        let event = tokio::time::timeout(HUNG, self.events.recv()).await;
        assert_eq!(event.expect("the observer is dropped"), None);
    }

    /// The next entry of the diary; none at its end.
    pub async fn entry(&self) -> Option<String> {
        let frame = tokio::time::timeout(HUNG, self.reader.read()).await;
        let frame = frame.expect("an entry").unwrap()?;
        Some(String::from_utf8(frame.payload.to_vec()).unwrap())
    }

    /// The next entry that is this one, whatever comes before it.
    pub async fn entry_is(&self, wanted: &str) {
        while let Some(entry) = self.entry().await {
            if entry == wanted {
                return;
            }
        }
        panic!("the diary ends without `{wanted}`");
    }
}
