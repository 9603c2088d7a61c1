//! Whoever observes a host is told of every start before the process runs.

use crate::support::{block_on, end, host, scenario};
use std::sync::{Arc, Mutex};
use weft_channel::Reader;
use weft_host::{Capabilities, Process, capability::Right, log::LogEntry};

/// The name, starter and log of each process that starts.
type Seen = Arc<Mutex<Vec<(String, Option<u64>, Reader)>>>;

fn note(seen: &Seen) -> impl Fn(&Process) + Send + Sync + 'static {
    let seen = seen.clone();
    move |process| {
        let row = (process.name().to_owned(), process.starter(), process.log());
        seen.lock().unwrap().push(row);
    }
}

#[test]
fn a_process_that_a_guest_starts_is_observed_from_its_first_entry_on() {
    block_on(async {
        let host = host(&["scenarios", "wasi-command"]).await;
        let seen = Seen::default();
        let observer = host.observe_starts(note(&seen));
        let rights = Capabilities::none().with([Right::ProcessLifecycle]);
        let start = scenario("start-child", "wasi-command", rights);
        let process = host.start(start).unwrap();
        end(&process).await;
        let seen = std::mem::take(&mut *seen.lock().unwrap());
        let names: Vec<_> = seen
            .iter()
            .map(|(name, starter, _)| (name.as_str(), *starter))
            .collect();
        assert_eq!(
            names,
            [("scenarios", None), ("wasi-command", Some(process.id()))]
        );
        let (_, _, log) = seen.last().unwrap();
        let first = log.read().await.unwrap().expect("an entry");
        let first: LogEntry = serde_json::from_slice(&first.payload).unwrap();
        assert_eq!(first.body, "GREETING is not set");
        drop(observer);
    });
}

#[test]
fn an_observer_that_is_dropped_is_told_nothing_more() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let (first, second) = (Seen::default(), Seen::default());
        let gone = host.observe_starts(note(&first));
        let stays = host.observe_starts(note(&second));
        let echo = || scenario("echo", "x", Capabilities::none());
        end(&host.start(echo()).unwrap()).await;
        drop(gone);
        end(&host.start(echo()).unwrap()).await;
        // Prepared and never run: no start.
        drop(host.prepare(echo()).unwrap());
        assert_eq!(first.lock().unwrap().len(), 1);
        assert_eq!(second.lock().unwrap().len(), 2);
        drop(stays);
    });
}
