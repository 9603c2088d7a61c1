//! Bounds on the texts of a request: its method, scheme, authority and path. The implementation keeps them however long they are.
//!
//! The functions that set them are replaced by ones that refuse a text that is longer than the fields of a request may be, and are those
//! of the implementation otherwise.

use super::{FIELD_BYTES, view};
use wasmtime_wasi_http::p2::bindings::http::types as p2;
use wasmtime_wasi_http::p2::types::HostOutgoingRequest;
use wasmtime_wasi_http::p3::Request;
use wasmtime_wasi_http::p3::bindings::http::types as p3;
use weft_host::process::ProcessState;
use weft_host::wasmtime::component::{Linker, Resource};
use weft_host::wasmtime::{self, StoreContextMut};

/// What may be too long.
trait Text {
    fn is_long(&self) -> bool;
}

impl Text for String {
    fn is_long(&self) -> bool {
        self.len() > FIELD_BYTES
    }
}

impl<T: Text> Text for Option<T> {
    fn is_long(&self) -> bool {
        self.as_ref().is_some_and(Text::is_long)
    }
}

/// Methods and schemes, of which those that have no name of their own are texts.
macro_rules! named {
    ($($of:ty: $other:path),* $(,)?) => {$(
        impl Text for $of {
            fn is_long(&self) -> bool {
                matches!(self, $other(text) if text.is_long())
            }
        }
    )*};
}

named! {
    p2::Method: p2::Method::Other,
    p2::Scheme: p2::Scheme::Other,
    p3::Method: p3::Method::Other,
    p3::Scheme: p3::Scheme::Other,
}

/// Replaces functions of an interface that take a request and a text.
macro_rules! bound {
    ($linker:ident, $interface:literal, $request:ty, $host:path: $($name:literal $function:ident($text:ty)),* $(,)?) => {{
        let mut interface = $linker.instance($interface)?;
        $(interface.func_wrap(
            $name,
            |mut store: StoreContextMut<'_, ProcessState>, (request, text): (Resource<$request>, $text)| {
                if text.is_long() {
                    return Ok((Err(()),));
                }
                let mut view = view(store.data_mut());
                <_ as $host>::$function(&mut view, request, text).map(|set| (set,))
            },
        )?;)*
        Ok(())
    }};
}

/// Those of 0.2.
pub(super) fn bound_plain(linker: &mut Linker<ProcessState>) -> wasmtime::Result<()> {
    bound!(linker, "wasi:http/types@0.2.12", HostOutgoingRequest, p2::HostOutgoingRequest:
        "[method]outgoing-request.set-method" set_method(p2::Method),
        "[method]outgoing-request.set-scheme" set_scheme(Option<p2::Scheme>),
        "[method]outgoing-request.set-authority" set_authority(Option<String>),
        "[method]outgoing-request.set-path-with-query" set_path_with_query(Option<String>),
    )
}

/// Those of 0.3.
pub(super) fn bound_concurrent(linker: &mut Linker<ProcessState>) -> wasmtime::Result<()> {
    bound!(linker, "wasi:http/types@0.3.0", Request, p3::HostRequest:
        "[method]request.set-method" set_method(p3::Method),
        "[method]request.set-scheme" set_scheme(Option<p3::Scheme>),
        "[method]request.set-authority" set_authority(Option<String>),
        "[method]request.set-path-with-query" set_path_with_query(Option<String>),
    )
}
