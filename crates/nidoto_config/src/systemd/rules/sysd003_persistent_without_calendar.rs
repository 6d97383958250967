//! SYSD003: Persistent on a timer without OnCalendar.

use nidoto_core::Words;

use crate::scan::{Edit, Facts, Fix, Out, Room, Rule, Severity};

/// Persistent on a timer without OnCalendar.
pub const RULE: Rule = Rule {
    code: "SYSD003",
    name: "persistent-without-calendar",
    room: Room::Systemd,
    severity: Severity::Note,
    summary: ("`Persistent=` without `OnCalendar=` does nothing", "`OnCalendar=` のない `Persistent=` は何もしません"),
    why: (
        "\
systemd remembers the last run only for `OnCalendar=`. On a timer that counts from the boot or from the last
run, `Persistent=true` is ignored: the author believes that missed runs are made up for, and they are not.",
        "\
systemd が最後の実行を覚えるのは `OnCalendar=` だけです。起動や前回の実行から数えるタイマーでは `Persistent=true` は
無視されます。逃した実行が取り返されると作者は信じていますが、そうなりません。",
    ),
    bad: "[Timer]\nOnBootSec=1h\nPersistent=true",
    good: "[Timer]\nOnCalendar=hourly\nPersistent=true",
    fix: ("Use `OnCalendar=`, or remove `Persistent=`.", "`OnCalendar=` を使うか、`Persistent=` を消します。"),
    outage: "Debian's chkrootkit.timer; systemd.timer(5)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for timer in facts.units.iter().flat_map(|set| set.units.values()).filter(|unit| unit.name.ends_with(".timer")) {
        let (Some(spot), None) = (timer.is_on("Timer", "Persistent"), timer.last("Timer", "OnCalendar")) else {
            continue;
        };
        if timer.file.is_none() {
            out.cannot(
                &spot,
                Words::new("the unit of this drop-in is not here", "このドロップインの本体がここにありません"),
            );
            continue;
        }
        let issue = out.certain(
            &spot,
            Words::new(
                "`Persistent=` does nothing without `OnCalendar=`: missed runs are not made up for",
                "`OnCalendar=` がないので `Persistent=` は無視され、逃した実行は取り返されません",
            ),
        );
        let what = Words::new("remove it: systemd ignores it", "消します: systemd は無視しています");
        issue.fix = Some(Fix::safe(what, vec![Edit { spot: spot.to_line_end(), with: String::new() }]));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{fixed, found};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(found(&RULE, "a.timer", RULE.bad).len(), 1);
        assert_eq!(found(&RULE, "a.timer", RULE.good), [""; 0]);
        assert_eq!(fixed("a.timer", RULE.bad, false), "[Timer]\nOnBootSec=1h\n");
    }
}
