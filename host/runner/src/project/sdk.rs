//! The SDK as separate crates, for a project outside the SDK's workspace.
//!
//! The sources are copied unchanged, together with the contract. The SDK's own tests are left out. In the manifests,
//! everything inherited from the workspace is written out, as `cargo package` does.

use super::{File, carried};
use anyhow::{Context, Result, bail};
use toml::{Table, Value};

/// The SDK's folder in its workspace: the prefix of paths in the workspace's manifest.
const PLACE: &str = "guest-sdk/";

/// The folder of its tests.
const SUITES: &str = "tests/";

/// The first lines of a manifest that was written out.
const NOTE: &str = "# A copy, made by `weft new`. For a newer one, take this folder out of a project that a newer `weft` makes.\n\n";

/// The files of the SDK in the folder `at`.
///
/// # Errors
/// When the embedded manifests do not have the form that this module expects.
pub(super) fn files(at: &str) -> Result<Vec<File>> {
    let workspace: Table = carried::WORKSPACE.parse().context("the workspace")?;
    let mut files = Vec::new();
    let sources = carried::SDK.iter();
    for (name, text) in sources.filter(|(name, _)| !name.starts_with(SUITES)) {
        let text = if name.ends_with("Cargo.toml") {
            let manifest = text.parse().with_context(|| format!("manifest {name}"))?;
            let written_out = written_out(manifest, &workspace);
            NOTE.to_owned() + &written_out.with_context(|| format!("manifest {name}"))?
        } else {
            (*text).to_owned()
        };
        files.push((format!("{at}/{name}"), text));
    }
    for (name, text) in carried::CONTRACT {
        files.push((format!("{at}/wit/{name}"), (*text).to_owned()));
    }
    for (name, text) in carried::LICENSES {
        files.push((format!("{at}/{name}"), text.to_owned()));
    }
    Ok(files)
}

/// A manifest with everything it inherits written out. Lints and dev-dependencies are left out.
fn written_out(mut manifest: Table, workspace: &Table) -> Result<String> {
    let of_workspace = |key: &str| {
        let table = workspace.get("workspace").and_then(|table| table.get(key));
        table
            .and_then(Value::as_table)
            .with_context(|| format!("the workspace has no `{key}`"))
    };
    manifest.remove("lints");
    manifest.remove("dev-dependencies");
    let package = table(&mut manifest, "package")?;
    let shared = of_workspace("package")?;
    for (key, value) in package.iter_mut() {
        if inherits(value) {
            *value = found(shared, key)?.clone();
        }
    }
    let dependencies = table(&mut manifest, "dependencies")?;
    let shared = of_workspace("dependencies")?;
    for (name, dependency) in dependencies.iter_mut() {
        if inherits(dependency) {
            *dependency = merged(found(shared, name)?, dependency)?;
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn table<'a>(manifest: &'a mut Table, key: &str) -> Result<&'a mut Table> {
    let value = manifest.get_mut(key).and_then(Value::as_table_mut);
    value.with_context(|| format!("there is no `{key}`"))
}

fn found<'a>(table: &'a Table, key: &str) -> Result<&'a Value> {
    table
        .get(key)
        .with_context(|| format!("the workspace has no `{key}`"))
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// A dependency of the workspace, plus the features that the crate adds.
fn merged(shared: &Value, own: &Value) -> Result<Value> {
    let mut merged = match shared {
        Value::String(version) => Table::from_iter([("version".into(), Value::from(&**version))]),
        Value::Table(table) => table.clone(),
        other => bail!("`{other}` is no dependency"),
    };
    if let Some(path) = merged.get("path").and_then(Value::as_str) {
        let path = path.strip_prefix(PLACE);
        let path = path
            .context("the SDK depends on a crate beside it")?
            .to_owned();
        merged.insert("path".into(), Value::from(path));
    }
    if let Some(added) = own.get("features").and_then(Value::as_array) {
        let features = merged
            .entry("features")
            .or_insert_with(|| Value::Array(Vec::new()));
        let features = features.as_array_mut().context("features are a list")?;
        features.extend(added.iter().cloned());
    }
    Ok(Value::Table(merged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crate_inherits_is_written_out() {
        let workspace = r#"
            [workspace.package]
            edition = "2024"
            [workspace.dependencies]
            a = "1.2"
            b = { version = "0.3", default-features = false, features = ["x"] }
            macros = { path = "guest-sdk/macros" }
        "#;
        let manifest = r#"
            [package]
            name = "sdk"
            edition.workspace = true
            [dependencies]
            a.workspace = true
            b = { workspace = true, features = ["y"] }
            c = "4"
            macros.workspace = true
            [dev-dependencies]
            d.workspace = true
            [lints]
            workspace = true
        "#;
        let text = written_out(manifest.parse().unwrap(), &workspace.parse().unwrap()).unwrap();
        let wanted = r#"
            [package]
            name = "sdk"
            edition = "2024"
            [dependencies]
            a = { version = "1.2" }
            b = { version = "0.3", default-features = false, features = ["x", "y"] }
            c = "4"
            macros = { path = "macros" }
        "#;
        assert_eq!(
            text.parse::<Table>().unwrap(),
            wanted.parse::<Table>().unwrap()
        );
    }

    #[test]
    fn the_carried_sdk_stands_alone() {
        for (name, text) in files("sdk").unwrap() {
            assert!(
                !name.ends_with(".toml") || !text.contains("workspace"),
                "{name}: {text}"
            );
        }
    }
}
