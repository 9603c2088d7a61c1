//! The functions of `process` and `process-async`, each with the capability that it needs. `hostcalls` makes its list of such rows.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! process_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
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
        }
    };
}

pub(crate) use process_calls;
