//! `#[derive(WitType)]`: how values of the type are lifted and lowered, and its declaration for those who mention it.
//!
//! There is no unsafe code in what it makes: memory is read and written by `weft_guest::rt`.

use crate::chain;
use crate::declared::{Declared, Member, Shape};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Fields, Item, Type};

/// Expands the derive.
///
/// # Errors
///
/// As [`Declared::read`].
pub(crate) fn expand(item: TokenStream) -> syn::Result<TokenStream> {
    let declared = Declared::read(syn::parse2(item)?)?;
    let pending = chain::asked(declared.parts().map(|(_, ty)| ty));
    let define = chain::begin("define", &quote!(#declared), &pending);
    let values = match &declared.shape {
        Shape::Record(_) => record(&declared),
        Shape::Variant(_) => variant(&declared),
        Shape::Flags(_) => flags(&declared),
    };
    Ok(quote! {
        #values
        #define
    })
}

/// The types of the members that have one, as they were written.
fn types(declared: &Declared) -> Vec<Type> {
    let of = |fields: &Fields| {
        fields
            .iter()
            .map(|field| field.ty.clone())
            .collect::<Vec<_>>()
    };
    match &declared.item {
        Item::Struct(item) => of(&item.fields),
        Item::Enum(item) => item.variants.iter().flat_map(|it| of(&it.fields)).collect(),
        _ => Vec::new(),
    }
}

fn implementations(
    declared: &Declared,
    shape: &TokenStream,
    lift: [TokenStream; 2],
    lower: [TokenStream; 2],
    outcome: &TokenStream,
) -> TokenStream {
    let ident = &declared.ident;
    let [lift_flat, load] = lift;
    let [lower_flat, store] = lower;
    quote! {
        #[automatically_derived]
        impl ::weft_guest::rt::Layout for #ident {
            const SHAPE: ::weft_guest::rt::Shape = #shape;
        }
        #[automatically_derived]
        impl ::weft_guest::rt::Lift for #ident {
            fn lift(flat: &mut ::weft_guest::rt::Flat) -> Self { #lift_flat }
            fn load(at: ::weft_guest::rt::At) -> Self { #load }
        }
        #[automatically_derived]
        impl ::weft_guest::rt::Lower for #ident {
            fn lower(self, flat: &mut ::weft_guest::rt::Lowered) { #lower_flat }
            fn store(self, at: ::weft_guest::rt::At, kept: &mut ::weft_guest::rt::Kept) { #store }
        }
        #[cfg(not(target_family = "wasm"))]
        #[automatically_derived]
        impl ::weft_guest::testing::Outcome for #ident {
            fn outcome(&self) -> ::core::result::Result<::std::string::String, ::std::string::String> {
                #outcome
            }
        }
    }
}

fn record(declared: &Declared) -> TokenStream {
    let types = types(declared);
    let idents: Vec<_> = declared.members().iter().map(|it| &it.ident).collect();
    let names = declared.members().iter().map(|it| &it.name);
    let shapes = types
        .iter()
        .map(|ty| quote_spanned!(ty.span()=> <#ty as ::weft_guest::rt::Layout>::SHAPE));
    implementations(
        declared,
        &quote!(::weft_guest::rt::Shape::record(&[#(#shapes),*])),
        [
            quote!(Self { #(#idents: ::weft_guest::rt::Lift::lift(flat)),* }),
            quote! {
                let mut fields = at.fields();
                Self { #(#idents: fields.load()),* }
            },
        ],
        [
            quote!(#(::weft_guest::rt::Lower::lower(self.#idents, flat);)*),
            quote! {
                let mut fields = at.fields();
                #(fields.store(self.#idents, kept);)*
            },
        ],
        &quote! {
            let fields = [#(::std::format!(
                "{}: {}", #names, ::weft_guest::testing::Outcome::outcome(&self.#idents)?
            )),*];
            Ok(::std::format!("{{{}}}", fields.join(", ")))
        },
    )
}

/// The cases with their numbers.
fn cases(declared: &Declared) -> impl Iterator<Item = (u32, &Member)> {
    (0u32..).zip(declared.members())
}

/// How many there are.
fn count(declared: &Declared) -> u32 {
    u32::try_from(declared.members().len()).unwrap_or(u32::MAX)
}

/// A pattern that takes the value of a case, if it carries one.
fn pattern(case: &Member) -> TokenStream {
    let ident = &case.ident;
    let value = case.ty.as_ref().map(|_| quote!((value)));
    quote!(Self::#ident #value)
}

/// A `match` of the number, in which the value of a case is this.
fn by_number(declared: &Declared, value: &TokenStream) -> TokenStream {
    let cases = cases(declared).map(|(number, case)| {
        let ident = &case.ident;
        let value = case.ty.as_ref().map(|_| quote!((#value)));
        quote!(#number => Self::#ident #value,)
    });
    quote! {
        match number {
            #(#cases)*
            _ => ::weft_guest::rt::no_such_case(),
        }
    }
}

fn variant(declared: &Declared) -> TokenStream {
    let types = types(declared);
    let shapes = types
        .iter()
        .map(|ty| quote_spanned!(ty.span()=> <#ty as ::weft_guest::rt::Layout>::SHAPE));
    let count = count(declared);
    let lift = by_number(declared, &quote!(::weft_guest::rt::Lift::lift(flat)));
    let load = by_number(declared, &quote!(::weft_guest::rt::Lift::load(value)));
    let lower = cases(declared).map(|(number, case)| {
        let pattern = pattern(case);
        let value = case.ty.as_ref();
        let value = value.map(|_| quote!(::weft_guest::rt::Lower::lower(value, flat);));
        quote!(#pattern => { flat.push(#number.into()); #value })
    });
    let store = cases(declared).map(|(number, case)| {
        let pattern = pattern(case);
        let place = quote!(shape.store_case(at, #count, #number));
        match &case.ty {
            Some(_) => quote!(#pattern => ::weft_guest::rt::Lower::store(value, #place, kept),),
            None => quote!(#pattern => { #place; }),
        }
    });
    let outcome = cases(declared).map(|(_, case)| {
        let (pattern, name) = (pattern(case), &case.name);
        match &case.ty {
            Some(_) => quote!(#pattern => ::std::format!(
                "{}({})", #name, ::weft_guest::testing::Outcome::outcome(value)?
            ),),
            None => quote!(#pattern => #name.to_owned(),),
        }
    });
    let shape = quote!(<Self as ::weft_guest::rt::Layout>::SHAPE);
    implementations(
        declared,
        &quote!(::weft_guest::rt::Shape::variant(#count, &[#(#shapes),*])),
        [
            quote!(flat.case(#shape, |number, flat| #lift)),
            quote! {
                let (number, value) = #shape.load_case(at, #count);
                #load
            },
        ],
        [
            quote!(flat.case(#shape, |flat| match self { #(#lower)* })),
            quote! {
                let shape = #shape;
                match self { #(#store)* }
            },
        ],
        &quote!(Ok(match self { #(#outcome)* })),
    )
}

fn flags(declared: &Declared) -> TokenStream {
    let idents: Vec<_> = declared.members().iter().map(|it| &it.ident).collect();
    let names = declared.members().iter().map(|it| &it.name);
    let count = u32::try_from(idents.len()).unwrap_or(u32::MAX);
    let bits: Vec<u32> = (0..count).map(|bit| 1 << bit).collect();
    let of_bits = quote!(Self { #(#idents: bits & #bits != 0),* });
    let to_bits = quote!(0u32 #(| if self.#idents { #bits } else { 0 })*);
    let shape = quote!(<Self as ::weft_guest::rt::Layout>::SHAPE);
    implementations(
        declared,
        &quote!(::weft_guest::rt::Shape::flags(#count)),
        [
            quote!(let bits = flat.take() as u32; #of_bits),
            quote!(let bits = at.load_number(#shape.size()); #of_bits),
        ],
        [
            quote!(flat.push((#to_bits).into());),
            quote!(let _ = kept; at.store_number(#shape.size(), #to_bits);),
        ],
        &quote! {
            let set = [#((self.#idents, #names)),*];
            let set: ::std::vec::Vec<&str> =
                set.into_iter().filter_map(|(set, name)| set.then_some(name)).collect();
            Ok(::std::format!("{{{}}}", set.join(", ")))
        },
    )
}
