//! A Rust function, read as the signature of an entry point.
//!
//! Invariant: what this module accepts, [`crate::expand`] can export; every
//! refusal happens here or in [`crate::types`], at the place it is about.

use crate::types::{self, Ty};
use syn::{Error, FnArg, Ident, ItemFn, Pat, ReturnType, Type};

/// What the function returns.
pub(crate) enum Returned {
    /// Nothing.
    Nothing,
    /// A value.
    Value(Ty),
    /// `Result<T, E>`: a value or nothing, or an error that becomes text.
    Fallible(Option<Ty>),
}

/// An entry point.
pub(crate) struct Signature {
    /// The function's own name in Rust.
    pub ident: Ident,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// Its parameters, by their names in WIT.
    pub params: Vec<(String, Ty)>,
    /// Its result.
    pub returned: Returned,
}

impl Signature {
    /// Reads a function.
    ///
    /// # Errors
    ///
    /// At whatever cannot be part of an entry point.
    pub fn read(function: &ItemFn) -> syn::Result<Self> {
        let sig = &function.sig;
        if !sig.generics.params.is_empty() || sig.generics.where_clause.is_some() {
            return Err(Error::new_spanned(
                &sig.generics,
                "an entry point cannot be generic: the host must know its types",
            ));
        }
        if let Some(unsafety) = &sig.unsafety {
            return Err(Error::new_spanned(
                unsafety,
                "an entry point is called by the host and cannot be unsafe",
            ));
        }
        if let Some(constness) = &sig.constness {
            return Err(Error::new_spanned(
                constness,
                "an entry point cannot be const",
            ));
        }
        if let Some(abi) = &sig.abi {
            return Err(Error::new_spanned(
                abi,
                "an entry point is an ordinary Rust function; the macro exports it",
            ));
        }
        if let Some(variadic) = &sig.variadic {
            return Err(Error::new_spanned(
                variadic,
                "an entry point has a fixed number of parameters",
            ));
        }
        let params = sig
            .inputs
            .iter()
            .map(parameter)
            .collect::<syn::Result<Vec<_>>>()?;
        let returned = match &sig.output {
            ReturnType::Default => Returned::Nothing,
            ReturnType::Type(_, ty) => returned(ty)?,
        };
        Ok(Signature {
            ident: sig.ident.clone(),
            is_async: sig.asyncness.is_some(),
            params,
            returned,
        })
    }

    /// The function's name in WIT.
    ///
    /// # Errors
    ///
    /// When it has none.
    pub fn name(&self) -> syn::Result<String> {
        kebab(&self.ident)
    }

    /// The types of its parameters and of its result, with the `string` of an error.
    pub fn types(&self) -> Vec<&Ty> {
        let returned = match &self.returned {
            Returned::Nothing | Returned::Fallible(None) => None,
            Returned::Value(ty) | Returned::Fallible(Some(ty)) => Some(ty),
        };
        self.params
            .iter()
            .map(|(_, ty)| ty)
            .chain(returned)
            .collect()
    }

    /// Its result, as WIT has it.
    pub fn result(&self) -> Option<Ty> {
        match &self.returned {
            Returned::Nothing => None,
            Returned::Value(ty) => Some(ty.clone()),
            Returned::Fallible(ok) => {
                let ok = ok.clone().map(Box::new);
                Some(Ty::Result(ok, Some(Box::new(Ty::Plain("string")))))
            }
        }
    }

    /// The signature in WIT, such as `async func(name: string) -> string`.
    #[cfg(test)]
    pub fn wit(&self) -> String {
        let params = self.params.iter();
        let params = params.map(|(name, ty)| format!("{name}: {}", ty.wit()));
        let params = params.collect::<Vec<_>>().join(", ");
        let returned = self.result().map(|ty| format!(" -> {}", ty.wit()));
        let returned = returned.unwrap_or_default();
        let flavour = if self.is_async { "async func" } else { "func" };
        format!("{flavour}({params}){returned}")
    }
}

/// Reads one parameter: its name in WIT and its type.
fn parameter(arg: &FnArg) -> syn::Result<(String, Ty)> {
    let arg = match arg {
        FnArg::Typed(arg) => arg,
        FnArg::Receiver(receiver) => {
            return Err(Error::new_spanned(
                receiver,
                "an entry point is a free function; there is no `self` to call it on",
            ));
        }
    };
    let ident = match &*arg.pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => &pat.ident,
        pat => {
            return Err(Error::new_spanned(
                pat,
                "a parameter of an entry point needs a plain name: callers see it",
            ));
        }
    };
    Ok((kebab(ident)?, types::map(&arg.ty)?))
}

/// Reads the result. A `Result` at the top fails with text, whatever its error
/// type, also behind an alias with one argument such as `weft_guest::Result<T>`.
fn returned(ty: &Type) -> syn::Result<Returned> {
    if let Type::Path(path) = ty
        && path.qself.is_none()
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
    {
        return match types::type_arguments(last).as_slice() {
            // An alias with a default for everything, `Result` alone.
            [] => Ok(Returned::Fallible(None)),
            [ok, ..] => Ok(Returned::Fallible(types::map_or_unit(ok)?)),
        };
    }
    Ok(match types::map_or_unit(ty)? {
        Some(mapped) => Returned::Value(mapped),
        None => Returned::Nothing,
    })
}

/// The WIT name of a parameter or function: `max_rows` is `max-rows`, `_unused` is `unused`.
///
/// A word that starts with a digit joins the word before it (`arg_1` is
/// `arg1`), as WIT's words start with letters.
pub(crate) fn kebab(ident: &Ident) -> syn::Result<String> {
    let text = ident.to_string();
    let text = text
        .strip_prefix("r#")
        .unwrap_or(&text)
        .to_ascii_lowercase();
    let mut name = String::new();
    for word in text.split('_').filter(|word| !word.is_empty()) {
        if !name.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit()) {
            name.push('-');
        }
        name.push_str(word);
    }
    let starts_right = name.starts_with(|c: char| c.is_ascii_lowercase());
    if starts_right && name.is_ascii() {
        return Ok(name);
    }
    Err(Error::new_spanned(
        ident,
        "callers see this name, so it needs the letters a to z, digits and `_`, a letter first",
    ))
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
