//! A stage of the flights pipeline without the SDK, built by plain cargo and by cargo component.

use crate::flights::expected_report;
use crate::support::{guest, repository, target};
use crate::weft::weft;
use std::path::Path;

/// Runs the example's pipeline with this file as its stage `parse`.
fn check_stage(component: &Path) {
    assert!(component.exists(), "{} is not built", component.display());
    let example = repository().join("examples/cargo-component");
    let text = std::fs::read_to_string(example.join("weft.toml")).unwrap();
    // The manifest is run from elsewhere, so its paths cannot be relative.
    let outer = example.parent().unwrap();
    let text = text.replace("\"../../", &format!("\"{}/", repository().display()));
    let text = text.replace("\"../", &format!("\"{}/", outer.display()));
    let mut manifest: toml::Table = text.parse().unwrap();
    manifest["components"]["parse"] = toml::Value::from(component.display().to_string());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("weft.toml");
    std::fs::write(&file, manifest.to_string()).unwrap();
    let assert = weft().arg("up").arg(file).assert().success();
    let output = assert.get_output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected_report());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("parse returned 20000"), "{stderr}");
}

#[test]
fn a_stage_on_the_contract_alone_gives_the_report_that_the_sdks_gives() {
    check_stage(&guest("cargo_component_parse.wasm"));
}

#[test]
#[ignore = "needs cargo component: ./dev cargo-component"]
fn the_same_stage_built_by_cargo_component_gives_it_too() {
    check_stage(&target().join("wasm32-wasip1/guest/cargo_component_parse.wasm"));
}
