//! The core values of a type: what the canonical ABI of the component model makes of it.
//!
//! Only what the signature of an export needs. Sizes and offsets in memory are worked out where the types are known: in `weft_guest::rt`.

use crate::declared::{Declared, Shape};
use crate::types::{self, Ty};
use proc_macro2::TokenStream;
use quote::quote;

/// A core type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Core {
    I32,
    I64,
    F32,
    F64,
}

impl Core {
    /// In Rust.
    pub fn rust(self) -> TokenStream {
        match self {
            Core::I32 => quote!(i32),
            Core::I64 => quote!(i64),
            Core::F32 => quote!(f32),
            Core::F64 => quote!(f64),
        }
    }

    /// The bits of a value of this type, as a `u64`.
    pub fn to_bits(self, value: &TokenStream) -> TokenStream {
        match self {
            Core::I32 => quote!(#value as u32 as u64),
            Core::I64 => quote!(#value as u64),
            Core::F32 => quote!(#value.to_bits() as u64),
            Core::F64 => quote!(#value.to_bits()),
        }
    }

    /// The value with these bits.
    pub fn of_bits(self, bits: &TokenStream) -> TokenStream {
        match self {
            Core::I32 => quote!(#bits as u32 as i32),
            Core::I64 => quote!(#bits as i64),
            Core::F32 => quote!(f32::from_bits(#bits as u32)),
            Core::F64 => quote!(f64::from_bits(#bits)),
        }
    }

    /// A type that holds values of both.
    fn join(self, other: Core) -> Core {
        match (self, other) {
            (one, other) if one == other => one,
            (Core::I32, Core::F32) | (Core::F32, Core::I32) => Core::I32,
            _ => Core::I64,
        }
    }
}

/// The core values of a type, in order.
pub(crate) fn flat(ty: &Ty, known: &[Declared]) -> Vec<Core> {
    match ty {
        Ty::Plain(name) => match *name {
            "u64" | "s64" => vec![Core::I64],
            "f32" => vec![Core::F32],
            "f64" => vec![Core::F64],
            "string" => vec![Core::I32; 2],
            _ => vec![Core::I32],
        },
        Ty::Own(_) => vec![Core::I32],
        Ty::List(_) => vec![Core::I32; 2],
        Ty::Tuple(parts) => parts.iter().flat_map(|part| flat(part, known)).collect(),
        Ty::Option(item) => cases([flat(item, known)]),
        Ty::Result(ok, err) => {
            let side = |side: &Option<Box<Ty>>| side.as_ref().map(|ty| flat(ty, known));
            cases([ok, err].into_iter().filter_map(side))
        }
        Ty::Declared(path) => {
            let name = types::declared_name(path);
            let Some(declared) = known.iter().find(|it| it.ident == name) else {
                return Vec::new();
            };
            let parts = declared.parts().map(|(_, ty)| flat(ty, known));
            match &declared.shape {
                Shape::Record(_) => parts.flatten().collect(),
                Shape::Variant(_) => cases(parts),
                Shape::Flags(_) => vec![Core::I32],
            }
        }
    }
}

/// The number of a case, and what holds the values of any of them.
fn cases(parts: impl IntoIterator<Item = Vec<Core>>) -> Vec<Core> {
    let mut joined: Vec<Core> = Vec::new();
    for part in parts {
        for (index, core) in part.into_iter().enumerate() {
            match joined.get_mut(index) {
                Some(there) => *there = there.join(core),
                None => joined.push(core),
            }
        }
    }
    joined.insert(0, Core::I32);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_share_their_room() {
        let ty = syn::parse_str("Result<(f32, u64), String>").expect("the case is Rust");
        let ty = types::map(&ty).expect("it maps");
        assert_eq!(flat(&ty, &[]), [Core::I32, Core::I32, Core::I64]);
        let ty = syn::parse_str("Option<f64>").expect("the case is Rust");
        let ty = types::map(&ty).expect("it maps");
        assert_eq!(flat(&ty, &[]), [Core::I32, Core::F64]);
    }
}
