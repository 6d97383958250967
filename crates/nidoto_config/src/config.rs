//! `config`: rules over configuration that found the cause of an outage.

use std::sync::Arc;

use nidoto_core::evidence::TreeFile;
use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::{Blind, Finding, Place, Span, View, Words};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::backup::Listing;
use crate::migration::Rows;
use crate::scan::{Budget, File, Options, RULES, Recorded, Scan, rule, scan};

/// `config`: rules over configuration that found the cause of an outage.
pub const KIND: Kind = Kind {
    name: "config",
    summary: ("rules over configuration that found the cause of an outage", "障害の原因を見つけた、設定の規則"),
    doc: "\
Asks rules of `nidoto scan` about files: nginx, systemd, Flyway and SQL migrations, Dockerfiles,
compose, Kubernetes and ECS files, PM2, and what backups hold. `nidoto explain NGX001` shows a rule.

`path` names the files, or several patterns; name everything that the server reads, so that includes
and drop-ins are followed. A finding that is certain is red. A file that cannot be read, an include
that is not there or a value that nobody declared is blind, never green.

Some rules need more than the files say: `deny` (IMG001), `budget` (CONN001), `rows` and `history`
(MIG001, FLY003 to FLY005), `state`, `listing` and `max_age` (BAK001, BAK002), `drills` and
`drill_max_age` (BAK003). `listing: answer` takes what the guard's source answered. The images that
guards deny count in every `nidoto scan` of their root.

```yaml
service-is-wanted-by-boot:
  config:
    rule: SYSD001
    path: /etc/systemd/system/**
```",
    every: Span::seconds(3_600),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Config::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `config`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Config")]
struct Keys {
    /// The rule, by its code, or several.
    rule: OneOrMany,
    /// Which files: paths with wildcards, absolute or relative to the root.
    path: OneOrMany,
    /// IMG001: images that must not run; `*` matches anything: `node:*alpine*`.
    #[serde(default)]
    deny: Vec<String>,
    /// CONN001: what the database server accepts, and who opens how many.
    budget: Option<Budget>,
    /// MIG001: rows of reference tables, as `<environment>/<table>.csv`.
    rows: Option<String>,
    /// FLY003 to FLY005: `flyway_schema_history` as CSV or JSON.
    history: Option<String>,
    /// BAK001, BAK002: a list of paths that hold state, one a line.
    state: Option<String>,
    /// BAK001, BAK002: what the backup holds, as a file; `answer` for what the source answered.
    listing: Option<String>,
    /// BAK002: the age that the newest file of a backup may have.
    max_age: Option<Span>,
    /// BAK003: a list of restore drills, each line beginning with its date.
    drills: Option<String>,
    /// BAK003: the age that the last restore drill may have.
    drill_max_age: Option<Span>,
}

/// A text or a list of texts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[derive(Debug)]
struct Config {
    keys: Keys,
    options: Options,
}

impl Config {
    fn new(keys: Keys) -> Result<Self, Words> {
        let codes = keys.rule.list();
        for code in codes {
            if rule(code).is_none_or(|rule| rule.code != code) {
                let known =
                    nidoto_core::diag::did_you_mean(code, RULES.iter().map(|rule| rule.code)).unwrap_or("NGX001");
                return Err(Words::new(
                    format!("no rule `{code}`: did you mean `{known}`?"),
                    format!("規則 `{code}` はありません: `{known}` のことですか?"),
                ));
            }
        }
        if codes.is_empty() || keys.path.list().is_empty() {
            return Err(Words::new("`rule` and `path` must not be empty", "`rule` と `path` は空にできません"));
        }
        let options = Options {
            rules: codes.iter().cloned().collect(),
            deny: keys.deny.clone(),
            budget: keys.budget.clone(),
            backup_max_age_s: keys.max_age.map(|age| age.s),
            drill_max_age_s: keys.drill_max_age.map(|age| age.s),
            ..Options::default()
        };
        Ok(Self { keys, options })
    }

    /// The paths that it reads besides those that it judges.
    fn side_paths(&self) -> impl Iterator<Item = &String> {
        let listing = self.keys.listing.as_ref().filter(|listing| *listing != "answer");
        [&self.keys.rows, &self.keys.history, &self.keys.state, &self.keys.drills].into_iter().flatten().chain(listing)
    }

    fn asks_source(&self) -> bool {
        self.keys.listing.as_deref() == Some("answer")
    }

    /// What the view says besides the files that are judged.
    fn options(&self, view: &View<'_>) -> Result<Options, Blind> {
        let mut options = self.options.clone();
        let seconds = view.at_ms().div_euclid(1_000);
        options.now_s = Some(seconds);
        options.today = Some(nidoto_core::when::at_ms(view.at_ms()).strftime("%Y-%m-%d").to_string());
        if let Some(pattern) = &self.keys.rows {
            for file in view.files(pattern)?.matching {
                let text = text(file)?;
                let rows = Rows::of(&file.path, &text).map_err(|why| broken(&file.path, &Words::same(why)))?;
                options.rows.push(rows);
            }
        }
        if let Some(path) = &self.keys.history {
            options.history = Some(single(view, path)?.text.clone());
        }
        if let Some(path) = &self.keys.state {
            options.state.push(single(view, path)?);
        }
        if let Some(path) = &self.keys.drills {
            options.drills.push(single(view, path)?);
        }
        if let Some(path) = &self.keys.listing {
            let text = if self.asks_source() { answer_text(view)? } else { single(view, path)?.text.clone() };
            options.listings.push(Listing::of(&text).map_err(|why| broken(path, &why))?);
        }
        Ok(options)
    }
}

impl Guard for Config {
    fn needs(&self) -> Vec<Need> {
        let paths = self.keys.path.list().iter().chain(self.side_paths());
        let mut needs: Vec<Need> = paths.map(|pattern| Need::Files { pattern: pattern.clone() }).collect();
        needs.extend(self.asks_source().then_some(Need::Answer));
        needs
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let options = self.options(view)?;
        let mut files: Vec<&TreeFile> = Vec::new();
        let mut since_ms = i64::MIN;
        for pattern in self.keys.path.list() {
            let seen = view.files(pattern)?;
            since_ms = since_ms.max(seen.since_ms);
            files.extend(seen.matching);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        let targets: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        if targets.is_empty() {
            let path = self.keys.path.list().join(", ");
            return Err(Blind::broken(Words::new(
                format!("no file matches `{path}`"),
                format!("`{path}` に当てはまるファイルがありません"),
            )));
        }
        let scan = scan(&Recorded::new(files), &targets, &options);
        Ok(self.judgement(&scan, since_ms))
    }
}

impl Config {
    fn judgement(&self, scan: &Scan, since_ms: i64) -> Judgement {
        let finding = |issue: &crate::scan::Issue| {
            let place = Place::File { path: (&issue.spot.file.path).into(), at: issue.spot.pos() };
            let code = issue.rule.code;
            let what = Words::new(format!("{code}: {}", issue.what.en), format!("{code}: {}", issue.what.ja));
            let fix = Words::new(issue.rule.fix.0, issue.rule.fix.1);
            Finding { fix: Some(fix), ..Finding::new(what, place).since(since_ms) }
        };
        let blind = scan.unchecked.first().map(|unchecked| broken(&unchecked.path, &unchecked.why));
        let nothing = || {
            let path = self.keys.path.list().join(", ");
            Blind::broken(Words::new(
                format!("none of the files at `{path}` is configuration that the rule knows"),
                format!("`{path}` に、この規則の分かる設定ファイルがありません"),
            ))
        };
        let is_blank = scan.files.is_empty() && self.keys.state.is_none() && self.keys.drills.is_none();
        let blind = blind.or_else(|| is_blank.then(nothing));
        Judgement { findings: scan.certain().map(finding).collect(), blind, ..Judgement::default() }
    }
}

fn broken(path: &str, why: &Words) -> Blind {
    Blind::broken(Words::new(format!("{path}: {}", why.en), format!("{path}: {}", why.ja)))
}

fn text(file: &TreeFile) -> Result<String, Blind> {
    let bytes = file.bytes.as_ref().map_err(|why| broken(&file.path, &Words::same(why)))?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// The only file at a path.
fn single(view: &View<'_>, path: &str) -> Result<Arc<File>, Blind> {
    let files = view.files(path)?;
    let Some(file) = files.matching.first() else {
        return Err(broken(path, &Words::new("the file is not there", "ファイルがありません")));
    };
    Ok(File::new(&file.path, text(file)?))
}

fn answer_text(view: &View<'_>) -> Result<String, Blind> {
    let answer = view.answer()?;
    Ok(answer.stdout.as_str().map_or_else(|| answer.stdout.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn build(keys: serde_json::Value) -> Result<Box<dyn Guard>, String> {
        (KIND.build)(keys).map_err(|words| words.en)
    }

    #[test]
    fn unknown_rules_are_refused() {
        let error = build(json!({"rule": "SYS001", "path": "/etc/**"})).unwrap_err();
        assert_eq!(error, "no rule `SYS001`: did you mean `SYSD001`?");
    }

    #[test]
    fn it_needs_every_path_that_it_reads() {
        let guard = build(
            json!({"rule": ["BAK001"], "path": "/srv/ops/*", "state": "/srv/ops/state.txt", "listing": "answer"}),
        );
        let needs = guard.unwrap().needs();
        assert_eq!(needs.len(), 3);
        assert!(needs.contains(&Need::Answer));
    }
}
