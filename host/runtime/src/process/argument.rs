//! Arguments: the values that a starter gives, and what can be wrong with them. How they are fitted to an entry point is in `fit`.

use super::handle::Process;
use super::scalar::Scalar;
use crate::interface::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};
use weft_channel::{Channel, Reader, Writer};

/// One argument. A clone of a handle is the same end: clones share a reader's position and a writer's id, and
/// the end closes when the last clone is dropped.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A value in WAVE, for a parameter of any type except handles.
    Wave(String),
    /// The same, from a format that has no characters and no cases, such as TOML: a text stands for a character or for
    /// the case of its name too, and a record of one field for a case with its value.
    Plain(String),
    /// Text: the string itself for a `string` parameter, WAVE for other types.
    Text(String),
    /// A scalar, as it is.
    Scalar(Scalar),
    /// A `string`.
    String(String),
    /// A `list<u8>`.
    Bytes(Vec<u8>),
    /// A channel, which moves to the process.
    Channel(ChannelHandle),
    /// A reader, which moves to the process.
    Reader(ReaderHandle),
    /// A writer, which moves to the process.
    Writer(WriterHandle),
    /// A process. A handle of it moves to the new process.
    Process(ProcessHandle),
}

impl From<Scalar> for Argument {
    fn from(scalar: Scalar) -> Self {
        Argument::Scalar(scalar)
    }
}

impl From<Process> for Argument {
    fn from(process: Process) -> Self {
        Argument::Process(ProcessHandle::new(process))
    }
}

impl From<Channel> for Argument {
    fn from(channel: Channel) -> Self {
        Argument::Channel(channel.into())
    }
}

impl From<Reader> for Argument {
    fn from(reader: Reader) -> Self {
        Argument::Reader(reader.into())
    }
}

impl From<Writer> for Argument {
    fn from(writer: Writer) -> Self {
        Argument::Writer(writer.into())
    }
}

/// The arguments of a start.
#[derive(Clone, Debug)]
pub enum Arguments {
    /// In the order of the parameters.
    Positional(Vec<Argument>),
    /// By parameter name.
    Named(Vec<(String, Argument)>),
}

impl Default for Arguments {
    fn default() -> Self {
        Arguments::Positional(Vec::new())
    }
}

impl Arguments {
    /// All of them, without their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Argument> {
        let (positional, named) = match self {
            Arguments::Positional(arguments) => (arguments.as_slice(), [].as_slice()),
            Arguments::Named(named) => ([].as_slice(), named.as_slice()),
        };
        let named = named.iter().map(|(_, argument)| argument);
        positional.iter().chain(named)
    }
}

impl From<Vec<Argument>> for Arguments {
    fn from(in_order: Vec<Argument>) -> Self {
        Arguments::Positional(in_order)
    }
}

impl<const N: usize> From<[Argument; N]> for Arguments {
    fn from(in_order: [Argument; N]) -> Self {
        Arguments::Positional(in_order.into())
    }
}

/// An argument that does not fit its entry point.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// There are too many or too few.
    #[error(
        "`{entry}` takes {} argument(s), {given} given; its signature is {signature}",
        range(*least, *wanted)
    )]
    Count {
        /// The entry point.
        entry: String,
        /// The least number of arguments: the last parameters may be options.
        least: usize,
        /// The greatest number of arguments.
        wanted: usize,
        /// How many were given.
        given: usize,
        /// Its signature.
        signature: String,
    },
    /// One is of another type.
    #[error("parameter `{parameter}` wants {wanted}, given {given}{detail}")]
    Type {
        /// The parameter.
        parameter: String,
        /// Its type, in WIT.
        wanted: String,
        /// What was given.
        given: String,
        /// What exactly does not fit; empty or starting with `: `.
        detail: String,
    },
    /// No parameter has the name of an argument.
    #[error("`{entry}` has no parameter `{parameter}`; its signature is {signature}")]
    Unknown {
        /// The entry point.
        entry: String,
        /// The name that was given.
        parameter: String,
        /// Its signature.
        signature: String,
    },
    /// A parameter has no argument.
    #[error("parameter `{parameter}` of type {wanted} was not given")]
    Missing {
        /// The parameter.
        parameter: String,
        /// Its type, in WIT.
        wanted: String,
    },
    /// Together they are too large.
    #[error("the arguments have {given} bytes, {most} is the most; send more through a channel")]
    TooLarge {
        /// Bytes given.
        given: usize,
        /// The most there may be.
        most: usize,
    },
    /// One was given twice.
    #[error("parameter `{parameter}` was given twice")]
    Twice {
        /// The parameter.
        parameter: String,
    },
}

/// A number, or a range of numbers.
fn range(least: usize, most: usize) -> String {
    match least == most {
        true => most.to_string(),
        false => format!("{least} to {most}"),
    }
}
