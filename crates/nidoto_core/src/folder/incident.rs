//! One incident: a folder with its postmortem, guards and evidence.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::edit::front_range;
use super::front::Front;
use super::links::{Link, links};
use super::markdown::{self, Action, Entry, Section, SectionKind};
use crate::diag::{Diag, Pos};
use crate::when;
use crate::words::Words;
use crate::yaml;

/// One incident, as far as its text could be read.
#[derive(Clone, Debug)]
pub struct Incident {
    /// The folder's name, which is its id.
    pub id: String,
    /// The folder.
    pub dir: PathBuf,
    /// The front matter.
    pub front: Front,
    /// When it happened.
    pub times: Times,
    /// The body's sections.
    pub sections: Vec<Section>,
    /// What happened when, in order of time.
    pub timeline: Vec<Entry>,
    /// What is to be done, with the line of each.
    pub actions: Vec<(Action, usize)>,
    /// Links of the front matter and the text.
    pub links: Vec<Link>,
    /// The whole text of `incident.md`.
    pub text: String,
    /// What is wrong with it.
    pub diags: Vec<Diag>,
}

/// The five times of an incident, where known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// When users were first hurt.
    pub started: Option<Timestamp>,
    /// When somebody or something noticed.
    pub detected: Option<Timestamp>,
    /// When the team said that this is an incident.
    pub declared: Option<Timestamp>,
    /// When users were well again.
    pub mitigated: Option<Timestamp>,
    /// When the cause was gone.
    pub resolved: Option<Timestamp>,
}

impl Times {
    /// The times with their names, in the order in which they should come.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<Timestamp>); 5] {
        [
            ("started", self.started),
            ("detected", self.detected),
            ("declared", self.declared),
            ("mitigated", self.mitigated),
            ("resolved", self.resolved),
        ]
    }

    /// Time to detect: detected - started, in seconds.
    #[must_use]
    pub fn to_detect_s(&self) -> Option<i64> {
        Some(self.detected?.as_second() - self.started?.as_second())
    }

    /// Time to recover: mitigated (or, where that is not known, resolved) - started, in seconds.
    #[must_use]
    pub fn to_recover_s(&self) -> Option<i64> {
        Some(self.mitigated.or(self.resolved)?.as_second() - self.started?.as_second())
    }

    fn of(front: &Front, zone: &TimeZone) -> Self {
        let read = |time: &Option<yaml::Time>| time.as_ref().and_then(|time| when::parse(&time.0, zone));
        Self {
            started: read(&front.started),
            detected: read(&front.detected),
            declared: read(&front.declared),
            mitigated: read(&front.mitigated),
            resolved: read(&front.resolved),
        }
    }
}

impl Incident {
    /// Reads `incident.md` of a folder. `shown` is the folder as errors name it.
    #[must_use]
    pub fn read(dir: &Path, shown: &Path, zone: &TimeZone) -> Self {
        let id = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = shown.join("incident.md");
        match fs::read(dir.join("incident.md")) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self::parse(id, dir, &file, text, zone),
                Err(error) => {
                    let at = Pos::of(&String::from_utf8_lossy(error.as_bytes()), error.utf8_error().valid_up_to());
                    let what = Words::new("not UTF-8 from here on", "ここから UTF-8 ではありません");
                    Self::unreadable(
                        id,
                        dir,
                        Diag::new(&file, at, what).mend(Words::new("save it as UTF-8", "UTF-8 で保存してください")),
                    )
                }
            },
            Err(error) => {
                let what = Words::new(format!("cannot be read: {error}"), format!("読めません: {error}"));
                Self::unreadable(id, dir, Diag::new(&file, Pos::default(), what))
            }
        }
    }

    /// Reads the text of an `incident.md`; `file` is only named in errors.
    #[must_use]
    pub fn parse(id: String, dir: &Path, file: &Path, text: String, zone: &TimeZone) -> Self {
        let mut diags = Vec::new();
        let front = read_front(file, &text, &mut diags);
        let times = Times::of(&front, zone);
        check_front(&id, file, &text, &front, &times, &mut diags);
        let body = body_start(&text);
        let sections = markdown::sections(&text, body);
        let timeline = read_timeline(&text, &sections, &times, zone, file, &mut diags);
        let actions = read_actions(&text, &sections);
        let mut found = links(&front.links.join("\n"));
        diags.sort_by_key(|diag| diag.at);
        found.extend(links(&text[body..]).into_iter().filter(|link| !front.links.contains(&link.target)));
        Self { id, dir: dir.to_owned(), front, times, sections, timeline, actions, links: found, text, diags }
    }

    fn unreadable(id: String, dir: &Path, diag: Diag) -> Self {
        Self {
            id,
            dir: dir.to_owned(),
            front: Front::default(),
            times: Times::default(),
            sections: Vec::new(),
            timeline: Vec::new(),
            actions: Vec::new(),
            links: Vec::new(),
            text: String::new(),
            diags: vec![diag],
        }
    }

    /// Its title; the id where it has none.
    #[must_use]
    pub fn title(&self) -> &str {
        self.front.title.as_deref().unwrap_or(&self.id)
    }

    /// The text of a section.
    #[must_use]
    pub fn section(&self, kind: SectionKind) -> Option<&str> {
        let section = self.sections.iter().find(|section| section.kind == Some(kind))?;
        Some(self.text[section.body.clone()].trim())
    }

    /// Whether it is still going on: neither resolved nor closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.times.resolved.is_none() && self.front.status != Some(super::Status::Closed)
    }
}

fn body_start(text: &str) -> usize {
    let Some(range) = front_range(text) else { return 0 };
    text[range.end..].find('\n').map_or(text.len(), |i| range.end + i + 1)
}

fn read_front(file: &Path, text: &str, diags: &mut Vec<Diag>) -> Front {
    let Some(range) = front_range(text) else {
        diags.push(
            Diag::new(file, Pos { line: 1, column: 1 }, Words::new("no front matter", "front matter がありません"))
                .mend(Words::new(
                    "begin the file with `---`, keys, `---`",
                    "ファイルを `---`、項目、`---` で始めてください",
                )),
        );
        return Front::default();
    };
    let document = yaml::parse(file, &text[range.clone()]);
    // The first line of the front matter is line 2 of the file.
    let shift = text[..range.start].matches('\n').count();
    let shifted = |mut diag: Diag| {
        diag.at.line += shift;
        diag
    };
    diags.extend(document.diags.into_iter().map(shifted));
    if document.root.value == yaml::Value::Null {
        return Front::default();
    }
    let (front, faults) = yaml::decode::<Front>(file, &document.root);
    if let Some(front) = front {
        return front;
    }
    // Lenient: keys with errors are left out one by one, the rest counts.
    let bad: Vec<usize> = faults.iter().map(|diag| diag.at.line).collect();
    diags.extend(faults.into_iter().map(shifted));
    let yaml::Value::Map(entries) = document.root.value else { return Front::default() };
    let covers = |line: usize, key: &yaml::Node, next: usize| line >= key.at.line && line < next;
    let starts: Vec<usize> = entries.iter().map(|(key, _)| key.at.line).chain([usize::MAX]).collect();
    let good =
        entries.iter().enumerate().filter(|(i, (key, _))| !bad.iter().any(|line| covers(*line, key, starts[i + 1])));
    let map: serde_json::Map<_, _> = good
        .map(|(_, (k, v))| (k.text().unwrap_or_default().to_owned(), v.json()))
        .filter(|(_, v)| !v.is_null())
        .collect();
    serde_json::from_value(map.into()).unwrap_or_default()
}

fn check_front(id: &str, file: &Path, text: &str, front: &Front, times: &Times, diags: &mut Vec<Diag>) {
    let line_of = |key: &str| {
        let line = text.lines().position(|line| line.starts_with(key) && line[key.len()..].starts_with(':'));
        Pos { line: line.map_or(1, |i| i + 1), column: 1 }
    };
    if let Some(given) = front.id.as_deref().filter(|given| *given != id) {
        diags.push(
            Diag::new(
                file,
                line_of("id"),
                Words::new(
                    format!("id `{given}` is not the folder's name `{id}`"),
                    format!("id `{given}` がフォルダ名 `{id}` と違います"),
                ),
            )
            .mend(Words::new("make them the same", "同じにしてください")),
        );
    }
    let mut before: Option<(&str, Timestamp)> = None;
    for (name, at) in times.named() {
        let Some(at) = at else { continue };
        match before {
            Some((earlier, time)) if at < time => diags.push(
                Diag::new(
                    file,
                    line_of(name),
                    Words::new(
                        format!("`{name}` is before `{earlier}`"),
                        format!("`{name}` が `{earlier}` より前です"),
                    ),
                )
                .mend(Words::new("check the two times", "二つの時刻を確かめてください")),
            ),
            _ => before = Some((name, at)),
        }
    }
}

fn read_timeline(
    text: &str,
    sections: &[Section],
    times: &Times,
    zone: &TimeZone,
    file: &Path,
    diags: &mut Vec<Diag>,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for section in sections.iter().filter(|section| section.kind == Some(SectionKind::Timeline)) {
        for item in &section.items {
            let day = entries.last().map(|entry: &Entry| entry.at).or(times.started);
            match markdown::entry(&text[item.clone()], zone, day) {
                Some(entry) => entries.push(entry),
                None => diags.push(
                    Diag::new(
                        file,
                        Pos::of(text, item.start),
                        Words::new("this entry begins with no time", "時刻で始まっていない項目です"),
                    )
                    .mend(Words::new(
                        "write it like `- 2021-02-06 16:55 text`",
                        "`- 2021-02-06 16:55 内容` のように書いてください",
                    )),
                ),
            }
        }
    }
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn read_actions(text: &str, sections: &[Section]) -> Vec<(Action, usize)> {
    let items = sections.iter().flat_map(|section| &section.items);
    let mut seen: Vec<usize> = Vec::new();
    let mut actions = Vec::new();
    for item in items {
        // A nested section lists the same item again.
        if seen.contains(&item.start) {
            continue;
        }
        seen.push(item.start);
        if let Some(action) = markdown::action(&text[item.clone()]) {
            actions.push((action, Pos::of(text, item.start).line));
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Incident {
        let file = Path::new("incidents/a/incident.md");
        Incident::parse("a".into(), Path::new("incidents/a"), file, text.into(), &TimeZone::get("Asia/Tokyo").unwrap())
    }

    #[test]
    fn one_bad_key_does_not_spoil_the_rest() {
        let incident = read(
            "---\nid: b\ntitle: t\nstatus: clsed\nstarted: 2021-02-06 16:55\ndetected: 14.43\nresolved: 2021-02-05\nteam: own key\n---\n## Timeline\n- 16:55 a\n- soon\n## Actions\n- [ ] do it (guard: g)\n",
        );
        assert_eq!(incident.front.title.as_deref(), Some("t"));
        assert_eq!(incident.times.started.unwrap().to_string(), "2021-02-06T07:55:00Z");
        assert_eq!(incident.timeline.len(), 1);
        assert_eq!(incident.actions[0].0.guards, ["g"]);
        let text: String = incident.diags.iter().map(|d| format!("{d}\n")).collect();
        insta::assert_snapshot!(text, @"
        incidents/a/incident.md:2:1: id `b` is not the folder's name `a` (make them the same)
        incidents/a/incident.md:4:9: `clsed` is not known here (did you mean `closed`?)
        incidents/a/incident.md:6:11: expected text, found the number `14.43` (write text here)
        incidents/a/incident.md:7:1: `resolved` is before `started` (check the two times)
        incidents/a/incident.md:12:1: this entry begins with no time (write it like `- 2021-02-06 16:55 text`)
        ");
    }

    #[test]
    fn times_give_their_formulas() {
        let incident = read(
            "---\nid: a\nstarted: 2021-02-06 16:55\ndetected: 2021-02-06 17:00\nresolved: 2021-02-06 17:55\n---\n",
        );
        assert_eq!((incident.times.to_detect_s(), incident.times.to_recover_s()), (Some(300), Some(3_600)));
        assert!(incident.diags.is_empty());
    }
}
