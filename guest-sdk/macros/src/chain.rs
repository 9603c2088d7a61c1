//! How declarations reach the macro that needs them.
//!
//! `#[derive(WitType)]` on a type `Config` leaves `macro_rules! Config` beside it, in the crate. Whoever needs the declaration calls
//! that macro with what is known so far and what is still to be asked; it adds its own and calls [`step`] again. What a type hands out is
//! closed: it has asked for the types in it where it stands, by the names that are right there.
//!
//! Invariant: a step asks for one type less than the one before, so the chain ends.

use crate::declared::Declared;
use crate::expand::{self, Export};
use crate::types::Ty;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, Item, ItemFn, Path, Token, braced};

/// A call of `__wit_step!`.
struct State {
    /// Declarations, closed.
    known: Vec<Declared>,
    /// Types that are still to be asked.
    pending: Vec<Path>,
    goal: Goal,
}

enum Goal {
    /// The macro of this type.
    Define(Box<Declared>),
    /// The export of this function.
    Export(Export, Box<ItemFn>),
}

impl Parse for State {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let group = |input: ParseStream<'_>| {
            let content;
            braced!(content in input);
            content.parse::<TokenStream>()
        };
        let known = syn::parse2::<Items>(group(input)?)?.0;
        let pending = syn::parse2::<Paths>(group(input)?)?.0;
        let goal: Ident = input.parse()?;
        let what = group(input)?;
        let goal = match goal.to_string().as_str() {
            "define" => Goal::Define(Box::new(Declared::read(syn::parse2(what)?)?)),
            "run" => Goal::Export(Export::Run, Box::new(syn::parse2(what)?)),
            _ => Goal::Export(Export::OwnName, Box::new(syn::parse2(what)?)),
        };
        Ok(State {
            known: merged(known)?,
            pending,
            goal,
        })
    }
}

struct Items(Vec<Declared>);

impl Parse for Items {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(Declared::read(input.parse::<Item>()?)?);
        }
        Ok(Items(items))
    }
}

struct Paths(Vec<Path>);

impl Parse for Paths {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let paths = input.parse_terminated(Path::parse_mod_style, Token![;])?;
        Ok(Paths(paths.into_iter().collect()))
    }
}

/// Each declaration once.
fn merged(all: Vec<Declared>) -> syn::Result<Vec<Declared>> {
    let mut known: Vec<Declared> = Vec::new();
    for declared in all {
        match known.iter().find(|it| it.name == declared.name) {
            None => known.push(declared),
            Some(it) if quote!(#it).to_string() == quote!(#declared).to_string() => {}
            Some(_) => {
                let text = format!("two types are called `{}` in WIT", declared.name);
                return Err(Error::new_spanned(&declared.ident, text));
            }
        }
    }
    Ok(known)
}

/// The paths of these types, each once.
pub(crate) fn asked<'a>(types: impl IntoIterator<Item = &'a Ty>) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    for path in types.into_iter().flat_map(Ty::declared) {
        let text = quote!(#path).to_string();
        if !paths.iter().any(|known| quote!(#known).to_string() == text) {
            paths.push(path);
        }
    }
    paths
}

/// The first call of a chain.
pub(crate) fn begin(goal: &str, what: &TokenStream, pending: &[Path]) -> TokenStream {
    let goal = format_ident!("{goal}");
    quote!(::weft_guest::__wit_step! { {} { #(#pending;)* } #goal { #what } })
}

/// Asks for the next type, or reaches the goal.
///
/// # Errors
///
/// As those who read the parts, and for two types of one name.
pub(crate) fn step(input: TokenStream) -> syn::Result<TokenStream> {
    let State {
        known,
        pending,
        goal,
    } = syn::parse2(input)?;
    let Some((next, rest)) = pending.split_first() else {
        return match goal {
            Goal::Define(declared) => Ok(macro_of(&declared, &known)),
            Goal::Export(export, function) => expand::export(export, &function, &known),
        };
    };
    let (word, what) = match &goal {
        Goal::Define(declared) => (format_ident!("define"), quote!(#declared)),
        Goal::Export(Export::Run, function) => (format_ident!("run"), quote!(#function)),
        Goal::Export(Export::OwnName, function) => (format_ident!("own"), quote!(#function)),
    };
    Ok(quote!(#next! { @wit { #(#known)* } { #(#rest;)* } #word { #what } }))
}

/// The macro that hands out a declaration.
fn macro_of(declared: &Declared, known: &[Declared]) -> TokenStream {
    let ident = &declared.ident;
    let name = format_ident!("__weft_wit_{ident}");
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros)]
        macro_rules! #name {
            (@wit { $($known:tt)* } $($rest:tt)*) => {
                ::weft_guest::__wit_step! { { $($known)* #(#known)* #declared } $($rest)* }
            };
        }
        #[doc(hidden)]
        #[allow(unused_imports)]
        pub(crate) use #name as #ident;
    }
}
