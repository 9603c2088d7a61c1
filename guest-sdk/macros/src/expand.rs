//! The code around a guest's function.
//!
//! The function stays as it is. Next to it comes one block of items: a section that describes its world, and an export that turns core values into
//! the function's arguments, calls it and turns its result back. A guest may have several: their worlds become one when it is linked. Only
//! those blocks hold unsafe code. How values are lifted and lowered is the business of `weft_guest::rt`.

use crate::chain;
use crate::declared::Declared;
use crate::flat::{self, Core};
use crate::section;
use crate::signature::{Returned, Signature};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Error, Index, ItemFn, LitByteStr};

/// The name that an attribute exports its function under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    /// `run`.
    Run,
    /// The function's own.
    OwnName,
}

/// Expands the attribute.
///
/// # Errors
///
/// When the attribute has arguments, or stands on something that cannot be an
/// entry point.
pub(crate) fn expand(
    export: Export,
    args: TokenStream,
    item: TokenStream,
) -> syn::Result<TokenStream> {
    if !args.is_empty() {
        return Err(Error::new_spanned(
            args,
            "this attribute takes no arguments",
        ));
    }
    let function: ItemFn = syn::parse2(item.clone()).map_err(|_| {
        Error::new_spanned(
            item,
            "this attribute goes on a function, such as `async fn main(name: String) -> String { .. }`",
        )
    })?;
    let signature = Signature::read(&function)?;
    let word = match export {
        Export::Run => "run",
        Export::OwnName => {
            signature.name()?;
            "own"
        }
    };
    // The rest of the chain needs the signature alone.
    let mut declaration = function.clone();
    declaration.attrs.clear();
    declaration.vis = syn::Visibility::Inherited;
    declaration.block.stmts.clear();
    let glue = chain::begin(
        word,
        &quote!(#declaration),
        &chain::asked(signature.types()),
    );
    Ok(quote! {
        #function
        #glue
    })
}

/// The code that exports the function, once all types of its signature are known.
///
/// # Errors
///
/// As [`Signature::read`].
pub(crate) fn export(
    export: Export,
    function: &ItemFn,
    known: &[Declared],
) -> syn::Result<TokenStream> {
    let signature = Signature::read(function)?;
    let export = match export {
        Export::Run => "run".to_owned(),
        Export::OwnName => signature.name()?,
    };
    Ok(glue(&export, &signature, known))
}

/// The call of the function with arguments that were lifted, driven and lowered: what it gives is `Lowered`.
fn call(signature: &Signature) -> TokenStream {
    let ident = &signature.ident;
    // Errors about a type that only bears a familiar name are best shown at
    // the function's name, the only token of the user's that is at hand here.
    let span = ident.span().resolved_at(Span::call_site());
    let lifted = signature
        .params
        .iter()
        .map(|_| quote::quote_spanned!(span=> __weft_args.lift()));
    let names: Vec<_> = (0..signature.params.len())
        .map(|index| format_ident!("__weft_arg{index}"))
        .collect();
    let most = match signature.is_async {
        true => MOST_FLAT_RETURNED,
        false => MOST_FLAT_RESULTS,
    };
    let (drive, lower) = match &signature.returned {
        Returned::Fallible(_) => (quote!(drive_result), quote!(lower_result)),
        Returned::Nothing | Returned::Value(_) => (quote!(drive), quote!(lower)),
    };
    let run = quote!(#ident(#(#names),*));
    let run = match signature.is_async {
        true => quote!(::weft_guest::rt::#drive(#run).await),
        false => quote!(::weft_guest::rt::settle(#run)),
    };
    let lower = quote::quote_spanned!(span=> ::weft_guest::rt::#lower(__weft_returned, #most));
    quote! {
        ::weft_guest::rt::start();
        #(let #names = #lifted;)*
        let __weft_returned = #run;
        let __weft_lowered = #lower;
        ::weft_guest::rt::finish();
        __weft_lowered
    }
}

/// Core values that a call passes as such; more go through memory. The canonical ABI's own bounds.
const MOST_FLAT_PARAMS: usize = 16;
/// The same of what `task.return` is given.
const MOST_FLAT_RETURNED: usize = 16;
/// The same of what a sync function returns.
const MOST_FLAT_RESULTS: usize = 1;

/// The items that export the function.
fn glue(export: &str, signature: &Signature, known: &[Declared]) -> TokenStream {
    let world = format!("guest-{export}");
    let section = section::section(&world, export, signature, known);
    let (length, section) = (section.len(), LitByteStr::new(&section, Span::call_site()));
    let place = format!("component-type:weft-guest:weft:guest:{world}:encoded world");
    let exported = match signature.is_async {
        true => exported_async(export, signature, known),
        false => exported_sync(export, signature, known),
    };
    let call = call(signature);
    let maybe_async = signature.is_async.then(|| quote!(async));
    quote! {
        #[cfg(target_family = "wasm")]
        #[doc(hidden)]
        #[allow(unsafe_code, unused, clippy::all, clippy::pedantic)]
        const _: () = {
            // What describes a world in the guest goes by the section's name, and must not mix.
            #[used]
            #[unsafe(link_section = #place)]
            static __WEFT_WORLD: [u8; #length] = *#section;
            #exported
        };
        // The types are checked on every target.
        #[cfg(not(target_family = "wasm"))]
        #[doc(hidden)]
        #[allow(dead_code, unused, clippy::all, clippy::pedantic)]
        const _: () = {
            #maybe_async fn __weft_check(
                mut __weft_args: ::weft_guest::rt::Args,
            ) -> ::weft_guest::rt::Lowered {
                #call
            }
        };
    }
}

/// The parameters of the export, and the expression of its `Args`.
fn parameters(signature: &Signature, known: &[Declared]) -> (TokenStream, TokenStream) {
    let params = signature.params.iter();
    let flat: Vec<Core> = params.flat_map(|(_, ty)| flat::flat(ty, known)).collect();
    if flat.len() > MOST_FLAT_PARAMS {
        let args = quote!(unsafe { ::weft_guest::rt::Args::in_memory(__weft_0 as usize) });
        return (quote!(__weft_0: i32), args);
    }
    let names: Vec<_> = (0..flat.len())
        .map(|index| format_ident!("__weft_{index}"))
        .collect();
    let types = flat.iter().map(|core| core.rust());
    let bits = flat
        .iter()
        .zip(&names)
        .map(|(core, name)| core.to_bits(&quote!(#name)));
    (
        quote!(#(#names: #types),*),
        quote!(unsafe { ::weft_guest::rt::Args::flat(::std::vec![#(#bits),*]) }),
    )
}

/// The core values of the result, or the pointer to it.
fn returned(signature: &Signature, known: &[Declared], most: usize) -> Vec<Core> {
    let flat = signature.result().map(|ty| flat::flat(&ty, known));
    let flat = flat.unwrap_or_default();
    if flat.len() > most {
        vec![Core::I32]
    } else {
        flat
    }
}

fn exported_async(export: &str, signature: &Signature, known: &[Declared]) -> TokenStream {
    let (params, args) = parameters(signature, known);
    let returned = returned(signature, known, MOST_FLAT_RETURNED);
    let types = returned.iter().map(|core| core.rust());
    let values = returned.iter().enumerate().map(|(index, core)| {
        let index = Index::from(index);
        core.of_bits(&quote!(flat[#index]))
    });
    let name = format!("[async-lift]{export}");
    let callback = format!("[callback][async-lift]{export}");
    let task_return = format!("[task-return]{export}");
    let call = call(signature);
    quote! {
        #[unsafe(export_name = #name)]
        unsafe extern "C" fn __weft_export(#params) -> i32 {
            ::weft_guest::rt::begin();
            let mut __weft_args = #args;
            let task = async move { #call };
            let end = |flat: &[u64]| {
                #[link(wasm_import_module = "[export]$root")]
                unsafe extern "C" {
                    #[link_name = #task_return]
                    fn task_return(#(_: #types),*);
                }
                unsafe { task_return(#(#values),*) }
            };
            ::weft_guest::rt::run_task(task, end)
        }

        #[unsafe(export_name = #callback)]
        unsafe extern "C" fn __weft_callback(event: u32, waitable: u32, code: u32) -> u32 {
            unsafe { ::weft_guest::rt::callback(event, waitable, code) }
        }
    }
}

fn exported_sync(export: &str, signature: &Signature, known: &[Declared]) -> TokenStream {
    let (params, args) = parameters(signature, known);
    let returned = returned(signature, known, MOST_FLAT_RESULTS);
    let call = call(signature);
    let (returns, value, post) = match returned.first() {
        None => (quote!(), quote!(;), quote!()),
        Some(core) => {
            let (ty, value) = (core.rust(), core.of_bits(&quote!(flat[0])));
            let post = format!("cabi_post_{export}");
            let post = quote! {
                #[unsafe(export_name = #post)]
                unsafe extern "C" fn __weft_post_return(_: #ty) {
                    ::weft_guest::rt::free_result();
                }
            };
            (quote!(-> #ty), value, post)
        }
    };
    quote! {
        #[unsafe(export_name = #export)]
        unsafe extern "C" fn __weft_export(#params) #returns {
            ::weft_guest::rt::begin();
            let mut __weft_args = #args;
            let flat = ::weft_guest::rt::keep_result({ #call });
            #value
        }

        #post
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribute_goes_on_functions_and_takes_no_arguments() {
        let on_struct = expand(
            Export::Run,
            quote!(),
            quote!(
                struct A;
            ),
        )
        .map(|_| ());
        assert!(
            on_struct
                .expect_err("refused")
                .to_string()
                .contains("goes on a function")
        );
        let with_args = expand(
            Export::OwnName,
            quote!(x = 1),
            quote!(
                fn main() {}
            ),
        )
        .map(|_| ());
        assert!(
            with_args
                .expect_err("refused")
                .to_string()
                .contains("no arguments")
        );
    }
}
