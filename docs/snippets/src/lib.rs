//! The pieces of guest code that the book shows. `run(NAME)` runs one, which fails where it
//! does not do what the book says of it.

mod channels;
mod configured;
mod logs;
mod metrics;
mod processes;
mod recipes;
mod supervision;

/// Runs the piece with this name.
#[weft_guest::main]
async fn main(name: String) -> weft_guest::Result {
    match name.as_str() {
        "ends" => channels::ends().await,
        "lagged" => channels::lagged().await,
        "dropping" => channels::dropping(),
        "batches" => channels::batches().await,
        "narrow" => channels::narrow().await,
        "request" => channels::request().await,
        "start" => processes::start().await,
        "monitor" => processes::monitor().await,
        "link" => processes::link().await,
        "stop" => processes::stop().await,
        "until-stopped" => processes::until_stopped().await,
        "denied" => processes::denied(),
        "worker" => processes::worker(),
        "front-ends" => logs::front_ends(),
        "spans" => logs::spans(),
        "carried" => logs::carried().await,
        "read-log" => logs::read_log().await,
        "register" => logs::register().await,
        "count" => metrics::count().await,
        "supervise" => supervision::supervise().await,
        "tail" => recipes::tail_a_file().await,
        "table" => recipes::table().await,
        "minutes" => recipes::minutes().await,
        "retry" => recipes::retry().await,
        "dead-letters" => recipes::dead_letters().await,
        other => Err(weft_guest::Error::msg(format!(
            "no piece is called {other}"
        ))),
    }
}
