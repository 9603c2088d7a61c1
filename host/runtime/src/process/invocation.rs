//! Invocations as people type them: `run`, or `name(arg, "text", [1, 2])` in WAVE.

use super::argument::{Argument, Arguments};
use super::wave;
use wasm_wave::untyped::UntypedFuncCall;

/// Text that is not a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a call: {reason}; write it as name(arguments in WAVE), such as run(\"text\", 3)"
)]
pub struct InvocationError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Splits `name(args…)` into the entry point's name and its arguments.
///
/// The name is a function's, or `package:name/interface@version.function`. Text without parentheses has no
/// arguments.
///
/// # Errors
/// [`InvocationError`] when the parentheses do not match or an argument is not WAVE.
pub fn parse_invocation(text: &str) -> Result<(String, Arguments), InvocationError> {
    let error = |reason: String| InvocationError {
        text: text.to_owned(),
        reason,
    };
    let text = text.trim();
    let Some((name, rest)) = text.split_once('(') else {
        return Ok((text.to_owned(), Arguments::default()));
    };
    if name.is_empty() {
        return Err(error("it has no name".into()));
    }
    // WAVE knows plain names only, so the arguments are parsed under the name `f`.
    let call = format!("f({rest}");
    let parsed = UntypedFuncCall::parse(&call);
    let parsed = parsed.map_err(|cause| error(wave::grammar(&call, &cause)))?;
    let arguments = match parsed.params_node() {
        None => Vec::new(),
        Some(node) => node
            .as_tuple()
            .map_err(|cause| error(cause.to_string()))?
            .map(|node| {
                let span = node.span();
                Argument::Wave(call.get(span).unwrap_or_default().to_owned())
            })
            .collect(),
    };
    Ok((name.trim().to_owned(), Arguments::Positional(arguments)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn check(text: &str, name: &str, arguments: &[&str]) {
        let (parsed, given) = parse_invocation(text).unwrap();
        let Arguments::Positional(given) = given else {
            panic!("{given:?}")
        };
        let given: Vec<String> = given
            .into_iter()
            .map(|argument| match argument {
                Argument::Wave(text) => text,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            (parsed.as_str(), given),
            (name, arguments.iter().map(|a| (*a).into()).collect())
        );
    }

    #[test]
    fn calls_are_split_into_name_and_arguments() {
        check("run", "run", &[]);
        check("run()", "run", &[]);
        check(
            "run(1, \"a, b)\", [1, 2])",
            "run",
            &["1", "\"a, b)\"", "[1, 2]"],
        );
        check("a:b/c@1.0.0.go({x: 1})", "a:b/c@1.0.0.go", &["{x: 1}"]);
        check(
            "f((1, 2), some(3), -4.5)",
            "f",
            &["(1, 2)", "some(3)", "-4.5"],
        );
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for text in ["run(", "run(1", "(1)", "run(1))", "run(,)"] {
            assert!(parse_invocation(text).is_err(), "{text}");
        }
    }
}
