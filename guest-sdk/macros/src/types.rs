//! What a Rust type is in WIT.
//!
//! The mapping goes by the *name* of a type, its last path segment: a macro
//! sees no more. That the name means what it seems to mean is checked later by
//! the compiler, against the traits of `weft_guest::rt`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;
use syn::{Error, GenericArgument, PathArguments, PathSegment, Type};

/// What to say of a type that has no counterpart.
const POSSIBLE: &str = "an entry point's parameters and results can be made of bool, u8, u16, u32, u64, i8, i16, i32, i64, f32, \
f64, char, String, Vec<T>, Option<T>, Result<T, E>, tuples, Reader, Writer, Channel, TypedReader<..>, TypedWriter<..> and Process";

/// A resource of the contract, by its interface and name.
pub(crate) type Resource = (&'static str, &'static str);

/// A type in both worlds.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// As WIT writes it.
    pub wit: String,
    /// As the generated bindings spell it in Rust.
    pub raw: TokenStream,
    /// The resources of the contract it mentions.
    pub resources: BTreeSet<Resource>,
}

impl Mapped {
    /// A type that is made of no others.
    fn plain(wit: &str, raw: TokenStream) -> Self {
        Mapped {
            wit: wit.to_owned(),
            raw,
            resources: BTreeSet::new(),
        }
    }

    /// A resource of the contract.
    fn resource(resource: Resource, raw: TokenStream) -> Self {
        let (interface, name) = resource;
        let module = format_ident!("{interface}");
        Mapped {
            wit: name.to_owned(),
            raw: quote!(::weft_guest::bindings::weft::fabric::#module::#raw),
            resources: BTreeSet::from([resource]),
        }
    }
}

/// Maps a type of a parameter, or within another type.
///
/// # Errors
///
/// At the type, when it has no counterpart; the message lists what has.
pub(crate) fn map(ty: &Type) -> syn::Result<Mapped> {
    match ty {
        Type::Paren(inner) => map(&inner.elem),
        Type::Group(inner) => map(&inner.elem),
        Type::Tuple(tuple) if tuple.elems.is_empty() => Err(unsupported(
            ty,
            "`()` is no type of a value; leave it out, or use it within Result<..> only",
        )),
        Type::Tuple(tuple) => {
            let parts = tuple
                .elems
                .iter()
                .map(map)
                .collect::<syn::Result<Vec<_>>>()?;
            let wit = parts.iter().map(|part| part.wit.as_str());
            let wit = format!("tuple<{}>", wit.collect::<Vec<_>>().join(", "));
            let raw = parts.iter().map(|part| &part.raw);
            let raw = quote!((#(#raw,)*));
            let resources = parts.into_iter().flat_map(|part| part.resources).collect();
            Ok(Mapped {
                wit,
                raw,
                resources,
            })
        }
        Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
            Some(last) => named(ty, last),
            None => Err(unsupported(ty, "an empty path is no type")),
        },
        Type::Reference(_) => Err(unsupported(
            ty,
            "a reference cannot cross into a guest; take the value itself, such as String for &str",
        )),
        Type::Array(_) | Type::Slice(_) => Err(unsupported(ty, "use Vec<T> for a list")),
        _ => Err(unsupported(ty, "this type has no counterpart in WIT")),
    }
}

/// Maps a type that has a name.
fn named(ty: &Type, last: &PathSegment) -> syn::Result<Mapped> {
    let name = last.ident.to_string();
    let args = type_arguments(last);
    let plain = match name.as_str() {
        "bool" => Some("bool"),
        "u8" => Some("u8"),
        "u16" => Some("u16"),
        "u32" => Some("u32"),
        "u64" => Some("u64"),
        "i8" => Some("s8"),
        "i16" => Some("s16"),
        "i32" => Some("s32"),
        "i64" => Some("s64"),
        "f32" => Some("f32"),
        "f64" => Some("f64"),
        "char" => Some("char"),
        _ => None,
    };
    match (name.as_str(), args.as_slice()) {
        (_, []) if plain.is_some() => {
            let ident = &last.ident;
            Ok(Mapped::plain(
                plain.unwrap_or_default(),
                quote!(::core::primitive::#ident),
            ))
        }
        ("String", []) => Ok(Mapped::plain("string", quote!(::std::string::String))),
        ("Reader", []) | ("TypedReader", _) => {
            Ok(Mapped::resource(("channel", "reader"), quote!(Reader)))
        }
        ("Writer", []) | ("TypedWriter", _) => {
            Ok(Mapped::resource(("channel", "writer"), quote!(Writer)))
        }
        ("Channel", []) => Ok(Mapped::resource(("channel", "channel"), quote!(Channel))),
        ("Process", []) => Ok(Mapped::resource(("process", "process"), quote!(Process))),
        ("Vec", [item]) => {
            let item = map(item)?;
            let raw = &item.raw;
            Ok(Mapped {
                wit: format!("list<{}>", item.wit),
                raw: quote!(::std::vec::Vec<#raw>),
                resources: item.resources,
            })
        }
        ("Option", [item]) => {
            let item = map(item)?;
            let raw = &item.raw;
            Ok(Mapped {
                wit: format!("option<{}>", item.wit),
                raw: quote!(::core::option::Option<#raw>),
                resources: item.resources,
            })
        }
        ("Result", [ok, err]) => result(map_or_unit(ok)?, map_or_unit(err)?),
        ("Result", _) => Err(unsupported(ty, "Result needs both its types here")),
        ("usize", []) => Err(unsupported(ty, "usize has no fixed size; use u32 or u64")),
        ("isize", []) => Err(unsupported(ty, "isize has no fixed size; use i32 or i64")),
        ("u128" | "i128", []) => Err(unsupported(ty, "WIT's largest integers have 64 bits")),
        ("str", []) => Err(unsupported(ty, "use String")),
        ("HashMap" | "BTreeMap", _) => Err(unsupported(ty, "use Vec<(K, V)> for a map")),
        ("Box", [inner]) => Err(unsupported(
            ty,
            &format!("use {} itself, without the Box", quote!(#inner)),
        )),
        _ => Err(unsupported(
            ty,
            &format!("`{name}` has no counterpart in WIT"),
        )),
    }
}

/// As [`map`], and `()` is none.
pub(crate) fn map_or_unit(ty: &Type) -> syn::Result<Option<Mapped>> {
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Ok(None),
        _ => map(ty).map(Some),
    }
}

/// Puts a WIT `result` together; either side may hold nothing.
pub(crate) fn result(ok: Option<Mapped>, err: Option<Mapped>) -> syn::Result<Mapped> {
    let wit = match (&ok, &err) {
        (None, None) => "result".to_owned(),
        (Some(ok), None) => format!("result<{}>", ok.wit),
        (None, Some(err)) => format!("result<_, {}>", err.wit),
        (Some(ok), Some(err)) => format!("result<{}, {}>", ok.wit, err.wit),
    };
    let raw = |side: &Option<Mapped>| match side {
        Some(mapped) => mapped.raw.clone(),
        None => quote!(()),
    };
    let (raw_ok, raw_err) = (raw(&ok), raw(&err));
    Ok(Mapped {
        wit,
        raw: quote!(::core::result::Result<#raw_ok, #raw_err>),
        resources: [ok, err]
            .into_iter()
            .flatten()
            .flat_map(|side| side.resources)
            .collect(),
    })
}

/// The type arguments of a path segment.
pub(crate) fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(args) => args
            .args
            .iter()
            .filter_map(|arg| match arg {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// An error at a type: what is wrong with it, then what would be right.
fn unsupported(ty: &Type, why: &str) -> Error {
    Error::new_spanned(ty, format!("{why}\n{POSSIBLE}"))
}

#[cfg(test)]
#[path = "types_tests.rs"]
mod tests;
