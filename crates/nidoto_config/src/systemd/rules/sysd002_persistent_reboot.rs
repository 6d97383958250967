//! SYSD002: a persistent timer on a service that reboots.

use nidoto_core::Words;

use crate::scan::{Confidence, Edit, Facts, Fix, Out, Room, Rule, Severity};
use crate::systemd::UnitSet;
use crate::systemd::command::{is_reboot_unit, reboots};

/// A persistent timer on a service that reboots.
pub const RULE: Rule = Rule {
    code: "SYSD002",
    name: "persistent-reboot",
    room: Room::Systemd,
    severity: Severity::Warning,
    summary: (
        "a missed reboot is made up for right after the next boot",
        "逃した再起動を、次の起動直後に取り返すタイマー",
    ),
    why: (
        "\
With `Persistent=true` a run that was missed while the machine was off fires right after the next boot: a
reboot that nobody expects, in the middle of a repair for instance. It fires once, because the stamp is
touched when the job is queued. It loops where the stamp does not last: a golden image with an old stamp, a
read-only /var, `reboot -f` without sync, a clock that starts in the past.",
        "\
`Persistent=true` では、電源が切れている間に逃した実行が次の起動直後に行われます。復旧作業の最中などに、誰も予期
しない再起動が起きます。スタンプはジョブがキューに入るときに更新されるので一度だけですが、古いスタンプの入った
イメージ、読み取り専用の /var、sync なしの `reboot -f`、過去から始まる時計では、起動のたびに繰り返します。",
    ),
    bad: "[Timer]\nOnCalendar=*-*-* 3:30:00\nPersistent=true",
    good: "[Timer]\nOnCalendar=*-*-* 3:30:00",
    fix: (
        "Remove `Persistent=true`: a missed reboot needs no making up.",
        "`Persistent=true` を消します: 逃した再起動を取り返す必要はありません。",
    ),
    outage: "2021-07-10 daily reboot loop (traP blog, summer 2021); systemd.timer(5)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for set in &facts.units {
        for timer in set.units.values().filter(|unit| unit.name.ends_with(".timer")) {
            let (Some(spot), Some(_)) = (timer.is_on("Timer", "Persistent"), timer.last("Timer", "OnCalendar")) else {
                continue;
            };
            let target = UnitSet::target_of(timer);
            let reboot = set.units.get(&target).and_then(reboots);
            let confidence = match &reboot {
                Some(reboot) if !reboot.is_certain => Confidence::Likely,
                Some(_) => Confidence::Certain,
                None if is_reboot_unit(&target) => Confidence::Certain,
                None if set.units.contains_key(&target) => continue,
                None => {
                    out.cannot(
                        &spot,
                        Words::new(
                            format!("`{target}`, which it starts, is not here"),
                            format!("始める対象の `{target}` がここにありません"),
                        ),
                    );
                    continue;
                }
            };
            let issue = out.find(confidence, &spot, Words::new(
                format!("`{target}` reboots: a run missed while the machine was off reboots it right after the next boot"),
                format!("`{target}` は再起動します: 止まっている間に逃した分だけ、次の起動直後に再起動します"),
            ));
            let what =
                Words::new("remove it: a missed reboot is not made up for", "消します: 逃した再起動は取り返しません");
            issue.fix = Some(Fix::not_safe(what, vec![Edit { spot: spot.to_line_end(), with: String::new() }]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    fn with(command: &str, timer: &str) -> Vec<String> {
        let service = format!("[Service]\nExecStart={command}\n");
        lines(&scan_files(&RULE, &[("u/r.service", &service), ("u/r.timer", timer)], &Options::default()))
    }

    #[test]
    fn only_reboots_are_found() {
        assert_eq!(
            with("/sbin/reboot", RULE.bad),
            [
                "3:1 certain `r.service` reboots: a run missed while the machine was off reboots it right after the next boot"
            ]
        );
        assert_eq!(with("/usr/bin/backup", RULE.bad), [""; 0]);
        assert_eq!(with("/sbin/reboot", RULE.good), [""; 0]);
    }
}
