//! The bindings are made from the contract ahead of time, and are as it is now.
//!
//! `wit-bindgen` makes them, with a parser for WIT and an encoder that no guest has to compile for it. There is a file for each world (`WORLDS`), and
//! one more for each of the first two for the test kit (`KIT`): the same types and functions, with other bodies. Each function calls
//! the one of its name in `src/testing/host`. So a new function of the contract does not compile until the kit has it.
//!
//! After a change of `wit/`: `SNAPSHOTS=overwrite cargo test -p weft-guest --test bindings`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::path::Path;
use syn::{FnArg, ImplItem, Item, Pat, Signature, parse_quote};
use wasmparser::{ComponentType, ComponentTypeDeclaration, ComponentTypeRef, Parser, Payload};
use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator as _};
use wit_bindgen_rust::{Opts, WithOption};
use wit_component::StringEncoding;
use wit_component::metadata::encode;

/// A world, and how its bindings are made.
struct World {
    file: &'static str,
    name: &'static str,
    /// WIT that is no part of the contract, in place of it.
    text: Option<&'static str>,
    options: fn() -> Opts,
    /// Interfaces that it has from the first world.
    shares: &'static [&'static str],
}

/// Methods that `wit-bindgen` makes for each resource, and that need no host.
const OF_HANDLES: [&str; 3] = ["from_handle", "take_handle", "handle"];

const WORLDS: [World; 5] = [
    World {
        file: "fabric.rs",
        name: "weft:fabric/fabric-async",
        text: None,
        options: || Opts {
            generate_all: true,
            ..Opts::default()
        },
        shares: &[],
    },
    World {
        file: "networks.rs",
        name: "weft:fabric/networks-async",
        text: None,
        options: Opts::default,
        shares: &["types", "frames", "channel"],
    },
    World {
        file: "clocks.rs",
        name: "weft:guest-clocks/clocks",
        text: Some(include_str!("../src/bindings/clocks.wit")),
        options: || Opts {
            generate_all: true,
            ..Opts::default()
        },
        shares: &[],
    },
    World {
        file: "transform.rs",
        name: "weft:fabric/transform-with-rest",
        text: None,
        options: || Opts {
            pub_export_macro: true,
            export_macro_name: Some("export_transformer".to_owned()),
            default_bindings_module: Some("weft_guest::bindings::transform".to_owned()),
            ..Opts::default()
        },
        shares: &["frames"],
    },
    World {
        file: "transform_user.rs",
        name: "weft:fabric/transform-user",
        text: None,
        options: Opts::default,
        shares: &["frames"],
    },
];

/// The files of the test kit, of the first worlds.
const KIT: [&str; 2] = ["native.rs", "native_networks.rs"];

#[test]
fn the_bindings_are_those_of_the_contract() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for world in &WORLDS {
        let made = generated(&folder.join("wit"), world);
        // Nobody reads its indentation, and each new project has a copy.
        let made: Vec<&str> = made.lines().map(str::trim_start).collect();
        let made = made.join("\n") + "\n";
        check(&folder.join("src/bindings").join(world.file), &made);
    }
}

#[test]
fn the_kit_has_the_bindings_of_the_contract() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (world, file) in WORLDS.iter().zip(KIT) {
        let mut made = syn::parse_file(&generated(&folder.join("wit"), world)).unwrap();
        made.attrs.clear();
        made.items.retain_mut(|item| adapt(item, &[]));
        let text = prettyplease::unparse(&made);
        check(&folder.join("src/bindings").join(file), &text);
    }
}

#[test]
fn the_macros_have_the_interfaces_of_the_contract() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = ["channel", "process"].map(|name| interface(&folder.join("wit"), name));
    check(&folder.join("macros/src/interfaces.rs"), &text.concat());
}

/// The constant with the binary form of an interface, and of all that it uses.
fn interface(contract: &Path, name: &str) -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(contract).unwrap();
    let id = resolve.packages[package].interfaces[name];
    let full_name = resolve.id_of(id).unwrap();
    let world = format!("package weft:guest;\nworld it {{ import {full_name}; }}");
    let package = resolve.push_str("it", &world).unwrap();
    let id = resolve.select_world(&[package], None).unwrap();
    let bytes = encode(&resolve, id, StringEncoding::UTF8, None).unwrap();

    let (mut items, mut types, mut instances, mut instance) = (0, 0usize, 0usize, 0usize);
    let mut content = Vec::new();
    for payload in Parser::new(0).parse_all(&bytes) {
        let Ok(Payload::ComponentTypeSection(section)) = payload else {
            continue;
        };
        let range = section.range();
        let at = |offset: u64| usize::try_from(offset).unwrap();
        content = bytes[at(range.start)..at(range.end)].to_vec();
        let ComponentType::Component(outer) = section.into_iter().next().unwrap().unwrap() else {
            panic!("a world is a component");
        };
        let ComponentTypeDeclaration::Type(ComponentType::Component(inner)) = &outer[0] else {
            panic!("in a component");
        };
        items = inner.len();
        for item in inner {
            match item {
                ComponentTypeDeclaration::Type(_) | ComponentTypeDeclaration::Alias(_) => {
                    types += 1
                }
                ComponentTypeDeclaration::Import(import) => match import.ty {
                    ComponentTypeRef::Type(_) => types += 1,
                    _ => {
                        if import.name.name == full_name {
                            instance = instances;
                        }
                        instances += 1;
                    }
                },
                _ => panic!("a world of one interface has nothing else"),
            }
        }
    }
    let inner = inner_items(&content, items);
    let constant = format_ident!("{}", name.to_uppercase());
    let literal = syn::LitByteStr::new(inner, proc_macro2::Span::call_site());
    let doc = format!(" `{name}` and what it uses.");
    quote! {
        #[doc = #doc]
        pub(crate) const #constant: crate::section::Interfaces = crate::section::Interfaces {
            items: #items,
            types: #types,
            instance: #instance,
            bytes: #literal,
        };
    }
    .to_string()
        + "\n"
}

/// The items of the inner component of a section with one type, as bytes. There are so many of them.
fn inner_items(section: &[u8], items: usize) -> &[u8] {
    // One type, a component of two items of which the first is a type, a component of so many items: what `section` of the macros
    // writes.
    let mut before = vec![1, 0x41, 2, 1, 0x41];
    let mut left = items;
    while left >= 0x80 {
        before.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
        left >>= 7;
    }
    before.push(u8::try_from(left).unwrap());
    let mut after = vec![4, 0, 13];
    after.extend(b"weft:guest/it");
    after.extend([4, 0]);
    let rest = section.strip_prefix(&*before).unwrap();
    rest.strip_suffix(&*after).unwrap()
}

/// Holds a file to what was made, or writes it if it is asked to.
fn check(file: &Path, made: &str) {
    let note = "// Made from WIT by `tests/bindings.rs`; not to be edited.\n";
    if std::env::var("SNAPSHOTS").is_ok_and(|it| it == "overwrite") {
        std::fs::write(file, note.to_owned() + made).unwrap();
    }
    let tokens = |text: &str| text.parse::<TokenStream>().unwrap().to_string();
    let there = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        tokens(&there) == tokens(made),
        "{} is not what the contract gives: SNAPSHOTS=overwrite cargo test -p weft-guest --test bindings",
        file.display()
    );
}

/// What `wit-bindgen` makes of a world.
fn generated(contract: &Path, world: &World) -> String {
    let mut resolve = Resolve::default();
    let package = match world.text {
        Some(text) => resolve.push_str(world.name, text).unwrap(),
        None => resolve.push_path(contract).unwrap().0,
    };
    let id = resolve.select_world(&[package], Some(world.name)).unwrap();
    let mut options = (world.options)();
    for shared in world.shares {
        let prefix = format!("weft:fabric/{shared}@");
        let name = resolve.interfaces.iter().find_map(|(id, _)| {
            let name = resolve.id_of(id)?;
            name.starts_with(&prefix).then_some(name)
        });
        let with = WithOption::Path(format!("super::weft::fabric::{shared}"));
        options.with.push((name.unwrap(), with));
    }
    let mut files = Files::default();
    options
        .build()
        .generate(&mut resolve, id, &mut files)
        .unwrap();
    let (_, text) = files.iter().next().unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}

/// Gives an item the body that the kit's bindings have. `false`: they do not have it.
fn adapt(item: &mut Item, path: &[String]) -> bool {
    match item {
        Item::Mod(module) => {
            let name = module.ident.to_string();
            if ["wit_future", "wit_stream"].contains(&&*name) {
                return false;
            }
            // Which of its parts are used is the generator's business.
            if name == "_rt" {
                return true;
            }
            let path: Vec<String> = path.iter().cloned().chain([name]).collect();
            if let Some((_, items)) = &mut module.content {
                items.retain_mut(|item| adapt(item, &path));
            }
            true
        }
        Item::Impl(block) => {
            let of = quote!(#block.self_ty).to_string();
            let of = block_name(block).unwrap_or(of);
            block
                .items
                .retain_mut(|inner| adapt_method(inner, &of, path));
            true
        }
        Item::Fn(function) => {
            if path.is_empty() || has_streams(&function.sig) {
                return false;
            }
            let call = call(&function.sig, path, None);
            *function.block = parse_quote!({ #call });
            true
        }
        // They keep the section with the world in the component.
        Item::Static(_) => false,
        Item::Use(_) | Item::Struct(_) | Item::Enum(_) | Item::Type(_) | Item::Const(_) => true,
        Item::Macro(_) => true,
        _ => false,
    }
}

fn block_name(block: &syn::ItemImpl) -> Option<String> {
    match &*block.self_ty {
        syn::Type::Path(path) => Some(path.path.segments.last()?.ident.to_string()),
        _ => None,
    }
}

fn adapt_method(item: &mut ImplItem, of: &str, path: &[String]) -> bool {
    let ImplItem::Fn(method) = item else {
        return true;
    };
    let name = method.sig.ident.to_string();
    if name == "drop" && method.sig.unsafety.is_some() {
        method.block = parse_quote!({ crate::testing::host::drop_handle(_handle) });
        return true;
    }
    let own = matches!(method.vis, syn::Visibility::Public(_));
    if own && !OF_HANDLES.contains(&&*name) && method.block.stmts.len() == 1 && is_unsafe(method) {
        let call = call(&method.sig, path, Some(of));
        method.block = parse_quote!({ #call });
    }
    true
}

/// Whether it is one of those that call the host.
fn is_unsafe(method: &syn::ImplItemFn) -> bool {
    matches!(
        method.block.stmts.first(),
        Some(syn::Stmt::Expr(syn::Expr::Unsafe(_), _))
    )
}

fn has_streams(signature: &Signature) -> bool {
    quote!(#signature).to_string().contains("StreamReader")
}

/// The call of the kit's function.
fn call(signature: &Signature, path: &[String], of: Option<&str>) -> TokenStream {
    let mut modules: Vec<_> = path
        .iter()
        .skip(2)
        .map(|name| format_ident!("{name}"))
        .collect();
    modules.extend(of.map(|of| format_ident!("{}", of.to_lowercase())));
    let name = &signature.ident;
    let args = signature.inputs.iter().map(|input| match input {
        FnArg::Receiver(_) => quote!(self),
        FnArg::Typed(typed) => match &*typed.pat {
            Pat::Ident(pattern) => {
                let name = &pattern.ident;
                quote!(#name)
            }
            other => quote!(#other),
        },
    });
    let call = quote!(crate::testing::host::#(#modules::)*#name(#(#args),*));
    match signature.asyncness {
        Some(_) => quote!(#call.await),
        None => call,
    }
}
