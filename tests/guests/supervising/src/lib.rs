//! Runs a supervisor of the SDK as `arg` says, and plays its children.

use std::time::Duration;
use weft_guest::supervisor::{ChildSpec, Restart, Strategy, Supervisor, SupervisorError};
use weft_guest::{Capability, Error, StartOptions, process, time};

/// Longer than any test takes.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// Plays `what`. A supervisor's `arg` is `STRATEGY RESTARTS BACKOFF_MS WINDOW_MS GRACE_MS`, then for
/// each child `; NAME POLICY WHAT..`, with one WHAT for each incarnation and the last for all others.
#[weft_guest::main]
async fn main(what: String, arg: String) -> weft_guest::Result<String> {
    match what.as_str() {
        "supervise" => supervise(&arg).await,
        // Drops the supervisor in mid-run, and goes on.
        "give-up-on" => {
            let run = Box::pin(supervise(&arg));
            let nap = Box::pin(time::sleep(Duration::from_millis(50)));
            drop(weft_guest::futures::future::select(run, nap).await);
            process::stop_request().await;
            Ok(format!("{} left", process::children()?.len()))
        }
        "nested" => supervise("one-for-one 1 1 3600000 60000; inner on-failure fail").await,
        "return" => Ok(arg),
        "fail" => Err(Error::msg("no")),
        "trap" => panic!("ouch"),
        "fail-later" => {
            time::sleep(Duration::from_millis(300)).await;
            Err(Error::msg("later"))
        }
        "await-stop" => {
            process::stop_request().await;
            Ok(arg)
        }
        "ignore-stop" => loop {
            time::sleep(FOR_EVER).await;
        },
        other => Err(Error::msg(format!("no scenario {other}"))),
    }
}

async fn supervise(arg: &str) -> weft_guest::Result<String> {
    let mut parts = arg.split("; ");
    let words: Vec<&str> = parts.next().unwrap_or_default().split(' ').collect();
    let [strategy, restarts, backoff, window, grace] = words.as_slice() else {
        return Err(Error::msg("five words"));
    };
    let strategy = match *strategy {
        "one-for-all" => Strategy::OneForAll,
        "rest-for-one" => Strategy::RestForOne,
        _ => Strategy::OneForOne,
    };
    let millis = |text: &str| text.parse().map(Duration::from_millis);
    let mut supervisor = Supervisor::new()
        .strategy(strategy)
        .max_restarts(restarts.parse()?, millis(window)?)
        .backoff(millis(backoff)?, FOR_EVER)
        .grace(millis(grace)?);
    for part in parts {
        supervisor = supervisor.child(child(part)?);
    }
    match supervisor.run().await {
        Ok(ended) => {
            let ended = ended
                .iter()
                .map(|child| format!("{} {}", child.name, child.end));
            Ok(ended.collect::<Vec<_>>().join("; "))
        }
        Err(SupervisorError::GaveUp { child, end, .. }) => {
            Err(Error::msg(format!("gave up on {child}: {end}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads `NAME POLICY WHAT..`.
fn child(text: &str) -> weft_guest::Result<ChildSpec> {
    let mut words = text.split(' ').map(str::to_owned);
    let (Some(name), Some(policy)) = (words.next(), words.next()) else {
        return Err(Error::msg("two words"));
    };
    let mut plays: Vec<String> = words.collect();
    plays.reverse();
    let start = move || {
        let play = if plays.len() > 1 {
            plays.pop()
        } else {
            plays.last().cloned()
        };
        let play = play.unwrap_or_default();
        match play.as_str() {
            "refuse" => Ok(StartOptions::new("nobody")),
            "err" => Err(Error::msg("no options")),
            play => Ok(StartOptions::new("supervising")
                .arg(play)
                .arg("")
                .capability(Capability::ProcessLifecycle)),
        }
    };
    let restart = match policy.as_str() {
        "never" => Restart::Never,
        "always" => Restart::Always,
        _ => Restart::OnFailure,
    };
    Ok(ChildSpec::new(name, start).restart(restart))
}
