//! The files of each language and template, and the next commands to type.
//!
//! The templates are real files in `templates/LANGUAGE/TEMPLATE`, with `{{name}}` for the project's name and
//! `{{library}}` for the name with underscores. A project also gets what it is built with: the SDK in Rust, the
//! contract in other languages.

use super::name::Name;
use super::{File, carried, sdk};
use anyhow::{Result, bail};
use clap::ValueEnum;
use std::fmt;

/// The language of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// With the SDK, which the project carries.
    Rust,
    /// With componentize-py, on the contract.
    Python,
    /// With componentize-qjs, on the contract.
    Js,
}

/// What the guest does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// Three stages in one cargo workspace, in Rust.
    Pipeline,
    /// Reads a channel and writes another.
    Stage,
    /// Answers requests.
    Service,
    /// A program with arguments, files and output, and nothing of Weft in it.
    Command,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Rust => "rust",
            Language::Python => "python",
            Language::Js => "js",
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Template::Pipeline => "pipeline",
            Template::Stage => "stage",
            Template::Service => "service",
            Template::Command => "command",
        })
    }
}

impl Template {
    /// What a project in this language is if nobody says.
    pub(crate) fn usual(language: Language) -> Self {
        match language {
            Language::Rust => Self::Pipeline,
            Language::Python | Language::Js => Self::Stage,
        }
    }
}

/// Whether a language has a template.
pub(super) fn has(language: Language, template: Template) -> bool {
    language == Language::Rust || template != Template::Pipeline
}

/// The folders of a language with what its templates have in common: all of them, and those on the contract. A template's own file of
/// the same path is taken in its place.
fn shared(template: Template) -> &'static [&'static str] {
    match template {
        Template::Command => &["common"],
        Template::Pipeline | Template::Stage | Template::Service => &["common", "fabric"],
    }
}

/// All files of a project.
///
/// # Errors
/// When the template is missing or the embedded SDK is broken. The tests rule out both.
pub(super) fn files(name: &Name, language: Language, template: Template) -> Result<Vec<File>> {
    let library = name.of_library();
    let fill = |text: &str| {
        text.replace("{{name}}", name.text())
            .replace("{{library}}", &library)
    };
    let below = |folder: &str| -> Vec<File> {
        let all = carried::TEMPLATES.iter();
        all.filter_map(|(path, text)| Some((path.strip_prefix(folder)?.to_owned(), fill(text))))
            .collect()
    };
    let mut files = below(&format!("{language}/{template}/"));
    if files.is_empty() {
        bail!("there is none");
    }
    for folder in shared(template) {
        let mut common = below(&format!("{language}/{folder}/"));
        common.retain(|(path, _)| files.iter().all(|(own, _)| own != path));
        files.extend(common);
    }
    match (language, template) {
        (_, Template::Command) => {}
        (Language::Rust, _) => files.extend(sdk::files("vendor/weft-guest")?),
        (Language::Python | Language::Js, _) => {
            let contract = carried::CONTRACT.iter();
            files.extend(
                contract.map(|(path, text)| {
                    (format!("wit/deps/weft-fabric/{path}"), (*text).to_owned())
                }),
            );
        }
    }
    Ok(files)
}

/// The commands that build and run the project, to be typed in its folder.
pub(super) fn next(name: &Name, language: Language) -> Vec<String> {
    let mut commands = match language {
        Language::Rust => vec![
            "rustup target add wasm32-wasip2".to_owned(),
            "cargo build --release --target wasm32-wasip2".to_owned(),
        ],
        Language::Python => vec![
            "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt".to_owned(),
            format!(
                ".venv/bin/componentize-py -d wit -w guest componentize app -o {}.wasm",
                name.text()
            ),
        ],
        Language::Js => vec!["npm install".to_owned(), "npm run build".to_owned()],
    };
    commands.push("weft up".to_owned());
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;
    use std::path::Path;

    #[test]
    fn every_template_has_what_a_project_needs() {
        let name = Name::parse("my-guest").unwrap();
        for language in Language::value_variants() {
            let all = Template::value_variants().iter();
            for template in all.filter(|template| has(*language, **template)) {
                let files = files(&name, *language, *template).unwrap();
                let text = |wanted: &str| {
                    let file = files.iter().find(|(path, _)| path == wanted);
                    let file = file.unwrap_or_else(|| panic!("{language} {template}: no {wanted}"));
                    &file.1
                };
                assert!(text("README.md").starts_with("# my-guest\n"));
                assert!(!text(".gitignore").is_empty());
                // The template's own path, beside the folders that it mounts.
                let path = format!("templates/{language}/{template}/weft.toml");
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
                let manifest = manifest::Manifest::parse(
                    text("weft.toml"),
                    manifest::Source::File(path),
                    &manifest::Changes::default(),
                );
                manifest::check(&manifest.unwrap()).unwrap();
                // The SDK's sources contain such braces themselves.
                let filled = files
                    .iter()
                    .filter(|(path, _)| !path.starts_with("vendor/"));
                for (path, text) in filled {
                    assert!(
                        !text.contains("{{name") && !text.contains("{{library"),
                        "{path}"
                    );
                }
            }
        }
    }
}
