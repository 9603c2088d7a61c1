//! `weft new`: makes a guest project and says how to build and run it.

use crate::cli::NewArgs;
use crate::project::{self, Template};
use anyhow::Result;
use std::fmt::Write as _;

/// Makes the project and prints the commands that build and run it.
pub(crate) fn new(args: &NewArgs) -> Result<u8> {
    let (path, lang) = (args.path.display(), args.lang);
    let template = args.template.unwrap_or_else(|| Template::usual(lang));
    let next = project::make(&args.path, lang, template)?;
    let mut text = String::new();
    writeln!(
        text,
        "made {path}: a {template} in {lang}. Build it and run it:\n"
    )?;
    writeln!(text, "  cd {path}")?;
    for command in next {
        writeln!(text, "  {command}")?;
    }
    Ok(super::print(&text))
}
