//! A process that is a transform: the host moves the frames, and the guest only changes them.
//!
//! The entry point is [`TRANSFORM`], of a component that exports `weft:fabric/transformer`. It takes a reader `input`
//! and a writer `output`. The host keeps both, so the guest needs no rights for them.
//!
//! Invariants:
//! - Output is written in the order of the input. The next batch is read only when all output of the last one has
//!   been accepted.
//! - If a frame fails, the output of the frames before it is still written, even of those in the same batch.
//! - The guest's `finish` is called once: at the end of the input or at a request to stop. It is not called after
//!   an error.

use super::argument::{Argument, ArgumentError, Arguments};
use super::exit::ExitStatus;
use super::state::ProcessState;
use crate::account::{Account, Good};
use crate::component::{TRANSFORM, TRANSFORM_SIGNATURE as SIGNATURE, TransformFunctions};
use crate::interface::ReaderHandle;
use crate::interface::channel::frames::PackedFrames;
use bytes::Bytes;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use wasmtime::Store;
use wasmtime::component::{ComponentType, Instance, Lift, Lower};
use weft_channel::{Batch, ReadError, WriteError, Writer};

/// The names of its parameters.
const PARAMETERS: [(&str, &str); 2] = [("input", "reader"), ("output", "writer")];

/// Most frames in one call of the guest.
const FRAMES: u32 = 4096;
/// Most bytes in one call of the guest, unless a single frame is larger. Large enough that the call costs little
/// beside the copy, and small beside any guest's memory.
const BYTES: u64 = 256 << 10;

/// The reader of its input and the writer of its output.
pub(super) type Ends = (ReaderHandle, Arc<Writer>);

/// A transform that is to be run.
pub(super) struct Transform {
    functions: TransformFunctions,
    input: ReaderHandle,
    output: Arc<Writer>,
    frame_bytes: usize,
}

/// What a guest gives back.
#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Given {
    ends: Vec<u32>,
    payload: Vec<u8>,
}

/// Why it stopped before the end of its input.
enum Stop {
    Failed(String),
    /// The channel takes no frame of so many bytes; and how many it takes.
    TooLarge(usize, u64),
    /// Its output has no readers any more.
    Unread,
    Guest(wasmtime::Error),
}

impl From<wasmtime::Error> for Stop {
    fn from(error: wasmtime::Error) -> Self {
        Stop::Guest(error)
    }
}

impl Transform {
    pub(super) fn new(
        functions: TransformFunctions,
        (input, output): Ends,
        frame_bytes: u32,
    ) -> Self {
        Self {
            functions,
            input: ReaderHandle {
                ends_at_stop: true,
                ..input
            },
            output,
            frame_bytes: frame_bytes as usize,
        }
    }

    /// Runs to the end of the input, or until a request to stop.
    pub(super) async fn run(
        self,
        store: &mut Store<ProcessState>,
        instance: Instance,
    ) -> wasmtime::Result<ExitStatus> {
        let mut counts = Counts::default();
        match self.stream(store, instance, &mut counts).await {
            Ok(()) | Err(Stop::Unread) => Ok(ExitStatus::Returned(counts.text())),
            Err(Stop::Failed(text)) => Ok(ExitStatus::Failed(text)),
            Err(Stop::TooLarge(given, most)) => {
                let text = match store.data().name_of_channel(&self.output) {
                    Some(name) => format!("that the channel `{name}` takes"),
                    None => "here".to_owned(),
                };
                Ok(ExitStatus::Failed(too_large(given, most, &text)))
            }
            Err(Stop::Guest(error)) => Err(error),
        }
    }

    async fn stream(
        &self,
        store: &mut Store<ProcessState>,
        instance: Instance,
        counts: &mut Counts,
    ) -> Result<(), Stop> {
        let gone = || wasmtime::format_err!("the transform is gone");
        let apply = instance
            .get_func(&mut *store, self.functions.apply)
            .ok_or_else(gone)?;
        let apply = apply.typed::<(PackedFrames,), (Result<Given, String>,)>(&*store)?;
        let finish = instance
            .get_func(&mut *store, self.functions.finish)
            .ok_or_else(gone)?;
        let finish = finish.typed::<(), (Result<Given, String>,)>(&*store)?;
        let shared = store.data().shared.clone();
        let account = store.data().account.clone();
        loop {
            let bounds = self.input.read_on_within(FRAMES, BYTES);
            let frames = match self.input.read_batch(&shared, bounds).await {
                Ok(frames) if frames.is_empty() => break,
                Ok(frames) => frames,
                Err(ReadError::Lagged(lost)) => {
                    counts.lost += lost;
                    continue;
                }
                Err(ReadError::Terminated | ReadError::WouldBlock) => {
                    return Err(Stop::Failed(
                        "the channel of its input was terminated".into(),
                    ));
                }
                Err(error @ ReadError::Unavailable(_)) => {
                    return Err(Stop::Failed(format!("its input cannot be read: {error}")));
                }
            };
            counts.read += frames.len() as u64;
            let packed = PackedFrames::from(frames.pack());
            store.data().keep(self.input.committed.as_deref(), frames);
            let (given,) = apply.call_async(&mut *store, (packed,)).await?;
            if given.is_err()
                && let Some(rest) = self.functions.rest
            {
                let rest = instance.get_func(&mut *store, rest).ok_or_else(gone)?;
                let rest = rest.typed::<(), (Given,)>(&*store)?;
                let (before,) = rest.call_async(&mut *store, ()).await?;
                self.send(Ok(before), &account, counts).await?;
            }
            self.send(given, &account, counts).await?;
        }
        let (given,) = finish.call_async(&mut *store, ()).await?;
        self.send(given, &account, counts).await
    }

    /// Sends the guest's output, in parts if it is larger than the channel. While a part waits for room, the process is
    /// charged for all of it.
    async fn send(
        &self,
        given: Result<Given, String>,
        account: &Arc<Account>,
        counts: &mut Counts,
    ) -> Result<(), Stop> {
        let Given { ends, payload } = given.map_err(Stop::Failed)?;
        if ends.is_empty() && payload.is_empty() {
            return Ok(());
        }
        let bytes = payload.len();
        let weight = bytes + size_of_val(ends.as_slice());
        let mut paid = None;
        // A stack: the next part is the last element.
        let mut parts = vec![(ends, Bytes::from(payload))];
        while let Some((ends, payload)) = parts.pop() {
            let malformed =
                |error| Stop::Failed(format!("the transform gave a malformed batch: {error}"));
            let batch = Batch::new(ends.clone(), payload.clone()).map_err(malformed)?;
            let largest = batch.largest_frame();
            if largest > self.frame_bytes {
                let text = too_large(largest, self.frame_bytes as u64, "here");
                return Err(Stop::Failed(text));
            }
            if !self.output.can_ever_send(&batch) && ends.len() > 1 {
                parts.extend(halves(&ends, &payload));
                continue;
            }
            // A slice would keep all of the guest's output alive, so it is copied.
            let batch = match batch.bytes() < bytes {
                true => batch.detached(),
                false => batch,
            };
            let mut write = pin!(self.output.write_batch(batch));
            let sent = match futures::poll!(write.as_mut()) {
                Poll::Ready(sent) => sent,
                Poll::Pending => {
                    if paid.is_none() {
                        let charge = account.charge(Good::ChannelBytes, weight as u64);
                        paid = Some(charge.map_err(|limit| Stop::Guest(limit.into()))?);
                    }
                    write.await
                }
            };
            match sent {
                Ok(sent) => counts.written += u64::from(sent),
                Err(WriteError::TooLarge { capacity }) => {
                    return Err(Stop::TooLarge(largest, capacity));
                }
                // Its output has no readers any more.
                Err(WriteError::Drained) => return Err(Stop::Unread),
                Err(error) => {
                    return Err(Stop::Failed(format!(
                        "its frames cannot be written: {error}"
                    )));
                }
            }
        }
        Ok(())
    }
}

/// Splits a well-formed batch in two; the second half comes first.
fn halves(ends: &[u32], payload: &Bytes) -> [(Vec<u32>, Bytes); 2] {
    let (first, second) = ends.split_at(ends.len() / 2);
    let middle = first.last().copied().unwrap_or(0);
    let split = (middle as usize).min(payload.len());
    let second = second.iter().map(|end| end.saturating_sub(middle));
    [
        (second.collect(), payload.slice(split..)),
        (first.to_vec(), payload.slice(..split)),
    ]
}

fn too_large(given: usize, most: u64, place: &str) -> String {
    format!("the transform gave a frame of {given} bytes, {most} is the most {place}")
}

/// Counts of frames.
#[derive(Default)]
struct Counts {
    read: u64,
    written: u64,
    lost: u64,
}

impl Counts {
    /// As a value in WAVE.
    fn text(&self) -> String {
        let Self {
            read,
            written,
            lost,
        } = self;
        match lost {
            0 => format!("{{read: {read}, written: {written}}}"),
            lost => format!("{{read: {read}, written: {written}, lost: {lost}}}"),
        }
    }
}

/// The reader and the writer among the arguments.
pub(super) fn ends(arguments: Arguments) -> Result<Ends, ArgumentError> {
    let mut given: [Option<Argument>; 2] = [None, None];
    match arguments {
        Arguments::Positional(arguments) => {
            let count = arguments.len();
            if count != given.len() {
                return Err(ArgumentError::Count {
                    entry: TRANSFORM.into(),
                    least: given.len(),
                    wanted: given.len(),
                    given: count,
                    signature: SIGNATURE.into(),
                });
            }
            for (place, argument) in given.iter_mut().zip(arguments) {
                *place = Some(argument);
            }
        }
        Arguments::Named(named) => {
            for (name, argument) in named {
                let index = PARAMETERS.iter().position(|(known, _)| *known == name);
                let place = index.and_then(|index| given.get_mut(index));
                let Some(place) = place else {
                    return Err(ArgumentError::Unknown {
                        entry: TRANSFORM.into(),
                        parameter: name,
                        signature: SIGNATURE.into(),
                    });
                };
                if place.replace(argument).is_some() {
                    return Err(ArgumentError::Twice { parameter: name });
                }
            }
        }
    }
    let [input, output] = given;
    let [(input_name, reader), (output_name, writer)] = PARAMETERS;
    let input = match input {
        Some(Argument::Reader(handle)) => handle,
        other => return Err(misfit(input_name, reader, other)),
    };
    let output = match output {
        Some(Argument::Writer(handle)) => handle.0,
        other => return Err(misfit(output_name, writer, other)),
    };
    Ok((input, output))
}

fn misfit(parameter: &str, wanted: &str, given: Option<Argument>) -> ArgumentError {
    let (parameter, wanted) = (parameter.to_owned(), wanted.to_owned());
    match given {
        None => ArgumentError::Missing { parameter, wanted },
        Some(given) => ArgumentError::Type {
            parameter,
            wanted,
            given: given.kind().to_owned(),
            detail: String::new(),
        },
    }
}
