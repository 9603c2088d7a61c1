//! `weft compose`: composes several components into one.
//!
//! ```text
//! compose/plug      plugs the exports of components into the imports of another
//! compose/explain   why an export does not fit an import
//! compose/document  composes as a WAC document says
//! compose/output    writes the result
//! ```
//!
//! The `wac` crates do the composing. The result is validated. It is a component like any other: `weft inspect` and
//! `weft run` cannot tell the difference.

mod document;
mod explain;
mod output;
mod plug;

use crate::cli::ComposeArgs;
use crate::screen::say;
use anyhow::{Context, Result, bail};
use indexmap::IndexMap;
use std::path::{Path, PathBuf};
use wac_graph::EncodeOptions;
use wac_types::{ItemKind, Package, Types};
use weft_host::component::{ComponentReader, verify_component};

/// How the result is encoded. It is validated later, once its size and complexity are known to be within bounds.
const ENCODING: EncodeOptions<'static> = EncodeOptions {
    define_components: true,
    validate: false,
    processor: None,
};

/// Whether the host offers an interface: all of Weft's and WASI's, except the interface of transforms, which only another
/// component can offer.
fn of_the_host(name: &str) -> bool {
    let of_transforms = name.starts_with("weft:fabric/transformer@");
    !of_transforms && (name.starts_with("weft:fabric/") || name.starts_with("wasi:"))
}

/// Composes, and writes the result.
pub(crate) fn compose(args: &ComposeArgs) -> Result<u8> {
    let is_document = args.file.extension().is_some_and(|it| it == "wac");
    let most = args.bound.bytes()?;
    let mut reader = ComponentReader::new(most);
    // All files that are read. None of them is overwritten.
    let mut inputs = vec![args.file.clone()];
    inputs.extend(args.plug.iter().cloned());
    let dependencies = args.dep.iter().filter_map(|dep| dep.split_once('='));
    inputs.extend(dependencies.map(|(_, file)| PathBuf::from(file)));
    let bytes = match is_document {
        true if !args.plug.is_empty() => {
            bail!("--plug goes with a component; a WAC document says itself what is connected")
        }
        true => document::compose(&args.file, &args.dep, &mut reader, &mut inputs)?,
        false if !args.dep.is_empty() => bail!("--dep goes with a WAC document, a file `*.wac`"),
        false if args.plug.is_empty() => {
            bail!("nothing to compose: say what to plug into it, with --plug FILE")
        }
        false => plug::compose(&args.file, &args.plug, &mut reader)?,
    };
    // Each input is within the bounds, but together they may exceed them: an input that is used twice counts twice.
    verify_component("composed", &bytes, most)?;
    let open = open_imports(&bytes)?;
    let code = output::write(&args.output, &inputs, &bytes)?;
    for import in open {
        say::warning(&format!(
            "`{import}` is imported still, and no host of Weft offers it; plug a component that exports it"
        ));
    }
    Ok(code)
}

/// The imports that only another component can satisfy. Imported types are left out, because they belong to an
/// interface.
fn pluggable(imports: &IndexMap<String, ItemKind>) -> impl Iterator<Item = &String> {
    let pluggable = imports
        .iter()
        .filter(|(name, kind)| !matches!(kind, ItemKind::Type(_)) && !of_the_host(name));
    pluggable.map(|(name, _)| name)
}

/// The imports of a component that the host does not offer.
fn open_imports(bytes: &[u8]) -> Result<Vec<String>> {
    let mut types = Types::default();
    let package = Package::from_bytes("composed", None, bytes, &mut types)
        .context("what was composed cannot be read")?;
    let world = &types[package.ty()];
    Ok(pluggable(&world.imports).cloned().collect())
}

/// The first eight bytes of a core module. A component differs in the last four.
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// Reads a component to be composed.
fn read(reader: &mut ComponentReader, path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let bytes = reader.read(&shown.to_string(), path);
    let bytes = bytes.map_err(super::of_file)?;
    if !bytes.starts_with(b"\0asm") {
        bail!("`{shown}` is no WebAssembly component");
    }
    if bytes.starts_with(CORE_MODULE) {
        bail!(
            "`{shown}` is a core module and no component; make one of it with `wasm-tools component new`"
        );
    }
    Ok(bytes)
}
