//! `weft top`: the processes and channels of a runner, live.

use super::asked;
use super::signal::Asking;
use crate::cli::TopArgs;
use crate::outcome::SIGNAL_BASE;
use crate::screen::top::{self, Keys, Screen, Then, View};
use crate::screen::{self, one_line};
use anyhow::{Context, Result, anyhow, bail};
use futures::FutureExt;
use std::io::IsTerminal;
use std::time::Duration;
use weft_control::protocol::Event;
use weft_control::{ClientError, Events};

/// The shortest interval: the runner has other work than to answer, and nobody reads faster.
const SHORTEST: Duration = Duration::from_millis(100);
/// The longest interval: an hour. Anything longer is not live.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// Shows the runner until the user quits or the runner has ended.
pub(super) async fn top(args: TopArgs) -> Result<u8> {
    let interval = args.interval;
    if !(SHORTEST..=LONGEST).contains(&interval) {
        let given = humantime::format_duration(interval);
        bail!("--interval {given}: it is between 100ms and 1h");
    }
    let terminal = std::io::stdout().is_terminal();
    if !terminal && !args.once {
        bail!(
            "stdout is no terminal to draw on; `weft ps` and `weft channels` print lists, `weft top --once` what it would draw"
        );
    }
    let watched = asked::runner(args.on).watch_numbers(interval).await;
    let (first, mut events) = watched.map_err(asked::advised)?;
    let pid = first.pid;
    let mut view = View::new(first, interval);
    if args.once {
        // Rates need two snapshots.
        let mut sampled = false;
        while !sampled {
            let event = events.next().await.map_err(asked::advised)?;
            let event = event.context("the runner has ended")?;
            sampled = matches!(event, Event::Numbers(_));
            view.apply(event);
        }
        let (_, columns) = console::Term::stdout().size();
        let text = top::text(&mut view, terminal.then_some(columns));
        return Ok(super::print(&text));
    }
    let end = live(&mut view, events).await;
    let end = end.context("the terminal")?;
    Ok(match end {
        End::Quit => 0,
        End::Signal(signal) => SIGNAL_BASE + signal,
        End::Gone(error) => {
            let runner = one_line(view.runner());
            screen::say::told(&format!("{runner} ({pid}) is gone: {error:#}"));
            0
        }
    })
}

/// Why the screen is left.
enum End {
    Quit,
    Signal(u8),
    Gone(anyhow::Error),
}

/// Draws until there is a reason to leave. Then the terminal is restored.
async fn live(view: &mut View, mut events: Events) -> std::io::Result<End> {
    // Handle signals here, so that the terminal is restored before the program ends.
    let mut signals = Asking::take()?;
    let mut screen = Screen::take()?;
    let mut keys = Keys::listen()?;
    loop {
        screen.draw(view)?;
        tokio::select! {
            event = keys.next() => {
                if view.take(&event?) == Then::Quit {
                    return Ok(End::Quit);
                }
            }
            event = events.next() => {
                if let Some(gone) = happen(view, &mut events, event) {
                    return Ok(gone);
                }
            }
            signal = signals.next() => return Ok(End::Signal(signal)),
        }
    }
}

/// Applies this event and all others that have arrived. Returns a reason to leave if no more will follow.
fn happen(
    view: &mut View,
    events: &mut Events,
    first: Result<Option<Event>, ClientError>,
) -> Option<End> {
    let mut event = first;
    loop {
        match event {
            Ok(Some(event)) => view.apply(event),
            Ok(None) => return Some(End::Gone(anyhow!("it has ended"))),
            Err(error) => return Some(End::Gone(asked::advised(error))),
        }
        // Apply all waiting events before the next drawing.
        event = events.next().now_or_never()?;
    }
}
