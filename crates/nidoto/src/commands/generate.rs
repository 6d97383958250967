//! `nidoto generate`: completions, the man page, the pages of docs/guards.

use std::io::Write;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;
use nidoto_config::scan::{RULES, explain as rule_page};
use nidoto_core::Lang;
use nidoto_core::folder::replace;

use super::explain;
use crate::Outcome;
use crate::cli::{Cli, Generate};
use crate::kinds;

/// Runs `nidoto generate`.
pub fn run(args: &Generate) -> Result<Outcome> {
    let mut command = Cli::command();
    let mut out = std::io::stdout().lock();
    match args.what.as_str() {
        "man" => {
            clap_mangen::Man::new(command.clone()).render(&mut out)?;
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                let name = format!("nidoto-{}", sub.get_name());
                clap_mangen::Man::new(sub.clone().name(name)).render(&mut out)?;
            }
        }
        "docs" => {
            std::fs::create_dir_all(&args.to).with_context(|| format!("failed to create {}", args.to.display()))?;
            replace(&args.to.join("README.md"), explain::settings_page().as_bytes())?;
            for kind in kinds::all() {
                let page = explain::page(kind, Lang::En);
                replace(&args.to.join(format!("{}.md", kind.name)), page.as_bytes())?;
            }
            let rules = args.to.with_file_name("rules");
            std::fs::create_dir_all(&rules).with_context(|| format!("failed to create {}", rules.display()))?;
            for rule in RULES {
                replace(&rules.join(format!("{}.md", rule.code)), rule_page(rule, Lang::En).as_bytes())?;
            }
        }
        shell => {
            let shell: Shell = shell.parse().map_err(anyhow::Error::msg)?;
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut command, "nidoto", &mut text);
            out.write_all(&text)?;
        }
    }
    Ok(Outcome::Green)
}
