//! Prints errors and ends of processes, in colour on a terminal.

use console::{Style, style};
use weft_host::ExitStatus;

/// Prints an error with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    super::say::error(&error_text(error));
}

/// An error and its causes, as text to show.
pub(crate) fn error_text(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for (depth, cause) in error.chain().enumerate() {
        if depth > 0 {
            text.push_str(": ");
        }
        text.push_str(super::plain(cause.to_string().trim_end()).as_ref());
    }
    super::shortened(&text)
}

/// Prints how a process failed.
pub(crate) fn failed(name: &str, how: &str) {
    super::output::note(&format!(
        "{} process `{}` {}",
        style("error:").red().bold().for_stderr(),
        super::one_line(name),
        // Indent further lines, so that they do not look like errors.
        super::plain(how).replace('\n', "\n    ")
    ));
}

/// Prints how a process ended, with the backtrace of a trap.
pub(crate) fn ended(name: &str, how: &str, status: &ExitStatus) {
    failed(name, how);
    if let ExitStatus::Trapped(trap) = status
        && !trap.backtrace.is_empty()
    {
        super::output::note(&format!(
            "{}",
            style("  backtrace of the guest, innermost first:")
                .dim()
                .for_stderr()
        ));
        for frame in &trap.backtrace {
            super::output::note(&format!("    {}", super::one_line(frame)));
        }
    }
}

/// The colour of a process, which tells it apart from others.
pub(crate) fn of_process(id: u64) -> Style {
    let colours = [
        Style::new().cyan(),
        Style::new().green(),
        Style::new().magenta(),
        Style::new().blue(),
        Style::new().yellow(),
    ];
    let index = usize::try_from(id).unwrap_or_default() % colours.len();
    colours
        .into_iter()
        .nth(index)
        .unwrap_or_default()
        .for_stderr()
}
