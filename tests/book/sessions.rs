//! Every session in the book is run with the real command, in the folder of the repository, or for the
//! tutorial in that of its project; both of its streams are compared with what the page shows.
//! `...` stands for any lines and `[..]` for anything in one; times before log entries are not compared. A line `? N` says with which code it ends, else 0.

use crate::page::{pages, source};
use crate::support::{HUNG, repository, target};
use crate::tutorial;
use snapbox::Assert;
use snapbox::cmd::Command;
use std::path::Path;

#[test]
fn what_a_session_shows_is_what_the_command_prints() {
    let weft = Path::new(env!("CARGO_BIN_EXE_weft"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", weft.parent().unwrap().display());
    let project = tutorial::project();
    // In order: a session may use what an earlier one of its page has made.
    for page in pages() {
        let in_tutorial = page.file.starts_with(source().join("tutorial"));
        let folder = if in_tutorial { &project } else { &repository() };
        for block in page.blocks.iter().filter(|block| block.info == "console") {
            for step in steps(&block.text) {
                step.run(folder, &path, &page.file);
            }
        }
    }
}

/// A command that is typed, and what comes of it.
struct Step {
    typed: String,
    code: i32,
    printed: String,
}

impl Step {
    fn run(&self, folder: &Path, path: &str, page: &Path) {
        let ran = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{}", self.typed)])
            .current_dir(folder)
            .env("PATH", path)
            .env("WEFT_CACHE", target().join("tmp/cache"))
            .env("NO_COLOR", "1")
            .env_remove("RUST_BACKTRACE")
            .timeout(HUNG)
            .output()
            .unwrap();
        let printed = String::from_utf8(ran.stdout).unwrap();
        let shown = page.display();
        let code = ran.status.code();
        let typed = &self.typed;
        assert_eq!(code, Some(self.code), "{shown}: $ {typed}\n{printed}");
        // It depends on the machine whether something took so long to compile that it is said first.
        let expected = match self.printed.strip_prefix("...") {
            Some(_) => self.printed.clone(),
            None if self.printed.trim().is_empty() => "...".to_owned(),
            None => format!("...\n{}", self.printed),
        };
        Assert::new().normalize_paths(false).eq(
            timeless(&format!("{}\n", printed.trim_end())),
            timeless(&expected),
        );
    }
}

/// The text with one time at the beginning of each line that begins with any, as entries of logs do.
fn timeless(text: &str) -> String {
    const FORM: &str = "00:00:00.000 ";
    let line = |line: &str| {
        let begins = line.get(..FORM.len()).is_some_and(|time| {
            let mut places = time.chars().zip(FORM.chars());
            places.all(|(c, form)| c == form || (form == '0' && c.is_ascii_digit()))
        });
        match begins {
            true => format!("{FORM}{}", &line[FORM.len()..]),
            false => line.to_owned(),
        }
    };
    text.split_inclusive('\n').map(line).collect()
}

fn steps(shown: &str) -> Vec<Step> {
    let steps = shown.split("$ ").skip(1).map(|step| {
        let (typed, printed) = step.split_once('\n').unwrap_or((step, ""));
        let (code, printed) = match printed.strip_prefix("? ") {
            Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
            None => ("0", printed),
        };
        Step {
            typed: typed.to_owned(),
            code: code.parse().unwrap(),
            printed: format!("{}\n", printed.trim_end()),
        }
    });
    steps.collect()
}
