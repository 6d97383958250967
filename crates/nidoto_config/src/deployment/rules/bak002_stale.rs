//! BAK002: a backup that has stopped.

use nidoto_core::{Span, Words};

use super::bak001_uncovered::{RULE as UNCOVERED, held, states};
use crate::scan::{Confidence, Facts, Out, Rule, Severity};

/// A backup that has stopped.
pub const RULE: Rule = Rule {
    code: "BAK002",
    name: "backup-stale",
    severity: Severity::Error,
    summary: ("the newest file of a backup is too old", "バックアップの一番新しいファイルが古すぎる"),
    why: (
        "\
A backup stops without a word: a token expires, a disk fills, a timer is lost in a move. Whether it goes on
shows in the newest file that it holds of a path, not in its exit status.",
        "\
バックアップは黙って止まります。トークンの期限が切れ、ディスクが埋まり、引っ越しでタイマーが消えます。続いているかは、
終了ステータスではなく、そのパスについて持っている一番新しいファイルに現れます。",
    ),
    bad: "2021-07-03+12:58 /srv/traq/files/1.png   # listed on 2021-07-10, with a maximal age of 26 h",
    good: "2021-07-10+03:12 /srv/traq/files/2.png",
    fix: ("Find out why it stopped; watch its age from then on.", "止まった理由を調べ、以後は経過時間を見張ります。"),
    check,
    ..UNCOVERED
};

fn check(facts: &Facts, out: &mut Out) {
    let (Some(now_s), Some(max_s)) = (facts.options.now_s, facts.options.backup_max_age_s) else { return };
    for state in states(facts) {
        let held = held(&facts.options.listings, &state);
        if held.is_empty() {
            continue;
        }
        let path = &state.path;
        let Some(newest_s) = held.iter().filter_map(|entry| entry.modified_s).max() else {
            out.cannot(
                &state.spot,
                Words::new(
                    format!("the listing has no times for `{path}`"),
                    format!("一覧に `{path}` の時刻がありません"),
                ),
            );
            continue;
        };
        let age_s = now_s.saturating_sub(newest_s);
        if age_s > max_s {
            let (age, max) = (Span::seconds(age_s / 3_600 * 3_600), Span::seconds(max_s));
            let confidence = if state.is_declared { Confidence::Certain } else { Confidence::Likely };
            out.find(
                confidence,
                &state.spot,
                Words::new(
                    format!("the newest file of `{path}` in the backup is {age} old; {max} is allowed"),
                    format!("`{path}` の一番新しいバックアップは {age} 前のものです(許容 {max})"),
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::backup::Listing;
    use crate::scan::{File, Options};
    use crate::testing::{lines, scan_files};

    #[test]
    fn old_backups_are_found() {
        let with = |listing: &str| {
            let options = Options {
                state: vec![File::new("state.txt", "/srv/traq/files")],
                listings: vec![Listing::of(listing).unwrap()],
                now_s: Some(1_625_900_000),
                backup_max_age_s: Some(26 * 3_600),
                ..Options::default()
            };
            let scan = scan_files(&RULE, &[("compose.yml", "services: {}")], &options);
            (lines(&scan), scan.unchecked.len())
        };
        assert_eq!(
            with("2021-07-03+12:58 /srv/traq/files/1.png").0,
            ["1:1 certain the newest file of `/srv/traq/files` in the backup is 6d17h old; 1d2h is allowed"]
        );
        assert_eq!(with("2021-07-10T03:12 /srv/traq/files/2.png"), (vec![], 0));
        assert_eq!(with("/srv/traq/files/2.png"), (vec![], 1));
    }
}
