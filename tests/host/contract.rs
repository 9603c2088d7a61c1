//! What the host declares is what `wit/` says, name for name.

use crate::support::wit;
use std::collections::BTreeSet;
use weft_host::{
    capability::Capability,
    hostcalls::HOST_CALLS,
    limits::{Limit, LimitUnit},
    process::ExitKind,
};

#[test]
fn every_limit_is_a_field_of_the_contract() {
    let fields = ["record limits", "record host-limits"];
    let fields = fields.map(|record| wit::names("process.wit", record));
    let declared = Limit::ALL.iter().map(|limit| match limit.unit() {
        LimitUnit::Time => format!("{limit}-ms"),
        _ => limit.to_string(),
    });
    let fields: BTreeSet<_> = fields.into_iter().flatten().collect();
    assert_eq!(fields, declared.collect());
}

#[test]
fn every_capability_is_a_case_of_the_contract() {
    let cases = wit::names("types.wit", "variant capability");
    let declared = Capability::all().map(|capability| capability.to_string());
    // Those of extensions have one case together.
    let declared = declared.chain(["other".to_owned()]);
    let cases: BTreeSet<_> = cases.into_iter().collect();
    assert_eq!(cases, declared.collect());
}

#[test]
fn every_function_of_the_contract_is_declared_with_what_it_needs() {
    let declared = HOST_CALLS.iter();
    let declared = declared.map(|call| format!("{}#{}", call.interface, call.function));
    assert_eq!(wit::functions(), declared.collect());
    let needs = wit::needs();
    assert!(needs.len() > 15, "the contract was not read: {needs:?}");
    for (function, capability) in needs {
        let told = HOST_CALLS.iter().find_map(|call| {
            let name = format!("{}#{}", call.interface, call.function);
            (name == function).then_some(call.capability)
        });
        let told = told.flatten().map(Capability::name);
        assert_eq!(told, Some(capability.as_str()), "{function}");
    }
}

#[test]
fn every_end_is_a_case_of_the_contract() {
    let cases = wit::names("process.wit", "variant exit-status");
    assert_eq!(cases, ExitKind::ALL.map(ExitKind::name));
}
