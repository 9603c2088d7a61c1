//! Guests that try to get what they were not given.

use super::{alone, hostile, returned};
use crate::support::{block_on, end, log};
use weft_host::{
    Capabilities, ExitStatus,
    capability::{Mount, Right},
};

#[test]
fn no_token_is_found_by_guessing() {
    assert_eq!(
        alone(hostile("guess-tokens", "2000")),
        returned("2006 tried")
    );
}

#[test]
fn nothing_is_had_beyond_the_parent_s_own() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::os::unix::fs::symlink("/", inner.join("link")).unwrap();
    let mut capabilities = Capabilities::none().with([Right::ProcessLifecycle]);
    capabilities.publish = ["mine/".to_owned()].into();
    capabilities.lookup = ["mine/a/".to_owned()].into();
    capabilities.environment = [("HOME".to_owned(), "/nowhere".to_owned())].into();
    capabilities.mounts = vec![Mount::new(inner, "/inner")];
    let status = alone(hostile("ask-for-more", "").capabilities(capabilities));
    let ExitStatus::Returned(said) = status else {
        panic!("{status}")
    };
    let said: Vec<&str> = said.split("\\n").collect();
    assert_eq!(said.len(), 19, "{said:#?}");
    let (rights, limits) = said.split_at(16);
    for refusal in rights {
        assert!(refusal.contains("PermissionDenied("), "{refusal}");
    }
    for refusal in limits {
        assert!(refusal.contains("Exhausted("), "{refusal}");
    }
}

/// Using a handle that the guest does not hold breaks the component model. That ends this guest and no other.
#[track_caller]
fn traps_on_a_handle(attack: &str, argument: &str) {
    let status = alone(hostile(attack, argument));
    let ExitStatus::Trapped(trap) = status else {
        panic!("{attack}: {status}")
    };
    assert!(!trap.panicked, "{trap:?}");
    assert!(trap.message.contains("handle"), "{trap:?}");
}

#[test]
fn a_guessed_handle_ends_the_guesser() {
    for guess in ["0", "1", "2", "77", "4000000000"] {
        traps_on_a_handle("guess-handle", guess);
    }
}

#[test]
fn a_handle_passed_twice_ends_the_guest() {
    traps_on_a_handle("pass-twice", "");
    traps_on_a_handle("send-twice", "");
}

#[test]
fn a_handle_used_after_it_was_passed_ends_the_guest() {
    traps_on_a_handle("use-after-start", "");
    traps_on_a_handle("use-after-send", "");
    traps_on_a_handle("drop-twice", "");
}

#[test]
fn a_log_is_made_of_nothing_but_a_channel_that_is_held() {
    traps_on_a_handle("register-reader", "");
    for guess in ["0", "77", "4000000000"] {
        traps_on_a_handle("register-guess", guess);
    }
    block_on(async {
        // The log is complete up to the trap.
        let host = super::host().await;
        let process = host.start(hostile("register-guess", "77")).unwrap();
        end(&process).await;
        let entries = log(&process).await;
        let bodies: Vec<&str> = entries.iter().map(|entry| entry.body.as_str()).collect();
        assert!(
            matches!(&bodies[..], ["before", trap] if trap.starts_with("trapped: ")),
            "{bodies:?}"
        );
    });
}
