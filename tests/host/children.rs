//! Processes that start processes.

use crate::support::{assert_empty, block_on, host, options, outcome, text};
use weft_host::{Argument, Capabilities, ExitStatus, capability::Right};

#[test]
fn a_parent_talks_with_its_child_through_channels_it_gave_it() {
    block_on(async {
        for child in ["echo", "blocking-echo"] {
            let host = host(&["parent", child]).await;
            let status = outcome(
                &host,
                options("parent", vec![text(child), Argument::Wave("500".into())])
                    .capabilities(Capabilities::channels().with([Right::ProcessLifecycle])),
            )
            .await;
            let wanted = "\"500 frames came back; child returned 500\"";
            assert_eq!(status, ExitStatus::Returned(wanted.into()), "{child}");
            assert_empty(&host);
        }
    });
}

#[test]
fn a_child_whose_arguments_do_not_fit_is_a_typed_error() {
    block_on(async {
        let host = host(&["parent", "hello"]).await;
        let status = outcome(
            &host,
            options("parent", vec![text("hello"), Argument::Wave("1".into())])
                .capabilities(Capabilities::channels().with([Right::ProcessLifecycle])),
        )
        .await;
        let ExitStatus::Failed(error) = status else {
            panic!("{status:?}")
        };
        assert!(error.contains("takes 1 argument(s), 2 given"), "{error}");
    });
}
