//! SYSD004: a service that restarts for ever.

use nidoto_core::Words;

use crate::scan::{Confidence, Edit, Facts, Fix, Out, Room, Rule, Severity, Spot};
use crate::systemd::{Unit, timespan_us};

/// A service that restarts for ever.
pub const RULE: Rule = Rule {
    code: "SYSD004",
    name: "restarts-without-limit",
    room: Room::Systemd,
    severity: Severity::Warning,
    summary: ("restarts without a limit and without a pause", "制限も間隔もない再起動"),
    why: (
        "\
systemd gives up after five starts in ten seconds, and then the unit is `failed`, which monitoring sees.
With the limit off (`StartLimitIntervalSec=0`) and the default pause of 100 ms, a service that cannot start
is started ten times a second for ever: it eats CPU and fills the journal, its connections never close in
time, and its state is never `failed`.",
        "\
systemd は 10 秒に 5 回で諦め、ユニットは `failed` になり、監視から見えます。この制限を切り
(`StartLimitIntervalSec=0`)、間隔が既定の 100 ms のままだと、起動できないサービスが毎秒 10 回、永遠に始められます。
CPU とジャーナルを食い、接続が閉じる間もなく、`failed` にもなりません。",
    ),
    bad: "[Unit]\nStartLimitIntervalSec=0\n\n[Service]\nExecStart=/usr/bin/app\nRestart=always",
    good: "[Service]\nExecStart=/usr/bin/app\nRestart=always\nRestartSec=5",
    fix: (
        "Leave the limit on, or pause: `RestartSec=5` or more, `RestartSteps=` and `RestartMaxDelaySec=` (systemd 254).",
        "制限を残すか、間隔を置きます: `RestartSec=5` 以上、`RestartSteps=` と `RestartMaxDelaySec=`(systemd 254)。",
    ),
    outage: "2018-05-14 restarts hid a leak (Curama developer blog); systemd.unit(5)",
    check,
};

/// Shorter pauses are no pauses.
const PAUSE_MIN_US: f64 = 1e6;

fn check(facts: &Facts, out: &mut Out) {
    for unit in facts.units.iter().flat_map(|set| set.units.values()) {
        let Some((spot, key)) = limit_off(unit) else { continue };
        let Some((restart, _)) = unit.last("Service", "Restart") else {
            if unit.file.is_none() {
                out.cannot(
                    &spot,
                    Words::new("the unit of this drop-in is not here", "このドロップインの本体がここにありません"),
                );
            }
            continue;
        };
        if !["always", "on-failure", "on-abnormal", "on-success"].contains(&restart) {
            continue;
        }
        let pause_us = unit.last("Service", "RestartSec").and_then(|(value, _)| timespan_us(value)).unwrap_or(1e5);
        let confidence = if pause_us < PAUSE_MIN_US { Confidence::Certain } else { Confidence::Likely };
        let pause = nidoto_core::number(pause_us / 1e6);
        let issue = out.find(
            confidence,
            &spot,
            Words::new(
                format!(
                    "`{key}` switches the limit off, and `Restart={restart}` tries again after {pause} s, for ever"
                ),
                format!("`{key}` で制限を切っているため、`Restart={restart}` が {pause} 秒後に、永遠に繰り返します"),
            ),
        );
        let what = Words::new(
            "remove it: systemd gives up after five starts in ten seconds, and the unit is `failed`",
            "消します: 10 秒に 5 回で諦め、ユニットは `failed` になります",
        );
        issue.fix = Some(Fix::not_safe(what, vec![Edit { spot: spot.to_line_end(), with: String::new() }]));
    }
}

/// The setting that switches the start limit off.
fn limit_off(unit: &Unit) -> Option<(Spot, &'static str)> {
    let keys = [("Unit", "StartLimitIntervalSec"), ("Unit", "StartLimitInterval"), ("Service", "StartLimitInterval")];
    let interval = keys.into_iter().find_map(|(section, key)| {
        let (value, spot) = unit.last(section, key)?;
        (timespan_us(value)? == 0.0).then_some((spot, key))
    });
    interval.or_else(|| {
        let (value, spot) = unit.last("Unit", "StartLimitBurst").or_else(|| unit.last("Service", "StartLimitBurst"))?;
        (value == "0").then_some((spot, "StartLimitBurst"))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{fixed, found};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(
            found(&RULE, "a.service", RULE.bad),
            [
                "2:1 certain `StartLimitIntervalSec` switches the limit off, and `Restart=always` tries again after 0.1 s, for ever"
            ]
        );
        assert_eq!(found(&RULE, "a.service", RULE.good), [""; 0]);
        assert!(found(&RULE, "a.service", &format!("{}\nRestartSec=10", RULE.bad))[0].contains("likely"));
        assert_eq!(fixed("a.service", RULE.bad, true), RULE.bad.replace("StartLimitIntervalSec=0\n", ""));
    }
}
