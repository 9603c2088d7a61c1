//! Arguments that a guest gives: every plain case reaches the child under its parameter's type, and what
//! does not fit is a typed error.

use crate::support::{HUNG, assert_empty, block_on, end, host, options, outcome, text};
use std::time::Duration;
use weft_host::{
    Argument, Capabilities, ExitStatus, StartOptions, capability::Right, limits::LimitRequest,
    process::Scalar,
};

fn starter(what: &str, component: &str) -> StartOptions {
    options("starter", vec![text(what), text(component)])
        .capabilities(Capabilities::channels().with([Right::ProcessLifecycle]))
}

fn returned(text: &str) -> ExitStatus {
    ExitStatus::Returned(text.into())
}

#[test]
fn a_char_is_written_as_it_is_where_text_is_given() {
    block_on(async {
        let host = host(&[]).await;
        let text = r#"(component
            (core module $m (func (export "same") (param i32) (result i32) local.get 0))
            (core instance $i (instantiate $m))
            (func (export "run") (param "c" char) (result char) (canon lift (core func $i "same"))))"#;
        host.components()
            .load("char", wat::parse_str(text).unwrap())
            .await
            .unwrap();
        for (given, returned) in [(",", "','"), ("'", r"'\''"), ("7", "'7'"), ("'a'", "'a'")] {
            let process = host
                .start(options("char", vec![Argument::Text(given.into())]))
                .unwrap();
            assert_eq!(
                end(&process).await,
                ExitStatus::Returned(returned.into()),
                "{given}"
            );
        }
    });
}

#[test]
fn every_case_reaches_an_async_and_a_sync_entry_point() {
    block_on(async {
        for component in ["every-arg", "blocking-every-arg"] {
            let host = host(&["starter", "family", component]).await;
            let ExitStatus::Returned(told) = outcome(&host, starter("every", component)).await
            else {
                panic!("{component}")
            };
            let scalars = "true -128 255 -32768 65535 -2147483648 4294967295 -9223372036854775808 \
                18446744073709551615 1.5 -0.1 ß";
            for part in [
                "four: returned",
                scalars,
                "[0, 255] Some([1, 2])",
                "other returned",
                "some(4)",
            ] {
                assert!(told.contains(part), "{part}: {told}");
            }
            assert_empty(&host);
        }
    });
}

#[test]
fn numbers_fit_wider_parameters() {
    block_on(async {
        let host = host(&["starter", "typed-args"]).await;
        let status = outcome(&host, starter("widened", "typed-args")).await;
        let ExitStatus::Returned(told) = status else {
            panic!("{status:?}")
        };
        assert!(told.contains("true; 7; -7.0;"), "{told}");
    });
}

#[test]
fn what_does_not_fit_names_the_parameter_what_it_wants_and_what_was_given() {
    block_on(async {
        let host = host(&["starter", "family", "every-arg"]).await;
        for (case, parameter, wanted, given) in [
            ("u32-for-u8", "u8", "u8", "the u32 7"),
            ("negative-for-u32", "u32", "u32", "the s32 -1"),
            ("s64-for-s32", "s32", "s32", "the s64 7"),
            ("f64-for-f32", "f32", "f32", "the f64 1.0"),
            ("u64-for-f64", "f64", "f64", "the u64 1"),
            ("number-for-bool", "bool", "bool", "the u8 1"),
            ("string-for-char", "char", "char", "the string \\\"x\\\""),
            ("char-for-string", "text", "string", r"the char \'x\'"),
            (
                "string-for-bytes",
                "bytes",
                "list<u8>",
                "the string \\\"x\\\"",
            ),
            ("reader-for-channel", "channel", "channel", "a reader"),
            ("writer-for-reader", "input", "reader", "a writer"),
            ("reader-for-writer", "output", "writer", "a reader"),
            ("channel-for-process", "process", "process", "a channel"),
            ("process-for-reader", "input", "reader", "a process"),
            (
                "process-for-option",
                "wave",
                "option<list<u8>>",
                "a process",
            ),
            (
                "wave-for-process",
                "process",
                "process",
                "`1`: a process is a handle, given by a parent process",
            ),
        ] {
            let status = outcome(&host, starter(case, "every-arg")).await;
            let wanted = format!(
                "\"invalid argument: parameter `{parameter}` wants {wanted}, given {given}\""
            );
            assert_eq!(status, returned(&wanted), "{case}");
        }
    });
}

#[test]
fn handles_passed_are_gone_from_the_callers_table_whatever_comes_of_the_start() {
    block_on(async {
        let host = host(&["starter", "family", "parked", "waiter"]).await;
        for (what, wanted) in [
            ("pass-often", "\"passed\""),
            ("fail-often", "\"refused 50\""),
        ] {
            let limits = LimitRequest::default().handles(12);
            let options = starter(what, "waiter").limits(limits);
            assert_eq!(outcome(&host, options).await, returned(wanted));
        }
        host.shutdown(HUNG).await;
        assert_empty(&host);
    });
}

#[test]
fn a_guest_hands_one_process_to_many() {
    block_on(async {
        let host = host(&["starter", "family", "waiter", "blocking-waiter"]).await;
        let status = outcome(&host, starter("hand-round", "waiter blocking-waiter")).await;
        assert_eq!(status, returned(r#""7 returned \"stopped\"""#));
        assert_empty(&host);
    });
}

#[test]
fn a_linked_child_whose_handle_is_handed_on_stays_linked_and_runs_on_without_it() {
    block_on(async {
        let host = host(&["starter", "family", "waiter"]).await;
        let status = outcome(&host, starter("hand-on-leash", "")).await;
        assert_eq!(status, ExitStatus::Linked("`held` killed".into()));
        // The one it was handed to ends by itself, since it waited for it.
        while !host.processes().is_empty() {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn a_linked_child_whose_handle_goes_down_with_a_refused_start_is_stopped() {
    block_on(async {
        let host = host(&["starter", "family", "waiter"]).await;
        let status = outcome(&host, starter("refused-leash", "")).await;
        assert_eq!(status, returned("\"true; it was stopped\""));
        assert_empty(&host);
    });
}

#[test]
fn an_embedder_gives_scalars_and_processes_too() {
    block_on(async {
        let host = host(&["typed-args", "family", "waiter"]).await;
        let wave = |text: &str| Argument::Wave(text.into());
        let arguments = vec![
            Scalar::Bool(false).into(),
            Scalar::U16(7).into(),
            Scalar::Float64(f64::NAN).into(),
            text("n"),
            Argument::Bytes(vec![]),
            wave("[]"),
            wave("none"),
        ];
        let status = outcome(&host, options("typed-args", arguments)).await;
        assert_eq!(status, returned(r#""false; 7; NaN; \"n\"; []; []; None""#));
        let process = host
            .start(options("family", vec![text("await-stop"), text("")]))
            .unwrap();
        let arguments = vec![text("wait"), process.clone().into()];
        let waiter = host.start(options("waiter", arguments)).unwrap();
        process.stop(Duration::from_secs(60)).await;
        assert_eq!(end(&waiter).await, returned("\"stopped\""));
        assert_empty(&host);
    });
}
