//! The connection of a program to a NATS server.
//!
//! A server that goes away is connected to again, however long that takes. The log of the process says when it went and when it is back.

use async_nats::Event;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use weft_host::log::Severity;
use weft_host::process::Context;
use weft_nats::ServerConfig;

/// A connection, and what was heard of it.
pub(super) struct Link {
    pub(super) client: async_nats::Client,
    heard: Arc<Heard>,
    /// Whether the log has been told that the server is away.
    told: bool,
}

#[derive(Debug, Default)]
struct Heard {
    away: AtomicBool,
    /// Messages for which this side had no room.
    lost: AtomicU64,
    changed: tokio::sync::Notify,
}

impl Link {
    /// # Errors
    /// When the server cannot be reached, or refuses us.
    pub(super) async fn open(config: &ServerConfig, name: &str) -> Result<Self, String> {
        let heard = Arc::new(Heard::default());
        let hears = heard.clone();
        let named = config.clone().name(format!("weft {name}"));
        let client = weft_nats::connect(&named, move |event| hears.hear(event)).await;
        Ok(Self {
            client: client.map_err(|error| shown(&error))?,
            heard,
            told: false,
        })
    }

    /// Waits until the server goes away or comes back, and tells the log.
    pub(super) async fn watch(&mut self, context: &Context) {
        loop {
            let changed = self.heard.changed.notified();
            let away = self.heard.away.load(Ordering::Relaxed);
            if away != self.told {
                self.told = away;
                match away {
                    true => context.log(
                        Severity::Warn,
                        "the NATS server is away; connecting again",
                        [],
                    ),
                    false => context.log(Severity::Info, "the NATS server is back", []),
                }
            }
            changed.await;
        }
    }

    /// Messages that came and for which this side had no room, since it was last asked.
    pub(super) fn lost(&self) -> u64 {
        self.heard.lost.swap(0, Ordering::Relaxed)
    }
}

impl Heard {
    fn hear(&self, event: &Event) {
        match event {
            Event::Connected => self.away.store(false, Ordering::Relaxed),
            Event::Disconnected | Event::Closed => self.away.store(true, Ordering::Relaxed),
            Event::SlowConsumer(_) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
            _ => return,
        }
        self.changed.notify_one();
    }
}

/// An error with its causes.
pub(super) fn shown(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Some say their cause themselves.
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
