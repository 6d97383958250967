//! A rule in full, as `nidoto explain` and the docs show it.

use nidoto_core::Lang;

use super::Rule;

/// The page of a rule in Markdown.
#[must_use]
pub fn explain(rule: &Rule, lang: Lang) -> String {
    let pick = |(en, ja): (&'static str, &'static str)| match lang {
        Lang::En => en,
        Lang::Ja => ja,
    };
    let [why, bad, good, fix, outage] = match lang {
        Lang::En => ["Why", "Bad", "Good", "Fix", "Comes from"],
        Lang::Ja => ["なぜ", "悪い例", "良い例", "直し方", "由来"],
    };
    format!(
        "# {} {}\n\n{} ({})\n\n## {why}\n{}\n\n## {bad}\n```\n{}\n```\n\n## {good}\n```\n{}\n```\n\n## {fix}\n{}\n\n## {outage}\n{}\n",
        rule.code,
        rule.name,
        pick(rule.summary),
        rule.severity.word(),
        pick(rule.why),
        rule.bad.trim_end(),
        rule.good.trim_end(),
        pick(rule.fix),
        rule.outage,
    )
}
