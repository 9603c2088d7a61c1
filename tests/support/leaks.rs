//! Checks that a test leaves nothing behind: no process, store, handle, task or file descriptor.
//!
//! [`block_on`](super::block_on) checks this for every test that runs in it. Hosts made through
//! [`host_with`](super::host_with) are shut down first, so a test need not end the processes that it started. It must
//! drop everything else itself.
//!
//! Descriptors belong to the whole program, in which other tests run at the same time. They are compared whenever no
//! test runs, at the latest after the last one.

use super::{HUNG, runtime};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use weft_host::{Host, HostConfig, usage::Usage};

/// Time between two checks while something is about to be released.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

thread_local! {
    /// The hosts of the test on this thread.
    static HOSTS: RefCell<Vec<Host>> = const { RefCell::new(Vec::new()) };
}

/// Has the host checked when the test on this thread ends.
pub fn watch(host: &Host) {
    HOSTS.with_borrow_mut(|hosts| hosts.push(host.clone()));
}

/// Shuts the test's hosts down and asserts that nothing is left in them.
pub async fn nothing_in_hosts() {
    for host in HOSTS.take() {
        tokio::time::timeout(HUNG, host.shutdown(Duration::ZERO))
            .await
            .expect("the host stops");
        // A driver drops its process last, after all waiters have been notified.
        let since = Instant::now();
        while host.usage() != Usage::default() {
            let names: Vec<_> = host
                .processes()
                .iter()
                .map(|p| p.name().to_owned())
                .collect();
            assert!(
                since.elapsed() < HUNG,
                "left in the host: {:?} {names:?}",
                host.usage()
            );
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// Asserts that all tasks have ended.
pub fn no_tasks(runtime: &tokio::runtime::Runtime) {
    let since = Instant::now();
    while runtime.metrics().num_alive_tasks() > 0 {
        let left = runtime.metrics().num_alive_tasks();
        assert!(since.elapsed() < HUNG, "{left} tasks are left");
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Held while a test runs. When the last one is dropped, it asserts that the program has as many descriptors of each
/// kind as before the first test.
pub struct Descriptors(());

#[derive(Default)]
struct Tests {
    running: u32,
    before: Option<BTreeMap<String, usize>>,
}

static TESTS: Mutex<Tests> = Mutex::new(Tests {
    running: 0,
    before: None,
});

fn tests() -> MutexGuard<'static, Tests> {
    TESTS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Descriptors {
    /// Marks the beginning of a test.
    pub fn begin() -> Self {
        let mut tests = tests();
        if tests.before.is_none() {
            // After this, everything that libraries open once for the whole program is open.
            runtime().block_on(async { drop(Host::new(HostConfig::default())) });
            tests.before = Some(open_descriptors());
        }
        tests.running += 1;
        Self(())
    }
}

impl Drop for Descriptors {
    fn drop(&mut self) {
        let mut tests = tests();
        tests.running -= 1;
        let since = Instant::now();
        // A test that has begun in the meantime checks when it ends.
        while tests.running == 0 && !std::thread::panicking() {
            let more = more_than(tests.before.as_ref());
            if more.is_empty() {
                return;
            }
            drop(tests);
            assert!(since.elapsed() < HUNG, "descriptors are left: {more:?}");
            // Detached threads and tests that are being set up close their descriptors soon.
            std::thread::sleep(LOOK_AGAIN);
            tests = self::tests();
        }
    }
}

/// The descriptors that were not open before, by what they point to.
fn more_than(before: Option<&BTreeMap<String, usize>>) -> Vec<(String, usize)> {
    let before = |target: &str| before.and_then(|b| b.get(target)).copied().unwrap_or(0);
    open_descriptors()
        .into_iter()
        .map(|(target, count)| (before(&target), target, count))
        .filter(|(before, _, count)| count > before)
        .map(|(before, target, count)| (target, count - before))
        .collect()
}

/// What this program's descriptors point to, and how many point to each. Sockets and pipes differ only in their
/// numbers, so all of a kind are counted as one.
fn open_descriptors() -> BTreeMap<String, usize> {
    let mut open = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else {
        return open;
    };
    for entry in entries.flatten() {
        // The descriptor of this listing is closed by now, or points to the listed folder.
        let Ok(target) = std::fs::read_link(entry.path()) else {
            continue;
        };
        let target = target.display().to_string();
        if target.starts_with("/proc/") && target.ends_with("/fd") {
            continue;
        }
        let kind = target.split(":[").next().unwrap_or_default();
        *open.entry(kind.to_owned()).or_default() += 1;
    }
    open
}
