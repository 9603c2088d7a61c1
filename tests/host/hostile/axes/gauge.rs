//! What this program takes of the machine: memory, threads and descriptors, all through an attack.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Time between two looks at threads and descriptors; the kernel itself keeps the most memory there was.
const LOOK_AGAIN: Duration = Duration::from_millis(3);

/// Bytes beyond what is allowed at which the program ends itself: a host without bounds takes no machine with it.
const FAR_TOO_MUCH: u64 = 1 << 30;

/// Looks until it is asked what it saw.
pub struct Gauge {
    before: Seen,
    seen: Arc<Most>,
    thread: JoinHandle<()>,
}

/// How much there is, or was at the most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Bytes that are resident.
    pub memory: u64,
    /// Threads.
    pub threads: u64,
    /// Descriptors.
    pub descriptors: u64,
}

#[derive(Default)]
struct Most {
    stop: AtomicBool,
    threads: AtomicU64,
    descriptors: AtomicU64,
}

impl Gauge {
    /// Begins to look. The program ends itself at far more than so many bytes above what there is now.
    pub fn begin(allowed: u64) -> Self {
        // The most there was is what there is, from now on.
        std::fs::write("/proc/self/clear_refs", "5").expect("the peak is forgotten");
        let before = now("VmRSS");
        let seen: Arc<Most> = Arc::default();
        let (most, far) = (seen.clone(), before.memory + allowed + FAR_TOO_MUCH);
        let thread = std::thread::spawn(move || {
            while !most.stop.load(Ordering::Relaxed) {
                let now = now("VmRSS");
                most.threads.fetch_max(now.threads, Ordering::Relaxed);
                most.descriptors
                    .fetch_max(now.descriptors, Ordering::Relaxed);
                if now.memory > far {
                    eprintln!("it takes {} MiB and more", now.memory >> 20);
                    std::process::exit(3);
                }
                std::thread::sleep(LOOK_AGAIN);
            }
        });
        Self {
            before,
            seen,
            thread,
        }
    }

    /// How much more than in the beginning there was at the most.
    pub fn end(self) -> Seen {
        self.seen.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("it looks on");
        let most = |most: &AtomicU64, before| most.load(Ordering::Relaxed).saturating_sub(before);
        Seen {
            memory: now("VmHWM").memory.saturating_sub(self.before.memory),
            // One of them is the one that looks.
            threads: most(&self.seen.threads, self.before.threads + 1),
            // One of them lists them.
            descriptors: most(&self.seen.descriptors, self.before.descriptors),
        }
    }
}

/// What there is now, where `memory` is the name of a line in bytes.
fn now(memory: &str) -> Seen {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
        number.and_then(|number| number.parse::<u64>().ok())
    };
    let descriptors = std::fs::read_dir("/proc/self/fd").expect("Linux lists");
    Seen {
        memory: number(memory).unwrap_or_default() << 10,
        threads: number("Threads").unwrap_or_default(),
        descriptors: descriptors.count() as u64,
    }
}
