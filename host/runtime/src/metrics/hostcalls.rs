//! Host calls, timed by function for hosts that ask for it.
//!
//! Measured is the host's part of a call: from when its arguments are there to when its answer is. What the component model
//! does around that, a hundred nanoseconds or more, is not in it. A call that ends within the turn of the process it began in
//! did not wait: its time is work. One that ends in a later turn did, and all its time, waits included, is counted apart.
//!
//! Invariants:
//! - With it off a call pays for one look at a pointer.
//! - With it on a call pays for two looks at the clock and a few additions: which histogram is known when compiled.

use super::{Histogram, Times};
use crate::process::{ProcessState, Shared};
use std::sync::Arc;
use std::time::Instant;

/// How long the calls of one function took.
#[derive(Clone, Debug, PartialEq)]
pub struct HostcallTimes {
    /// The interface, of the package `weft:fabric`.
    pub interface: &'static str,
    /// The function, with its resource before a dot.
    pub function: &'static str,
    /// Whether these are the calls that waited.
    pub waited: bool,
    /// How long they took.
    pub times: Times,
}

macro_rules! calls {
    ($($call:ident = $interface:literal $function:literal,)*) => {
        /// The functions of the interfaces, but for the dropping of handles.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Call {
            $($call,)*
        }

        const NAMES: &[(&str, &str)] = &[$(($interface, $function),)*];
    };
}

calls! {
    ChannelChannelCreate = "channel" "channel.create",
    ChannelChannelAttach = "channel" "channel.attach",
    ChannelChannelShare = "channel" "channel.share",
    ChannelChannelRevoke = "channel" "channel.revoke",
    ChannelChannelNarrow = "channel" "channel.narrow",
    ChannelChannelAccess = "channel" "channel.access",
    ChannelChannelStrongWriter = "channel" "channel.strong-writer",
    ChannelChannelWeakWriter = "channel" "channel.weak-writer",
    ChannelChannelStrongReader = "channel" "channel.strong-reader",
    ChannelChannelWeakReader = "channel" "channel.weak-reader",
    ChannelChannelDrain = "channel" "channel.drain",
    ChannelChannelTerminate = "channel" "channel.terminate",
    ChannelChannelStats = "channel" "channel.stats",
    ChannelReaderRead = "channel" "reader.read",
    ChannelReaderTryRead = "channel" "reader.try-read",
    ChannelReaderReadWithin = "channel" "reader.read-within",
    ChannelReaderReadPacked = "channel" "reader.read-packed",
    ChannelReaderTryReadPacked = "channel" "reader.try-read-packed",
    ChannelReaderPutBack = "channel" "reader.put-back",
    ChannelReaderDowngrade = "channel" "reader.downgrade",
    ChannelWriterId = "channel" "writer.id",
    ChannelWriterWrite = "channel" "writer.write",
    ChannelWriterTryWrite = "channel" "writer.try-write",
    ChannelWriterWritePacked = "channel" "writer.write-packed",
    ChannelWriterTryWritePacked = "channel" "writer.try-write-packed",
    ChannelWriterWriteWith = "channel" "writer.write-with",
    ChannelWriterTryWriteWith = "channel" "writer.try-write-with",
    ChannelWriterIsUnread = "channel" "writer.is-unread",
    ChannelWriterDowngrade = "channel" "writer.downgrade",
    ChannelAsyncWrite = "channel-async" "write",
    ChannelAsyncWritePacked = "channel-async" "write-packed",
    ChannelAsyncWriteWith = "channel-async" "write-with",
    ChannelAsyncAwaitFrame = "channel-async" "await-frame",
    ChannelAsyncAwaitRoom = "channel-async" "await-room",
    ChannelAsyncAwaitUnread = "channel-async" "await-unread",
    ChannelAsyncWriteBytes = "channel-async" "write-bytes",
    ChannelAsyncReadBytes = "channel-async" "read-bytes",
    ChannelAsyncRead = "channel-async" "read",
    ChannelAsyncReadPacked = "channel-async" "read-packed",
    ProcessChildren = "process" "children",
    ProcessCurrent = "process" "current",
    ProcessStopRequested = "process" "stop-requested",
    ProcessWaitStop = "process" "wait-stop",
    ProcessProcessStart = "process" "process.start",
    ProcessProcessStartWithin = "process" "process.start-within",
    ProcessProcessId = "process" "process.id",
    ProcessProcessName = "process" "process.name",
    ProcessProcessWait = "process" "process.wait",
    ProcessProcessStatus = "process" "process.status",
    ProcessProcessStop = "process" "process.stop",
    ProcessProcessKill = "process" "process.kill",
    ProcessProcessLink = "process" "process.link",
    ProcessProcessUnlink = "process" "process.unlink",
    ProcessProcessLogChannel = "process" "process.log-channel",
    ProcessAsyncWait = "process-async" "wait",
    ProcessAsyncStop = "process-async" "stop",
    ProcessAsyncNextExit = "process-async" "next-exit",
    ProcessAsyncAwaitExit = "process-async" "await-exit",
    ProcessAsyncStopRequest = "process-async" "stop-request",
    ProcessMonitorCreate = "process" "monitor.create",
    ProcessMonitorWatch = "process" "monitor.watch",
    ProcessMonitorUnwatch = "process" "monitor.unwatch",
    ProcessMonitorTakeLinks = "process" "monitor.take-links",
    ProcessMonitorNext = "process" "monitor.next",
    ProcessMonitorTryNext = "process" "monitor.try-next",
    RegistryPublish = "registry" "publish",
    RegistryLookup = "registry" "lookup",
    RegistryRegistrationName = "registry" "registration.name",
    RegistryAsyncAwaitName = "registry-async" "await-name",
    LogWrite = "log" "write",
    LogEnabled = "log" "enabled",
    LogRegister = "log" "register",
    LogSpanBegin = "log" "span.begin",
    LogSpanRecord = "log" "span.record",
    LogSpanContext = "log" "span.context",
}

/// The histograms of all functions.
#[derive(Debug)]
pub(crate) struct Hostcalls {
    work: Vec<Histogram>,
    waits: Vec<Histogram>,
}

impl Default for Hostcalls {
    fn default() -> Self {
        let all = || NAMES.iter().map(|_| Histogram::default()).collect();
        Self {
            work: all(),
            waits: all(),
        }
    }
}

impl Hostcalls {
    /// Those that were called at all.
    pub(super) fn read(&self) -> Vec<HostcallTimes> {
        let of = |histograms: &[Histogram], waited| {
            let named = NAMES.iter().zip(histograms);
            let read = named.map(|((interface, function), histogram)| HostcallTimes {
                interface,
                function,
                waited,
                times: histogram.read(),
            });
            read.filter(|call| call.times.count() > 0)
                .collect::<Vec<_>>()
        };
        let mut all = of(&self.work, false);
        all.extend(of(&self.waits, true));
        all
    }
}

/// A call that is being timed, to its drop; of nothing where calls are not timed.
pub(crate) struct Timed(Option<Clock>);

struct Clock {
    call: Call,
    began: Instant,
    turn: u64,
    process: Arc<Shared>,
}

impl ProcessState {
    /// Times the call from here to the drop of what is returned. Every call begins with this.
    pub(crate) fn timed(&self, call: Call) -> Timed {
        self.growth.goes_on();
        let timing = self.shared.metrics.hostcalls.is_some();
        Timed(timing.then(|| Clock {
            call,
            began: Instant::now(),
            turn: self.shared.gauges.turn(),
            process: self.shared.clone(),
        }))
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        let Some(clock) = &self.0 else { return };
        let took = clock.began.elapsed();
        let Some(calls) = &clock.process.metrics.hostcalls else {
            return;
        };
        let waited = clock.process.gauges.turn() != clock.turn;
        let histograms = if waited { &calls.waits } else { &calls.work };
        if let Some(histogram) = histograms.get(clock.call as usize) {
            histogram.record(took);
        }
    }
}
