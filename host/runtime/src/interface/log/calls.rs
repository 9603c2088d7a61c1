//! The functions of `log`, each with the capability that it needs. `hostcalls` makes its list of such rows.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! log_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            LogWrite = "log" "write" FREE,
            LogEnabled = "log" "enabled" FREE,
            LogRegister = "log" "register" FREE,
            LogSpanBegin = "log" "span.begin" FREE,
            LogSpanRecord = "log" "span.record" FREE,
            LogSpanContext = "log" "span.context" FREE,
        }
    };
}

pub(crate) use log_calls;
