//! Measures the memory, threads and descriptors of this program throughout an attack.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Time between two samples of threads and descriptors. The kernel records the peak of memory itself.
const LOOK_AGAIN: Duration = Duration::from_millis(3);

/// When memory exceeds the allowed amount by this many bytes, the program exits, so that a host without bounds cannot
/// bring the machine down.
const FAR_TOO_MUCH: u64 = 1 << 30;

/// Samples until `end`.
pub struct Gauge {
    before: Seen,
    seen: Arc<Most>,
    thread: JoinHandle<()>,
}

/// A sample, or the peaks of all samples.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Resident memory in bytes.
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
    /// Starts sampling. The program exits when its memory exceeds its current size by far more than `allowed`.
    pub fn begin(allowed: u64) -> Self {
        // Reset the kernel's peak to the current value.
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

    /// The peaks, less the values at the beginning.
    pub fn end(self) -> Seen {
        self.seen.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("it looks on");
        let most = |most: &AtomicU64, before| most.load(Ordering::Relaxed).saturating_sub(before);
        Seen {
            memory: now("VmHWM").memory.saturating_sub(self.before.memory),
            // Do not count the sampling thread.
            threads: most(&self.seen.threads, self.before.threads + 1),
            // Both samples count the descriptor that lists the folder.
            descriptors: most(&self.seen.descriptors, self.before.descriptors),
        }
    }
}

/// A sample. `memory` is the name of the line with the memory.
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
