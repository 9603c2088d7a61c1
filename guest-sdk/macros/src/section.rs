//! The world of an export in the binary format of the component model, for the section that describes it.
//!
//! `wasm-component-ld` takes the sections of this name from all crates of a guest and makes one world of them. This one has the export, the types
//! that its signature mentions, and the interfaces of the contract that those are of. Linkers want each interface whole, wherever it is mentioned: its bytes
//! are made ahead of time (`interfaces`, by `tests/bindings.rs` of the SDK).
//!
//! Written by hand, as it is small: a WIT parser with an encoder behind it would be most of what a guest compiles. The tests read it with both.

use crate::declared::{Declared, Shape};
use crate::interfaces;
use crate::signature::Signature;
use crate::types::{self, Resource, Ty};
use std::collections::BTreeMap;

/// A custom section: the encoding, of version 4, with strings in UTF-8.
const ENCODING: &[u8] = b"\0\x19\x16wit-component-encoding\x04\0";

/// The world that exports the function under this name. `package/world` is what the section calls it.
pub(crate) fn section(
    world: &str,
    export: &str,
    signature: &Signature,
    known: &[Declared],
) -> Vec<u8> {
    let mut items = Items {
        known,
        ..Items::default()
    };
    items.import_resources(signature.types().into_iter());
    let params: Vec<(&str, Vec<u8>)> = signature
        .params
        .iter()
        .map(|(name, ty)| (&**name, items.value(ty)))
        .collect();
    let result = signature.result().map(|ty| items.value(&ty));
    // An async function, or one that is not.
    let mut function = vec![if signature.is_async { 0x43 } else { 0x40 }];
    number(&mut function, params.len());
    for (name, ty) in params {
        text(&mut function, name);
        function.extend(ty);
    }
    match result {
        Some(ty) => {
            function.push(0);
            function.extend(ty);
        }
        None => function.extend([1, 0]),
    }
    let index = items.define(&function);
    let mut exported = vec![4, 0];
    text(&mut exported, export);
    exported.push(1);
    number(&mut exported, index);
    items.push(&exported);

    // The world is a type of a component, in one that exports it, in one that names it.
    let mut inner = vec![0x41];
    number(&mut inner, items.count);
    inner.extend(items.bytes);
    let mut outer = vec![1, 0x41, 2, 1];
    outer.extend(inner);
    outer.extend([4, 0]);
    text(&mut outer, &format!("weft:guest/{world}"));
    outer.extend([4, 0]);

    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    bytes.extend(ENCODING);
    part(&mut bytes, 7, &outer);
    let mut name = vec![1, 0];
    text(&mut name, world);
    name.extend([3, 0, 0]);
    part(&mut bytes, 11, &name);
    bytes
}

/// Imports of interfaces, as items of a world.
pub(crate) struct Interfaces {
    /// How many items they are.
    pub items: usize,
    /// How many types have a number after them.
    pub types: usize,
    /// The number of the last one as an instance.
    pub instance: usize,
    pub bytes: &'static [u8],
}

/// The number of an interface as an instance.
fn instance(interface: &str) -> usize {
    match interface {
        "process" => interfaces::PROCESS.instance,
        _ => interfaces::CHANNEL.instance,
    }
}

/// The items of the world so far.
#[derive(Default)]
struct Items<'a> {
    known: &'a [Declared],
    bytes: Vec<u8>,
    count: usize,
    /// How many types have a number.
    types: usize,
    resources: BTreeMap<Resource, usize>,
    declared: BTreeMap<String, usize>,
}

impl Items<'_> {
    fn push(&mut self, item: &[u8]) {
        self.bytes.extend(item);
        self.count += 1;
    }

    fn next_type(&mut self) -> usize {
        self.types += 1;
        self.types - 1
    }

    /// Declares a type, and gives its number.
    fn define(&mut self, ty: &[u8]) -> usize {
        self.push(&[&[1], ty].concat());
        self.next_type()
    }

    /// Gives a type its name. The name's number stands for it from then on.
    fn name(&mut self, name: &str, index: usize) -> usize {
        let mut item = vec![3, 0];
        text(&mut item, name);
        item.extend([3, 0]);
        number(&mut item, index);
        self.push(&item);
        self.next_type()
    }

    /// Imports the interfaces of the resources that these types mention, before anything else.
    fn import_resources<'b>(&mut self, types: impl Iterator<Item = &'b Ty>) {
        let mut mentioned = Vec::new();
        types.for_each(|ty| self.mention(ty, &mut mentioned));
        mentioned.sort_unstable();
        mentioned.dedup();
        let of = |interface: &str| mentioned.iter().any(|(of, _)| *of == interface);
        // `process` uses `channel`, so its bytes begin with those.
        let imported = match (of("process"), of("channel")) {
            (true, _) => &interfaces::PROCESS,
            (false, true) => &interfaces::CHANNEL,
            (false, false) => return,
        };
        self.bytes.extend(imported.bytes);
        self.count = imported.items;
        self.types = imported.types;
        for resource @ (interface, name) in mentioned {
            let mut alias = vec![2, 3, 0];
            number(&mut alias, instance(interface));
            text(&mut alias, name);
            self.push(&alias);
            let index = self.next_type();
            let index = self.name(name, index);
            self.resources.insert(resource, index);
        }
    }

    fn mention(&self, ty: &Ty, mentioned: &mut Vec<Resource>) {
        if let Ty::Own(resource) = ty {
            mentioned.push(*resource);
        }
        if let Some(declared) = self.declaration(ty) {
            declared
                .parts()
                .for_each(|(_, ty)| self.mention(ty, mentioned));
        }
        ty.parts()
            .into_iter()
            .for_each(|ty| self.mention(ty, mentioned));
    }

    fn declaration(&self, ty: &Ty) -> Option<&Declared> {
        let Ty::Declared(path) = ty else { return None };
        let name = types::declared_name(path);
        self.known.iter().find(|it| it.ident == name)
    }

    /// A type as the type of a value: a primitive one, or its number.
    fn value(&mut self, ty: &Ty) -> Vec<u8> {
        let defined = match ty {
            Ty::Plain(name) => return vec![primitive(name)],
            Ty::Own(resource) => {
                let mut own = vec![0x69];
                number(
                    &mut own,
                    self.resources.get(resource).copied().unwrap_or_default(),
                );
                own
            }
            Ty::List(item) => [vec![0x70], self.value(item)].concat(),
            Ty::Option(item) => [vec![0x6b], self.value(item)].concat(),
            Ty::Result(ok, err) => {
                let mut result = vec![0x6a];
                for side in [ok, err] {
                    let side = side.as_ref().map(|ty| self.value(ty));
                    optional(&mut result, side);
                }
                result
            }
            Ty::Tuple(parts) => {
                let mut tuple = vec![0x6f];
                number(&mut tuple, parts.len());
                let parts: Vec<Vec<u8>> = parts.iter().map(|part| self.value(part)).collect();
                tuple.extend(parts.concat());
                tuple
            }
            Ty::Declared(_) => return self.declared(ty),
        };
        self.reference(&defined)
    }

    fn reference(&mut self, defined: &[u8]) -> Vec<u8> {
        let index = self.define(defined);
        signed(index)
    }

    /// A type that the guest declares; declared in the world when it is first met.
    fn declared(&mut self, ty: &Ty) -> Vec<u8> {
        let Some(declared) = self.declaration(ty).cloned() else {
            return vec![primitive("bool")];
        };
        if let Some(index) = self.declared.get(&declared.name) {
            return signed(*index);
        }
        let members: Vec<(String, Option<Vec<u8>>)> = declared
            .members()
            .iter()
            .map(|member| {
                (
                    member.name.clone(),
                    member.ty.as_ref().map(|ty| self.value(ty)),
                )
            })
            .collect();
        let mut defined = vec![match &declared.shape {
            Shape::Record(_) => 0x72,
            Shape::Variant(_) if declared.is_enum() => 0x6d,
            Shape::Variant(_) => 0x71,
            Shape::Flags(_) => 0x6e,
        }];
        number(&mut defined, members.len());
        for (name, ty) in members {
            text(&mut defined, &name);
            if matches!(declared.shape, Shape::Record(_)) {
                defined.extend(ty.unwrap_or_default());
            } else if !declared.is_enum() && matches!(declared.shape, Shape::Variant(_)) {
                optional(&mut defined, ty);
                defined.push(0);
            }
        }
        let index = self.define(&defined);
        let index = self.name(&declared.name, index);
        self.declared.insert(declared.name, index);
        signed(index)
    }
}

fn primitive(name: &str) -> u8 {
    match name {
        "bool" => 0x7f,
        "s8" => 0x7e,
        "u8" => 0x7d,
        "s16" => 0x7c,
        "u16" => 0x7b,
        "s32" => 0x7a,
        "u32" => 0x79,
        "s64" => 0x78,
        "u64" => 0x77,
        "f32" => 0x76,
        "f64" => 0x75,
        "char" => 0x74,
        _ => 0x73,
    }
}

fn optional(bytes: &mut Vec<u8>, ty: Option<Vec<u8>>) {
    bytes.push(u8::from(ty.is_some()));
    bytes.extend(ty.unwrap_or_default());
}

/// A section of the component with this number.
fn part(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    number(bytes, content.len());
    bytes.extend(content);
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len());
    bytes.extend(text.as_bytes());
}

/// The number of a type where a primitive type, which is negative, may stand: signed LEB128.
fn signed(index: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut left = index;
    while left >= 0x40 {
        bytes.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
    bytes
}

/// In LEB128.
fn number(bytes: &mut Vec<u8>, number: usize) {
    let mut left = number;
    while left >= 0x80 {
        bytes.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
}

#[cfg(test)]
#[path = "section_tests.rs"]
mod tests;
