//! SYSD001: a service that reboots the machine and runs at every boot.

use nidoto_core::Words;

use crate::scan::{Confidence, Edit, Facts, Fix, Out, Room, Rule, Severity, Spot};
use crate::systemd::boot::cause;
use crate::systemd::command::{Reboot, is_reboot_unit, reboots};
use crate::systemd::{Unit, UnitSet};

/// A service that reboots the machine and runs at every boot.
pub const RULE: Rule = Rule {
    code: "SYSD001",
    name: "reboots-at-every-boot",
    room: Room::Systemd,
    severity: Severity::Error,
    summary: ("a service that reboots, and runs at every boot", "起動のたびに動き、再起動するサービス"),
    why: (
        "\
A service that reboots and is started at every boot reboots for ever, and the machine can only be reached
from its console. What starts it at boot is its own `[Install] WantedBy=multi-user.target` once it is
enabled, a `Requires=` or `Wants=` of its timer (the timer is started at boot, and pulls the service in at
once), or a timer that counts from the boot (OnBootSec, OnStartupSec, OnActiveSec). A service that a timer
starts needs no [Install] at all. `Persistent=true` alone does not loop: the stamp is written when the job is
queued, so a missed run fires once (see SYSD002).",
        "\
再起動するサービスが起動のたびに動くと、再起動が終わらず、コンソールからしか触れなくなります。起動時に動かすのは、
有効化されたサービス自身の `[Install] WantedBy=multi-user.target`、タイマーの `Requires=` や `Wants=`(タイマーは
起動時に始まり、サービスをすぐ引き込みます)、起動から数えるタイマー(OnBootSec、OnStartupSec、OnActiveSec)です。
タイマーが始めるサービスに [Install] は要りません。`Persistent=true` だけではループしません(SYSD002)。",
    ),
    bad: "# daily_reboot.service\n[Service]\nType=oneshot\nExecStart=/sbin/systemctl reboot\n\n[Install]\nWantedBy=multi-user.target",
    good: "# daily_reboot.service, started by daily_reboot.timer only\n[Service]\nType=oneshot\nExecStart=/sbin/systemctl reboot",
    fix: (
        "Remove [Install] from the service and `Requires=`/`Wants=` from its timer; use OnCalendar. A machine that loops: \
         boot with `systemd.unit=rescue.target` from the boot loader and disable the unit.",
        "サービスの [Install] と、タイマーの `Requires=`/`Wants=` を消し、OnCalendar を使います。すでにループしているなら、\
         ブートローダーから `systemd.unit=rescue.target` で起動し、ユニットを無効にします。",
    ),
    outage: "2021-07-10 daily reboot loop (traP blog, summer 2021); 20 cases measured on systemd 252",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for set in &facts.units {
        for unit in set.units.values() {
            if unit.name.ends_with(".timer") {
                timer_target(set, unit, out);
            } else if let (Some(reboot), Some((spot, why))) = (reboots(unit), cause(set, unit)) {
                report(set, unit, &reboot, &spot, &why, out);
            }
        }
    }
}

fn report(set: &UnitSet, unit: &Unit, reboot: &Reboot, spot: &Spot, why: &Words, out: &mut Out) {
    let confidence = if reboot.is_certain { Confidence::Certain } else { Confidence::Likely };
    let what = Words::new(
        format!("{}, and it reboots: `{}` runs at every boot", why.en, reboot.what),
        format!("{}。再起動するサービスなので、起動のたびに `{}` が動きます", why.ja, reboot.what),
    );
    let issue = out.find(confidence, spot, what);
    issue.also.push((reboot.spot.clone(), Words::new("it reboots here", "ここで再起動します")));
    let has_timer = set.timers_of(&unit.name).next().is_some();
    let is_install = spot.text().starts_with("WantedBy") || spot.text().starts_with("RequiredBy");
    if has_timer && is_install && spot.file.name() == unit.name {
        let what = Words::new("remove it: the timer starts the service", "消します: サービスはタイマーが始めます");
        issue.fix = Some(Fix::safe(what, vec![Edit { spot: install(spot), with: String::new() }]));
    }
    // The timer starts the service at its time without any `Requires=`; all that the line adds is the start at boot.
    let only_this = spot.text().split_once('=').is_some_and(|(_, value)| value.trim() == unit.name);
    if only_this && set.timers_of(&unit.name).any(|timer| timer.name == spot.file.name()) {
        let what = Words::new(
            "remove it: the timer starts the service at its time all the same",
            "消します: なくてもタイマーは時刻にサービスを始めます",
        );
        issue.fix = Some(Fix::safe(what, vec![Edit { spot: spot.to_line_end(), with: String::new() }]));
    }
}

/// The assignment with its line end, and its `[Install]` if nothing else stands under it.
fn install(spot: &Spot) -> Spot {
    let text = &spot.file.text;
    let end = text[spot.bytes.end..].find('\n').map_or(text.len(), |i| spot.bytes.end + i + 1);
    let before = &text[..spot.bytes.start];
    let is_last = text[end..].trim().is_empty();
    let start = match before.trim_end().strip_suffix("[Install]") {
        Some(rest) if is_last => rest.trim_end().len() + usize::from(!rest.trim_end().is_empty()),
        _ => spot.bytes.start,
    };
    let end = if is_last { text.len() } else { end };
    Spot::new(&spot.file, start.min(end)..end)
}

/// A timer whose unit is not here may start anything; one that starts reboot.target reboots.
fn timer_target(set: &UnitSet, timer: &Unit, out: &mut Out) {
    let target = UnitSet::target_of(timer);
    if set.units.contains_key(&target) || timer.file.is_none() {
        return;
    }
    let Some(whole) = timer.whole() else { return };
    let monotonic = ["OnBootSec", "OnStartupSec", "OnActiveSec"].into_iter().find_map(|key| timer.last("Timer", key));
    match (is_reboot_unit(&target), monotonic) {
        (true, Some((_, spot))) => {
            out.certain(
                &spot,
                Words::new(
                    format!("this starts `{target}` after every boot"),
                    format!("起動のたびに `{target}` を始めます"),
                ),
            );
        }
        (true, None) => {}
        (false, _) => out.cannot(
            &whole,
            Words::new(
                format!("`{target}`, which it starts, is not here"),
                format!("始める対象の `{target}` がここにありません"),
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::Options;
    use crate::testing::{fixed, fixed_files, found, lines, scan_files};

    const TIMER: &str = "[Timer]\nOnCalendar=*-*-* 3:30:00\nPersistent=true\n[Install]\nWantedBy=timers.target\n";

    fn with_timer(service: &str, timer: &str) -> Vec<String> {
        lines(&scan_files(&RULE, &[("u/r.service", service), ("u/r.timer", timer)], &Options::default()))
    }

    #[test]
    fn the_true_cause_is_named() {
        insta::assert_snapshot!(with_timer(RULE.bad, TIMER).join("\n"), @"7:1 certain `r.service` itself is wanted by `multi-user.target`, and it reboots: `/sbin/systemctl reboot` runs at every boot");
        assert_eq!(with_timer(RULE.good, TIMER), [""; 0]);
    }

    #[test]
    fn pull_in_and_monotonic_timers() {
        let service = "[Service]\nExecStart=/sbin/reboot\n";
        let pull = format!("[Unit]\nRequires=r.service\n{TIMER}");
        insta::assert_snapshot!(with_timer(service, &pull).join("\n"), @"2:1 certain `r.timer` is started at boot and pulls `r.service` in, and it reboots: `/sbin/reboot` runs at every boot");
        insta::assert_snapshot!(with_timer(service, "[Timer]\nOnBootSec=10min\n").join("\n"), @"2:1 certain `r.timer` starts it 10min after every boot (`OnBootSec`), and it reboots: `/sbin/reboot` runs at every boot");
    }

    #[test]
    fn the_fix_of_a_pull_in_leaves_the_timer() {
        let timer = format!("[Unit]\nDescription=r\nRequires=r.service\n{TIMER}");
        let files = [("u/r.service", "[Service]\nExecStart=/sbin/reboot\n"), ("u/r.timer", timer.as_str())];
        assert_eq!(fixed_files(&files, false), [("u/r.timer".to_owned(), format!("[Unit]\nDescription=r\n{TIMER}"))]);
    }

    #[test]
    fn a_condition_makes_it_likely_and_other_services_may_start_at_boot() {
        let text = "[Unit]\nConditionPathExists=/run/x\n[Service]\nExecStart=/sbin/reboot\n[Install]\nWantedBy=multi-user.target\n";
        assert!(found(&RULE, "a.service", text)[0].contains("likely"));
        assert_eq!(found(&RULE, "a.service", &text.replace("reboot", "getty")), [""; 0]);
    }

    #[test]
    fn the_fix_removes_install_where_a_timer_starts_it() {
        assert_eq!(fixed("u/r.service", RULE.bad, true), RULE.bad, "nothing starts it any more");
    }
}
