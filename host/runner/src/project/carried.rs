//! Files embedded in the binary for new projects, as they were when the binary was built.
//!
//! Paths are relative to the folders the files come from. `build.rs` lists the files.

include!(concat!(env!("OUT_DIR"), "/carried.rs"));

/// The manifest of the workspace that the SDK is a part of.
pub(super) const WORKSPACE: &str = include_str!("../../../../Cargo.toml");

/// The licenses of the SDK.
pub(super) const LICENSES: [(&str, &str); 2] = [
    ("LICENSE-APACHE", include_str!("../../../../LICENSE-APACHE")),
    ("LICENSE-MIT", include_str!("../../../../LICENSE-MIT")),
];
