//! Comments that silence a finding: `# nidoto: ignore[NGX001] until=2026-12-31 reason=moves in May`.
//!
//! A comment silences findings on its own line, or on the next line if nothing else stands on its
//! own. The reason is required; unused and expired comments are findings themselves.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use nidoto_core::Words;

use super::report::{Confidence, Unchecked};
use super::{Edit, Facts, File, Fix, Issue, Options, Room, Rule, Scan, Severity, Spot, rule};

const WHY: (&str, &str) = (
    "A silenced finding is a decision. Without its reason and its end nobody can tell whether it still holds.",
    "指摘を黙らせることは一つの判断です。理由と期限がなければ、いまも正しいかどうか誰にも分かりません。",
);
const BAD: &str = "# nidoto: ignore[NGX001]\nproxy_pass http://api.local:8080;";
const GOOD: &str = "# nidoto: ignore[NGX001] until=2027-03-31 reason=the address is a fixed virtual IP\n\
    proxy_pass http://api.local:8080;";

/// A comment without a reason, or that cannot be read.
pub const MALFORMED: Rule = Rule {
    code: "SUP001",
    name: "suppression-without-reason",
    room: Room::Any,
    severity: Severity::Warning,
    summary: ("a suppression without a reason", "理由のない抑制コメント"),
    why: WHY,
    bad: BAD,
    good: GOOD,
    fix: ("Write `reason=` and why, to the end of the line.", "行末までに `reason=` と理由を書きます。"),
    outage: "a convention of nidoto",
    check: |_, _| {},
};

/// A comment that silences nothing.
pub const UNUSED: Rule = Rule {
    code: "SUP002",
    name: "suppression-unused",
    severity: Severity::Note,
    summary: ("a suppression that silences nothing", "何も抑制していない抑制コメント"),
    fix: ("Remove the comment: `--fix` does.", "コメントを消します: `--fix` で消せます。"),
    bad: "# nidoto: ignore[NGX001] reason=fixed address\nproxy_pass http://10.0.0.1:8080;",
    good: "proxy_pass http://10.0.0.1:8080;",
    ..MALFORMED
};

/// A comment whose time is over: the finding counts again.
pub const EXPIRED: Rule = Rule {
    code: "SUP003",
    name: "suppression-expired",
    summary: ("a suppression whose time is over", "期限の切れた抑制コメント"),
    fix: (
        "Mend what was silenced, or give it a new end and reason. `--unsafe-fixes` removes the comment.",
        "指摘を直すか、期限と理由を改めます。`--unsafe-fixes` はコメントを消します。",
    ),
    bad: "# nidoto: ignore[NGX001] until=2020-01-01 reason=moves soon\nproxy_pass http://api.local:8080;",
    ..MALFORMED
};

/// More in one file are refused.
const COMMENTS_MAX: usize = 10_000;

struct Comment {
    spot: Spot,
    /// What has to go so that the comment goes: its line, where nothing else stands on it.
    removal: Option<Spot>,
    codes: BTreeSet<String>,
    until: Option<String>,
    reason: Option<String>,
    lines: [usize; 2],
}

/// Takes silenced findings out, and adds what is wrong with the comments.
pub(super) fn apply(scan: &mut Scan, facts: &Facts, options: &Options) {
    for file in facts.files() {
        let comments = comments(file);
        if comments.len() > COMMENTS_MAX {
            let why = Words::new(
                format!("more than {COMMENTS_MAX} suppressions in one file: none of them counts"),
                format!("一つのファイルに {COMMENTS_MAX} 個を超える抑制コメントがあり、どれも効きません"),
            );
            scan.unchecked.push(Unchecked::whole(&file.path, why));
        } else if !comments.is_empty() {
            of_file(scan, file, &comments, options);
        }
    }
}

fn of_file(scan: &mut Scan, file: &File, comments: &[Comment], options: &Options) {
    let mut by_line: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut wrong: Vec<Option<Issue>> = Vec::new();
    for (at, comment) in comments.iter().enumerate() {
        wrong.push(comment.fault(options));
        if wrong[at].is_none() {
            comment.lines.iter().for_each(|line| by_line.entry(*line).or_default().push(at));
        }
    }
    let mut silenced: Vec<Vec<Issue>> = comments.iter().map(|_| Vec::new()).collect();
    for issue in std::mem::take(&mut scan.issues) {
        let is_here = issue.spot.file.path == file.path;
        let there = is_here.then(|| by_line.get(&issue.spot.pos().line.max(1))).flatten();
        match there.into_iter().flatten().find(|at| comments[**at].codes.contains(issue.rule.code)) {
            Some(at) => silenced[*at].push(issue),
            None => scan.issues.push(issue),
        }
    }
    for ((comment, wrong), silenced) in comments.iter().zip(wrong).zip(silenced) {
        let unused = || silenced.is_empty().then(|| comment.unused(options)).flatten();
        scan.issues.extend(wrong.or_else(unused));
        let reason = comment.reason.as_deref().unwrap_or_default();
        scan.suppressed.extend(silenced.into_iter().map(|issue| (issue, reason.to_owned())));
    }
}

impl Comment {
    fn issue(&self, rule: &'static Rule, confidence: Confidence, what: Words, fix: Option<Fix>) -> Issue {
        Issue { rule, confidence, what, spot: self.spot.clone(), also: Vec::new(), fix }
    }

    /// Why it silences nothing at all.
    fn fault(&self, options: &Options) -> Option<Issue> {
        let Some(reason) = &self.reason else {
            let what = Words::new("`reason=` is missing: nothing is silenced", "`reason=` がないため、抑制しません");
            return Some(self.issue(&MALFORMED, Confidence::Certain, what, None));
        };
        let until = self.until.as_ref().filter(|until| options.today.as_ref().is_some_and(|today| *until < today))?;
        let what = Words::new(format!("over since {until}: {reason}"), format!("{until} で期限切れです: {reason}"));
        let fix = self.without().map(|edit| Fix::not_safe(remove(), vec![edit]));
        Some(self.issue(&EXPIRED, Confidence::Certain, what, fix))
    }

    /// That there was nothing for it. A rule that was not asked cannot have found anything.
    fn unused(&self, options: &Options) -> Option<Issue> {
        self.codes.iter().filter_map(|code| rule(code)).find(|rule| options.wants(rule))?;
        let codes = self.codes.iter().cloned().collect::<Vec<_>>().join(", ");
        let what = Words::new(format!("no {codes} here to silence"), format!("抑制すべき {codes} はここにありません"));
        let fix = self.without().map(|edit| Fix::safe(remove(), vec![edit]));
        Some(self.issue(&UNUSED, Confidence::Likely, what, fix))
    }

    /// The edit that removes it.
    fn without(&self) -> Option<Edit> {
        self.removal.clone().map(|spot| Edit { spot, with: String::new() })
    }
}

fn remove() -> Words {
    Words::new("remove the comment", "コメントを消します")
}

fn comments(file: &Arc<File>) -> Vec<Comment> {
    const MARK: &str = "nidoto: ignore[";
    let mut found = Vec::new();
    if !file.text.contains(MARK) {
        return found;
    }
    let mut start = 0;
    for (i, line) in file.text.split_inclusive('\n').enumerate() {
        if let Some(at) = line.find(MARK) {
            let before = line[..at].trim();
            let sign = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            if is_comment(sign) {
                let is_alone = before.chars().all(|c| "#-/*;<!".contains(c));
                let rest = line[at + MARK.len()..].trim_end();
                let spot = Spot::new(file, start + at..start + line.trim_end().len());
                // Line 1 also stands for findings about the file as a whole.
                let code = before[..before.len() - sign.len()].trim_end().len() + line.len() - line.trim_start().len();
                let end = match sign {
                    "/*" => "*/",
                    "<!--" => "-->",
                    _ => "",
                };
                // Behind a comment that is closed on its line more may stand.
                let is_last = end.is_empty() || rest.find(end).is_some_and(|at| at + end.len() == rest.len());
                let range = if is_alone { 0..line.len() } else { code..line.trim_end().len() };
                let removal = is_last.then(|| Spot::new(file, start + range.start..start + range.end));
                if found.len() > COMMENTS_MAX {
                    break;
                }
                found.push(comment(spot, removal, rest, [i + 1, if is_alone { i + 2 } else { i + 1 }]));
            }
        }
        start += line.len();
    }
    found
}

fn is_comment(word: &str) -> bool {
    ["#", "--", "//", "/*", ";", "<!--"].contains(&word)
}

fn comment(spot: Spot, removal: Option<Spot>, rest: &str, lines: [usize; 2]) -> Comment {
    let (codes, rest) = rest.split_once(']').unwrap_or((rest, ""));
    let codes = codes.split(',').map(|code| code.trim().to_ascii_uppercase()).filter(|code| !code.is_empty()).collect();
    let (head, reason) = match rest.split_once("reason=") {
        Some((head, reason)) => (head, Some(reason.trim().trim_end_matches("*/").trim().to_owned())),
        None => (rest, None),
    };
    let until = head.split_whitespace().find_map(|word| word.strip_prefix("until=")).map(str::to_owned);
    Comment { spot, removal, codes, until, reason: reason.filter(|reason| !reason.is_empty()), lines }
}

#[cfg(test)]
mod tests {
    use crate::systemd::rules::sysd003_persistent_without_calendar::RULE;
    use crate::testing::{fixed, scan_one};

    #[test]
    fn a_comment_goes_with_its_line_or_alone() {
        let timer = "[Timer]\nOnBootSec=9\n";
        let unused = "# nidoto: ignore[SYSD003] reason=a";
        for (with, without) in [
            (format!("{timer}  {unused}\nAccuracySec=1\n"), format!("{timer}AccuracySec=1\n")),
            (format!("{timer}AccuracySec=1  {unused}\n"), format!("{timer}AccuracySec=1\n")),
            (format!("{timer} AccuracySec=1 {unused}"), format!("{timer} AccuracySec=1")),
        ] {
            assert_eq!(fixed("a.timer", &with, false), without);
        }
        let followed =
            "/* nidoto: ignore[FLY001] reason=a */ SELECT 1;\nSELECT /* nidoto: ignore[FLY001] reason=a */ 2;";
        assert_eq!(fixed("m/V1__a.sql", followed, true), followed, "more stands behind it");
    }

    #[test]
    fn nothing_that_is_silenced_is_told() {
        let text = "[Timer]\nOnBootSec=9\n# nidoto: ignore[SYSD003] reason=a\nPersistent=true\n";
        assert_eq!(scan_one(&RULE, "a.timer", text).issues, []);
    }
}
