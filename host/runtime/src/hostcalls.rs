//! The declaration of every function of `weft:fabric` that a guest can call, once: its interface, its name, and the capability without
//! which it is denied.
//!
//! Adapters check what is declared here ([`ProcessState::permit`](crate::process::ProcessState)), `component/offers` tells it of imports, and
//! `metrics/hostcalls` names its times by it. Not the functions themselves: those are the traits that `bindgen!` makes of `wit/`.
//!
//! To add a function: it in `wit/`, a row here, its adapter in `bindings/`. A test holds the rows against `wit/`.

use crate::capability::{Capability, Right};

/// A function of the package `weft:fabric`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// The interface.
    pub interface: &'static str,
    /// The function, with its resource before a dot.
    pub function: &'static str,
    /// The capability without which it is denied. Functions that only wait say nothing then: the call that follows does.
    pub capability: Option<Capability>,
}

const FREE: Option<Capability> = None;
const CHANNELS: Option<Capability> = Some(Capability::Right(Right::ChannelLifecycle));
const READER: Option<Capability> = Some(Capability::Right(Right::ChannelReader));
const WRITER: Option<Capability> = Some(Capability::Right(Right::ChannelWriter));
const PROCESSES: Option<Capability> = Some(Capability::Right(Right::ProcessLifecycle));
const LOGS: Option<Capability> = Some(Capability::Right(Right::LogReader));
const PUBLISH: Option<Capability> = Some(Capability::RegistryPublish);
const LOOKUP: Option<Capability> = Some(Capability::RegistryLookup);

/// Makes of the rows an enum, by which adapters say which call they are, and the list of all.
macro_rules! calls {
    ($($call:ident = $interface:literal $function:literal $capability:ident,)*) => {
        /// The functions of the interfaces, but for the dropping of handles.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Call {
            $($call,)*
        }

        /// Every function of the package `weft:fabric` that a guest can call.
        pub const HOST_CALLS: &[HostCall] = &[$(Call::$call.declared(),)*];

        impl Call {
            /// What is declared of it.
            pub(crate) const fn declared(self) -> HostCall {
                match self {
                    $(Call::$call => HostCall {
                        interface: $interface,
                        function: $function,
                        capability: $capability,
                    },)*
                }
            }
        }
    };
}

calls! {
    ChannelChannelCreate = "channel" "channel.create" CHANNELS,
    ChannelChannelAttach = "channel" "channel.attach" CHANNELS,
    ChannelChannelShare = "channel" "channel.share" CHANNELS,
    ChannelChannelRevoke = "channel" "channel.revoke" CHANNELS,
    ChannelChannelNarrow = "channel" "channel.narrow" FREE,
    ChannelChannelAccess = "channel" "channel.access" FREE,
    ChannelChannelStrongWriter = "channel" "channel.strong-writer" WRITER,
    ChannelChannelWeakWriter = "channel" "channel.weak-writer" WRITER,
    ChannelChannelStrongReader = "channel" "channel.strong-reader" READER,
    ChannelChannelWeakReader = "channel" "channel.weak-reader" READER,
    ChannelChannelDrain = "channel" "channel.drain" CHANNELS,
    ChannelChannelTerminate = "channel" "channel.terminate" CHANNELS,
    ChannelChannelStats = "channel" "channel.stats" FREE,
    ChannelReaderRead = "channel" "reader.read" READER,
    ChannelReaderTryRead = "channel" "reader.try-read" READER,
    ChannelReaderReadWithin = "channel" "reader.read-within" READER,
    ChannelReaderReadPacked = "channel" "reader.read-packed" READER,
    ChannelReaderTryReadPacked = "channel" "reader.try-read-packed" READER,
    ChannelReaderPutBack = "channel" "reader.put-back" READER,
    ChannelReaderDowngrade = "channel" "reader.downgrade" FREE,
    ChannelWriterId = "channel" "writer.id" FREE,
    ChannelWriterWrite = "channel" "writer.write" WRITER,
    ChannelWriterTryWrite = "channel" "writer.try-write" WRITER,
    ChannelWriterWritePacked = "channel" "writer.write-packed" WRITER,
    ChannelWriterTryWritePacked = "channel" "writer.try-write-packed" WRITER,
    ChannelWriterWriteWith = "channel" "writer.write-with" WRITER,
    ChannelWriterTryWriteWith = "channel" "writer.try-write-with" WRITER,
    ChannelWriterIsUnread = "channel" "writer.is-unread" FREE,
    ChannelWriterDowngrade = "channel" "writer.downgrade" FREE,
    ChannelAsyncWrite = "channel-async" "write" WRITER,
    ChannelAsyncWritePacked = "channel-async" "write-packed" WRITER,
    ChannelAsyncWriteWith = "channel-async" "write-with" WRITER,
    ChannelAsyncAwaitFrame = "channel-async" "await-frame" READER,
    ChannelAsyncAwaitRoom = "channel-async" "await-room" WRITER,
    ChannelAsyncAwaitUnread = "channel-async" "await-unread" FREE,
    ChannelAsyncWriteBytes = "channel-async" "write-bytes" WRITER,
    ChannelAsyncReadBytes = "channel-async" "read-bytes" READER,
    ChannelAsyncRead = "channel-async" "read" READER,
    ChannelAsyncReadPacked = "channel-async" "read-packed" READER,
    ProcessChildren = "process" "children" PROCESSES,
    ProcessCurrent = "process" "current" FREE,
    ProcessStopRequested = "process" "stop-requested" FREE,
    ProcessWaitStop = "process" "wait-stop" FREE,
    ProcessProcessStart = "process" "process.start" PROCESSES,
    ProcessProcessStartWithin = "process" "process.start-within" PROCESSES,
    ProcessProcessId = "process" "process.id" FREE,
    ProcessProcessName = "process" "process.name" FREE,
    ProcessProcessWait = "process" "process.wait" FREE,
    ProcessProcessStatus = "process" "process.status" FREE,
    ProcessProcessStop = "process" "process.stop" PROCESSES,
    ProcessProcessKill = "process" "process.kill" PROCESSES,
    ProcessProcessLink = "process" "process.link" PROCESSES,
    ProcessProcessUnlink = "process" "process.unlink" FREE,
    ProcessProcessLogChannel = "process" "process.log-channel" LOGS,
    ProcessAsyncWait = "process-async" "wait" FREE,
    ProcessAsyncStop = "process-async" "stop" PROCESSES,
    ProcessAsyncNextExit = "process-async" "next-exit" FREE,
    ProcessAsyncAwaitExit = "process-async" "await-exit" FREE,
    ProcessAsyncStopRequest = "process-async" "stop-request" FREE,
    ProcessMonitorCreate = "process" "monitor.create" FREE,
    ProcessMonitorWatch = "process" "monitor.watch" FREE,
    ProcessMonitorUnwatch = "process" "monitor.unwatch" FREE,
    ProcessMonitorTrapExits = "process" "monitor.trap-exits" FREE,
    ProcessMonitorNext = "process" "monitor.next" FREE,
    ProcessMonitorTryNext = "process" "monitor.try-next" FREE,
    RegistryPublish = "registry" "publish" PUBLISH,
    RegistryLookup = "registry" "lookup" LOOKUP,
    RegistryRegistrationName = "registry" "registration.name" FREE,
    RegistryAsyncAwaitName = "registry-async" "await-name" LOOKUP,
    LogWrite = "log" "write" FREE,
    LogEnabled = "log" "enabled" FREE,
    LogRegister = "log" "register" FREE,
    LogSpanBegin = "log" "span.begin" FREE,
    LogSpanRecord = "log" "span.record" FREE,
    LogSpanContext = "log" "span.context" FREE,
}
