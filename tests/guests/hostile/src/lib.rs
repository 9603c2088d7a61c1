//! A guest that attacks the host and its neighbours. What wasm can say and Rust cannot is in
//! `tests/host/hostile/wasm.rs`, as text.
//!
//! Typed errors are returned in Rust's debug form, so that a test sees the variant.

mod cancels;
mod forged;
mod greed;
mod reach;
mod waits;

/// Plays the attack with this name. What `arg` means is said at each.
#[weft_guest::main]
async fn main(attack: String, arg: String) -> Result<String, String> {
    match attack.as_str() {
        "spin" => greed::spin(),
        "memory-bomb" => greed::memory_bomb(),
        "handle-bomb" => Err(greed::handle_bomb()),
        "fork-bomb" => greed::fork_bomb(),
        "log-flood" => greed::log_flood(),
        "hold-a-thread" => greed::hold_a_thread(&arg),
        "recurse" => Ok(greed::recurse(0).to_string()),
        "never-drops" => greed::never_drops(),

        "guess-tokens" => reach::guess_tokens(&arg),
        "ask-for-more" => reach::ask_for_more(),

        "guess-handle" => forged::guess_handle(&arg),
        "pass-twice" => forged::pass_twice(),
        "send-twice" => forged::send_twice(),
        "use-after-start" => forged::use_after_start(),
        "use-after-send" => forged::use_after_send(),
        "drop-twice" => forged::drop_twice(),

        "register-reader" => forged::register_reader(),
        "register-guess" => forged::register_guess(&arg),

        "cancel-everything" => cancels::cancel_everything(&arg).await,

        "never-reads" => waits::never_reads(&arg).await,
        "hold-and-trap" => waits::hold_and_trap(&arg).await,
        "wait-on-trap" => waits::wait_on_trap(&arg).await,

        "trap" => panic!("{arg}"),
        other => Err(format!("no attack is called {other}")),
    }
}

/// The number an argument holds.
fn number(arg: &str) -> Result<u32, String> {
    arg.parse().map_err(|_| format!("`{arg}` is no number"))
}

/// The debug form of an error.
fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
