//! `weft inspect`: what a component exports, imports and will ask for.

use crate::cli::InspectArgs;
use crate::network::Network;
use crate::setting;
use anyhow::Result;
use serde_json::json;
use std::fmt::Write;
use weft_host::{HostConfig, component::ComponentInfo};

/// Prints the contents of the component.
pub(crate) async fn inspect(args: InspectArgs) -> Result<u8> {
    let name = args.component.display().to_string();
    let host = setting::host(
        HostConfig::default()
            .max_processes(1)
            .max_component_bytes(args.bound.bytes()?),
        &Network::default(),
    )?;
    let (size, info) = host
        .components()
        .inspect_file(&name, &args.component)
        .await
        .map_err(super::of_file)?;
    let text = if args.json {
        json_text(&name, size, &info)
    } else {
        text(&name, size, &info)?
    };
    Ok(super::print(&text))
}

fn text(name: &str, size: u64, info: &ComponentInfo) -> Result<String> {
    let mut out = String::new();
    let shown = crate::screen::one_line(name);
    writeln!(out, "{shown} ({})", setting::size_text(size))?;
    writeln!(out, "\nexports")?;
    if info.entry_points.is_empty() {
        writeln!(out, "  no function: it cannot be run")?;
    }
    for signature in info.signatures() {
        writeln!(out, "  {signature}")?;
    }
    writeln!(out, "\nimports")?;
    let width = info
        .imports
        .iter()
        .map(|import| import.name.len())
        .max()
        .unwrap_or(0);
    for import in &info.imports {
        let functions = import.functions.join(" ");
        let note = match (import.offered, &import.missing[..]) {
            (true, _) => functions,
            (false, []) => "NOT OFFERED by this host".to_owned(),
            (false, missing) => format!("NOT OFFERED by this host: {}", missing.join(" ")),
        };
        writeln!(
            out,
            "  {}",
            format!("{:width$}  {note}", import.name).trim_end()
        )?;
    }
    writeln!(out, "\ncapabilities it may ask for")?;
    let capabilities: Vec<_> = info.capabilities.iter().copied().collect();
    let none = "none";
    writeln!(
        out,
        "  {}",
        if capabilities.is_empty() {
            none.into()
        } else {
            capabilities.join(" ")
        }
    )?;
    if let Some(refusal) = &info.refusal {
        writeln!(out, "\nthis host cannot run it: {refusal}")?;
    }
    Ok(out)
}

fn json_text(name: &str, size: u64, info: &ComponentInfo) -> String {
    let exports: Vec<_> = info
        .entry_points
        .iter()
        .map(|entry| {
            let parameters: Vec<_> = entry
                .parameters
                .iter()
                .map(|p| json!({ "name": p.name, "type": p.ty }))
                .collect();
            json!({
                "name": entry.name,
                "signature": entry.signature(),
                "async": entry.is_async,
                "parameters": parameters,
                "result": entry.result,
            })
        })
        .collect();
    let imports: Vec<_> = info
        .imports
        .iter()
        .map(|import| {
            json!({
                "name": import.name,
                "functions": import.functions,
                "offered": import.offered,
                "missing": import.missing,
            })
        })
        .collect();
    let object = json!({
        "component": name,
        "bytes": size,
        "exports": exports,
        "imports": imports,
        "capabilities": info.capabilities,
        "refusal": info.refusal,
    });
    format!("{object:#}\n")
}
