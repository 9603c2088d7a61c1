//! Types that a guest declares: records, variants, enums and flags, as `#[derive(WitType)]` finds them.
//!
//! A macro sees names only. So the derive leaves a macro of the type's own name beside the type, which hands its declaration, and those of
//! the types in it, to whoever asks: see `chain`.

use crate::signature::kebab;
use crate::types::{self, Ty};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Error, Fields, Item};

/// The most flags of a type: WIT's own bound.
const MOST_FLAGS: usize = 32;

/// What a type is made of. Names are those of WIT.
#[derive(Clone)]
pub(crate) enum Shape {
    Record(Vec<Member>),
    Variant(Vec<Member>),
    Flags(Vec<Member>),
}

/// A field, a case or a flag.
#[derive(Clone)]
pub(crate) struct Member {
    pub ident: Ident,
    pub name: String,
    /// None of a flag, and of a case that carries nothing.
    pub ty: Option<Ty>,
}

/// A type of the guest's.
#[derive(Clone)]
pub(crate) struct Declared {
    pub ident: Ident,
    /// Its name in WIT.
    pub name: String,
    pub shape: Shape,
    /// As it was written, without what this does not need.
    pub item: Item,
}

impl Declared {
    /// Reads a declaration.
    ///
    /// # Errors
    ///
    /// At the field or case that has no counterpart in WIT, by its name.
    pub fn read(item: Item) -> syn::Result<Self> {
        let item = bare(item)?;
        let (ident, generics, shape) = match &item {
            Item::Struct(item) => (&item.ident, &item.generics, of_struct(item)?),
            Item::Enum(item) => (&item.ident, &item.generics, of_enum(item)?),
            other => return Err(Error::new_spanned(other, WHERE)),
        };
        if !generics.params.is_empty() {
            return Err(Error::new_spanned(
                generics,
                "a type of WIT cannot be generic: the host must know all of it",
            ));
        }
        let (ident, name) = (ident.clone(), type_name(ident)?);
        let declared = Declared {
            ident,
            name,
            shape,
            item,
        };
        for (member, ty) in declared.parts() {
            let itself = |path: &syn::Path| declared.ident == types::declared_name(path);
            if ty.declared().iter().any(itself) {
                return Err(Error::new_spanned(
                    &member.ident,
                    format!("`{}`: a type of WIT cannot contain itself", member.ident),
                ));
            }
        }
        Ok(declared)
    }

    pub fn members(&self) -> &[Member] {
        match &self.shape {
            Shape::Record(members) | Shape::Variant(members) | Shape::Flags(members) => members,
        }
    }

    /// The members that have a type.
    pub fn parts(&self) -> impl Iterator<Item = (&Member, &Ty)> {
        let members = self.members().iter();
        members.filter_map(|member| Some((member, member.ty.as_ref()?)))
    }

    /// Whether it is a variant of which no case carries anything: WIT's `enum`.
    pub fn is_enum(&self) -> bool {
        matches!(self.shape, Shape::Variant(_)) && self.parts().next().is_none()
    }
}

impl ToTokens for Declared {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.item.to_tokens(tokens);
    }
}

const WHERE: &str = "WitType is derived for a struct with named fields, which is a record, for an enum, which is a variant or an enum, \
and for a struct of `bool`s with #[wit(flags)]";

/// Without the attributes of others, and with nothing but types.
fn bare(mut item: Item) -> syn::Result<Item> {
    let ours = |attr: &syn::Attribute| attr.path().is_ident("wit");
    match &mut item {
        Item::Struct(item) => {
            item.attrs.retain(ours);
            item.vis = syn::Visibility::Inherited;
            for field in &mut item.fields {
                field.attrs.clear();
                field.vis = syn::Visibility::Inherited;
            }
        }
        Item::Enum(item) => {
            item.attrs.clear();
            item.vis = syn::Visibility::Inherited;
            for variant in &mut item.variants {
                variant.attrs.clear();
                variant.discriminant = None;
                for field in &mut variant.fields {
                    field.attrs.clear();
                }
            }
        }
        other => return Err(Error::new_spanned(other, WHERE)),
    }
    Ok(item)
}

fn of_struct(item: &syn::ItemStruct) -> syn::Result<Shape> {
    let Fields::Named(fields) = &item.fields else {
        return Err(Error::new_spanned(&item.ident, WHERE));
    };
    let mut flags = false;
    for attr in &item.attrs {
        attr.parse_nested_meta(|meta| {
            flags |= meta.path.is_ident("flags");
            match flags {
                true => Ok(()),
                false => Err(meta.error("the only one is #[wit(flags)]")),
            }
        })?;
    }
    let mut members = Vec::new();
    for field in &fields.named {
        let Some(ident) = field.ident.clone() else {
            continue;
        };
        let ty = within(&item.ident, &ident, types::map(&field.ty))?;
        if flags && !matches!(ty, Ty::Plain("bool")) {
            let text = format!("field `{ident}` of `{}`: a flag is a `bool`", item.ident);
            return Err(Error::new_spanned(&field.ty, text));
        }
        members.push(Member {
            name: kebab(&ident)?,
            ident,
            ty: Some(ty).filter(|_| !flags),
        });
    }
    if members.is_empty() || (flags && members.len() > MOST_FLAGS) {
        let most = format!("a type of WIT has at least one field, and at most {MOST_FLAGS} flags");
        return Err(Error::new_spanned(&item.ident, most));
    }
    Ok(match flags {
        true => Shape::Flags(members),
        false => Shape::Record(members),
    })
}

fn of_enum(item: &syn::ItemEnum) -> syn::Result<Shape> {
    let mut members = Vec::new();
    for variant in &item.variants {
        let ty = match &variant.fields {
            Fields::Unit => None,
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let field = fields
                    .unnamed
                    .iter()
                    .map(|field| types::map(&field.ty))
                    .next();
                field
                    .transpose()
                    .map_err(|error| naming(&item.ident, &variant.ident, "case", &error))?
            }
            _ => {
                let text = format!(
                    "case `{}` of `{}`: a case carries one value or none; make it a struct or a tuple",
                    variant.ident, item.ident
                );
                return Err(Error::new_spanned(&variant.ident, text));
            }
        };
        members.push(Member {
            name: type_name(&variant.ident)?,
            ident: variant.ident.clone(),
            ty,
        });
    }
    if members.is_empty() {
        let text = "a type of WIT has at least one case";
        return Err(Error::new_spanned(&item.ident, text));
    }
    Ok(Shape::Variant(members))
}

fn within(of: &Ident, field: &Ident, mapped: syn::Result<Ty>) -> syn::Result<Ty> {
    mapped.map_err(|error| naming(of, field, "field", &error))
}

/// The error, with the name of the field or case.
fn naming(of: &Ident, member: &Ident, kind: &str, error: &Error) -> Error {
    Error::new(
        error.span(),
        format!("{kind} `{member}` of `{of}`: {error}"),
    )
}

/// The WIT name of a type or case: `HttpConfig` is `http-config`.
fn type_name(ident: &Ident) -> syn::Result<String> {
    let text = ident.to_string();
    let text = text.strip_prefix("r#").unwrap_or(&text);
    let letters: Vec<char> = text.chars().collect();
    let mut name = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(index + 1);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if begins && before != Some(&'_') {
            name.push('_');
        }
        name.push(*letter);
    }
    kebab(&Ident::new(&name, ident.span()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rust: &str) -> syn::Result<Declared> {
        Declared::read(syn::parse_str(rust).expect("the case is Rust"))
    }

    fn check_refused(rust: &str, says: &str) {
        let read = read(rust).map(|_| ());
        let text = read.expect_err("it is refused").to_string();
        assert!(text.contains(says), "{text}");
    }

    #[test]
    fn names_become_kebab_case() {
        let declared = read("enum HttpV2Mode { ReadOnly, XYZ, A1(u8) }").expect("it reads");
        assert_eq!(declared.name, "http-v2-mode");
        let names: Vec<&str> = declared.members().iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["read-only", "xyz", "a1"]);
    }

    #[test]
    fn an_error_names_the_field() {
        check_refused(
            "struct A { map: HashMap<u8, u8> }",
            "field `map` of `A`: use Vec",
        );
        check_refused("enum A { B(usize) }", "case `B` of `A`: usize");
        check_refused("enum A { B { c: u8 } }", "case `B` of `A`");
        check_refused(
            "struct A { next: Option<A> }",
            "`next`: a type of WIT cannot contain",
        );
        check_refused(
            "#[wit(flags)] struct A { b: u8 }",
            "field `b` of `A`: a flag",
        );
        check_refused("struct A(u8);", "named fields");
        check_refused("struct A<T> { t: T }", "generic");
        check_refused("struct A {}", "at least one");
        check_refused("#[wit(flag)] struct A { b: bool }", "#[wit(flags)]");
    }
}
