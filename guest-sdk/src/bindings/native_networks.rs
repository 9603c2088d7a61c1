// Made from WIT by `tests/bindings.rs`; not to be edited.
#[allow(unfulfilled_lint_expectations, unused_imports)]
use super::weft::fabric::types as __with_name0;
#[allow(unfulfilled_lint_expectations, unused_imports)]
use super::weft::fabric::frames as __with_name1;
#[allow(unfulfilled_lint_expectations, unused_imports)]
use super::weft::fabric::channel as __with_name2;
#[allow(dead_code, clippy::all)]
pub mod weft {
    pub mod fabric {
        /// Connections to other machines, over TCP and TLS. A connection is a reader and a writer of a channel each: what the other side
        /// sends is read, what is written is sent to it.
        ///
        /// Frames are pieces of a stream of bytes here: their borders mean nothing, and a frame that is written may arrive in parts. Handles
        /// that are written with a frame are dropped. A reader that is not read holds the other side back, and so does the other side a
        /// writer.
        ///
        /// Ends of connections are ends of channels in every respect: they can be given to children and sent with frames. So reading needs
        /// `channel-reader` and writing `channel-writer` besides. When the other side has sent all, the reader reads what is left and then
        /// end-of-channel. Dropping the writer tells the other side, once all is sent, that nothing more comes. A connection that broke is
        /// `terminated` for both ends. It is closed when both ends are dropped.
        ///
        /// An address is `tcp://HOST:PORT` or `tls://HOST:PORT`. HOST is a name, an IPv4 address, or an IPv6 address in brackets. The host
        /// speaks TLS and checks certificates; guests read and write what is inside.
        ///
        /// The calls of this interface that wait, wait on the caller's own stack. `net-async` has the same waits as `async func`s.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod net {
            use super::super::super::_rt;
            pub type Reader = super::super::super::__with_name2::Reader;
            pub type Writer = super::super::super::__with_name2::Writer;
            /// Why there is no connection or no listener. None of these ends the caller.
            #[derive(Clone)]
            pub enum Error {
                /// The caller lacks this right, given as in `connect(tcp://db.example:5432)`.
                PermissionDenied(_rt::String),
                /// The address is none; the text says what to write.
                InvalidAddress(_rt::String),
                /// An option is wrong; the text says which, what was wanted and what was given.
                InvalidArgument(_rt::String),
                /// The name has no address, or nobody answered for it.
                NameNotFound(_rt::String),
                /// Nobody listens there, or the other side does not want to; the text has the address.
                Refused(_rt::String),
                /// It did not come about in time.
                Timeout,
                /// Another one listens there.
                AddressInUse(_rt::String),
                /// A bound was reached; the text says which and how high it is.
                Exhausted(_rt::String),
                /// There is no TLS with the other side: its certificate, or what it sent; the text says why.
                Tls(_rt::String),
                /// The listener or the connection has ended.
                Closed,
                /// Only from `try-` calls: nobody is there yet.
                WouldBlock,
                /// It was tried and failed; the text says why.
                Failed(_rt::String),
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
                        Error::InvalidAddress(e) => {
                            f.debug_tuple("Error::InvalidAddress").field(e).finish()
                        }
                        Error::InvalidArgument(e) => {
                            f.debug_tuple("Error::InvalidArgument").field(e).finish()
                        }
                        Error::NameNotFound(e) => {
                            f.debug_tuple("Error::NameNotFound").field(e).finish()
                        }
                        Error::Refused(e) => {
                            f.debug_tuple("Error::Refused").field(e).finish()
                        }
                        Error::Timeout => f.debug_tuple("Error::Timeout").finish(),
                        Error::AddressInUse(e) => {
                            f.debug_tuple("Error::AddressInUse").field(e).finish()
                        }
                        Error::Exhausted(e) => {
                            f.debug_tuple("Error::Exhausted").field(e).finish()
                        }
                        Error::Tls(e) => f.debug_tuple("Error::Tls").field(e).finish(),
                        Error::Closed => f.debug_tuple("Error::Closed").finish(),
                        Error::WouldBlock => f.debug_tuple("Error::WouldBlock").finish(),
                        Error::Failed(e) => {
                            f.debug_tuple("Error::Failed").field(e).finish()
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
            /// A connection, or a stream of one that has many.
            pub struct Connection {
                /// What the other side sends.
                pub input: Reader,
                /// What is sent to the other side.
                pub output: Writer,
                /// The address of the other side, as `tls://192.0.2.1:40612`.
                pub remote: _rt::String,
                /// The names in the certificate of the other side, if it showed one and it was believed.
                pub names: _rt::Vec<_rt::String>,
                /// Which of the offered protocols was agreed on (ALPN), if any was offered.
                pub protocol: ::core::option::Option<_rt::String>,
            }
            impl ::core::fmt::Debug for Connection {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("Connection")
                        .field("input", &self.input)
                        .field("output", &self.output)
                        .field("remote", &self.remote)
                        .field("names", &self.names)
                        .field("protocol", &self.protocol)
                        .finish()
                }
            }
            /// How a connection is made.
            #[derive(Clone)]
            pub struct ConnectOptions {
                /// Bytes that may be on their way in each direction, at least 1. The host's default if it is none. Both directions count against the
                /// caller's limits `channels` and `channel-bytes`; and against `host-bytes` counts what the host has in hand: as many bytes again, and
                /// 64 KiB.
                pub capacity: ::core::option::Option<u64>,
                /// The protocols to offer (ALPN), the best first. Not for `tcp`.
                pub protocols: _rt::Vec<_rt::String>,
            }
            impl ::core::fmt::Debug for ConnectOptions {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("ConnectOptions")
                        .field("capacity", &self.capacity)
                        .field("protocols", &self.protocols)
                        .finish()
                }
            }
            /// How a listener is made.
            #[derive(Clone)]
            pub struct ListenOptions {
                /// As for `connect-options`, of each connection that is accepted.
                pub capacity: ::core::option::Option<u64>,
                /// The name of the certificate to show, for every scheme but `tcp`. The host has it, and reads it again when it changes. Needs
                /// `certificate` with this name, beside the right to listen.
                pub certificate: ::core::option::Option<_rt::String>,
                /// The protocols that are spoken (ALPN). A client that offers others is turned away. Not for `tcp`.
                pub protocols: _rt::Vec<_rt::String>,
            }
            impl ::core::fmt::Debug for ListenOptions {
                fn fmt(
                    &self,
                    f: &mut ::core::fmt::Formatter<'_>,
                ) -> ::core::fmt::Result {
                    f.debug_struct("ListenOptions")
                        .field("capacity", &self.capacity)
                        .field("certificate", &self.certificate)
                        .field("protocols", &self.protocols)
                        .finish()
                }
            }
            /// A place where others connect. Dropping it closes it; connections that were accepted stay.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Listener {
                handle: _rt::Resource<Listener>,
            }
            impl Listener {
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
            unsafe impl _rt::WasmResource for Listener {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            impl Listener {
                #[allow(unused_unsafe, clippy::all)]
                /// Begins to listen. HOST is an address of this machine, `0.0.0.0` and `[::]` for all of them, or `localhost`. With port 0 the
                /// system chooses one. Needs `listen` with a pattern of the address.
                #[allow(async_fn_in_trait)]
                pub fn listen(
                    address: &str,
                    options: &ListenOptions,
                ) -> ::core::result::Result<Listener, Error> {
                    crate::testing::host::net::listener::listen(address, options)
                }
            }
            impl Listener {
                #[allow(unused_unsafe, clippy::all)]
                /// The address, with the port that it has.
                #[allow(async_fn_in_trait)]
                pub fn address(&self) -> _rt::String {
                    crate::testing::host::net::listener::address(self)
                }
            }
            impl Listener {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next connection, waiting for one. Clients with which there is no TLS are turned away before. So are those for which the
                /// caller's limits leave no room: its log says so once.
                #[allow(async_fn_in_trait)]
                pub fn accept(&self) -> ::core::result::Result<Connection, Error> {
                    crate::testing::host::net::listener::accept(self)
                }
            }
            impl Listener {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next connection without waiting; `would-block` where `accept` would wait.
                #[allow(async_fn_in_trait)]
                pub fn try_accept(&self) -> ::core::result::Result<Connection, Error> {
                    crate::testing::host::net::listener::try_accept(self)
                }
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Connects. A name is looked up, and the addresses that the caller may reach are tried one after the other. Needs `connect` with a
            /// pattern of the address.
            #[allow(async_fn_in_trait)]
            pub fn connect(
                address: &str,
                options: &ConnectOptions,
            ) -> ::core::result::Result<Connection, Error> {
                crate::testing::host::net::connect(address, options)
            }
        }
        /// The waits of `net` as `async func`s over the same resources, for guests that do several things at once.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod net_async {
            use super::super::super::_rt;
            pub type Listener = super::super::super::weft::fabric::net::Listener;
            pub type Connection = super::super::super::weft::fabric::net::Connection;
            pub type ConnectOptions = super::super::super::weft::fabric::net::ConnectOptions;
            pub type Error = super::super::super::weft::fabric::net::Error;
            #[allow(unused_unsafe, clippy::all)]
            /// As `net.connect`. A call that is cancelled leaves no connection. Needs `connect` with a pattern of the address.
            #[allow(async_fn_in_trait)]
            pub async fn connect(
                address: _rt::String,
                options: ConnectOptions,
            ) -> ::core::result::Result<Connection, Error> {
                crate::testing::host::net_async::connect(address, options).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Waits until `try-accept` would not wait. Takes nothing, so nobody is lost when it is cancelled.
            #[allow(async_fn_in_trait)]
            pub async fn await_connection(source: &Listener) -> () {
                crate::testing::host::net_async::await_connection(source).await
            }
        }
        /// Connections over QUIC. One has any number of streams, each a reader and a writer as `net` describes them, and datagrams.
        ///
        /// An address is `quic://HOST:PORT`. There is no QUIC without TLS: whoever listens shows a certificate.
        ///
        /// The calls of this interface that wait, wait on the caller's own stack. `quic-async` has the same waits as `async func`s.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod quic {
            use super::super::super::_rt;
            pub type Reader = super::super::super::__with_name2::Reader;
            pub type Writer = super::super::super::__with_name2::Writer;
            pub type Connection = super::super::super::weft::fabric::net::Connection;
            pub type ConnectOptions = super::super::super::weft::fabric::net::ConnectOptions;
            pub type ListenOptions = super::super::super::weft::fabric::net::ListenOptions;
            pub type Error = super::super::super::weft::fabric::net::Error;
            /// A connection. Dropping it closes it once its streams are done; no more can be opened then.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Session {
                handle: _rt::Resource<Session>,
            }
            impl Session {
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
            unsafe impl _rt::WasmResource for Session {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            /// A place where others connect. Dropping it ends the wait for others; sessions that were accepted stay.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct Endpoint {
                handle: _rt::Resource<Endpoint>,
            }
            impl Endpoint {
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
            unsafe impl _rt::WasmResource for Endpoint {
                #[inline]
                unsafe fn drop(_handle: u32) {
                    crate::testing::host::drop_handle(_handle)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// Connects, as `net.connect`. The capacity is that of each stream, and of the datagrams. Needs `connect` with a pattern of the
                /// address.
                #[allow(async_fn_in_trait)]
                pub fn connect(
                    address: &str,
                    options: &ConnectOptions,
                ) -> ::core::result::Result<Session, Error> {
                    crate::testing::host::quic::session::connect(address, options)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// The address of the other side, as `quic://192.0.2.1:40612`.
                #[allow(async_fn_in_trait)]
                pub fn remote(&self) -> _rt::String {
                    crate::testing::host::quic::session::remote(self)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// The names in the certificate of the other side, if it showed one and it was believed.
                #[allow(async_fn_in_trait)]
                pub fn names(&self) -> _rt::Vec<_rt::String> {
                    crate::testing::host::quic::session::names(self)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// Which of the offered protocols was agreed on (ALPN), if any was offered.
                #[allow(async_fn_in_trait)]
                pub fn protocol(&self) -> ::core::option::Option<_rt::String> {
                    crate::testing::host::quic::session::protocol(self)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// Opens a stream. It waits as long as the other side takes no more of them. The other side hears of it with the first frame.
                #[allow(async_fn_in_trait)]
                pub fn open(&self) -> ::core::result::Result<Connection, Error> {
                    crate::testing::host::quic::session::open(self)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next stream that the other side has opened, waiting for one; `closed` when the connection is.
                #[allow(async_fn_in_trait)]
                pub fn accept(&self) -> ::core::result::Result<Connection, Error> {
                    crate::testing::host::quic::session::accept(self)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next stream without waiting; `would-block` where `accept` would wait.
                #[allow(async_fn_in_trait)]
                pub fn try_accept(&self) -> ::core::result::Result<Connection, Error> {
                    crate::testing::host::quic::session::try_accept(self)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// The datagrams of the connection: each is a frame, which arrives once or not at all, in any order. `closed` when they were taken
                /// before. `failed` where the other side takes none. A frame that is larger than a datagram may be is dropped; the caller's log says so once. When nobody reads
                /// those that arrive, the newest are dropped.
                #[allow(async_fn_in_trait)]
                pub fn datagrams(
                    &self,
                ) -> ::core::result::Result<(Reader, Writer), Error> {
                    crate::testing::host::quic::session::datagrams(self)
                }
            }
            impl Session {
                #[allow(unused_unsafe, clippy::all)]
                /// Closes the connection at once, with a number and a text of 1 KiB at most for the other side. Its streams are `terminated`.
                #[allow(async_fn_in_trait)]
                pub fn close(&self, code: u32, reason: &str) -> () {
                    crate::testing::host::quic::session::close(self, code, reason)
                }
            }
            impl Endpoint {
                #[allow(unused_unsafe, clippy::all)]
                /// Begins to listen, as `listener.listen`. Needs `listen` with a pattern of the address.
                #[allow(async_fn_in_trait)]
                pub fn listen(
                    address: &str,
                    options: &ListenOptions,
                ) -> ::core::result::Result<Endpoint, Error> {
                    crate::testing::host::quic::endpoint::listen(address, options)
                }
            }
            impl Endpoint {
                #[allow(unused_unsafe, clippy::all)]
                /// The address, with the port that it has.
                #[allow(async_fn_in_trait)]
                pub fn address(&self) -> _rt::String {
                    crate::testing::host::quic::endpoint::address(self)
                }
            }
            impl Endpoint {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next connection, waiting for one; as `listener.accept`.
                #[allow(async_fn_in_trait)]
                pub fn accept(&self) -> ::core::result::Result<Session, Error> {
                    crate::testing::host::quic::endpoint::accept(self)
                }
            }
            impl Endpoint {
                #[allow(unused_unsafe, clippy::all)]
                /// Takes the next connection without waiting; `would-block` where `accept` would wait.
                #[allow(async_fn_in_trait)]
                pub fn try_accept(&self) -> ::core::result::Result<Session, Error> {
                    crate::testing::host::quic::endpoint::try_accept(self)
                }
            }
        }
        /// The waits of `quic` as `async func`s over the same resources, for guests that do several things at once.
        #[allow(dead_code, async_fn_in_trait, unused_imports, clippy::all)]
        pub mod quic_async {
            use super::super::super::_rt;
            pub type Connection = super::super::super::weft::fabric::net::Connection;
            pub type ConnectOptions = super::super::super::weft::fabric::net::ConnectOptions;
            pub type Error = super::super::super::weft::fabric::net::Error;
            pub type Session = super::super::super::weft::fabric::quic::Session;
            pub type Endpoint = super::super::super::weft::fabric::quic::Endpoint;
            #[allow(unused_unsafe, clippy::all)]
            /// As `session.connect`. A call that is cancelled leaves no connection. Needs `connect` with a pattern of the address.
            #[allow(async_fn_in_trait)]
            pub async fn connect(
                address: _rt::String,
                options: ConnectOptions,
            ) -> ::core::result::Result<Session, Error> {
                crate::testing::host::quic_async::connect(address, options).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// As `session.open`. A call that is cancelled leaves no stream.
            #[allow(async_fn_in_trait)]
            pub async fn open(
                of: &Session,
            ) -> ::core::result::Result<Connection, Error> {
                crate::testing::host::quic_async::open(of).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Waits until `session.try-accept` would not wait. Takes nothing.
            #[allow(async_fn_in_trait)]
            pub async fn await_stream(of: &Session) -> () {
                crate::testing::host::quic_async::await_stream(of).await
            }
            #[allow(unused_unsafe, clippy::all)]
            /// Waits until `endpoint.try-accept` would not wait. Takes nothing.
            #[allow(async_fn_in_trait)]
            pub async fn await_session(source: &Endpoint) -> () {
                crate::testing::host::quic_async::await_session(source).await
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
    pub use alloc_crate::alloc;
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
    extern crate alloc as alloc_crate;
}
