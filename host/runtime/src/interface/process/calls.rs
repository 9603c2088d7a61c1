//! The functions of `process` and `process-async`, each with the right that it needs. `hostcalls` makes its list of such rows, and the imports of the folder are
//! made from them.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! process_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            "process" {
                ProcessChildren = "children" PROCESSES,
                ProcessCurrent = "current" FREE,
                ProcessStopRequested = "stop-requested" FREE,
                ProcessWaitStop = "wait-stop" FREE,
                ProcessProcessStart = "process.start" PROCESSES,
                ProcessProcessStartWithin = "process.start-within" PROCESSES,
                ProcessProcessId = "process.id" FREE,
                ProcessProcessName = "process.name" FREE,
                ProcessProcessWait = "process.wait" FREE,
                ProcessProcessStatus = "process.status" FREE,
                ProcessProcessStop = "process.stop" PROCESSES,
                ProcessProcessKill = "process.kill" PROCESSES,
                ProcessProcessLink = "process.link" PROCESSES,
                ProcessProcessUnlink = "process.unlink" FREE,
                ProcessProcessLogChannel = "process.log-channel" LOGS,
                ProcessMonitorCreate = "monitor.create" FREE,
                ProcessMonitorWatch = "monitor.watch" FREE,
                ProcessMonitorUnwatch = "monitor.unwatch" FREE,
                ProcessMonitorTrapExits = "monitor.trap-exits" FREE,
                ProcessMonitorNext = "monitor.next" FREE,
                ProcessMonitorTryNext = "monitor.try-next" FREE,
            }
            "process-async" {
                ProcessAsyncWait = "wait" FREE,
                ProcessAsyncStop = "stop" PROCESSES,
                ProcessAsyncNextExit = "next-exit" FREE,
                ProcessAsyncAwaitExit = "await-exit" FREE,
                ProcessAsyncStopRequest = "stop-request" FREE,
            }
        }
    };
}

pub(crate) use process_calls;
