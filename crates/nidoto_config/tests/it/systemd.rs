//! The systemd rules against systemd itself, where it can tell without a manager:
//! `systemctl --root enable` says what a boot target wants, `systemd-analyze timespan` what a span is.

use std::fs;
use std::path::Path;
use std::process::Command;

use nidoto_config::scan::Options;
use nidoto_config::systemd::timespan_us;

use crate::{certain, scan_folder};

const MEND: &str = "apt-get install systemd";

/// Whether enabling makes a boot target want the unit, as systemctl does it in an empty root.
fn is_wanted_by_boot(service: &str) -> bool {
    let root = tempfile::tempdir().unwrap();
    let units = root.path().join("etc/systemd/system");
    fs::create_dir_all(&units).unwrap();
    fs::write(units.join("r.service"), service).unwrap();
    let status = Command::new("systemctl").arg("--root").arg(root.path()).args(["enable", "r.service"]).output();
    status.expect(MEND);
    let wants = |target: &str| units.join(format!("{target}.wants/r.service")).symlink_metadata().is_ok();
    let requires = |target: &str| units.join(format!("{target}.requires/r.service")).symlink_metadata().is_ok();
    ["multi-user.target", "graphical.target", "default.target"].iter().any(|target| wants(target) || requires(target))
}

fn scanned(service: &str, timer: Option<&str>) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("r.service"), service).unwrap();
    if let Some(timer) = timer {
        fs::write(root.path().join("r.timer"), timer).unwrap();
    }
    let options = Options { rules: ["SYSD001".to_owned()].into(), ..Options::default() };
    certain(&scan_folder(Path::new(root.path()), &options))
}

#[test]
fn what_systemctl_enables_at_boot_is_what_the_rule_says() {
    let timer = "[Timer]\nOnCalendar=daily\n";
    let service = "[Unit]\nDescription=r\n[Service]\nType=oneshot\nExecStart=/sbin/systemctl reboot\n";
    for install in [
        "",
        "[Install]\nWantedBy=multi-user.target\n",
        "[Install]\nWantedBy=timers.target.d\nRequiredBy=graphical.target\n",
        "[Install]\nWantedBy=multi-user.target\nWantedBy=\n",
        "[Install]\nAlso=x.socket\n# WantedBy=multi-user.target\n",
        "[Install]\nWantedBy=shutdown.target \\\n default.target\n",
    ] {
        let unit = format!("{service}{install}");
        assert_eq!(!scanned(&unit, Some(timer)).is_empty(), is_wanted_by_boot(&unit), "{install}");
    }
}

#[test]
fn spans_are_what_systemd_analyze_says() {
    for text in ["0", "100ms", "1min 30s", "2h5", "5m", "1.5h", "3d", "1w 2d", "1y", "2months", "10us"] {
        let output = Command::new("systemd-analyze").args(["timespan", text]).output().expect(MEND);
        let output = String::from_utf8(output.stdout).unwrap();
        let us = output.lines().find_map(|line| line.trim().strip_prefix("μs:").or(line.trim().strip_prefix("us:")));
        let us: f64 = us.unwrap().trim().parse().unwrap();
        assert!((timespan_us(text).unwrap() - us).abs() < 1.0, "{text}: {us}");
    }
}

/// systemd verifies each of our examples as units that it would load.
#[test]
fn the_examples_are_units() {
    let root = tempfile::tempdir().unwrap();
    for rule in nidoto_config::scan::RULES.iter().filter(|rule| rule.code.starts_with("SYSD")) {
        for text in [rule.bad, rule.good] {
            let name = if text.contains("[Timer]") { "e.timer" } else { "e.service" };
            let path = root.path().join(name);
            fs::write(&path, text.replace("/usr/bin/app", "/bin/true").replace("/sbin/systemctl", "/bin/systemctl"))
                .unwrap();
            fs::write(root.path().join("e.service.d"), "").unwrap();
            if name == "e.timer" {
                fs::write(root.path().join("e.service"), "[Service]\nExecStart=/bin/true\n").unwrap();
            }
            let output = Command::new("systemd-analyze").arg("verify").arg("--man=no").arg(&path).output().expect(MEND);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!said.contains(&format!("{name}:")), "{}: {said}", rule.code);
        }
    }
}
