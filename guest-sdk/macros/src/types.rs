//! What a Rust type is in WIT.
//!
//! The mapping goes by the *name* of a type, its last path segment: a macro
//! sees no more. That the name means what it seems to mean is checked later by
//! the compiler, against the traits of `weft_guest::rt`.

use quote::quote;
use syn::{Error, GenericArgument, Path, PathArguments, PathSegment, Type};

/// What to say of a type that has no counterpart.
const POSSIBLE: &str = "an entry point's parameters and results can be made of bool, u8, u16, u32, u64, i8, i16, i32, i64, f32, \
f64, char, String, Vec<T>, Option<T>, Result<T, E>, tuples, Reader, Writer, Channel, TypedReader<..>, TypedWriter<..>, Process, and types of your own that derive WitType";

/// A resource of the contract, by its interface and name.
pub(crate) type Resource = (&'static str, &'static str);

/// A type, as WIT has it.
#[derive(Clone)]
pub(crate) enum Ty {
    /// One of WIT's own types that are made of no others, by its name there.
    Plain(&'static str),
    /// A handle.
    Own(Resource),
    List(Box<Ty>),
    Option(Box<Ty>),
    Result(Option<Box<Ty>>, Option<Box<Ty>>),
    Tuple(Vec<Ty>),
    /// One that the guest declares and derives `WitType` for.
    Declared(Path),
}

impl Ty {
    /// As WIT writes it.
    #[cfg(test)]
    pub fn wit(&self) -> String {
        match self {
            Ty::Plain(name) => (*name).to_owned(),
            Ty::Own((_, name)) => (*name).to_owned(),
            Ty::List(item) => format!("list<{}>", item.wit()),
            Ty::Option(item) => format!("option<{}>", item.wit()),
            Ty::Result(None, None) => "result".to_owned(),
            Ty::Result(Some(ok), None) => format!("result<{}>", ok.wit()),
            Ty::Result(None, Some(err)) => format!("result<_, {}>", err.wit()),
            Ty::Result(Some(ok), Some(err)) => format!("result<{}, {}>", ok.wit(), err.wit()),
            Ty::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(Ty::wit).collect();
                format!("tuple<{}>", parts.join(", "))
            }
            Ty::Declared(path) => declared_name(path),
        }
    }

    /// The types it is made of.
    pub fn parts(&self) -> Vec<&Ty> {
        match self {
            Ty::Plain(_) | Ty::Own(_) | Ty::Declared(_) => Vec::new(),
            Ty::List(item) | Ty::Option(item) => vec![item],
            Ty::Result(ok, err) => [ok, err].into_iter().flatten().map(|it| &**it).collect(),
            Ty::Tuple(parts) => parts.iter().collect(),
        }
    }

    /// The paths of the types that the guest declares, in it and of it.
    pub fn declared(&self) -> Vec<Path> {
        if let Ty::Declared(path) = self {
            return vec![path.clone()];
        }
        self.parts().into_iter().flat_map(Ty::declared).collect()
    }
}

/// The last name of a path.
pub(crate) fn declared_name(path: &Path) -> String {
    path.segments
        .last()
        .map_or_else(String::new, |last| last.ident.to_string())
}

/// Maps a type of a parameter, or within another type.
///
/// # Errors
///
/// At the type, when it has no counterpart; the message lists what has.
pub(crate) fn map(ty: &Type) -> syn::Result<Ty> {
    match ty {
        Type::Paren(inner) => map(&inner.elem),
        Type::Group(inner) => map(&inner.elem),
        Type::Tuple(tuple) if tuple.elems.is_empty() => Err(unsupported(
            ty,
            "`()` is no type of a value; leave it out, or use it within Result<..> only",
        )),
        Type::Tuple(tuple) => Ok(Ty::Tuple(
            tuple.elems.iter().map(map).collect::<syn::Result<_>>()?,
        )),
        Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
            Some(last) => named(ty, &path.path, last),
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
fn named(ty: &Type, path: &Path, last: &PathSegment) -> syn::Result<Ty> {
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
        "String" => Some("string"),
        _ => None,
    };
    match (name.as_str(), args.as_slice()) {
        (_, []) if plain.is_some() => Ok(Ty::Plain(plain.unwrap_or_default())),
        ("Reader", []) | ("TypedReader", _) => Ok(Ty::Own(("channel", "reader"))),
        ("Writer", []) | ("TypedWriter", _) => Ok(Ty::Own(("channel", "writer"))),
        ("Channel", []) => Ok(Ty::Own(("channel", "channel"))),
        ("Process", []) => Ok(Ty::Own(("process", "process"))),
        ("Vec", [item]) => Ok(Ty::List(Box::new(map(item)?))),
        ("Option", [item]) => Ok(Ty::Option(Box::new(map(item)?))),
        ("Result", [ok, err]) => {
            let side = |ty| Ok::<_, Error>(map_or_unit(ty)?.map(Box::new));
            Ok(Ty::Result(side(ok)?, side(err)?))
        }
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
        (_, []) => Ok(Ty::Declared(path.clone())),
        _ => Err(unsupported(
            ty,
            &format!("`{name}` has no counterpart in WIT"),
        )),
    }
}

/// As [`map`], and `()` is none.
pub(crate) fn map_or_unit(ty: &Type) -> syn::Result<Option<Ty>> {
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => Ok(None),
        _ => map(ty).map(Some),
    }
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
