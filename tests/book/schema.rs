//! The JSON schema of manifests says what the command reads: the same keys, the same words, and every example is valid.

use crate::lists::{expected, manifest_keys};
use crate::support::repository;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What a schema says of a manifest's keys, by their paths as the book has them.
fn keys(schema: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    collect(schema, schema, "", &mut found);
    found
}

fn collect(root: &Value, of: &Value, path: &str, found: &mut BTreeMap<String, Value>) {
    if let Some(reference) = of["$ref"].as_str() {
        return collect(root, resolve(root, reference), path, found);
    }
    for list in ["anyOf", "allOf"] {
        for one in of[list].as_array().into_iter().flatten() {
            collect(root, one, path, found);
        }
    }
    for (name, inner) in of["properties"].as_object().into_iter().flatten() {
        let key = format!("{path}{name}");
        collect(root, inner, &format!("{key}."), found);
        found.insert(key, inner.clone());
    }
    if of["additionalProperties"].is_object() {
        let below = format!("{path}NAME.");
        collect(root, &of["additionalProperties"], &below, found);
    }
    if of["items"].is_object() {
        collect(root, &of["items"], path, found);
    }
}

fn resolve<'a>(root: &'a Value, reference: &str) -> &'a Value {
    let path = reference.strip_prefix('#').expect(reference);
    root.pointer(path).expect(reference)
}

/// Why a value is none of a schema, if so. Of the keywords only those that the schema uses are known.
fn invalid(root: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    let Some(keywords) = schema.as_object() else {
        return match schema {
            Value::Bool(false) => Err(format!("{path} is no key")),
            _ => Ok(()),
        };
    };
    for (keyword, of) in keywords {
        let list = || of.as_array().expect("a list");
        let fits = match keyword.as_str() {
            "$schema" | "title" | "description" | "definitions" | "properties" => true,
            "$ref" => {
                invalid(root, resolve(root, of.as_str().unwrap()), value, path)?;
                true
            }
            "type" => match of {
                Value::Array(types) => types.iter().any(|ty| is(value, ty)),
                ty => is(value, ty),
            },
            "enum" => list().contains(value),
            "anyOf" => list()
                .iter()
                .any(|one| invalid(root, one, value, path).is_ok()),
            "allOf" => {
                list()
                    .iter()
                    .try_for_each(|one| invalid(root, one, value, path))?;
                true
            }
            "required" => list()
                .iter()
                .all(|key| !value[key.as_str().unwrap()].is_null()),
            "pattern" => {
                let begin = of.as_str().unwrap().strip_prefix('^').expect("a beginning");
                value.as_str().is_none_or(|text| text.starts_with(begin))
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    invalid(root, of, item, &format!("{path}[]"))?;
                }
                true
            }
            "additionalProperties" => {
                let known = &schema["properties"];
                for (key, inner) in value.as_object().into_iter().flatten() {
                    let of = known.get(key).unwrap_or(of);
                    invalid(root, of, inner, &format!("{path}.{key}"))?;
                }
                true
            }
            other => panic!("the keyword `{other}` is not known here"),
        };
        if !fits {
            return Err(format!("{path}: {value} is not as `{keyword}` says: {of}"));
        }
    }
    Ok(())
}

fn is(value: &Value, ty: &Value) -> bool {
    match ty.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        other => panic!("the type `{other}` is not known here"),
    }
}

fn check(text: &str) -> Result<(), String> {
    let table: toml::Table = toml::from_str(text).unwrap();
    let schema = weft_runner::manifest_schema();
    invalid(&schema, &schema, &serde_json::to_value(table).unwrap(), "")
}

/// The manifests of the examples and of the book.
fn manifests() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["examples", "docs/tutorial", "docs/snippets/manifests"] {
        let folder = repository().join(folder);
        let below = std::fs::read_dir(&folder).unwrap();
        let folders = below.map(|entry| entry.unwrap().path());
        for folder in folders.chain([folder]).filter(|path| path.is_dir()) {
            let entries = std::fs::read_dir(folder).unwrap();
            let entries = entries.map(|entry| entry.unwrap().path());
            files.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "toml")));
        }
    }
    files.retain(|file| !file.ends_with("Cargo.toml") && !file.ends_with("pyproject.toml"));
    files
}

#[test]
fn the_schema_has_every_key_of_a_manifest_and_no_other() {
    let schema = weft_runner::manifest_schema();
    let mut keys: BTreeSet<String> = keys(&schema).into_keys().collect();
    // The parser reads limits as a table by names; which names there are is said when they are checked.
    keys.retain(|key| !key.starts_with("processes.NAME.limits."));
    assert_eq!(keys, manifest_keys());
}

#[test]
fn the_help_of_up_shows_every_key_of_a_manifest() {
    let command = weft_runner::command_line();
    let up = command.find_subcommand("up").unwrap();
    let help = up.get_after_help().unwrap().to_string();
    let is_of_a_word = |c: char| c.is_ascii_lowercase() || c == '-';
    let words: BTreeSet<_> = help.split(|c| !is_of_a_word(c)).collect();
    for key in manifest_keys() {
        let name = key.rsplit('.').next().unwrap();
        assert!(name == "NAME" || words.contains(name), "{key}");
    }
}

#[test]
fn the_schema_has_the_words_that_a_manifest_may_have() {
    let mut checked = 0;
    for (key, schema) in keys(&weft_runner::manifest_schema()) {
        let Some(words) = schema["enum"].as_array() else {
            continue;
        };
        let (table, name) = key.rsplit_once('.').unwrap();
        let text = format!("[{table}]\n{name} = \"nope\"\n");
        let wanted: Vec<_> = words.iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(expected(&text, "unknown variant"), wanted, "{key}");
        checked += 1;
    }
    assert!(checked >= 4, "{checked}");
}

#[test]
fn every_example_is_valid_and_mistakes_are_not() {
    let manifests = manifests();
    assert!(manifests.len() > 10, "{manifests:?}");
    for file in manifests {
        let text = std::fs::read_to_string(&file).unwrap();
        if let Err(why) = check(&text) {
            panic!("{}: {why}", file.display());
        }
    }
    let with = |line: &str| {
        check(&format!(
            "[components]\nc = \"c.wasm\"\n[processes.p]\ncomponent = \"c\"\n{line}\n"
        ))
    };
    with("").unwrap();
    for wrong in [
        "colour = 1",
        "stdio = \"lgo\"",
        "capabilities = [\"clock\"]",
        "limits = { memroy = 1 }",
        "mounts = [{ host = \"x\" }]",
        "env = { A = 1 }",
    ] {
        assert!(with(wrong).is_err(), "{wrong}");
    }
}
