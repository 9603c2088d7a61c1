//! The functions of `log`, each with the right that it needs. `hostcalls` makes its list of such rows, and the imports of the folder are
//! made from them.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! log_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            "log" {
                LogWrite = "write" FREE,
                LogEnabled = "enabled" FREE,
                LogRegister = "register" FREE,
                LogSpanBegin = "span.begin" FREE,
                LogSpanRecord = "span.record" FREE,
                LogSpanContext = "span.context" FREE,
            }
        }
    };
}

pub(crate) use log_calls;
