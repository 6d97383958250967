//! The body of `incident.md`: sections, timeline entries, action items.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::Serialize;

use crate::when;

/// A section that nidoto knows, by its English or Japanese heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SectionKind {
    /// What happened, in a few sentences.
    Summary,
    /// Who was hurt and how much.
    Impact,
    /// What happened when.
    Timeline,
    /// What set it off.
    Trigger,
    /// Why it could happen.
    Causes,
    /// What stopped the pain.
    TemporaryFix,
    /// What removed the cause.
    FinalFix,
    /// What is being done so that it never happens again.
    Actions,
    /// What went wrong while responding.
    ResponseProblems,
    /// Where we got lucky.
    Luck,
    /// What we learned.
    Lessons,
}

/// Each section's English and Japanese headings; the first of each is what nidoto writes.
const HEADINGS: [(SectionKind, &[&str]); 11] = [
    (SectionKind::Summary, &["Summary", "概要"]),
    (SectionKind::Impact, &["Impact", "影響", "影響範囲"]),
    (SectionKind::Timeline, &["Timeline", "時系列", "対応の時系列", "タイムライン"]),
    (SectionKind::Trigger, &["Trigger", "きっかけ"]),
    (SectionKind::Causes, &["Causes", "根本原因", "Root cause", "Root causes", "Contributing factors", "原因"]),
    (SectionKind::TemporaryFix, &["Temporary fix", "暫定対応", "一時的な対応"]),
    (SectionKind::FinalFix, &["Final fix", "恒久対応", "最終的な対応"]),
    (SectionKind::Actions, &["Actions", "再発防止策", "Action items", "再発防止"]),
    (SectionKind::ResponseProblems, &["Response problems", "対応の問題点"]),
    (SectionKind::Luck, &["Luck", "幸運だったこと", "Where we got lucky"]),
    (SectionKind::Lessons, &["Lessons", "学び", "Lessons learned"]),
];

impl SectionKind {
    /// The section with this heading.
    #[must_use]
    pub fn of(heading: &str) -> Option<Self> {
        let heading = heading.trim().trim_end_matches([':', '：']);
        let known = |names: &&[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(heading));
        HEADINGS.iter().find(|(_, names)| known(names)).map(|(kind, _)| *kind)
    }

    /// The heading that nidoto writes, English and Japanese.
    #[must_use]
    pub fn headings(self) -> (&'static str, &'static str) {
        let names = HEADINGS.iter().find(|(kind, _)| *kind == self).map_or(&["", ""][..], |(_, names)| names);
        (names[0], names[1])
    }

    /// All sections, in the order in which nidoto writes them.
    pub fn all() -> impl Iterator<Item = Self> {
        HEADINGS.iter().map(|(kind, _)| *kind)
    }
}

/// A section of the body. Positions are bytes of the whole file.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is about, where known.
    pub kind: Option<SectionKind>,
    /// The heading's text.
    pub heading: String,
    /// From the line after the heading to the next heading of the same or a higher level.
    pub body: Range<usize>,
    /// The items of its lists.
    pub items: Vec<Range<usize>>,
}

/// Finds the sections of a Markdown text that begins at byte `from` of `text`.
#[must_use]
pub fn sections(text: &str, from: usize) -> Vec<Section> {
    let mut found: Vec<(Section, u8)> = Vec::new();
    let mut heading: Option<(u8, usize, String)> = None;
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(&text[from..], Options::empty()).into_offset_iter() {
        let range = range.start + from..range.end + from;
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                let level = level as u8;
                close(&mut found, level, range.start);
                heading = Some((level, range.end, String::new()));
            }
            Event::Text(part) | Event::Code(part) => {
                if let Some((_, _, name)) = &mut heading {
                    name.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, end, name)) = heading.take() {
                    let section = Section {
                        kind: SectionKind::of(&name),
                        heading: name,
                        body: end..text.len(),
                        items: Vec::new(),
                    };
                    found.push((section, level));
                }
            }
            Event::Start(Tag::Item) => {
                if depth == 0
                    && let Some((section, _)) = found.last_mut()
                {
                    section.items.push(range);
                }
                depth += 1;
            }
            Event::End(TagEnd::Item) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found.into_iter().map(|(section, _)| section).collect()
}

/// A heading ends all sections of its level and below.
fn close(found: &mut [(Section, u8)], level: u8, at: usize) {
    for (section, of) in found.iter_mut() {
        if *of >= level && section.body.end > at {
            section.body.end = at;
        }
    }
}

/// One entry of the timeline: `- 2021-02-06 16:55 text (source, noted 2021-02-06 17:10)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub text: String,
    /// Who or what says so.
    pub source: Option<String>,
    /// When it was written down, if that was noted.
    pub noted: Option<Timestamp>,
}

/// Reads a list item as a timeline entry. `None` if it does not begin with a time; a time of day
/// alone belongs to the day of the entry before (`day`).
#[must_use]
pub fn entry(item: &str, zone: &TimeZone, day: Option<Timestamp>) -> Option<Entry> {
    let text = item_text(item);
    let (at, rest) = leading_time(&text, zone, day)?;
    let rest = rest.trim_start_matches([' ', '\t', '　', '-', '–', '—', ':', '：', ',', '、']);
    let (what, note) = split_note(rest);
    let (mut source, mut noted) = (None, None);
    for part in note.iter().flat_map(|note| note.split([',', '、', ';'])) {
        let part = part.trim();
        match part.strip_prefix("noted ").or_else(|| part.strip_prefix("記録 ")) {
            Some(time) => noted = leading_time(time, zone, Some(at)).map(|(at, _)| at),
            None if source.is_none() && !part.is_empty() => source = Some(part.to_owned()),
            None => {}
        }
    }
    Some(Entry { at, text: what.to_owned(), source, noted })
}

/// Writes an entry as a list item, without a line break.
#[must_use]
pub fn entry_line(entry: &Entry, zone: &TimeZone) -> String {
    let at = when::short(when::ms(entry.at), zone);
    let note: Vec<String> = entry
        .source
        .clone()
        .into_iter()
        .chain(entry.noted.map(|noted| format!("noted {}", when::short(when::ms(noted), zone))))
        .collect();
    let note = if note.is_empty() { String::new() } else { format!(" ({})", note.join(", ")) };
    format!("- {at} {}{note}", entry.text)
}

/// A time at the beginning of a text, and what follows it.
fn leading_time<'t>(text: &'t str, zone: &TimeZone, day: Option<Timestamp>) -> Option<(Timestamp, &'t str)> {
    let text = text.trim_start();
    let is_time = |c: char| c.is_ascii_digit() || "-/:T+Z. ".contains(c);
    let end = text.find(|c| !is_time(c)).unwrap_or(text.len());
    // The longest beginning that reads as a time: `2021-02-06 16:55 3 users ...` is 16:55.
    let ends = (1..=end.min(32)).rev().filter(|i| text.is_char_boundary(*i));
    for end in ends {
        let given = text[..end].trim();
        if given.len() >= 16
            && let Some(at) = when::parse(given, zone)
        {
            return Some((at, &text[end..]));
        }
        if let (5 | 8, Some(day)) = (given.len(), day)
            && let Ok(time) = given.parse::<jiff::civil::Time>()
        {
            let at = day.to_zoned(zone.clone()).date().to_datetime(time).to_zoned(zone.clone()).ok()?;
            return Some((at.timestamp(), &text[end..]));
        }
    }
    None
}

/// The text of a list item on one line, without its marker.
fn item_text(item: &str) -> String {
    let item = item.trim().trim_start_matches(['-', '*', '+']);
    item.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits a last parenthesis off a text.
fn split_note(text: &str) -> (&str, Option<&str>) {
    let text = text.trim_end();
    for (open, close) in [('(', ')'), ('（', '）')] {
        if let Some(inner) = text.strip_suffix(close)
            && let Some(start) = inner.rfind(open)
        {
            return (inner[..start].trim_end(), Some(&inner[start + open.len_utf8()..]));
        }
    }
    (text, None)
}

/// One action: `- [ ] text (owner: a, due: 2021-07-20, ticket: OPS-12, guard: slab-rises)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Action {
    /// Whether it is ticked.
    pub done: bool,
    /// What is to be done.
    pub text: String,
    /// Who does it.
    pub owner: Option<String>,
    /// By when, as written.
    pub due: Option<String>,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// The guards that show that it works.
    pub guards: Vec<String>,
}

/// Reads a list item as an action. `None` if it has no box to tick.
#[must_use]
pub fn action(item: &str) -> Option<Action> {
    let text = item_text(item);
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ')').trim_start();
    let done = text.starts_with("[x]") || text.starts_with("[X]");
    if !done && !text.starts_with("[ ]") {
        return None;
    }
    let (what, note) = split_note(text[3..].trim_start());
    let mut action = Action { done, text: what.to_owned(), ..Action::default() };
    let parts: Vec<&str> = note.unwrap_or_default().split([',', '、', ';']).map(str::trim).collect();
    let known = |part: &str| key_value(part).is_some_and(|(key, _)| field(&mut Action::default(), key).is_some());
    // A parenthesis that is no note belongs to the text.
    if note.is_some() && !parts.iter().any(|part| known(part)) {
        action.text = text[3..].trim().to_owned();
        return Some(action);
    }
    for part in parts {
        let Some((key, value)) = key_value(part) else { continue };
        if key == "guard" || key == "ガード" {
            action.guards.push(value);
        } else if let Some(slot) = field(&mut action, key) {
            *slot = Some(value);
        }
    }
    Some(action)
}

fn key_value(part: &str) -> Option<(&str, String)> {
    let (key, value) = part.split_once([':', '：'])?;
    Some((key.trim(), value.trim().to_owned()))
}

fn field<'a>(action: &'a mut Action, key: &str) -> Option<&'a mut Option<String>> {
    match key {
        "owner" | "担当" => Some(&mut action.owner),
        "due" | "期限" => Some(&mut action.due),
        "ticket" | "チケット" => Some(&mut action.ticket),
        // Told apart by the caller; listed here so that it counts as known.
        "guard" | "ガード" => Some(&mut action.owner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokyo() -> TimeZone {
        TimeZone::get("Asia/Tokyo").unwrap()
    }

    #[test]
    fn headings_in_both_languages() {
        let text = "## 概要\nあ\n## Root cause\n### detail\nb\n## 時系列\n- 一\n- 二\n  続き\n# 付録\nz\n";
        let found = sections(text, 0);
        let names: Vec<_> = found.iter().map(|s| (s.kind, text[s.body.clone()].trim(), s.items.len())).collect();
        let want = [
            (Some(SectionKind::Summary), "あ", 0),
            (Some(SectionKind::Causes), "### detail\nb", 0),
            (None, "b", 0),
            (Some(SectionKind::Timeline), "- 一\n- 二\n  続き", 2),
            (None, "z", 0),
        ];
        assert_eq!(names, want);
    }

    #[test]
    fn entries_as_people_write_them() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = entry("- 2021-02-06 16:55 1040 が出始める（Lambda のログ）", &tokyo(), None).unwrap();
        assert_eq!(
            (first.at, first.text.as_str(), first.source.as_deref()),
            (at("2021-02-06T07:55:00Z"), "1040 が出始める", Some("Lambda のログ"))
        );
        let second = entry("* 17:55 — healed itself", &tokyo(), Some(first.at)).unwrap();
        assert_eq!((second.at, second.text.as_str()), (at("2021-02-06T08:55:00Z"), "healed itself"));
        assert_eq!(entry("- no time", &tokyo(), None), None);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let entry_in = Entry {
            at: "2026-11-20T03:20:00Z".parse().unwrap(),
            text: "database at 100 %".into(),
            source: Some("cli".into()),
            noted: Some("2026-11-20T03:24:00Z".parse().unwrap()),
        };
        let line = entry_line(&entry_in, &tokyo());
        assert_eq!(line, "- 2026-11-20 12:20 database at 100 % (cli, noted 2026-11-20 12:24)");
        assert_eq!(entry(&line, &tokyo(), None), Some(entry_in));
    }

    #[test]
    fn actions_with_notes_and_without() {
        let full = action("- [x] watch it (owner: temma, due: 2021-07-20, ticket: OPS-12, guard: slab-rises)").unwrap();
        assert!(full.done);
        assert_eq!(
            (full.owner.as_deref(), full.ticket.as_deref(), full.guards),
            (Some("temma"), Some("OPS-12"), vec!["slab-rises".to_owned()])
        );
        let plain = action("- [ ] buy memory (a lot)").unwrap();
        assert_eq!((plain.text.as_str(), plain.owner), ("buy memory (a lot)", None));
        assert_eq!(action("- no box"), None);
    }
}
