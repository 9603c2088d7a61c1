//! A WAVE tree as a value of a type.
//!
//! Numbers are read in `number`, error messages are made in `words`.
//!
//! Invariant: work and memory are bounded by the length of the text and by the two constants below, however large the type
//! is.

use super::{Misfit, grammar, no_text, number, words};
use crate::component::types::type_text;
use std::cell::Cell;
use std::collections::BTreeMap;
use wasm_wave::ast::{Node, NodeType};
use wasmtime::component::{Type, Val};

/// Fields and cases of types that one text may visit: about ten milliseconds. Otherwise a list of many cases, each of a
/// type with thousands, would hold the thread for long.
const STEPS: usize = 16 << 20;

/// Fields that one text may leave out, over all its records: each takes memory in the value and none in the text.
const LEFT_OUT: usize = 64 << 10;

/// The text that is read, and its budgets.
pub(super) struct Source<'a> {
    text: &'a str,
    steps: Cell<usize>,
    left_out: Cell<usize>,
    /// Whether texts and records stand for characters and cases too.
    is_plain: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            steps: Cell::new(STEPS),
            left_out: Cell::new(LEFT_OUT),
            is_plain: false,
        }
    }

    /// The same, where texts and records stand for characters and cases too.
    pub(super) fn plain(text: &'a str) -> Self {
        Self {
            is_plain: true,
            ..Self::new(text)
        }
    }

    pub(super) fn value(&self, node: &Node, ty: &Type) -> Result<Val, Misfit> {
        if let Some(reason) = no_text(ty) {
            return Err(Misfit::new(reason));
        }
        let other = || Misfit::new(words::other_kind(node, ty));
        match (ty, node.ty()) {
            (Type::Bool, NodeType::BoolTrue) => Ok(Val::Bool(true)),
            (Type::Bool, NodeType::BoolFalse) => Ok(Val::Bool(false)),
            (Type::Char, NodeType::Char) => Ok(Val::Char(self.as_char(node)?)),
            (Type::Char, NodeType::String) if self.is_plain => {
                let text = self.string(node)?;
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(one), None) => Ok(Val::Char(one)),
                    _ => Err(other()),
                }
            }
            (Type::String, NodeType::String | NodeType::MultilineString) => {
                Ok(Val::String(self.string(node)?))
            }
            (Type::List(list), NodeType::List) => Ok(Val::List(self.items(node, &list.ty())?)),
            (Type::FixedLengthList(list), NodeType::List) => {
                let items = self.items(node, &list.ty())?;
                counted(items.len(), usize::try_from(list.len()).ok(), "items")?;
                Ok(Val::FixedLengthList(items))
            }
            (Type::Tuple(tuple), NodeType::Tuple) => {
                Ok(Val::Tuple(self.tuple(node, tuple.types().collect())?))
            }
            (Type::Record(record), NodeType::Record | NodeType::Flags) => {
                let fields = record.fields().map(|field| (field.name, field.ty));
                self.record(node, fields.collect(), other)
            }
            (Type::Flags(flags), NodeType::Flags | NodeType::Record) => {
                self.flags(node, flags.names().collect(), other)
            }
            (Type::Enum(cases), _) => {
                let cases = || cases.names().map(|name| (name, None));
                let (name, _) = self.case(node, cases, other)?;
                Ok(Val::Enum(name))
            }
            (Type::Variant(variant), _) => {
                let cases = || variant.cases().map(|case| (case.name, case.ty));
                let (name, value) = self.case(node, cases, other)?;
                Ok(Val::Variant(name, value))
            }
            (Type::Option(option), _) => self.option(node, &option.ty(), other),
            (Type::Result(result), _) => self.result(node, result.ok(), result.err(), other),
            (_, NodeType::Number) => match number::read(self.slice(node), ty) {
                Some(number) => number.map_err(Misfit::new),
                None => Err(other()),
            },
            _ => Err(other()),
        }
    }

    fn slice(&self, node: &Node) -> &'a str {
        self.text.get(node.span()).unwrap_or_default()
    }

    fn as_char(&self, node: &Node) -> Result<char, Misfit> {
        let read = node.as_char(self.text);
        read.map_err(|error| Misfit::new(grammar(self.text, &error)))
    }

    fn string(&self, node: &Node) -> Result<String, Misfit> {
        let read = node.as_str(self.text);
        read.map(String::from)
            .map_err(|error| Misfit::new(grammar(self.text, &error)))
    }

    fn items(&self, node: &Node, ty: &Type) -> Result<Vec<Val>, Misfit> {
        let items = node.as_list().into_iter().flatten().enumerate();
        items
            .map(|(at, item)| {
                let item = self.value(item, ty);
                item.map_err(|misfit| misfit.within(format_args!("[{at}]")))
            })
            .collect()
    }

    fn tuple(&self, node: &Node, types: Vec<Type>) -> Result<Vec<Val>, Misfit> {
        let items: Vec<&Node> = node.as_tuple().into_iter().flatten().collect();
        counted(items.len(), Some(types.len()), "values")?;
        let items = items.into_iter().zip(&types).enumerate();
        items
            .map(|(at, (item, ty))| {
                let item = self.value(item, ty);
                item.map_err(|misfit| misfit.within(format_args!(".{at}")))
            })
            .collect()
    }

    /// Every given field must be one of the record's. Only options may be left out.
    fn record(
        &self,
        node: &Node,
        fields: Vec<(&str, Type)>,
        other: impl Fn() -> Misfit,
    ) -> Result<Val, Misfit> {
        // WAVE reads `{}` as no flags; people also write it for a record without fields.
        if node.ty() == NodeType::Flags && !self.is_empty(node) {
            return Err(other());
        }
        spend(&self.steps, fields.len())?;
        let given = node.as_record(self.text).into_iter().flatten();
        let mut given: BTreeMap<&str, &Node> = given.collect();
        let mut values = Vec::with_capacity(fields.len());
        for (name, ty) in &fields {
            let value = match (given.remove(name), ty) {
                (Some(node), ty) => {
                    let value = self.value(node, ty);
                    value.map_err(|misfit| misfit.within(format_args!(".{name}")))?
                }
                (None, Type::Option(_)) => {
                    spend(&self.left_out, 1)?;
                    Val::Option(None)
                }
                (None, ty) => {
                    let ty = type_text(ty);
                    return Err(Misfit::new(format!(
                        "the field `{name}` of type {ty} is missing"
                    )));
                }
            };
            values.push(((*name).to_owned(), value));
        }
        match given.into_keys().next() {
            Some(unknown) => Err(words::unknown(
                "field",
                unknown,
                fields.iter().map(|it| it.0),
            )),
            None => Ok(Val::Record(values)),
        }
    }

    fn flags(
        &self,
        node: &Node,
        flags: Vec<&str>,
        other: impl Fn() -> Misfit,
    ) -> Result<Val, Misfit> {
        if node.ty() == NodeType::Record && !self.is_empty(node) {
            return Err(other());
        }
        let given = node.as_flags(self.text).into_iter().flatten();
        // WAVE allows a `%` before any name.
        let given = given.map(|name| name.strip_prefix('%').unwrap_or(name));
        let given = given.map(|name| match flags.contains(&name) {
            true => Ok(name.to_owned()),
            false => Err(words::unknown("flag", name, flags.iter().copied())),
        });
        Ok(Val::Flags(given.collect::<Result<_, _>>()?))
    }

    /// Whether it is `{}` or `{:}`.
    fn is_empty(&self, node: &Node) -> bool {
        let fields = node.as_record(self.text).into_iter().flatten().count();
        let flags = node.as_flags(self.text).into_iter().flatten().count();
        fields + flags == 0
    }

    /// The case of a variant or an enum, and its value.
    fn case<'t, C>(
        &self,
        node: &Node,
        cases: impl Fn() -> C,
        other: impl Fn() -> Misfit,
    ) -> Result<(String, Option<Box<Val>>), Misfit>
    where
        C: ExactSizeIterator<Item = (&'t str, Option<Type>)>,
    {
        let (name, given) = self.name_and_payload(node).ok_or_else(other)?;
        spend(&self.steps, cases().len())?;
        let Some((name, wanted)) = cases().find(|(case, _)| *case == name) else {
            let names = cases().map(|(case, _)| case);
            return Err(words::unknown("case", name, names));
        };
        let value = self.payload(name, given, wanted.as_ref())?;
        Ok((name.to_owned(), value))
    }

    /// A node as the name of a case. Keywords such as `none` are names here.
    fn name_and_payload<'n>(&self, node: &'n Node) -> Option<(&'a str, Option<&'n Node>)> {
        match node.ty() {
            NodeType::Label | NodeType::VariantWithPayload => node.as_variant(self.text).ok(),
            NodeType::OptionSome => Some(("some", node.as_option().ok()?)),
            NodeType::ResultOk => Some(("ok", node.as_result().ok()?.ok()?)),
            NodeType::ResultErr => Some(("err", node.as_result().ok()?.err()?)),
            NodeType::OptionNone | NodeType::BoolTrue | NodeType::BoolFalse => {
                Some((self.slice(node), None))
            }
            NodeType::Number if matches!(self.slice(node), "inf" | "nan") => {
                Some((self.slice(node), None))
            }
            NodeType::String if self.is_plain => {
                let text = self.slice(node).strip_prefix('"')?;
                Some((text.strip_suffix('"')?, None))
            }
            NodeType::Record if self.is_plain => {
                let mut fields = node.as_record(self.text).ok()?;
                let (name, value) = fields.next()?;
                fields.next().is_none().then_some((name, Some(value)))
            }
            _ => None,
        }
    }

    fn payload(
        &self,
        case: &str,
        given: Option<&Node>,
        wanted: Option<&Type>,
    ) -> Result<Option<Box<Val>>, Misfit> {
        match (given, wanted) {
            (None, None) => Ok(None),
            (Some(node), Some(ty)) => {
                let value = self.value(node, ty);
                let value = value.map_err(|misfit| misfit.within(format_args!(".{case}")))?;
                Ok(Some(Box::new(value)))
            }
            (None, Some(ty)) => {
                let ty = type_text(ty);
                Err(Misfit::new(format!(
                    "`{case}` comes with a value; write {case}(…) with one of type {ty}"
                )))
            }
            (Some(_), None) => Err(Misfit::new(format!(
                "`{case}` comes without a value; write {case}"
            ))),
        }
    }

    fn option(&self, node: &Node, ty: &Type, other: impl Fn() -> Misfit) -> Result<Val, Misfit> {
        match node.ty() {
            NodeType::OptionNone => Ok(Val::Option(None)),
            NodeType::OptionSome => {
                let given = node.as_option().ok().flatten();
                Ok(Val::Option(self.payload("some", given, Some(ty))?))
            }
            // A value without `some`, where that is unambiguous.
            _ if stands_alone(ty) => {
                let value = self.value(node, ty)?;
                Ok(Val::Option(Some(Box::new(value))))
            }
            _ => Err(other()),
        }
    }

    fn result(
        &self,
        node: &Node,
        ok: Option<Type>,
        err: Option<Type>,
        other: impl Fn() -> Misfit,
    ) -> Result<Val, Misfit> {
        match (node.ty(), ok) {
            (NodeType::ResultOk, ok) => {
                let given = node.as_result().ok().and_then(Result::ok).flatten();
                Ok(Val::Result(Ok(self.payload("ok", given, ok.as_ref())?)))
            }
            (NodeType::ResultErr, _) => {
                let given = node.as_result().ok().and_then(Result::err).flatten();
                Ok(Val::Result(Err(self.payload(
                    "err",
                    given,
                    err.as_ref(),
                )?)))
            }
            (_, Some(ty)) if stands_alone(&ty) => {
                let value = self.value(node, &ty)?;
                Ok(Val::Result(Ok(Some(Box::new(value)))))
            }
            _ => Err(other()),
        }
    }
}

/// Whether a value of this type may be written without the `some` or `ok` around it.
fn stands_alone(ty: &Type) -> bool {
    !matches!(ty, Type::Option(_) | Type::Result(_))
}

fn counted(given: usize, wanted: Option<usize>, what: &str) -> Result<(), Misfit> {
    match wanted {
        Some(wanted) if wanted != given => Err(Misfit::new(format!(
            "it has {given} {what}, {wanted} are wanted"
        ))),
        _ => Ok(()),
    }
}

/// Takes an amount from a budget.
fn spend(left: &Cell<usize>, amount: usize) -> Result<(), Misfit> {
    let Some(rest) = left.get().checked_sub(amount) else {
        return Err(Misfit::new(
            "it has too many parts for so large a type; send it through a channel",
        ));
    };
    left.set(rest);
    Ok(())
}
