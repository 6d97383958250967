//! BAK003: nobody has restored the backup for too long.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use nidoto_core::{Span, Words};

use super::bak001_uncovered::RULE as UNCOVERED;
use crate::scan::{Facts, File, Out, Rule, Severity, Spot};

/// Nobody has restored the backup for too long.
pub const RULE: Rule = Rule {
    code: "BAK003",
    name: "restore-drill-overdue",
    severity: Severity::Warning,
    summary: ("the last restore drill is too long ago", "最後の復元訓練から時間が経ちすぎている"),
    why: (
        "\
A backup that nobody has restored is a hope. What is missing shows in a restore only: the key that stood on the
lost machine, the table that a dump left out, the six hours that it takes. A drill grows old like a backup:
services and people change. Write the date of each drill into a file, and say how old the last one may be.",
        "\
誰も復元したことのないバックアップは、願望です。失ったマシンにしかなかった鍵、ダンプから漏れたテーブル、6 時間かかる
ことなどは、復元して初めて分かります。訓練もバックアップと同じく古くなります。サービスも人も変わるからです。訓練の
日付をファイルに書き、最後の訓練がどれだけ前まで許されるかを決めておきます。",
    ),
    bad: "# drills.txt, on 2021-07-10, with a maximal age of 90 days\n2020-12-01 traq: files and database, 40 min",
    good: "# drills.txt, on 2021-07-10, with a maximal age of 90 days\n2020-12-01 traq: files and database, 40 min\n2021-06-05 traq: files and database, 25 min",
    fix: (
        "Restore into an empty place, compare, and write the date down.",
        "空の場所に復元して比べ、日付を書き留めます。",
    ),
    check,
    ..UNCOVERED
};

fn check(facts: &Facts, out: &mut Out) {
    let (Some(now_s), Some(max_s)) = (facts.options.now_s, facts.options.drill_max_age_s) else { return };
    for file in &facts.options.drills {
        let dates = dates(file);
        // A drill that is only planned is none.
        let Some((last_s, spot)) = dates.into_iter().filter(|(at_s, _)| *at_s <= now_s).max_by_key(|(at_s, _)| *at_s)
        else {
            let why = Words::new(
                "no drill stands in it: begin lines with a date, 2021-07-10",
                "訓練の日付がありません: 行を 2021-07-10 のような日付で始めてください",
            );
            out.cannot(&Spot::whole(file), why);
            continue;
        };
        let age_s = now_s.saturating_sub(last_s);
        if age_s > max_s {
            let (age, max) = (Span::seconds(age_s / 86_400 * 86_400), Span::seconds(max_s));
            out.certain(
                &spot,
                Words::new(
                    format!("the last restore drill was {age} ago; {max} is allowed"),
                    format!("最後の復元訓練は {age} 前です(許容 {max})"),
                ),
            );
        }
    }
}

/// The dates that lines begin with, as seconds since the epoch.
fn dates(file: &std::sync::Arc<File>) -> Vec<(i64, Spot)> {
    let mut start = 0;
    let mut dates = Vec::new();
    for line in file.text.split_inclusive('\n') {
        let text = line.trim_start_matches(['-', '*', ' ']);
        let at = start + (line.len() - text.len());
        let date = text.get(..10).and_then(|word| word.parse::<Date>().ok());
        if let Some(midnight) = date.and_then(|date| date.to_zoned(TimeZone::UTC).ok()) {
            dates.push((midnight.timestamp().as_second(), Spot::new(file, at..at + text.trim_end().len())));
        }
        start += line.len();
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::{File, Options};
    use crate::testing::{lines, scan_files};

    #[test]
    fn the_examples_are_told_apart() {
        let with = |text: &str| {
            let options = Options {
                drills: vec![File::new("drills.txt", text)],
                now_s: Some(1_625_900_000),
                drill_max_age_s: Some(90 * 86_400),
                ..Options::default()
            };
            let scan = scan_files(&RULE, &[("compose.yml", "services: {}")], &options);
            (lines(&scan), scan.unchecked.len())
        };
        assert_eq!(with(RULE.bad).0, ["2:1 certain the last restore drill was 221d ago; 90d is allowed"]);
        assert_eq!(with(RULE.good), (vec![], 0));
        assert_eq!(with("- 2021-07-09 é\n").0, [""; 0]);
        assert_eq!(with("- 2031-07-09 planned\nyesterday"), (vec![], 1));
    }
}
