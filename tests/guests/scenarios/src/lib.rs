//! A guest that does one thing of many, most of them wrong.
//!
//! One component instead of twenty, as each takes its time to compile. Typed
//! errors are returned in Rust's debug form, such as
//! `PermissionDenied("channel-lifecycle")`, so that a test sees the variant.

mod channels;
mod faults;
mod logs;
mod metrics;
mod output;
mod rights;
mod told;

/// Plays the scenario with this name. What `arg` means is said at each.
#[weft_guest::main]
async fn main(scenario: String, arg: String) -> Result<String, String> {
    match scenario.as_str() {
        "echo" => Ok(arg),
        "return-error" => Err(arg),
        "panic" => faults::panic(&arg),
        "trap" => faults::trap(),
        "stack-overflow" => faults::overflow_the_stack(),
        "exit" => faults::exit(&arg),
        "spin" => faults::spin(&arg),
        "allocate" => faults::allocate(&arg),
        "allocate-or-abort" => faults::allocate_or_abort(&arg),
        "grow-one-by-one" => faults::grow_until_refused(&arg),

        "read-file" => rights::read_file(&arg),
        "write-file" => rights::write_file(&arg),
        "read-env" => rights::read_env(&arg),
        "clock" => Ok(rights::clock()),
        "tick" => Ok(rights::tick()),
        "connect" => rights::connect(&arg),
        "create-channel" => rights::create_channel(&arg),
        "share" => rights::share(),
        "attach" => rights::attach(&arg),
        "write-huge" => rights::write_huge(&arg),
        "hold-handles" => rights::hold_handles(&arg),
        "start-child" => rights::start_child(&arg).await,
        "start-named" => rights::start_named(&arg).await,
        "leave-orphan" => rights::leave_orphan(),
        "start-child-with" => rights::start_child_with(&arg).await,
        "wait-stop" => Ok(rights::wait_for_stop().await),
        "ignore-stop" => rights::ignore_stop().await,
        "sleep" => rights::sleep(&arg).await,

        "churn" => channels::churn(&arg),
        "write-sized" => channels::write_sized(&arg).await,
        "write-unread" => channels::write_unread(&arg).await,
        "send-handles" => channels::send_handles(&arg).await,
        "send-unread-handles" => channels::send_unread_handles(&arg).await,
        "cycles" => channels::cycles(&arg).await,
        "read-named" => channels::read_named(&arg).await,
        "publish" => channels::publish(&arg),
        "publish-and-stay" => channels::publish_and_stay(&arg).await,
        "await-named" => channels::await_named(&arg).await,
        "stream-bytes" => channels::stream_bytes(&arg).await,
        "stream-errors" => channels::stream_errors().await,
        "give-reads-up" => channels::give_reads_up(&arg).await,

        "log-fields" => Ok(output::log_fields()),
        "log-many" => output::log_many(&arg),
        "log-many-and-stay" => {
            output::log_many(&arg)?;
            Ok(rights::wait_for_stop().await)
        }
        "line-in-two" => output::line_in_two(&arg).await,
        "stdout-lines" => output::stdout_lines(&arg),
        "odd-lines" => output::odd_lines(),
        "long-line" => output::long_line(&arg),
        "two-streams" => output::two_streams(&arg),
        "panic-of-another" => faults::panic_of_another(),

        "log-every-way" => logs::every_way(&arg),
        "register-wrong" => logs::register_wrong(),
        "register-and-end" => logs::register_and_end(&arg),
        "register-small" => logs::register_small(&arg),
        "log-of-child" => logs::log_of_child(&arg).await,
        "speak-for" => logs::speak_for(&arg),
        "terminate-own-log" => logs::terminate_own_log(),
        "log-as-the-host" => Ok(logs::as_the_host()),
        "leave-a-span" => Ok(logs::leave_a_span()),
        "many-spans" => logs::many_spans(&arg),

        "measure" => metrics::measure(),
        "measure-and-stay" => {
            metrics::measure()?;
            Ok(rights::wait_for_stop().await)
        }
        "measure-otherwise" => {
            metrics::otherwise()?;
            Ok(rights::wait_for_stop().await)
        }
        "measure-many" => metrics::many(&arg),
        "measure-many-and-stay" => {
            metrics::many(&arg)?;
            Ok(rights::wait_for_stop().await)
        }
        "measure-wrong" => Ok(metrics::wrong()),

        "told" => told::told(&arg).await,

        other => Err(format!("no scenario is called {other}")),
    }
}

/// The number an argument holds.
fn number<T: std::str::FromStr>(arg: &str) -> Result<T, String> {
    arg.parse().map_err(|_| format!("`{arg}` is no number"))
}
