// Made from WIT by `tests/bindings.rs`; not to be edited.
#[allow(dead_code, clippy::all)]
pub mod weft {
    pub mod fabric {
        /// What the other interfaces share: capabilities and errors.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod types {
            use super::super::super::_rt;
            /// An environment variable as a process sees it.
            #[derive(Clone)]
            pub struct EnvVar {
                /// The variable's name.
                pub name: _rt::String,
                /// The variable's value.
                pub value: _rt::String,
            }
            impl ::core::fmt::Debug for EnvVar {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("EnvVar")
                        .field("name", &self.name)
                        .field("value", &self.value)
                        .finish()
                }
            }
            /// A folder that one process grants to another.
            #[derive(Clone)]
            pub struct Mount {
                /// The folder as the granting process sees it, within one of its own mounts. It is opened when the new
                /// process starts; a link that leads out of the mount is denied.
                pub source: _rt::String,
                /// Where the new process sees it.
                pub guest_path: _rt::String,
                /// Whether the new process may change what is in it.
                pub writable: bool,
            }
            impl ::core::fmt::Debug for Mount {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Mount")
                        .field("source", &self.source)
                        .field("guest-path", &self.guest_path)
                        .field("writable", &self.writable)
                        .finish()
                }
            }
            /// A right of a process. A process holds exactly what it was started with;
            /// it can hand on only what it holds itself. Deny is the default.
            #[derive(Clone)]
            pub enum Capability {
                /// Create channels, and drain or terminate the ones held.
                ChannelLifecycle,
                /// Make readers of a channel held, and read with readers held.
                ChannelReader,
                /// Make writers of a channel held, and write with writers held.
                ChannelWriter,
                /// Start processes, and stop those whose handle is held.
                ProcessLifecycle,
                /// Look up the log channel of a process whose handle is held.
                LogReader,
                /// Publish channels under names that start with this prefix.
                RegistryPublish(_rt::String),
                /// Look up channels under names that start with this prefix.
                RegistryLookup(_rt::String),
                /// Read the wall clock and the monotonic clock. Without it both stand
                /// at zero (WASI's clock calls cannot fail); sleeping still works.
                Clocks,
                /// See one environment variable, with this value.
                Environment(EnvVar),
                /// See one folder.
                Filesystem(Mount),
                /// A right that the program around the host has added, as it is written in a list of capabilities:
                /// `NAME`, or `NAME=VALUE`, such as `connect=https://example.org`.
                Other(_rt::String),
            }
            impl ::core::fmt::Debug for Capability {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Capability::ChannelLifecycle => {
                            f.debug_tuple("Capability::ChannelLifecycle").finish()
                        }
                        Capability::ChannelReader => {
                            f.debug_tuple("Capability::ChannelReader").finish()
                        }
                        Capability::ChannelWriter => {
                            f.debug_tuple("Capability::ChannelWriter").finish()
                        }
                        Capability::ProcessLifecycle => {
                            f.debug_tuple("Capability::ProcessLifecycle").finish()
                        }
                        Capability::LogReader => {
                            f.debug_tuple("Capability::LogReader").finish()
                        }
                        Capability::RegistryPublish(e) => {
                            f.debug_tuple("Capability::RegistryPublish")
                                .field(e)
                                .finish()
                        }
                        Capability::RegistryLookup(e) => {
                            f.debug_tuple("Capability::RegistryLookup").field(e).finish()
                        }
                        Capability::Clocks => {
                            f.debug_tuple("Capability::Clocks").finish()
                        }
                        Capability::Environment(e) => {
                            f.debug_tuple("Capability::Environment").field(e).finish()
                        }
                        Capability::Filesystem(e) => {
                            f.debug_tuple("Capability::Filesystem").field(e).finish()
                        }
                        Capability::Other(e) => {
                            f.debug_tuple("Capability::Other").field(e).finish()
                        }
                    }
                }
            }
            /// Why a call was refused. None of these ends the caller.
            #[derive(Clone)]
            pub enum Error {
                /// The caller lacks this capability, given by its name in `capability`. What it lacks it for may follow in parentheses: the name or
                /// folder that was asked for, as in `registry-lookup(jobs/1)`, or `handle` where the caller has the capability and the handle's access
                /// does not allow the call, as in `channel-writer(handle)`.
                PermissionDenied(_rt::String),
                /// Nothing is known under this name.
                NotFound(_rt::String),
                /// An argument is wrong; the text says which, what was wanted and what was given.
                InvalidArgument(_rt::String),
                /// A bound was reached; the text says which and how high it is.
                Exhausted(_rt::String),
                /// The name is taken.
                AlreadyExists(_rt::String),
                /// The channel has ended: it was drained, terminated, or its last strong writer is gone.
                Closed,
                /// This host cannot do it; the text says what.
                Unsupported(_rt::String),
                /// It was tried and failed; the text says why.
                Failed(_rt::String),
                /// What is behind the handle cannot be reached now, such as a channel on another host; the text says why. Nothing was
                /// done, and the call may be made again.
                Unavailable(_rt::String),
            }
            impl ::core::fmt::Debug for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Error::PermissionDenied(e) => {
                            f.debug_tuple("Error::PermissionDenied").field(e).finish()
                        }
                        Error::NotFound(e) => {
                            f.debug_tuple("Error::NotFound").field(e).finish()
                        }
                        Error::InvalidArgument(e) => {
                            f.debug_tuple("Error::InvalidArgument").field(e).finish()
                        }
                        Error::Exhausted(e) => {
                            f.debug_tuple("Error::Exhausted").field(e).finish()
                        }
                        Error::AlreadyExists(e) => {
                            f.debug_tuple("Error::AlreadyExists").field(e).finish()
                        }
                        Error::Closed => f.debug_tuple("Error::Closed").finish(),
                        Error::Unsupported(e) => {
                            f.debug_tuple("Error::Unsupported").field(e).finish()
                        }
                        Error::Failed(e) => {
                            f.debug_tuple("Error::Failed").field(e).finish()
                        }
                        Error::Unavailable(e) => {
                            f.debug_tuple("Error::Unavailable").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for Error {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for Error {}
        }
        /// What channels carry, as bytes: these records hold no handle.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod frames {
            use super::super::super::_rt;
            /// One frame.
            #[derive(Clone)]
            pub struct Frame {
                /// The writer that sent it; see `writer.id`.
                pub writer: u32,
                /// Its bytes, which Weft never looks into.
                pub payload: _rt::Vec<u8>,
            }
            impl ::core::fmt::Debug for Frame {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Frame")
                        .field("writer", &self.writer)
                        .field("payload", &self.payload)
                        .finish()
                }
            }
            /// Many frames in flat lists, so that a batch crosses the boundary in a few
            /// copies: frame i is `payload[ends[i-1]..ends[i]]`, sent by `writers[i]`.
            #[derive(Clone)]
            pub struct PackedFrames {
                /// Where each frame ends in `payload`; never decreasing.
                pub ends: _rt::Vec<u32>,
                /// Who sent each frame; as long as `ends`.
                pub writers: _rt::Vec<u32>,
                /// The bytes of all frames, one after the other.
                pub payload: _rt::Vec<u8>,
            }
            impl ::core::fmt::Debug for PackedFrames {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("PackedFrames")
                        .field("ends", &self.ends)
                        .field("writers", &self.writers)
                        .field("payload", &self.payload)
                        .finish()
                }
            }
        }
        /// Channels: bounded, many-to-many broadcasts of frames.
        ///
        /// Every reader sees every frame that is written while it is open, in one order
        /// that is the same for all readers. A frame is visible whole or not at all. A channel retains frames
        /// up to its capacity, oldest first out; a new reader starts at the oldest
        /// frame retained.
        ///
        /// The calls of this interface that wait, wait on the caller's own stack: the
        /// whole guest waits with them. `channel-async` has the same waits as `async func`s.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod channel {
            use super::super::super::_rt;
            pub type Error = super::super::super::weft::fabric::types::Error;
            pub type Frame = super::super::super::weft::fabric::frames::Frame;
            pub type PackedFrames = super::super::super::weft::fabric::frames::PackedFrames;
            /// What a write does when a strong reader still needs the room.
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum Backpressure {
                /// The writer waits.
                Block,
                /// The frame is dropped and counted, and the write returns false.
                Drop,
            }
            impl ::core::fmt::Debug for Backpressure {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Backpressure::Block => {
                            f.debug_tuple("Backpressure::Block").finish()
                        }
                        Backpressure::Drop => {
                            f.debug_tuple("Backpressure::Drop").finish()
                        }
                    }
                }
            }
            impl Backpressure {
                #[doc(hidden)]
                pub unsafe fn _lift(val: u8) -> Backpressure {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => Backpressure::Block,
                        1 => Backpressure::Drop,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            /// How a channel is made.
            #[repr(C)]
            #[derive(Clone, Copy)]
            pub struct Options {
                /// Bytes of payload the channel retains at most, at least 1. A frame
                /// larger than this can never be written. Frames cost some bytes besides: 160 for each
                /// write and 4 for each frame. These bytes are bounded by the same number, but there is always room for those of 1,024 single frames,
                /// and never for more than 8 MiB. Frames are bounded by a sixteenth of this number, but 1,024 at least and 1,048,576 at most.
                pub capacity: u64,
                /// What happens to a write that finds no room.
                pub backpressure: Backpressure,
            }
            impl ::core::fmt::Debug for Options {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Options")
                        .field("capacity", &self.capacity)
                        .field("backpressure", &self.backpressure)
                        .finish()
                }
            }
            wit_bindgen::rt::bitflags::bitflags! {
                #[doc =
                " What a holder of a channel handle may do with it, on top of the capabilities of its"]
                #[doc = " process. `create` gives all of it."] #[derive(PartialEq, Eq,
                PartialOrd, Ord, Hash, Debug, Clone, Copy)] pub struct Access : u8 {
                #[doc = " Make weak readers."] const WEAK_READERS = 1 << 0; #[doc =
                " Make strong readers, which hold writers back."] const STRONG_READERS =
                1 << 1; #[doc = " Make writers."] const WRITERS = 1 << 2; #[doc =
                " Drain, terminate, share and revoke."] const LIFECYCLE = 1 << 3; }
            }
            /// Why a read returned no frame.
            #[derive(Clone)]
            pub enum ReadError {
                /// A weak reader was overtaken and lost this many frames. Said once; the
                /// next read goes on with the oldest frame retained.
                Lagged(u64),
                /// The channel was terminated.
                Terminated,
                /// Only from calls that do not wait, or not for ever: nothing to read yet.
                WouldBlock,
                /// The caller lacks this capability, given by its name in `capability`.
                PermissionDenied(_rt::String),
                /// The channel cannot be reached now; the text says why. The reader keeps its place: the read may be made again.
                Unavailable(_rt::String),
            }
            impl ::core::fmt::Debug for ReadError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        ReadError::Lagged(e) => {
                            f.debug_tuple("ReadError::Lagged").field(e).finish()
                        }
                        ReadError::Terminated => {
                            f.debug_tuple("ReadError::Terminated").finish()
                        }
                        ReadError::WouldBlock => {
                            f.debug_tuple("ReadError::WouldBlock").finish()
                        }
                        ReadError::PermissionDenied(e) => {
                            f.debug_tuple("ReadError::PermissionDenied")
                                .field(e)
                                .finish()
                        }
                        ReadError::Unavailable(e) => {
                            f.debug_tuple("ReadError::Unavailable").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for ReadError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for ReadError {}
            /// Why a write sent nothing.
            #[derive(Clone)]
            pub enum WriteError {
                /// The channel takes no more frames: it was drained, or its last strong
                /// writer is gone.
                Drained,
                /// The channel was terminated.
                Terminated,
                /// The frame, or the batch, is larger than this many bytes: the channel's capacity, or for
                /// one frame the caller's limit `frame-bytes`.
                TooLarge(u64),
                /// The frame has more handles than this, the caller's limit `handles-per-frame`; 0 for a channel that takes no handles, as one
                /// that is elsewhere may.
                TooManyHandles(u32),
                /// The caller has reached a bound: the text says which and how high it is.
                Exhausted(_rt::String),
                /// Only from `try-` calls on a `block` channel: no room yet.
                WouldBlock,
                /// The ends of a packed batch decrease, or do not end where the payload does.
                MalformedBatch,
                /// The caller lacks this capability, given by its name in `capability`.
                PermissionDenied(_rt::String),
                /// The channel cannot be reached now; the text says why. Nothing was sent: the write may be made again.
                Unavailable(_rt::String),
            }
            impl ::core::fmt::Debug for WriteError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        WriteError::Drained => {
                            f.debug_tuple("WriteError::Drained").finish()
                        }
                        WriteError::Terminated => {
                            f.debug_tuple("WriteError::Terminated").finish()
                        }
                        WriteError::TooLarge(e) => {
                            f.debug_tuple("WriteError::TooLarge").field(e).finish()
                        }
                        WriteError::TooManyHandles(e) => {
                            f.debug_tuple("WriteError::TooManyHandles").field(e).finish()
                        }
                        WriteError::Exhausted(e) => {
                            f.debug_tuple("WriteError::Exhausted").field(e).finish()
                        }
                        WriteError::WouldBlock => {
                            f.debug_tuple("WriteError::WouldBlock").finish()
                        }
                        WriteError::MalformedBatch => {
                            f.debug_tuple("WriteError::MalformedBatch").finish()
                        }
                        WriteError::PermissionDenied(e) => {
                            f.debug_tuple("WriteError::PermissionDenied")
                                .field(e)
                                .finish()
                        }
                        WriteError::Unavailable(e) => {
                            f.debug_tuple("WriteError::Unavailable").field(e).finish()
                        }
                    }
                }
            }
            impl ::core::fmt::Display for WriteError {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for WriteError {}
            /// Counters of a channel, at one moment. Of a channel that cannot be reached they are as they were when it last could.
            #[repr(C)]
            #[derive(Clone, Copy)]
            pub struct Stats {
                /// Frames accepted so far.
                pub frames_written: u64,
                /// Frames dropped by full-channel writes so far.
                pub frames_dropped: u64,
                /// Frames retained now.
                pub frames_held: u64,
                /// Bytes of payload retained now.
                pub bytes_held: u64,
                /// The channel's capacity in bytes.
                pub capacity: u64,
                /// Strong writers open now.
                pub strong_writers: u32,
                /// Weak writers open now.
                pub weak_writers: u32,
                /// Strong readers open now.
                pub strong_readers: u32,
                /// Weak readers open now.
                pub weak_readers: u32,
            }
            impl ::core::fmt::Debug for Stats {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Stats")
                        .field("frames-written", &self.frames_written)
                        .field("frames-dropped", &self.frames_dropped)
                        .field("frames-held", &self.frames_held)
                        .field("bytes-held", &self.bytes_held)
                        .field("capacity", &self.capacity)
                        .field("strong-writers", &self.strong_writers)
                        .field("weak-writers", &self.weak_writers)
                        .field("strong-readers", &self.strong_readers)
                        .field("weak-readers", &self.weak_readers)
                        .finish()
                }
            }
            /// A channel held as a whole: the right to make ends of it and to end it.
            /// Dropping it leaves its ends as they are.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Channel {
                handle: _rt::Resource<Channel>,
            }
            impl Channel {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Channel {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            /// A writing end. Dropping it closes it.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Writer {
                handle: _rt::Resource<Writer>,
            }
            impl Writer {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Writer {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            /// A reading end, with a place of its own in the channel. Dropping it closes it.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Reader {
                handle: _rt::Resource<Reader>,
            }
            impl Reader {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Reader {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            /// A handle that travels with a frame.
            pub enum Handle {
                /// A channel, with the access its handle had. A token it was shared by does not travel.
                Channel(Channel),
                /// A reader, at its place.
                Reader(Reader),
                /// A writer.
                Writer(Writer),
                /// Only from reads: one that was dropped, because the caller holds as many handles as
                /// its limit `handles` allows. Written, it is left out.
                Lost,
            }
            impl ::core::fmt::Debug for Handle {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Handle::Channel(e) => {
                            f.debug_tuple("Handle::Channel").field(e).finish()
                        }
                        Handle::Reader(e) => {
                            f.debug_tuple("Handle::Reader").field(e).finish()
                        }
                        Handle::Writer(e) => {
                            f.debug_tuple("Handle::Writer").field(e).finish()
                        }
                        Handle::Lost => f.debug_tuple("Handle::Lost").finish(),
                    }
                }
            }
            /// A frame that was read.
            pub struct Delivery {
                /// The frame.
                pub frame: Frame,
                /// The handles that came with it, for the first reader that reads it: every other reader
                /// gets the frame without them. None, as for nearly every frame, costs nothing.
                pub handles: ::core::option::Option<_rt::Vec<Handle>>,
            }
            impl ::core::fmt::Debug for Delivery {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Delivery")
                        .field("frame", &self.frame)
                        .field("handles", &self.handles)
                        .finish()
                }
            }
            /// Frames that were read together.
            pub struct PackedDelivery {
                /// The frames.
                pub frames: PackedFrames,
                /// The handles that came with them, by the index of their frame; see `delivery`.
                pub handles: ::core::option::Option<_rt::Vec<(u32, _rt::Vec<Handle>)>>,
            }
            impl ::core::fmt::Debug for PackedDelivery {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("PackedDelivery")
                        .field("frames", &self.frames)
                        .field("handles", &self.handles)
                        .finish()
                }
            }
            /// A write with handles that sent nothing.
            pub struct Unsent {
                /// Why.
                pub error: WriteError,
                /// The handles, if they are the caller's again: of a write that would have to wait.
                pub handles: _rt::Vec<Handle>,
            }
            impl ::core::fmt::Debug for Unsent {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Unsent")
                        .field("error", &self.error)
                        .field("handles", &self.handles)
                        .finish()
                }
            }
            impl ::core::fmt::Display for Unsent {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    write!(f, "{:?}", self)
                }
            }
            impl ::core::error::Error for Unsent {}
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Makes a channel. Its capacity counts against the caller's limit `channel-bytes`
                /// and it against `channels` until nobody holds any part of it. Needs `channel-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn create(
                    options: Options,
                ) -> ::core::result::Result<Channel, Error> {
                    crate::testing::host::channel::channel::create(options)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the channel that a token stands for. `not-found` when it stands for
                /// none, or for none any more. Needs `channel-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn attach(token: &str) -> ::core::result::Result<Channel, Error> {
                    crate::testing::host::channel::channel::attach(token)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Another handle of the same channel, with no more than this access; what this handle
                /// does not have is left out.
                #[allow(async_fn_in_trait)]
                pub fn narrow(
                    &self,
                    access: Access,
                ) -> ::core::result::Result<Channel, Error> {
                    crate::testing::host::channel::channel::narrow(self, access)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// What this handle may be used for.
                #[allow(async_fn_in_trait)]
                pub fn access(&self) -> Access {
                    crate::testing::host::channel::channel::access(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Gives an unguessable token for this channel, to be sent inside other bytes: whoever
                /// has it can `attach`, and gets the access of this handle. It is the same until it is revoked, and stands for nothing once the
                /// last handle of the channel it was given through is gone. Needs `channel-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn share(&self) -> ::core::result::Result<_rt::String, Error> {
                    crate::testing::host::channel::channel::share(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Makes the token stand for nothing. Who has attached stays attached. Needs
                /// `channel-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn revoke(&self) -> ::core::result::Result<(), Error> {
                    crate::testing::host::channel::channel::revoke(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Makes a writer that keeps the channel open: when the last strong writer
                /// of a channel that had one is gone, readers read what is left and then
                /// end-of-channel. Needs `channel-writer`.
                #[allow(async_fn_in_trait)]
                pub fn strong_writer(&self) -> ::core::result::Result<Writer, Error> {
                    crate::testing::host::channel::channel::strong_writer(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Makes a writer that keeps nothing open. Needs `channel-writer`.
                #[allow(async_fn_in_trait)]
                pub fn weak_writer(&self) -> ::core::result::Result<Writer, Error> {
                    crate::testing::host::channel::channel::weak_writer(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Makes a reader that holds writers back: nothing it has not read is
                /// overwritten. Needs `channel-reader`.
                #[allow(async_fn_in_trait)]
                pub fn strong_reader(&self) -> ::core::result::Result<Reader, Error> {
                    crate::testing::host::channel::channel::strong_reader(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Makes a reader that may be overtaken. Needs `channel-reader`.
                #[allow(async_fn_in_trait)]
                pub fn weak_reader(&self) -> ::core::result::Result<Reader, Error> {
                    crate::testing::host::channel::channel::weak_reader(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes no more frames; readers finish what is there and then read
                /// end-of-channel. Needs `channel-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn drain(&self) -> ::core::result::Result<(), Error> {
                    crate::testing::host::channel::channel::drain(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Fails every pending and later operation with `terminated`, at once.
                /// Needs `channel-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn terminate(&self) -> ::core::result::Result<(), Error> {
                    crate::testing::host::channel::channel::terminate(self)
                }
            }
            impl Channel {
                #[allow(unused_unsafe, clippy::all)]
                /// Reads the counters.
                #[allow(async_fn_in_trait)]
                pub fn stats(&self) -> Stats {
                    crate::testing::host::channel::channel::stats(self)
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Names this writer in the frames it sends. Unique within its channel,
                /// never used again.
                #[allow(async_fn_in_trait)]
                pub fn id(&self) -> u32 {
                    crate::testing::host::channel::writer::id(self)
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Sends a frame, waiting for room on a `block` channel. False: a `drop`
                /// channel had no room and dropped it.
                #[allow(async_fn_in_trait)]
                pub fn write(
                    &self,
                    payload: &[u8],
                ) -> ::core::result::Result<bool, WriteError> {
                    crate::testing::host::channel::writer::write(self, payload)
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Sends a frame without waiting; `would-block` where `write` would wait.
                #[allow(async_fn_in_trait)]
                pub fn try_write(
                    &self,
                    payload: &[u8],
                ) -> ::core::result::Result<bool, WriteError> {
                    crate::testing::host::channel::writer::try_write(self, payload)
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Sends a batch and returns the number of frames sent. On a `block`
                /// channel the whole batch is sent at once, when there is room for all of it; a
                /// `drop` channel sends the frames that fit, from the first on, and drops the rest. `exhausted` for more
                /// than 1,048,576 frames.
                #[allow(async_fn_in_trait)]
                pub fn write_packed(
                    &self,
                    ends: &[u32],
                    payload: &[u8],
                ) -> ::core::result::Result<u32, WriteError> {
                    crate::testing::host::channel::writer::write_packed(
                        self,
                        ends,
                        payload,
                    )
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Sends a batch without waiting; `would-block` where `write-packed` would wait.
                #[allow(async_fn_in_trait)]
                pub fn try_write_packed(
                    &self,
                    ends: &[u32],
                    payload: &[u8],
                ) -> ::core::result::Result<u32, WriteError> {
                    crate::testing::host::channel::writer::try_write_packed(
                        self,
                        ends,
                        payload,
                    )
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Sends a frame with handles, which move to the first reader that reads it. They leave
                /// the caller whatever comes of the call: if the frame is not sent, or is dropped or overwritten
                /// before anybody has read it, they are dropped. The handles that it has sent and nobody has read yet are at most as many
                /// as the caller's limit `handles`. `permission-denied` for an end that a supervisor keeps for the process that it starts in the
                /// caller's place.
                #[allow(async_fn_in_trait)]
                pub fn write_with(
                    &self,
                    payload: &[u8],
                    handles: _rt::Vec<Handle>,
                ) -> ::core::result::Result<bool, WriteError> {
                    crate::testing::host::channel::writer::write_with(
                        self,
                        payload,
                        handles,
                    )
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Sends a frame with handles without waiting. Where `write-with` would wait, the handles come back with `would-block`;
                /// in every other case they leave the caller as with `write-with`.
                #[allow(async_fn_in_trait)]
                pub fn try_write_with(
                    &self,
                    payload: &[u8],
                    handles: _rt::Vec<Handle>,
                ) -> ::core::result::Result<bool, Unsent> {
                    crate::testing::host::channel::writer::try_write_with(
                        self,
                        payload,
                        handles,
                    )
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Whether nobody will ever read what is sent from now on: no reader is left anywhere, nor a handle to make one of,
                /// or the channel takes no more frames.
                #[allow(async_fn_in_trait)]
                pub fn is_unread(&self) -> bool {
                    crate::testing::host::channel::writer::is_unread(self)
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// What people call its channel, as in a manifest, if the host knows: for messages, such as about a frame that is `too-large`. It
                /// is no name of the registry, and gives no right.
                #[allow(async_fn_in_trait)]
                pub fn channel_name(&self) -> ::core::option::Option<_rt::String> {
                    crate::testing::host::channel::writer::channel_name(self)
                }
            }
            impl Writer {
                #[allow(unused_unsafe, clippy::all)]
                /// Turns a strong writer into a weak one; a weak one stays as it is. Where that cannot be done as the channel cannot
                /// be reached, every call of the writer that is returned fails with `unavailable`.
                #[allow(async_fn_in_trait)]
                pub fn downgrade(this: Writer) -> Writer {
                    crate::testing::host::channel::writer::downgrade(this)
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next frame, waiting for one. `none` is end-of-channel.
                #[allow(async_fn_in_trait)]
                pub fn read(
                    &self,
                ) -> ::core::result::Result<
                    ::core::option::Option<Delivery>,
                    ReadError,
                > {
                    crate::testing::host::channel::reader::read(self)
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next frame without waiting; `would-block` where `read` would wait.
                #[allow(async_fn_in_trait)]
                pub fn try_read(
                    &self,
                ) -> ::core::result::Result<
                    ::core::option::Option<Delivery>,
                    ReadError,
                > {
                    crate::testing::host::channel::reader::try_read(self)
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next frame, waiting for one so many milliseconds at most; `would-block` when
                /// none came. Needs no `clocks`.
                #[allow(async_fn_in_trait)]
                pub fn read_within(
                    &self,
                    milliseconds: u32,
                ) -> ::core::result::Result<
                    ::core::option::Option<Delivery>,
                    ReadError,
                > {
                    crate::testing::host::channel::reader::read_within(
                        self,
                        milliseconds,
                    )
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the frames that are there, waiting for the first. At most
                /// `max-frames` of them, and at most `max-bytes` of payload unless the first frame alone is larger;
                /// both are taken as at least 1. Fewer may come than are there. No frames is end-of-channel.
                #[allow(async_fn_in_trait)]
                pub fn read_packed(
                    &self,
                    max_frames: u32,
                    max_bytes: u32,
                ) -> ::core::result::Result<PackedDelivery, ReadError> {
                    crate::testing::host::channel::reader::read_packed(
                        self,
                        max_frames,
                        max_bytes,
                    )
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the frames that are there; `would-block` where `read-packed` would wait.
                #[allow(async_fn_in_trait)]
                pub fn try_read_packed(
                    &self,
                    max_frames: u32,
                    max_bytes: u32,
                ) -> ::core::result::Result<PackedDelivery, ReadError> {
                    crate::testing::host::channel::reader::try_read_packed(
                        self,
                        max_frames,
                        max_bytes,
                    )
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Gives frames back that were read and not used. They are read again, before all others, by whoever holds the reader
                /// then. Their handles go with them, each list under the index of its frame; they are dropped when
                /// the reader itself travels with a frame. Until they are read the frames count as `host-bytes` of the caller. `exhausted`;
                /// `invalid-argument` when the lists do not fit each other.
                #[allow(async_fn_in_trait)]
                pub fn put_back(
                    &self,
                    frames: &PackedFrames,
                    handles: _rt::Vec<(u32, _rt::Vec<Handle>)>,
                ) -> ::core::result::Result<(), Error> {
                    crate::testing::host::channel::reader::put_back(
                        self,
                        frames,
                        handles,
                    )
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Says that the caller has finished with so many frames, of those that it has read and not yet finished, oldest first. This is
                /// for a committed reader, as a supervisor of the host gives it to a process that it restarts: what the process has read and not
                /// finished when it fails or is killed comes again to its successor, one by one and before all others. Without this call a
                /// process has finished with what it has read when it reads on or returns; from the first call on, with 0 too, reading on
                /// says nothing. What is not finished counts as `host-bytes` of the process. Nothing happens with any other reader.
                #[allow(async_fn_in_trait)]
                pub fn commit(&self, frames: u32) -> () {
                    crate::testing::host::channel::reader::commit(self, frames)
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Which delivery of its frames the last read was: 1 unless a process that had read them before had not finished with
                /// them. 0 for a reader that is not a committed one.
                #[allow(async_fn_in_trait)]
                pub fn attempt(&self) -> u32 {
                    crate::testing::host::channel::reader::attempt(self)
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Says whether reads end when the caller is asked to stop. Then reads, also those that wait, give end-of-channel, unless the
                /// channel takes no more frames: what is left of such a channel is read to its end. Not so at first, and not
                /// for the next holder of the reader.
                #[allow(async_fn_in_trait)]
                pub fn end_at_stop(&self, on: bool) -> () {
                    crate::testing::host::channel::reader::end_at_stop(self, on)
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Whether reads end for that reason.
                #[allow(async_fn_in_trait)]
                pub fn is_stopped(&self) -> bool {
                    crate::testing::host::channel::reader::is_stopped(self)
                }
            }
            impl Reader {
                #[allow(unused_unsafe, clippy::all)]
                /// Turns a strong reader into a weak one, at the same place; a weak one
                /// stays as it is. Where that cannot be done as the channel cannot be reached, every call of the reader that is returned fails
                /// with `unavailable`.
                #[allow(async_fn_in_trait)]
                pub fn downgrade(this: Reader) -> Reader {
                    crate::testing::host::channel::reader::downgrade(this)
                }
            }
        }
        /// The waits of `channel` as `async func`s over the same resources, for guests
        /// that do several things at once. Each can be cancelled: a cancelled read
        /// takes no frame, a cancelled write sends none. If a call is done before its
        /// cancellation arrives, it has taken or sent, and its result comes with the cancellation. Many bindings lose that result. With these,
        /// wait with `await-frame` and `await-room`, which take and send nothing, and make the `try-` call then.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod channel_async {
            use super::super::super::_rt;
            pub type Reader = super::super::super::weft::fabric::channel::Reader;
            pub type Writer = super::super::super::weft::fabric::channel::Writer;
            pub type Handle = super::super::super::weft::fabric::channel::Handle;
            pub type Delivery = super::super::super::weft::fabric::channel::Delivery;
            pub type PackedDelivery = super::super::super::weft::fabric::channel::PackedDelivery;
            pub type ReadError = super::super::super::weft::fabric::channel::ReadError;
            pub type WriteError = super::super::super::weft::fabric::channel::WriteError;
            #[allow(unused_unsafe, clippy::all)]
            /// As `writer.write`.
            #[allow(async_fn_in_trait)]
            pub async fn write(
                to: &Writer,
                payload: _rt::Vec<u8>,
            ) -> ::core::result::Result<bool, WriteError> {
                crate::testing::host::channel_async::write(to, payload).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `writer.write-packed`.
            #[allow(async_fn_in_trait)]
            pub async fn write_packed(
                to: &Writer,
                ends: _rt::Vec<u32>,
                payload: _rt::Vec<u8>,
            ) -> ::core::result::Result<u32, WriteError> {
                crate::testing::host::channel_async::write_packed(to, ends, payload)
                    .await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `writer.write-with`.
            #[allow(async_fn_in_trait)]
            pub async fn write_with(
                to: &Writer,
                payload: _rt::Vec<u8>,
                handles: _rt::Vec<Handle>,
            ) -> ::core::result::Result<bool, WriteError> {
                crate::testing::host::channel_async::write_with(to, payload, handles)
                    .await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `reader.read`.
            #[allow(async_fn_in_trait)]
            pub async fn read(
                source: &Reader,
            ) -> ::core::result::Result<::core::option::Option<Delivery>, ReadError> {
                crate::testing::host::channel_async::read(source).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `reader.read-packed`.
            #[allow(async_fn_in_trait)]
            pub async fn read_packed(
                source: &Reader,
                max_frames: u32,
                max_bytes: u32,
            ) -> ::core::result::Result<PackedDelivery, ReadError> {
                crate::testing::host::channel_async::read_packed(
                        source,
                        max_frames,
                        max_bytes,
                    )
                    .await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Waits until a read would not wait. Takes nothing.
            #[allow(async_fn_in_trait)]
            pub async fn await_frame(source: &Reader) -> () {
                crate::testing::host::channel_async::await_frame(source).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Waits for the turn of a write of so many frames and bytes: until nobody is in front of it and there is room for it, or until
            /// it would be refused. Sends nothing. The caller's next `try-` write with this writer has that turn, if it is made before the
            /// caller waits again. After that the turn goes to the next write.
            #[allow(async_fn_in_trait)]
            pub async fn await_room(to: &Writer, frames: u32, bytes: u64) -> () {
                crate::testing::host::channel_async::await_room(to, frames, bytes).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Waits until nobody will ever read what the writer sends; see `writer.is-unread`.
            #[allow(async_fn_in_trait)]
            pub async fn await_unread(to: &Writer) -> () {
                crate::testing::host::channel_async::await_unread(to).await
            }
        }
        /// The wait for a name, as an `async func`.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod registry_async {
            use super::super::super::_rt;
            pub type Error = super::super::super::weft::fabric::types::Error;
            pub type Channel = super::super::super::weft::fabric::channel::Channel;
            #[allow(unused_unsafe, clippy::all)]
            /// As `registry.lookup`, waiting until somebody publishes the name.
            #[allow(async_fn_in_trait)]
            pub async fn await_name(
                name: _rt::String,
            ) -> ::core::result::Result<Channel, Error> {
                crate::testing::host::registry_async::await_name(name).await
            }
        }
        /// Processes: running guests, each with a store, a log and rights of its own.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod process {
            use super::super::super::_rt;
            pub type Error = super::super::super::weft::fabric::types::Error;
            pub type Capability = super::super::super::weft::fabric::types::Capability;
            pub type Channel = super::super::super::weft::fabric::channel::Channel;
            pub type Reader = super::super::super::weft::fabric::channel::Reader;
            pub type Writer = super::super::super::weft::fabric::channel::Writer;
            /// Bounds of a process. What is left out is as the parent's own bound; nothing
            /// can be set higher than that. What children hold counts against their parents too: memory, table
            /// elements, channels, children and CPU time.
            ///
            /// Where a call reaches a limit, it returns an error. Where no call can return one, the process ends
            /// as `limit`, with the limit's name as it is here.
            #[repr(C)]
            #[derive(Clone, Copy)]
            pub struct Limits {
                /// Bytes of all its linear memories together. A guest that asks for more is refused; one that cannot go
                /// on then ends with this limit.
                pub memory: ::core::option::Option<u64>,
                /// Elements of all its tables together. A guest that asks for more is refused; one that needs
                /// more from the beginning ends with this limit.
                pub table_elements: ::core::option::Option<u64>,
                /// Core instances of its component. It ends with this limit.
                pub instances: ::core::option::Option<u32>,
                /// Handles it holds at once. As many again may be in frames it sent that nobody has read. `exhausted`; it ends with
                /// this limit where the handles are not of this package.
                pub handles: ::core::option::Option<u32>,
                /// Channels it has made of which somebody still holds a part. `exhausted`.
                pub channels: ::core::option::Option<u32>,
                /// Bytes of the capacities of those channels, and of the frames it waits to write. `exhausted`.
                pub channel_bytes: ::core::option::Option<u64>,
                /// Bytes of one frame it writes. `too-large`.
                pub frame_bytes: ::core::option::Option<u32>,
                /// Handles it sends with one frame. `too-many-handles`.
                pub handles_per_frame: ::core::option::Option<u32>,
                /// Bytes that one call may hand to the host, as the host's form of the values counts. It ends with this limit.
                pub hostcall_bytes: ::core::option::Option<u64>,
                /// Bytes of log entries in a second. What is beyond is dropped, and the next entry says how many were.
                pub log_rate: ::core::option::Option<u64>,
                /// Live processes that it has started, and those have. `exhausted`.
                pub children: ::core::option::Option<u32>,
                /// Generations of children it may have; 0 for none. `exhausted`.
                pub spawn_depth: ::core::option::Option<u32>,
                /// Milliseconds it holds a processor; waits do not count. It ends with this limit as `cpu-time`.
                pub cpu_time_ms: ::core::option::Option<u64>,
                /// About the number of instructions it executes; the same program with the same input always ends at
                /// the same one. Needs a host that counts them, else `unsupported`. What a process gives its
                /// children is taken from its own, so a process with this limit has to set it for each child. It ends with this limit.
                pub fuel: ::core::option::Option<u64>,
                /// Milliseconds from its start to its end, however it spends them. It ends with this limit as `wall-time`.
                pub wall_time_ms: ::core::option::Option<u64>,
            }
            impl ::core::fmt::Debug for Limits {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Limits")
                        .field("memory", &self.memory)
                        .field("table-elements", &self.table_elements)
                        .field("instances", &self.instances)
                        .field("handles", &self.handles)
                        .field("channels", &self.channels)
                        .field("channel-bytes", &self.channel_bytes)
                        .field("frame-bytes", &self.frame_bytes)
                        .field("handles-per-frame", &self.handles_per_frame)
                        .field("hostcall-bytes", &self.hostcall_bytes)
                        .field("log-rate", &self.log_rate)
                        .field("children", &self.children)
                        .field("spawn-depth", &self.spawn_depth)
                        .field("cpu-time-ms", &self.cpu_time_ms)
                        .field("fuel", &self.fuel)
                        .field("wall-time-ms", &self.wall_time_ms)
                        .finish()
                }
            }
            /// More bounds, of what the host keeps and does for a process. What is left out is as the parent's own bound;
            /// nothing can be set higher than that. What children hold counts against their parents too.
            #[repr(C)]
            #[derive(Clone, Copy)]
            pub struct HostLimits {
                /// Bytes that the host keeps for it outside of its memories and channels: its log, its arguments, what its ended children
                /// left, open spans, listings of folders, frames that it reads in parts. `exhausted`; it ends with this limit where no call can return that.
                pub host_bytes: ::core::option::Option<u64>,
                /// Files, folders and sockets it has open, mounts included. Opening one more file fails with the file system's own error
                /// `insufficient-memory`, and one more socket with that of WASI's sockets. A call of `net` or `quic` that needs one more is `exhausted`, and so
                /// is a start that mounts one more.
                pub open_files: ::core::option::Option<u32>,
                /// Bytes it writes to files, all together: what is deleted does not come back. A write beyond it fails with the
                /// file system's own error `insufficient-space`.
                pub disk_bytes: ::core::option::Option<u64>,
            }
            impl ::core::fmt::Debug for HostLimits {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("HostLimits")
                        .field("host-bytes", &self.host_bytes)
                        .field("open-files", &self.open_files)
                        .field("disk-bytes", &self.disk_bytes)
                        .finish()
                }
            }
            /// Whose child a new process is, and whether it ends with its starter.
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum Ownership {
                /// When its starter has ended it is asked to stop, and killed when it has not after the host's
                /// grace for orphans. Nothing else ties the two.
                Child,
                /// The same, and the two are linked; see `process.link`. When the handle that `start`
                /// returned is dropped, the process is stopped in the same way.
                Linked,
                /// It outlives its starter.
                Detached,
            }
            impl ::core::fmt::Debug for Ownership {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Ownership::Child => f.debug_tuple("Ownership::Child").finish(),
                        Ownership::Linked => f.debug_tuple("Ownership::Linked").finish(),
                        Ownership::Detached => {
                            f.debug_tuple("Ownership::Detached").finish()
                        }
                    }
                }
            }
            impl Ownership {
                #[doc(hidden)]
                pub unsafe fn _lift(val: u8) -> Ownership {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => Ownership::Child,
                        1 => Ownership::Linked,
                        2 => Ownership::Detached,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            /// What a trap left behind.
            #[derive(Clone)]
            pub struct Trap {
                /// The panic's message, or the reason wasm gives.
                pub message: _rt::String,
                /// Whether the guest panicked, as opposed to broke a rule of wasm.
                pub panicked: bool,
                /// The functions on the guest's stack, innermost first, one a line, demangled.
                pub backtrace: _rt::String,
            }
            impl ::core::fmt::Debug for Trap {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Trap")
                        .field("message", &self.message)
                        .field("panicked", &self.panicked)
                        .field("backtrace", &self.backtrace)
                        .finish()
                }
            }
            /// How a process ended.
            #[derive(Clone)]
            pub enum ExitStatus {
                /// The entry point returned this value, in WAVE; empty when it returns nothing. One of more than
                /// 1 MiB is `limit` with `result-bytes`; so much goes through a channel.
                Returned(_rt::String),
                /// The entry point returned an error, in this text.
                Failed(_rt::String),
                /// It called exit with this code, which is not zero.
                Exited(u8),
                /// It trapped.
                Trapped(Trap),
                /// It was asked to stop and did so in time.
                Stopped,
                /// It was ended from outside, without being asked or after its grace period.
                Killed,
                /// It reached the limit named here; see `limits`. `stack` is the depth of its calls, which is the
                /// same for all processes of a host.
                Limit(_rt::String),
                /// A process it was linked with ended without success: which one, and how.
                Linked(_rt::String),
            }
            impl ::core::fmt::Debug for ExitStatus {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        ExitStatus::Returned(e) => {
                            f.debug_tuple("ExitStatus::Returned").field(e).finish()
                        }
                        ExitStatus::Failed(e) => {
                            f.debug_tuple("ExitStatus::Failed").field(e).finish()
                        }
                        ExitStatus::Exited(e) => {
                            f.debug_tuple("ExitStatus::Exited").field(e).finish()
                        }
                        ExitStatus::Trapped(e) => {
                            f.debug_tuple("ExitStatus::Trapped").field(e).finish()
                        }
                        ExitStatus::Stopped => {
                            f.debug_tuple("ExitStatus::Stopped").finish()
                        }
                        ExitStatus::Killed => {
                            f.debug_tuple("ExitStatus::Killed").finish()
                        }
                        ExitStatus::Limit(e) => {
                            f.debug_tuple("ExitStatus::Limit").field(e).finish()
                        }
                        ExitStatus::Linked(e) => {
                            f.debug_tuple("ExitStatus::Linked").field(e).finish()
                        }
                    }
                }
            }
            /// A process held by its starter. Dropping the handle does not end the process, unless it
            /// was started `linked` and this is the handle that `start` returned, not handed on.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Process {
                handle: _rt::Resource<Process>,
            }
            impl Process {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Process {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            /// An argument of an entry point. It fits a parameter of its own type; numbers fit wider
            /// ones too that hold all their values, such as a `u16` an `s32` or an `f32`. Handles move to the
            /// child, which gets them under the types of its own entry point.
            pub enum Value {
                /// A `bool`.
                Bool(bool),
                /// An `s8`.
                S8(i8),
                /// A `u8`.
                U8(u8),
                /// An `s16`.
                S16(i16),
                /// A `u16`.
                U16(u16),
                /// An `s32`.
                S32(i32),
                /// A `u32`.
                U32(u32),
                /// An `s64`.
                S64(i64),
                /// A `u64`.
                U64(u64),
                /// An `f32`.
                F32(f32),
                /// An `f64`.
                F64(f64),
                /// A `char`.
                Char(char),
                /// A `string`.
                String(_rt::String),
                /// A `list<u8>`.
                Bytes(_rt::Vec<u8>),
                /// A channel the caller holds.
                Channel(Channel),
                /// A reader the caller holds.
                Reader(Reader),
                /// A writer the caller holds.
                Writer(Writer),
                /// A process the caller holds. The child may wait for it, and stop or kill it if it has
                /// `process-lifecycle`. Whose child it is, and with whom it is linked, stays as it is; but
                /// dropping the handle that `start` returned of a linked process stops it no longer
                /// once it has been handed on.
                Process(Process),
                /// Any other type, in the WebAssembly value encoding (WAVE), as in
                /// `weft run --invoke`.
                Wave(_rt::String),
            }
            impl ::core::fmt::Debug for Value {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Value::Bool(e) => f.debug_tuple("Value::Bool").field(e).finish(),
                        Value::S8(e) => f.debug_tuple("Value::S8").field(e).finish(),
                        Value::U8(e) => f.debug_tuple("Value::U8").field(e).finish(),
                        Value::S16(e) => f.debug_tuple("Value::S16").field(e).finish(),
                        Value::U16(e) => f.debug_tuple("Value::U16").field(e).finish(),
                        Value::S32(e) => f.debug_tuple("Value::S32").field(e).finish(),
                        Value::U32(e) => f.debug_tuple("Value::U32").field(e).finish(),
                        Value::S64(e) => f.debug_tuple("Value::S64").field(e).finish(),
                        Value::U64(e) => f.debug_tuple("Value::U64").field(e).finish(),
                        Value::F32(e) => f.debug_tuple("Value::F32").field(e).finish(),
                        Value::F64(e) => f.debug_tuple("Value::F64").field(e).finish(),
                        Value::Char(e) => f.debug_tuple("Value::Char").field(e).finish(),
                        Value::String(e) => {
                            f.debug_tuple("Value::String").field(e).finish()
                        }
                        Value::Bytes(e) => {
                            f.debug_tuple("Value::Bytes").field(e).finish()
                        }
                        Value::Channel(e) => {
                            f.debug_tuple("Value::Channel").field(e).finish()
                        }
                        Value::Reader(e) => {
                            f.debug_tuple("Value::Reader").field(e).finish()
                        }
                        Value::Writer(e) => {
                            f.debug_tuple("Value::Writer").field(e).finish()
                        }
                        Value::Process(e) => {
                            f.debug_tuple("Value::Process").field(e).finish()
                        }
                        Value::Wave(e) => f.debug_tuple("Value::Wave").field(e).finish(),
                    }
                }
            }
            /// What is started, and with which rights.
            pub struct StartOptions {
                /// The component's name in the host's component store.
                pub component: _rt::String,
                /// A friendly name, for logs and people; it need not be unique. At most 255 bytes.
                pub name: _rt::String,
                /// The exported function to call: `run`, or `my:package/interface.function`. Empty for the component's own: a command runs as
                /// one, anything else at `run`.
                pub entry_point: _rt::String,
                /// Its arguments, in the order of its parameters.
                pub args: _rt::Vec<Value>,
                /// The capabilities of the new process: at most the caller's own, and at most 1,024, with at most
                /// 16 folders and 64 KiB of text.
                pub capabilities: _rt::Vec<Capability>,
                /// Its limits.
                pub limits: Limits,
                /// Whether its life is tied to the caller's.
                pub ownership: Ownership,
            }
            impl ::core::fmt::Debug for StartOptions {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("StartOptions")
                        .field("component", &self.component)
                        .field("name", &self.name)
                        .field("entry-point", &self.entry_point)
                        .field("args", &self.args)
                        .field("capabilities", &self.capabilities)
                        .field("limits", &self.limits)
                        .field("ownership", &self.ownership)
                        .finish()
                }
            }
            /// The end of a process, as a monitor tells it.
            #[derive(Clone)]
            pub struct Exit {
                /// The id of the process.
                pub process: u64,
                /// Its friendly name.
                pub name: _rt::String,
                /// What `monitor.watch` was given; 0 for a process that was only linked.
                pub tag: u64,
                /// How it ended.
                pub status: ExitStatus,
            }
            impl ::core::fmt::Debug for Exit {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Exit")
                        .field("process", &self.process)
                        .field("name", &self.name)
                        .field("tag", &self.tag)
                        .field("status", &self.status)
                        .finish()
                }
            }
            /// A queue of the ends of processes, in the order in which they happened, each once.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Monitor {
                handle: _rt::Resource<Monitor>,
            }
            impl Monitor {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Monitor {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// Starts a process. Every check is made before any guest code runs: the
                /// component, its entry point, the arguments one by one, the capabilities,
                /// the limits. Handles among the arguments are consumed even when it fails.
                /// Needs `process-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn start(
                    options: StartOptions,
                ) -> ::core::result::Result<Process, Error> {
                    crate::testing::host::process::process::start(options)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// The same, under these limits as well.
                #[allow(async_fn_in_trait)]
                pub fn start_within(
                    options: StartOptions,
                    limits: HostLimits,
                ) -> ::core::result::Result<Process, Error> {
                    crate::testing::host::process::process::start_within(options, limits)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// Names the process. Unique in this host's lifetime. Nothing takes it.
                #[allow(async_fn_in_trait)]
                pub fn id(&self) -> u64 {
                    crate::testing::host::process::process::id(self)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// The friendly name.
                #[allow(async_fn_in_trait)]
                pub fn name(&self) -> _rt::String {
                    crate::testing::host::process::process::name(self)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// Waits for the end. Always the same answer, before and after the end,
                /// to any number of waiters.
                #[allow(async_fn_in_trait)]
                pub fn wait(&self) -> ExitStatus {
                    crate::testing::host::process::process::wait(self)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// How it ended, or none while it runs.
                #[allow(async_fn_in_trait)]
                pub fn status(&self) -> ::core::option::Option<ExitStatus> {
                    crate::testing::host::process::process::status(self)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// Asks the process to stop, waits for its end and kills it when
                /// `grace-ms` milliseconds have passed. Of a process that has ended it
                /// returns how. Needs `process-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn stop(
                    &self,
                    grace_ms: u32,
                ) -> ::core::result::Result<ExitStatus, Error> {
                    crate::testing::host::process::process::stop(self, grace_ms)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// Ends the process without asking, and does not wait for it. Needs `process-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn kill(&self) -> ::core::result::Result<(), Error> {
                    crate::testing::host::process::process::kill(self)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// Links the caller and the process: when one of them ends without success, that is in any
                /// other way than `returned` and `stopped`, the other ends as `linked` at once, unless a
                /// monitor traps its exits. Of a process that has ended already this happens now. A process that stops
                /// or kills another is not ended by that. Needs `process-lifecycle`.
                #[allow(async_fn_in_trait)]
                pub fn link(&self) -> ::core::result::Result<(), Error> {
                    crate::testing::host::process::process::link(self)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// Undoes a link.
                #[allow(async_fn_in_trait)]
                pub fn unlink(&self) -> () {
                    crate::testing::host::process::process::unlink(self)
                }
            }
            impl Process {
                #[allow(unused_unsafe, clippy::all)]
                /// The log channel of the process, also after its end. Needs `log-reader`. What is returned can be read by weak readers
                /// and not written. Where the process has terminated the last channel it had registered as its log,
                /// reading it fails as `terminated`.
                #[allow(async_fn_in_trait)]
                pub fn log_channel(&self) -> ::core::result::Result<Channel, Error> {
                    crate::testing::host::process::process::log_channel(self)
                }
            }
            impl Monitor {
                #[allow(unused_unsafe, clippy::all)]
                /// A monitor that watches nothing yet.
                #[allow(async_fn_in_trait)]
                pub fn create() -> ::core::result::Result<Monitor, Error> {
                    crate::testing::host::process::monitor::create()
                }
            }
            impl Monitor {
                #[allow(unused_unsafe, clippy::all)]
                /// Watches a process: its end comes here, at once if it has ended. Watching it again
                /// changes its tag, also of an end that nobody has taken yet. What is watched, and the ends that nobody has taken, count as handles: `exhausted`.
                #[allow(async_fn_in_trait)]
                pub fn watch(
                    &self,
                    process: &Process,
                    tag: u64,
                ) -> ::core::result::Result<(), Error> {
                    crate::testing::host::process::monitor::watch(self, process, tag)
                }
            }
            impl Monitor {
                #[allow(unused_unsafe, clippy::all)]
                /// Watches it no longer. An end that is in the queue stays there.
                #[allow(async_fn_in_trait)]
                pub fn unwatch(&self, process: &Process) -> () {
                    crate::testing::host::process::monitor::unwatch(self, process)
                }
            }
            impl Monitor {
                #[allow(unused_unsafe, clippy::all)]
                /// From now on the ends of all processes linked with the caller come here, those with success too,
                /// and no longer end it. A monitor that trapped them before traps them no more.
                #[allow(async_fn_in_trait)]
                pub fn trap_exits(&self) -> () {
                    crate::testing::host::process::monitor::trap_exits(self)
                }
            }
            impl Monitor {
                #[allow(unused_unsafe, clippy::all)]
                /// The next end, waiting for one. None when nothing is watched and no exits are trapped.
                #[allow(async_fn_in_trait)]
                pub fn next(&self) -> ::core::option::Option<Exit> {
                    crate::testing::host::process::monitor::next(self)
                }
            }
            impl Monitor {
                #[allow(unused_unsafe, clippy::all)]
                /// The next end, or none if none is there now.
                #[allow(async_fn_in_trait)]
                pub fn try_next(&self) -> ::core::option::Option<Exit> {
                    crate::testing::host::process::monitor::try_next(self)
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// The processes that the caller has started and that live, oldest first. Needs `process-lifecycle`.
            #[allow(async_fn_in_trait)]
            pub fn children() -> ::core::result::Result<_rt::Vec<Process>, Error> {
                crate::testing::host::process::children()
            }
            #[allow(unused_unsafe, clippy::all)]
            /// The caller's own id.
            #[allow(async_fn_in_trait)]
            pub fn current() -> u64 {
                crate::testing::host::process::current()
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Whether the caller has been asked to stop.
            #[allow(async_fn_in_trait)]
            pub fn stop_requested() -> bool {
                crate::testing::host::process::stop_requested()
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Returns when the caller is asked to stop; at once if it was before.
            #[allow(async_fn_in_trait)]
            pub fn wait_stop() -> () {
                crate::testing::host::process::wait_stop()
            }
        }
        /// The waits of `process` as `async func`s over the same resources.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod process_async {
            use super::super::super::_rt;
            pub type Error = super::super::super::weft::fabric::types::Error;
            pub type Process = super::super::super::weft::fabric::process::Process;
            pub type Monitor = super::super::super::weft::fabric::process::Monitor;
            pub type Exit = super::super::super::weft::fabric::process::Exit;
            pub type ExitStatus = super::super::super::weft::fabric::process::ExitStatus;
            #[allow(unused_unsafe, clippy::all)]
            /// As `process.wait`.
            #[allow(async_fn_in_trait)]
            pub async fn wait(on: &Process) -> ExitStatus {
                crate::testing::host::process_async::wait(on).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `process.stop`.
            #[allow(async_fn_in_trait)]
            pub async fn stop(
                which: &Process,
                grace_ms: u32,
            ) -> ::core::result::Result<ExitStatus, Error> {
                crate::testing::host::process_async::stop(which, grace_ms).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `monitor.next`.
            #[allow(async_fn_in_trait)]
            pub async fn next_exit(of: &Monitor) -> ::core::option::Option<Exit> {
                crate::testing::host::process_async::next_exit(of).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Waits until the monitor has an end to tell. Takes none: `monitor.try-next` does. False when nothing is watched and no
            /// exits are trapped.
            #[allow(async_fn_in_trait)]
            pub async fn await_exit(of: &Monitor) -> bool {
                crate::testing::host::process_async::await_exit(of).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `process.wait-stop`.
            #[allow(async_fn_in_trait)]
            pub async fn stop_request() -> () {
                crate::testing::host::process_async::stop_request().await
            }
        }
        /// Channels under names, for processes of one host that have no common parent to wire
        /// them. Names are granted, not guessed: each call needs a capability whose
        /// prefix the name starts with.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod registry {
            use super::super::super::_rt;
            pub type Error = super::super::super::weft::fabric::types::Error;
            pub type Channel = super::super::super::weft::fabric::channel::Channel;
            /// A name taken. Dropping it gives the name free; who has looked the channel up keeps it.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Registration {
                handle: _rt::Resource<Registration>,
            }
            impl Registration {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Registration {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            impl Registration {
                #[allow(unused_unsafe, clippy::all)]
                /// The name.
                #[allow(async_fn_in_trait)]
                pub fn name(&self) -> _rt::String {
                    crate::testing::host::registry::registration::name(self)
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Puts a channel under a name: 1 to 255 bytes of visible ASCII. Whoever looks it up gets
            /// a handle with the access of the one given here, so `narrow` it first. `already-exists` when the
            /// name is taken. Needs `registry-publish` with a prefix of the name.
            #[allow(async_fn_in_trait)]
            pub fn publish(
                name: &str,
                channel: &Channel,
            ) -> ::core::result::Result<Registration, Error> {
                crate::testing::host::registry::publish(name, channel)
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Takes the channel under a name; `not-found` when there is none now. Needs
            /// `registry-lookup` with a prefix of the name.
            #[allow(async_fn_in_trait)]
            pub fn lookup(name: &str) -> ::core::result::Result<Channel, Error> {
                crate::testing::host::registry::lookup(name)
            }
        }
        /// Logs: every process has a log channel from its first instruction.
        ///
        /// On the channel a log entry is one frame holding one JSON object, with the field
        /// names of the OpenTelemetry log data model:
        ///
        /// ```json
        /// {"Timestamp":"1700000000000000000","SeverityText":"INFO","SeverityNumber":9,
        ///  "Body":"42 flights","Attributes":{"airport":"LAX"},
        ///  "InstrumentationScope":{"name":"flights::stats"},
        ///  "Resource":{"service.name":"stats","weft.process.id":3},
        ///  "TraceId":"0af7651916cd43dd8448eb211c80319c","SpanId":"b7ad6b7169203331","TraceFlags":1}
        /// ```
        ///
        /// - `Timestamp`: nanoseconds since 1970, as text, since JSON numbers do not hold them.
        /// - `SeverityText`, `SeverityNumber`: `TRACE` 1, `DEBUG` 5, `INFO` 9, `WARN` 13, `ERROR` 17.
        /// - `Body`: the text. `Attributes`: the fields, as text; left out when there are none.
        /// - `InstrumentationScope.name`: what wrote it, such as a module path; `stdout` and `stderr` for lines on those,
        ///   `weft` for entries of the host.
        /// - `Resource`: the process, by name and id.
        /// - `TraceId`, `SpanId`, `TraceFlags`: the span it was written in, if in one.
        /// - `EventName`: left out but for two kinds of entries. `weft.log.dropped` is the last entry of a log whose end was lost. `weft.span` is
        ///   a span that has ended; its `Body` is the span's name, and it has the attributes `weft.span.start` (nanoseconds since 1970), `weft.span.duration` (nanoseconds), `weft.span.parent` (the id
        ///   of the span around it; left out for the outermost), `weft.span.kind` (`server` for what was asked from outside; only the host begins such spans) and, when the process ended before the span did, `weft.span.unfinished`.
        ///
        /// Attributes that the host adds:
        ///
        /// - `weft.log.dropped`: how many entries were lost before this one. They came too fast, were overwritten while nobody read,
        ///   or found no room in a channel of the guest's own.
        /// - `weft.log.dropped.copies`: how many of those were lines of a stream that is connected, and so stand there.
        /// - `weft.truncated.bytes`: how long the text was before it was cut.
        /// - `weft.capability`: the right that was missing.
        /// - `weft.limit`: the limit that a file call has reached, as WASI's error does not name it.
        /// - `weft.refused`: what is refused whatever is granted.
        /// - `weft.metric`: the metric of the process's own that is not shown, or `*` for some of all.
        ///
        /// A process that traps leaves one last entry. It has `exception.type` (`trap`), `exception.message` and `exception.stacktrace`. With core
        /// dumps on it also has `weft.coredump`, the name of the file, or `weft.coredump.missing`, why there is none. A panic in the SDK writes an entry of
        /// its own before that, with `exception.type` (`panic`) and `exception.message`.
        ///
        /// The log is bounded and drops its oldest entries; writing never waits. A reader that is too slow is told how many entries it
        /// missed (`lagged`); these do not count as dropped.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod log {
            use super::super::super::_rt;
            pub type Error = super::super::super::weft::fabric::types::Error;
            pub type Channel = super::super::super::weft::fabric::channel::Channel;
            /// How much an entry matters.
            #[repr(u8)]
            #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
            pub enum Level {
                /// Every step.
                Trace,
                /// For those who look for an error.
                Debug,
                /// Worth knowing.
                Info,
                /// Something is odd.
                Warn,
                /// Something failed.
                Error,
            }
            impl ::core::fmt::Debug for Level {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    match self {
                        Level::Trace => f.debug_tuple("Level::Trace").finish(),
                        Level::Debug => f.debug_tuple("Level::Debug").finish(),
                        Level::Info => f.debug_tuple("Level::Info").finish(),
                        Level::Warn => f.debug_tuple("Level::Warn").finish(),
                        Level::Error => f.debug_tuple("Level::Error").finish(),
                    }
                }
            }
            impl Level {
                #[doc(hidden)]
                pub unsafe fn _lift(val: u8) -> Level {
                    if !cfg!(debug_assertions) {
                        return unsafe { ::core::mem::transmute(val) };
                    }
                    match val {
                        0 => Level::Trace,
                        1 => Level::Debug,
                        2 => Level::Info,
                        3 => Level::Warn,
                        4 => Level::Error,
                        _ => panic!("invalid enum discriminant"),
                    }
                }
            }
            /// An attribute of an entry.
            #[derive(Clone)]
            pub struct Field {
                /// The attribute's name.
                pub key: _rt::String,
                /// Its value, as text.
                pub value: _rt::String,
            }
            impl ::core::fmt::Debug for Field {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Field")
                        .field("key", &self.key)
                        .field("value", &self.value)
                        .finish()
                }
            }
            /// A place in a trace, as W3C Trace Context has it. It can be sent to other processes, whose
            /// spans then go on with the trace.
            #[repr(C)]
            #[derive(Clone, Copy)]
            pub struct TraceContext {
                /// The upper and the lower half of the trace's id, which is not zero.
                pub trace_id: (u64, u64),
                /// The span's id, which is not zero.
                pub span_id: u64,
                /// Whether the trace is recorded by those who began it.
                pub sampled: bool,
            }
            impl ::core::fmt::Debug for TraceContext {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("TraceContext")
                        .field("trace-id", &self.trace_id)
                        .field("span-id", &self.span_id)
                        .field("sampled", &self.sampled)
                        .finish()
                }
            }
            /// One log entry. The host adds time, process id and name.
            #[derive(Clone)]
            pub struct Entry {
                /// Its severity.
                pub level: Level,
                /// What wrote it, such as a module path. `weft`, `stdout` and `stderr` are the host's own; of a guest they are written as
                /// `guest.weft` and so on.
                pub target: _rt::String,
                /// The text.
                pub message: _rt::String,
                /// The attributes.
                pub fields: _rt::Vec<Field>,
                /// The span it was written in.
                pub context: ::core::option::Option<TraceContext>,
            }
            impl ::core::fmt::Debug for Entry {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Entry")
                        .field("level", &self.level)
                        .field("target", &self.target)
                        .field("message", &self.message)
                        .field("fields", &self.fields)
                        .field("context", &self.context)
                        .finish()
                }
            }
            /// Work with a beginning and an end. Its end is its drop, and then an entry says how long it
            /// took; the host measures that, so no right to clocks is needed.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Span {
                handle: _rt::Resource<Span>,
            }
            impl Span {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Span {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            impl Span {
                #[allow(unused_unsafe, clippy::all)]
                /// Begins a span, within another if one is given. None when a span of this level is not kept, when the caller has no room for
                /// another handle, or has 1,024 spans open: work goes on without.
                #[allow(async_fn_in_trait)]
                pub fn begin(
                    name: &str,
                    target: &str,
                    level: Level,
                    fields: &[Field],
                    parent: ::core::option::Option<TraceContext>,
                ) -> ::core::option::Option<Span> {
                    crate::testing::host::log::span::begin(
                        name,
                        target,
                        level,
                        fields,
                        parent,
                    )
                }
            }
            impl Span {
                #[allow(unused_unsafe, clippy::all)]
                /// Adds attributes; one that is there already is replaced. A span keeps 8 KiB of them.
                #[allow(async_fn_in_trait)]
                pub fn record(&self, fields: &[Field]) -> () {
                    crate::testing::host::log::span::record(self, fields)
                }
            }
            impl Span {
                #[allow(unused_unsafe, clippy::all)]
                /// The span as the parent of others.
                #[allow(async_fn_in_trait)]
                pub fn context(&self) -> TraceContext {
                    crate::testing::host::log::span::context(self)
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Writes an entry to the caller's own log. Never waits, never fails.
            #[allow(async_fn_in_trait)]
            pub fn write(entry: &Entry) -> () {
                crate::testing::host::log::write(entry)
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Whether an entry of this level is kept at all.
            #[allow(async_fn_in_trait)]
            pub fn enabled(level: Level, target: &str) -> bool {
                crate::testing::host::log::enabled(level, target)
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Puts a channel the caller holds in the place of its log channel: entries
            /// from now on go there. Fails with `closed` if that channel has ended, with `unsupported` if it is not in this host's memory, and with `permission-denied` if the handle's access has no writers; then
            /// the log stays as it was. A handle that the caller does not hold, or that is of another kind, makes no call at all: the component model
            /// ends the caller with a trap. When the channel ends later, entries go to a log of the process's own again, whose first entry says so.
            #[allow(async_fn_in_trait)]
            pub fn register(channel: &Channel) -> ::core::result::Result<(), Error> {
                crate::testing::host::log::register(channel)
            }
        }
        /// Metrics of a process's own: numbers that whoever watches the host sees beside the host's numbers of the process, such as in
        /// `weft up --metrics` as `weft_guest_NAME`. No right is needed.
        ///
        /// A series is one number, or one histogram, with its labels. Opening the same instrument with the same labels again gives the same series.
        /// A series lives as long as its process, also when all its handles are dropped. A process has at most 128 series, and each is paid for as
        /// `host-bytes`.
        ///
        /// Calls that change a series never wait and never fail. NaN and infinities are ignored.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod metrics {
            use super::super::super::_rt;
            pub type Error = super::super::super::weft::fabric::types::Error;
            /// What tells the series of an instrument apart.
            #[derive(Clone)]
            pub struct Label {
                /// 1 to 64 letters of ASCII, digits and `_`, and no digit at the beginning. It does not begin with `__`, which Prometheus keeps for
                /// itself, and is none of `process`, `id`, `component` and `le`, which the host sets.
                pub name: _rt::String,
                /// Any text of at most 256 bytes.
                pub value: _rt::String,
            }
            impl ::core::fmt::Debug for Label {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Label")
                        .field("name", &self.name)
                        .field("value", &self.value)
                        .finish()
                }
            }
            /// What is measured.
            #[derive(Clone)]
            pub struct Instrument {
                /// 1 to 100 letters of ASCII, digits and `_`, and no digit at the beginning, such as `flights_read`. With the unit, it does not end with
                /// `_total`, `_sum`, `_count`, `_bucket`, `_created` or `_info`: the formats add these themselves.
                pub name: _rt::String,
                /// The unit in the plural, such as `seconds` or `bytes`, of at most 32 letters of ASCII, digits and `_`; empty when there is none.
                /// Formats add it to the name, unless the name ends with it.
                pub unit: _rt::String,
                /// What it means, in at most 512 bytes. Control characters become spaces.
                pub description: _rt::String,
                /// At most 8, each name once. Their order does not matter.
                pub labels: _rt::Vec<Label>,
            }
            impl ::core::fmt::Debug for Instrument {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Instrument")
                        .field("name", &self.name)
                        .field("unit", &self.unit)
                        .field("description", &self.description)
                        .field("labels", &self.labels)
                        .finish()
                }
            }
            /// A number that only grows, such as of the frames that were read.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Counter {
                handle: _rt::Resource<Counter>,
            }
            impl Counter {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Counter {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            /// A number that goes up and down, such as of the requests that wait.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Gauge {
                handle: _rt::Resource<Gauge>,
            }
            impl Gauge {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Gauge {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            /// Numbers counted in buckets, such as how long requests took.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Histogram {
                handle: _rt::Resource<Histogram>,
            }
            impl Histogram {
                #[doc(hidden)]
                pub unsafe fn from_handle(handle: u32) -> Self {
                    Self {
                        handle: unsafe { _rt::Resource::from_handle(handle) },
                    }
                }
                #[doc(hidden)]
                pub fn take_handle(&self) -> u32 {
                    _rt::Resource::take_handle(&self.handle)
                }
                #[doc(hidden)]
                pub fn handle(&self) -> u32 {
                    _rt::Resource::handle(&self.handle)
                }
            }
            unsafe impl _rt::WasmResource for Histogram {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            impl Counter {
                #[allow(unused_unsafe, clippy::all)]
                /// Opens a series. `invalid-argument` when a text is not as `instrument` says, or when the process has an instrument of this name
                /// with another kind, unit or description. `exhausted` when the process has as many series, or handles, as it may, or cannot pay for
                /// one more.
                #[allow(async_fn_in_trait)]
                pub fn open(
                    instrument: &Instrument,
                ) -> ::core::result::Result<Counter, Error> {
                    crate::testing::host::metrics::counter::open(instrument)
                }
            }
            impl Counter {
                #[allow(unused_unsafe, clippy::all)]
                /// Adds to it. A negative amount is ignored, and so is one with which the number would be infinite.
                #[allow(async_fn_in_trait)]
                pub fn add(&self, amount: f64) -> () {
                    crate::testing::host::metrics::counter::add(self, amount)
                }
            }
            impl Gauge {
                #[allow(unused_unsafe, clippy::all)]
                /// As `counter.open`.
                #[allow(async_fn_in_trait)]
                pub fn open(
                    instrument: &Instrument,
                ) -> ::core::result::Result<Gauge, Error> {
                    crate::testing::host::metrics::gauge::open(instrument)
                }
            }
            impl Gauge {
                #[allow(unused_unsafe, clippy::all)]
                /// Sets it.
                #[allow(async_fn_in_trait)]
                pub fn set(&self, value: f64) -> () {
                    crate::testing::host::metrics::gauge::set(self, value)
                }
            }
            impl Gauge {
                #[allow(unused_unsafe, clippy::all)]
                /// Adds to it; a negative amount lessens it. An amount with which the number would be infinite is ignored.
                #[allow(async_fn_in_trait)]
                pub fn add(&self, amount: f64) -> () {
                    crate::testing::host::metrics::gauge::add(self, amount)
                }
            }
            impl Histogram {
                #[allow(unused_unsafe, clippy::all)]
                /// As `counter.open`. The bounds are the upper bounds of the buckets: at most 32, finite and ascending. One more bucket takes what
                /// is above them. An empty list stands for 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5 and 10, which fit requests that are
                /// timed in seconds. They belong to the instrument: other bounds under its name are an `invalid-argument`.
                #[allow(async_fn_in_trait)]
                pub fn open(
                    instrument: &Instrument,
                    bounds: &[f64],
                ) -> ::core::result::Result<Histogram, Error> {
                    crate::testing::host::metrics::histogram::open(instrument, bounds)
                }
            }
            impl Histogram {
                #[allow(unused_unsafe, clippy::all)]
                /// Counts a number.
                #[allow(async_fn_in_trait)]
                pub fn observe(&self, value: f64) -> () {
                    crate::testing::host::metrics::histogram::observe(self, value)
                }
            }
        }
    }
}
mod _rt {
    #![allow(dead_code, unused_imports, clippy::all)]
    pub use alloc_crate::string::String;
    pub use alloc_crate::vec::Vec;
    use core::fmt;
    use core::marker;
    use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
    /// A type which represents a component model resource, either imported or
    /// exported into this component.
    ///
    /// This is a low-level wrapper which handles the lifetime of the resource
    /// (namely this has a destructor). The `T` provided defines the component model
    /// intrinsics that this wrapper uses.
    ///
    /// One of the chief purposes of this type is to provide `Deref` implementations
    /// to access the underlying data when it is owned.
    ///
    /// This type is primarily used in generated code for exported and imported
    /// resources.
    #[repr(transparent)]
    pub struct Resource<T: WasmResource> {
        handle: AtomicU32,
        _marker: marker::PhantomData<T>,
    }
    /// A trait which all wasm resources implement, namely providing the ability to
    /// drop a resource.
    ///
    /// This generally is implemented by generated code, not user-facing code.
    #[allow(clippy::missing_safety_doc)]
    pub unsafe trait WasmResource {
        /// Invokes the `[resource-drop]...` intrinsic.
        unsafe fn drop(handle: u32);
    }
    impl<T: WasmResource> Resource<T> {
        #[doc(hidden)]
        pub unsafe fn from_handle(handle: u32) -> Self {
            debug_assert!(handle != 0 && handle != u32::MAX);
            Self {
                handle: AtomicU32::new(handle),
                _marker: marker::PhantomData,
            }
        }
        /// Takes ownership of the handle owned by `resource`.
        ///
        /// Note that this ideally would be `into_handle` taking `Resource<T>` by
        /// ownership. The code generator does not enable that in all situations,
        /// unfortunately, so this is provided instead.
        ///
        /// Also note that `take_handle` is in theory only ever called on values
        /// owned by a generated function. For example a generated function might
        /// take `Resource<T>` as an argument but then call `take_handle` on a
        /// reference to that argument. In that sense the dynamic nature of
        /// `take_handle` should only be exposed internally to generated code, not
        /// to user code.
        #[doc(hidden)]
        pub fn take_handle(resource: &Resource<T>) -> u32 {
            resource.handle.swap(u32::MAX, Relaxed)
        }
        #[doc(hidden)]
        pub fn handle(resource: &Resource<T>) -> u32 {
            resource.handle.load(Relaxed)
        }
    }
    impl<T: WasmResource> fmt::Debug for Resource<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Resource").field("handle", &self.handle).finish()
        }
    }
    impl<T: WasmResource> Drop for Resource<T> {
        fn drop(&mut self) {
            unsafe {
                match self.handle.load(Relaxed) {
                    u32::MAX => {}
                    other => T::drop(other),
                }
            }
        }
    }
    pub fn as_i64<T: AsI64>(t: T) -> i64 {
        t.as_i64()
    }
    pub trait AsI64 {
        fn as_i64(self) -> i64;
    }
    impl<'a, T: Copy + AsI64> AsI64 for &'a T {
        fn as_i64(self) -> i64 {
            (*self).as_i64()
        }
    }
    impl AsI64 for i64 {
        #[inline]
        fn as_i64(self) -> i64 {
            self as i64
        }
    }
    impl AsI64 for u64 {
        #[inline]
        fn as_i64(self) -> i64 {
            self as i64
        }
    }
    pub unsafe fn string_lift(bytes: Vec<u8>) -> String {
        if cfg!(debug_assertions) {
            String::from_utf8(bytes).unwrap()
        } else {
            unsafe { String::from_utf8_unchecked(bytes) }
        }
    }
    pub unsafe fn invalid_enum_discriminant<T>() -> T {
        if cfg!(debug_assertions) {
            panic!("invalid enum discriminant")
        } else {
            unsafe { core::hint::unreachable_unchecked() }
        }
    }
    pub unsafe fn bool_lift(val: u8) -> bool {
        if cfg!(debug_assertions) {
            match val {
                0 => false,
                1 => true,
                _ => panic!("invalid bool discriminant"),
            }
        } else {
            val != 0
        }
    }
    pub use alloc_crate::alloc;
    pub unsafe fn cabi_dealloc(ptr: *mut u8, size: usize, align: usize) {
        if size == 0 {
            return;
        }
        unsafe {
            let layout = alloc::Layout::from_size_align_unchecked(size, align);
            alloc::dealloc(ptr, layout);
        }
    }
    pub fn as_i32<T: AsI32>(t: T) -> i32 {
        t.as_i32()
    }
    pub trait AsI32 {
        fn as_i32(self) -> i32;
    }
    impl<'a, T: Copy + AsI32> AsI32 for &'a T {
        fn as_i32(self) -> i32 {
            (*self).as_i32()
        }
    }
    impl AsI32 for i32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u32 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u16 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for i8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for u8 {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for char {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    impl AsI32 for usize {
        #[inline]
        fn as_i32(self) -> i32 {
            self as i32
        }
    }
    pub fn as_f32<T: AsF32>(t: T) -> f32 {
        t.as_f32()
    }
    pub trait AsF32 {
        fn as_f32(self) -> f32;
    }
    impl<'a, T: Copy + AsF32> AsF32 for &'a T {
        fn as_f32(self) -> f32 {
            (*self).as_f32()
        }
    }
    impl AsF32 for f32 {
        #[inline]
        fn as_f32(self) -> f32 {
            self as f32
        }
    }
    pub fn as_f64<T: AsF64>(t: T) -> f64 {
        t.as_f64()
    }
    pub trait AsF64 {
        fn as_f64(self) -> f64;
    }
    impl<'a, T: Copy + AsF64> AsF64 for &'a T {
        fn as_f64(self) -> f64 {
            (*self).as_f64()
        }
    }
    impl AsF64 for f64 {
        #[inline]
        fn as_f64(self) -> f64 {
            self as f64
        }
    }
    extern crate alloc as alloc_crate;
}
