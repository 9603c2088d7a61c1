//! How deep type declarations nest.
//!
//! The parser recurses into each level, so it must only get shallow types. The code here does not recurse.

use super::{MOST_NESTED, OverBudget};
use wasmparser::{
    BinaryReader, ComponentType, ComponentTypeDeclaration, InstanceTypeDeclaration, Result,
    WasmFeatures,
};

/// The kind of a type that contains declarations.
#[derive(Clone, Copy)]
enum Declares {
    Component,
    Instance,
}

/// Checks how deep the types of a section nest.
pub(super) fn check(section: &[u8]) -> std::result::Result<(), OverBudget> {
    let mut reader = BinaryReader::new_features(section, 0, WasmFeatures::all());
    let mut types = reader.read_var_u32()?;
    // The enclosing types, each with the number of declarations left in it.
    let mut open: Vec<(Declares, u32)> = Vec::new();
    loop {
        let Some((declares, left)) = open.last_mut() else {
            let Some(rest) = types.checked_sub(1) else {
                return Ok(());
            };
            types = rest;
            match declaring(&mut reader)? {
                Some(inner) => open.push(inner),
                None => drop(reader.read::<ComponentType<'_>>()?),
            }
            continue;
        };
        let declares = *declares;
        let Some(rest) = left.checked_sub(1) else {
            open.pop();
            continue;
        };
        *left = rest;
        // The declaration may itself be a type with declarations.
        let mut ahead = reader.clone();
        if ahead.read_u8()? == 0x01
            && let Some(inner) = declaring(&mut ahead)?
        {
            reader = ahead;
            open.push(inner);
        } else {
            match declares {
                Declares::Component => drop(reader.read::<ComponentTypeDeclaration<'_>>()?),
                Declares::Instance => drop(reader.read::<InstanceTypeDeclaration<'_>>()?),
            }
        }
        if open.len() > MOST_NESTED {
            return Err(OverBudget::Nested(MOST_NESTED));
        }
    }
}

/// Reads the start of a type with declarations, if there is one here: its kind and the number of declarations.
fn declaring(reader: &mut BinaryReader<'_>) -> Result<Option<(Declares, u32)>> {
    let mut ahead = reader.clone();
    let declares = match ahead.read_u8()? {
        0x41 => Declares::Component,
        0x42 => Declares::Instance,
        _ => return Ok(None),
    };
    let count = ahead.read_var_u32()?;
    *reader = ahead;
    Ok(Some((declares, count)))
}
