//! The page about the control protocol shows every request and every answer as it is sent.

use crate::page::page;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use weft_control::protocol::{Ask, Reply, Request, VERSION};

/// What a type of the protocol can be, by the name of each.
fn kinds<T: DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(r#"{"nope":1}"#);
    let error = error.err().expect("there is none").to_string();
    let (_, list) = error.split_once("expected").expect("a list");
    list.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Which of them a value is.
fn kind(value: &serde_json::Value) -> String {
    let object = value.as_object();
    let key = object.and_then(|object| object.keys().next().cloned());
    key.unwrap_or_else(|| value.as_str().unwrap_or_default().to_owned())
}

#[test]
fn every_request_and_every_answer_is_shown_as_it_is_sent() {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    let page = page("control-protocol.md");
    for block in page
        .blocks
        .iter()
        .filter(|block| block.language() == "json")
    {
        let line = block.text.trim();
        assert_eq!(line.lines().count(), 1, "{line}");
        let value: serde_json::Value = serde_json::from_str(line).expect(line);
        if value.get("version").is_some() {
            let ask: Ask = serde_json::from_str(line).expect(line);
            assert_eq!(serde_json::to_value(&ask).unwrap(), value);
            assert!([VERSION, 99].contains(&ask.version), "{line}");
            asked.insert(kind(&value["request"]));
        } else {
            let reply: Reply = serde_json::from_str(line).expect(line);
            assert_eq!(serde_json::to_value(&reply).unwrap(), value);
            answered.insert(kind(&value));
        }
    }
    assert_eq!(asked, kinds::<Request>());
    assert_eq!(answered, kinds::<Reply>());
    let text = std::fs::read_to_string(&page.file).unwrap();
    assert!(text.contains(&format!("this page is about version {VERSION}.")));
}
