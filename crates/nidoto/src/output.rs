//! Who reads the output: a person at a terminal of some width, or a pipe.

use std::io::IsTerminal;

use clap::ValueEnum;
use jiff::tz::TimeZone;
use nidoto_chart::{Language, Style, UtcOffset};
use nidoto_core::folder::LangName;
use nidoto_core::{Lang, Words};

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// When a terminal asks for it and NO_COLOR is not set.
    #[default]
    Auto,
    /// Also into pipes.
    Always,
    /// Never.
    Never,
}

/// How to write for whoever reads.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Width, colours and characters.
    pub style: Style,
    /// The language of messages.
    pub lang: Lang,
    /// Whether progress may be shown.
    pub is_live: bool,
}

impl Output {
    /// Looks at the terminal and the environment.
    #[must_use]
    pub fn detect(colour: When, width: Option<usize>, lang: Option<LangName>) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let colour = match colour {
            When::Always => true,
            When::Never => false,
            When::Auto => is_terminal && !no_colour && !is_dumb,
        };
        let seen = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width = width.or(seen).unwrap_or(100).clamp(20, 400);
        let lang = lang.map_or_else(environment_lang, Lang::from);
        let output = Self {
            style: Style { width, height: 10, colour, unicode: speaks_unicode(), language: Language::English },
            lang,
            is_live: std::io::stderr().is_terminal() && !is_dumb,
        };
        output.speaking(lang)
    }

    /// The same for a team's language, unless the reader chose one.
    #[must_use]
    pub fn speaking(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self.style.language = match lang {
            Lang::En => Language::English,
            Lang::Ja => Language::Japanese,
        };
        self
    }

    /// A message in the reader's language.
    #[must_use]
    pub fn say<'w>(&self, words: &'w Words) -> &'w str {
        words.get(self.lang)
    }

    /// One of two texts, by the reader's language.
    #[must_use]
    pub fn pick<'t>(&self, en: &'t str, ja: &'t str) -> &'t str {
        match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// A bar over work of known size, drawn only for a person and only once it takes a while.
    #[must_use]
    pub fn progress(&self, length: usize, what: &str) -> indicatif::ProgressBar {
        if !self.is_live {
            return indicatif::ProgressBar::hidden();
        }
        let bar = indicatif::ProgressBar::new(length as u64).with_message(what.to_owned());
        let form = indicatif::ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {elapsed}");
        bar.with_style(form.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()))
    }
}

/// The language of a message that must be told before or without a root.
#[must_use]
pub fn language(cli: &crate::cli::Cli) -> Lang {
    let of_team = || {
        let dir = nidoto_core::folder::Root::above(&cli.root)?;
        let text = std::fs::read_to_string(dir.join("nidoto.yaml")).ok()?;
        let (config, _) = nidoto_core::folder::Config::read(std::path::Path::new("nidoto.yaml"), &text);
        config.team.language
    };
    let chosen: Option<LangName> = cli.lang.map(Into::into).or_else(of_team);
    chosen.map_or_else(environment_lang, Lang::from)
}

fn environment_lang() -> Lang {
    let set =
        ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    if set.is_some_and(|value| value.starts_with("ja")) { Lang::Ja } else { Lang::En }
}

/// A terminal that says it is not UTF-8 gets ASCII; one that says nothing is taken at its best.
fn speaks_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    set.is_none_or(|value| {
        value.to_ascii_uppercase().replace('-', "").contains("UTF8") || value == "C" || value == "POSIX"
    })
}

/// A zone as charts want it.
#[must_use]
pub fn utc_offset(zone: &TimeZone) -> UtcOffset {
    let zone = zone.clone();
    UtcOffset::new(move |ms| zone.to_offset(nidoto_core::when::at_ms(ms)).seconds())
}
