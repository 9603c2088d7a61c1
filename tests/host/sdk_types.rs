//! Types of a guest's own, in the signature of its entry points.

use crate::support::{block_on, host, options, outcome};
use weft_host::{Argument, ExitStatus, StartOptions};

fn wave(entry_point: &str, arguments: &[&str]) -> StartOptions {
    let arguments = arguments.iter().map(|it| Argument::Wave((*it).into()));
    options("declared-types", arguments.collect()).entry_point(entry_point)
}

#[test]
fn records_variants_enums_and_flags_arrive_and_return_as_they_are() {
    block_on(async {
        let host = host(&["declared-types"]).await;
        let config = "{name: \"größe\", max-rows: some(7), mode: read-twice, \
            limits: [none, rows(3), part(1.5), bytes(18446744073709551615), several([fast, read-twice])], \
            rights: {write-all}, before: err(\"no\"), range: (255, -9)}";
        let ExitStatus::Returned(report) = outcome(&host, wave("run", &[config])).await else {
            panic!("it returns");
        };
        for part in [
            "max_rows: Some(7), mode: ReadTwice",
            "[None, Rows(3), Part(1.5), Bytes(18446744073709551615), Several([Fast, ReadTwice])]",
            "Rights { read: false, write_all: true }",
            "range: (255, -9)",
            "mode: read-twice, rights: {read}, limit: some(several([fast, read-twice]))",
        ] {
            assert!(report.contains(part), "{part}: {report}");
        }
    });
}

#[test]
fn cases_with_core_values_of_other_types_share_their_place() {
    block_on(async {
        let host = host(&["declared-types"]).await;
        for limit in [
            // A keyword of WAVE, so it is written with a mark.
            "%none",
            "rows(4294967295)",
            "part(-0.25)",
            "bytes(9223372036854775808)",
            "several([read-twice])",
        ] {
            let status = outcome(&host, wave("plainly", &["fast", limit])).await;
            assert_eq!(status, ExitStatus::Returned(format!("(fast, {limit})")));
        }
        let failed = outcome(&host, wave("plainly", &["read-twice", "part(0.5)"])).await;
        assert_eq!(failed, ExitStatus::Failed("Part(0.5)".into()));
    });
}

#[test]
fn an_argument_that_does_not_fit_is_refused_at_its_field() {
    block_on(async {
        let host = host(&["declared-types"]).await;
        let refused = host.start(wave("run", &["{name: \"x\", mode: slow}"]));
        let text = refused.map(|_| ()).unwrap_err().to_string();
        assert!(
            text.contains("at `mode`: there is no case `slow`"),
            "{text}"
        );
    });
}
