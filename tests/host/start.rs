//! Every check of a start is made before any guest code runs, and says what was
//! wrong and what would be right.

use crate::support::{assert_empty, block_on, channel, host, options, outcome, text};
use weft_host::{Argument, Arguments, ExitStatus, StartOptions, process::parse_invocation};

fn wave(text: &str) -> Argument {
    Argument::Wave(text.into())
}

async fn refused(options: StartOptions, wanted: &[&str]) {
    let host = host(&["typed-args", "parked"]).await;
    let error = host.start(options).expect_err("it is refused").to_string();
    for part in wanted {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
    assert_empty(&host);
}

#[test]
fn arguments_of_every_kind_arrive() {
    block_on(async {
        let host = host(&["typed-args"]).await;
        let (entry_point, arguments) =
            parse_invocation(r#"run(true, 7, -1.5, "a, b", [1, 255], ["x", "y"], some(3))"#)
                .unwrap();
        let status = outcome(
            &host,
            options("typed-args", vec![])
                .entry_point(entry_point)
                .arguments(arguments),
        )
        .await;
        let wanted = r#""true; 7; -1.5; \"a, b\"; [1, 255]; [\"x\", \"y\"]; Some(3)""#;
        assert_eq!(status, ExitStatus::Returned(wanted.into()));
    });
}

#[test]
fn arguments_by_name_arrive_in_any_order() {
    block_on(async {
        let host = host(&["typed-args"]).await;
        let named = [
            ("maybe", wave("none")),
            ("list", wave("[]")),
            ("bytes", Argument::Bytes(vec![9])),
            ("name", text("n")),
            ("ratio", wave("inf")),
            ("count", wave("0")),
            ("flag", wave("false")),
        ];
        let arguments = Arguments::Named(named.into_iter().map(|(n, a)| (n.into(), a)).collect());
        let status = outcome(&host, options("typed-args", vec![]).arguments(arguments)).await;
        let wanted = r#""false; 0; inf; \"n\"; [9]; []; None""#;
        assert_eq!(status, ExitStatus::Returned(wanted.into()));
    });
}

#[test]
fn an_unknown_component_lists_those_there_are() {
    block_on(refused(
        options("nobody", vec![]),
        &["`nobody`", "parked, typed-args"],
    ));
}

#[test]
fn an_unknown_entry_point_lists_the_exports() {
    let options = options("parked", vec![]).entry_point("walk");
    block_on(refused(
        options,
        &[
            "`walk`",
            "run: async func(input: reader) -> result<u64, string>",
        ],
    ));
}

#[test]
fn a_wrong_number_of_arguments_shows_the_signature() {
    block_on(refused(
        options("parked", vec![]),
        &["takes 1 argument(s), 0 given", "input: reader"],
    ));
}

#[test]
fn a_wrong_type_names_parameter_type_and_value() {
    let with = |position: usize, argument: Argument| {
        let mut arguments: Vec<Argument> =
            [r"true", "7", "-1.5", "\"n\"", "[1]", "[\"x\"]", "none"]
                .map(wave)
                .into();
        arguments[position] = argument;
        options("typed-args", arguments)
    };
    let channel = channel(10);
    for (position, argument, wanted) in [
        (0, wave("1"), ["`flag`", "bool", "`1`"]),
        (1, wave("-1"), ["`count`", "u32", "`-1`"]),
        (1, wave("4294967296"), ["`count`", "u32", "`4294967296`"]),
        (1, text("x"), ["`count`", "u32", "the string \"x\""]),
        (3, wave("unquoted"), ["`name`", "string", "`unquoted`"]),
        (4, wave("[256]"), ["`bytes`", "list<u8>", "`[256]`"]),
        (
            5,
            Argument::Bytes(vec![]),
            ["`list`", "list<string>", "bytes"],
        ),
        (
            6,
            Argument::Reader(channel.strong_reader().into()),
            ["`maybe`", "option<u32>", "a reader"],
        ),
    ] {
        block_on(refused(with(position, argument), &wanted));
    }
    assert_eq!(
        channel.stats().strong_readers,
        0,
        "a refused start releases its arguments"
    );
}

#[test]
fn a_handle_of_the_wrong_kind_is_refused() {
    let channel = channel(10);
    for (argument, given) in [
        (
            Argument::Writer(channel.strong_writer().unwrap().into()),
            "a writer",
        ),
        (Argument::Channel(channel.clone().into()), "a channel"),
        (wave("3"), "`3`"),
    ] {
        block_on(refused(
            options("parked", vec![argument]),
            &["`input`", "reader", given],
        ));
    }
}

#[test]
fn names_that_do_not_fit_are_said() {
    let named = |names: &[&str]| {
        options("parked", vec![]).arguments(Arguments::Named(
            names.iter().map(|n| ((*n).into(), wave("1"))).collect(),
        ))
    };
    block_on(refused(
        named(&["output"]),
        &["no parameter `output`", "input: reader"],
    ));
    block_on(refused(named(&[]), &["`input`", "reader", "not given"]));
    block_on(refused(named(&["input", "input"]), &["`input`", "twice"]));
}
