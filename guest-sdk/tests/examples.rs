//! Every public item of the SDK has an example in its documentation, as rustdoc's own lint
//! `missing_doc_code_examples`, which only nightly has, would ask: functions, methods, structs, enums, traits, macros and
//! type aliases. Not fields, variants, constants, modules and implementations of traits.
//!
//! The sources are read and not compiled: what is `pub` counts as public, unless it is behind `doc(hidden)`, in a
//! test, or a method of a type that is not `pub` itself.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use syn::{Attribute, ImplItem, Item, Type, Visibility};

/// Modules that are no part of what people see: made by a macro, or hidden.
const NOT_SEEN: [&str; 3] = ["bindings.rs", "rt.rs", "select.rs"];
/// The same for folders.
const FOLDERS_NOT_SEEN: [&str; 2] = ["bindings", "rt"];

#[test]
fn every_public_item_has_an_example() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&source, &mut files);
    let parsed: Vec<(PathBuf, syn::File)> = files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let parsed = syn::parse_file(&text).unwrap();
            (file, parsed)
        })
        .collect();
    let types: BTreeSet<String> = parsed
        .iter()
        .flat_map(|(_, file)| &file.items)
        .filter_map(public_type)
        .collect();
    assert!(types.len() > 40, "these are not all: {types:?}");

    let mut missing = Vec::new();
    for (file, parsed) in &parsed {
        let name = file.strip_prefix(&source).unwrap().display();
        for item in &parsed.items {
            for bare in without_example(item, &types) {
                missing.push(format!("{name}: {bare}"));
            }
        }
    }
    assert!(missing.is_empty(), "have no example: {missing:#?}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !FOLDERS_NOT_SEEN.iter().any(|name| path.ends_with(name)) {
                collect(&path, files);
            }
        } else if path.extension().is_some_and(|it| it == "rs")
            && !NOT_SEEN.iter().any(|name| path.ends_with(name))
        {
            files.push(path);
        }
    }
}

/// The name of a public type that this declares.
fn public_type(item: &Item) -> Option<String> {
    let (visibility, name) = match item {
        Item::Struct(item) => (&item.vis, &item.ident),
        Item::Enum(item) => (&item.vis, &item.ident),
        _ => return None,
    };
    is_public(visibility).then(|| name.to_string())
}

/// The public items in this one, itself among them, that have no example.
fn without_example(item: &Item, types: &BTreeSet<String>) -> Vec<String> {
    let (visibility, attributes, name) = match item {
        Item::Fn(item) => (&item.vis, &item.attrs, item.sig.ident.to_string()),
        Item::Struct(item) => (&item.vis, &item.attrs, item.ident.to_string()),
        Item::Enum(item) => (&item.vis, &item.attrs, item.ident.to_string()),
        Item::Trait(item) => (&item.vis, &item.attrs, item.ident.to_string()),
        Item::Type(item) => (&item.vis, &item.attrs, item.ident.to_string()),
        Item::Impl(item) if item.trait_.is_none() => {
            let of = match item.self_ty.as_ref() {
                Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
                _ => None,
            };
            let Some(of) = of.filter(|of| types.contains(of)) else {
                return Vec::new();
            };
            let methods = item.items.iter().filter_map(|inner| match inner {
                ImplItem::Fn(method) if is_bare(&method.vis, &method.attrs) => {
                    Some(format!("{of}::{}", method.sig.ident))
                }
                _ => None,
            });
            return methods.collect();
        }
        Item::Mod(item) if !is_test(&item.attrs) => {
            let inner = item.content.iter().flat_map(|(_, items)| items);
            return inner
                .flat_map(|item| without_example(item, types))
                .collect();
        }
        _ => return Vec::new(),
    };
    if is_bare(visibility, attributes) {
        vec![name]
    } else {
        Vec::new()
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_bare(visibility: &Visibility, attributes: &[Attribute]) -> bool {
    let documented = docs(attributes).any(|line| line.trim_start().starts_with("```"));
    let hidden = attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "hidden")
    });
    is_public(visibility) && !documented && !hidden
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg"))
}

/// The lines of documentation.
fn docs(attributes: &[Attribute]) -> impl Iterator<Item = String> {
    attributes.iter().filter_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        let syn::Expr::Lit(value) = &pair.value else {
            return None;
        };
        match &value.lit {
            syn::Lit::Str(text) if pair.path.is_ident("doc") => Some(text.value()),
            _ => None,
        }
    })
}
