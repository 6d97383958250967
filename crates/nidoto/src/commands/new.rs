//! `nidoto new`: begin an incident.

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nidoto_core::folder::{Entry, SectionKind, create_dir, entry_line};
use nidoto_core::{Lang, when};

use super::{moment, open};
use crate::Outcome;
use crate::cli::{Cli, New};
use crate::output::Output;

/// Runs `nidoto new`: the folder appears whole or not at all.
pub fn run(cli: &Cli, output: Output, args: &New) -> Result<Outcome> {
    let (root, output) = open(cli, &cli.root, output)?;
    let zone = root.zone();
    let started = moment::read(args.started.as_deref(), &zone)?;
    let day = started.to_zoned(zone.clone()).date();
    let id = format!("{day}-{}", slug(&args.title));
    let dir = root.dir.join("incidents").join(&id);
    create_dir(&root.dir, &dir, &files(&id, &args.title, &args.severity, started, &zone, output.lang))?;
    println!("{}", dir.join("incident.md").display());
    Ok(Outcome::Green)
}

/// A title as a folder's name: lower-case words joined by `-`, of any script, at most 48 characters.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.chars().count() >= 48 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "incident".to_owned() } else { slug.to_owned() }
}

/// The files of a new incident.
#[must_use]
pub fn files(
    id: &str,
    title: &str,
    severity: &str,
    started: Timestamp,
    zone: &TimeZone,
    lang: Lang,
) -> Vec<(&'static str, String)> {
    let guards = match lang {
        Lang::En => GUARDS_EN,
        Lang::Ja => GUARDS_JA,
    };
    vec![
        ("incident.md", postmortem(id, title, severity, started, zone, lang)),
        ("guards.yaml", guards.to_owned()),
        ("evidence/manifest.yaml", "items: []\n".to_owned()),
    ]
}

fn postmortem(id: &str, title: &str, severity: &str, started: Timestamp, zone: &TimeZone, lang: Lang) -> String {
    let at = when::rfc3339(when::ms(started), zone);
    // A JSON string is a YAML string: any title is safe.
    let quoted = serde_json::Value::from(title).to_string();
    let mut text = format!(
        "---\nid: {id}\ntitle: {quoted}\nstatus: draft\nseverity: {severity}\nservices: []\n\
         started: {at}\ndetected:\ndeclared:\nmitigated:\nresolved:\nlinks: []\ntags: []\n---\n"
    );
    for kind in SectionKind::all() {
        let (en, ja) = kind.headings();
        text += &format!("\n## {}\n", if lang == Lang::Ja { ja } else { en });
        if kind == SectionKind::Timeline {
            let entry = Entry { at: started, text: title.replace('\n', " "), source: None, noted: None };
            text += &(entry_line(&entry, zone) + "\n");
        }
    }
    text
}

const GUARDS_EN: &str = "\
# The guards that this incident leaves behind: what must never happen again.
# `nidoto explain` lists the kinds, `nidoto prove` says whether they would have warned.
#
# database-refuses-connections:
#   logs: {code: \"1040\", at_least: 20, within: 5m}
#   source: app-log
#   severity: page
#   why: too many connections
";

const GUARDS_JA: &str = "\
# この障害が残すガード: 二度と起きてはならないこと。
# 種類の一覧は `nidoto explain`、間に合ったかどうかは `nidoto prove` で分かります。
#
# database-refuses-connections:
#   logs: {code: \"1040\", at_least: 20, within: 5m}
#   source: app-log
#   severity: page
#   why: 接続数が上限に達した
";

#[cfg(test)]
mod tests {
    use super::*;
    use nidoto_core::folder::Incident;
    use std::path::Path;

    #[test]
    fn slugs_of_any_script() {
        let slugs = ["API answers 502!", "接続数が 上限に", "///", "A--b"].map(slug);
        assert_eq!(slugs, ["api-answers-502", "接続数が-上限に", "incident", "a-b"]);
    }

    #[test]
    fn what_is_written_is_read_without_an_error() {
        let started: Timestamp = "2026-11-20T03:05:00Z".parse().unwrap();
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        for (lang, title) in [(Lang::En, "API: \"502\" # no"), (Lang::Ja, "接続数が上限に")] {
            let text = postmortem("a", title, "major", started, &zone, lang);
            let incident = Incident::parse("a".into(), Path::new("a"), Path::new("incident.md"), text, &zone);
            assert_eq!(incident.diags, []);
            assert_eq!((incident.title(), incident.timeline.len(), incident.times.started), (title, 1, Some(started)));
            assert!(incident.is_open());
        }
    }
}
