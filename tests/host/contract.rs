//! What the host declares is what `wit/` says, name for name.

use crate::support::wit;
use std::collections::BTreeSet;
use weft_host::{
    capability::Capability,
    extension::Extension,
    hostcalls::HOST_CALLS,
    limits::{Limit, LimitUnit},
    process::ExitKind,
};
use weft_net::sockets::Network;

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
    let of_runtime = wit::functions().into_iter();
    let of_runtime = of_runtime.filter(|function| !is_of_network(function));
    assert_eq!(of_runtime.collect::<BTreeSet<_>>(), declared.collect());
    let needs = wit::needs();
    assert!(needs.len() > 15, "the contract was not read: {needs:?}");
    let needs = needs.into_iter();
    for (function, capability) in needs.filter(|(function, _)| !is_of_network(function)) {
        let told = HOST_CALLS.iter().find_map(|call| {
            let name = format!("{}#{}", call.interface, call.function);
            (name == function).then_some(call.capability)
        });
        let told = told.flatten().map(Capability::name);
        assert_eq!(told, Some(capability.as_str()), "{function}");
    }
}

/// Whether the extension for networks has the function.
fn is_of_network(function: &str) -> bool {
    ["net#", "net-async#", "quic#", "quic-async#"]
        .iter()
        .any(|interface| function.starts_with(interface))
}

/// The compiler sees to it that each is linked.
#[test]
fn every_function_of_the_network_is_declared_with_what_it_needs() {
    let network = Network::default();
    let declared = network.imports().iter().filter_map(|import| {
        let interface = import.interface.strip_prefix("weft:fabric/")?;
        let (interface, _) = interface.split_once('@')?;
        Some((interface, import.needs))
    });
    let declared = declared.flat_map(|(interface, needs)| {
        needs.iter().map(move |(function, right)| {
            (format!("{interface}#{function}"), right.name.to_owned())
        })
    });
    let needs = wit::needs().into_iter();
    let needs: BTreeSet<_> = needs
        .filter(|(function, _)| is_of_network(function))
        .collect();
    assert!(needs.len() > 5, "the contract was not read: {needs:?}");
    assert_eq!(declared.collect::<BTreeSet<_>>(), needs);
}

#[test]
fn every_end_is_a_case_of_the_contract() {
    let cases = wit::names("process.wit", "variant exit-status");
    assert_eq!(cases, ExitKind::ALL.map(ExitKind::name));
}
