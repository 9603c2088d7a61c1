//! The interface of the program around the host, and what both guests do with it.

use weft_guest::{Capability, Process, StartOptions};

mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all)]
    wit_bindgen::generate!({
        inline: "
            package example:greeter@0.1.0;

            interface greet {
                variant error {
                    permission-denied(string),
                }
                resource visit {
                    constructor(guest: string);
                    greeting: func() -> result<string, error>;
                }
                hello: func(guest: string) -> result<string, error>;
            }

            world greeted {
                import greet;
            }
        ",
        world: "example:greeter/greeted",
        generate_all,
    });
}

pub use bindings::example::greeter::greet::{Error, Visit, hello};

/// A visit and its greeting.
pub fn visit(guest: &str) -> Result<(Visit, String), Error> {
    let visit = Visit::new(guest);
    let greeting = visit.greeting()?;
    Ok((visit, greeting))
}

/// Starts a process of the component that greets, as `RIGHT NAME` says: who is greeted, and with which right.
pub fn start(component: &str, argument: &str) -> Result<Process, String> {
    let (right, guest) = argument.split_once(' ').unwrap_or((argument, ""));
    let options = StartOptions::new(component)
        .capability(Capability::Other(right.to_owned()))
        .arg("hello")
        .arg(guest);
    Process::start(options).map_err(|error| format!("{error:?}"))
}

/// What comes of one call, as the tests read it.
pub fn told(answer: Result<String, Error>) -> Result<String, String> {
    answer.map_err(|Error::PermissionDenied(right)| format!("PermissionDenied({right:?})"))
}
