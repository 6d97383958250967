//! The systemd rules against a live user manager: the same units, booted three times. What reboots in a
//! rule's eyes writes a line here instead.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use nidoto_config::scan::Options;

use crate::{certain, scan_folder};

/// A service's own lines, its timer's lines, how often it runs at each of three boots, and the rules
/// that are certain of it. `RUN` is a command; `N` is the case's name.
struct Case {
    service: &'static str,
    timer: &'static str,
    runs: [Runs; 3],
    rules: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runs {
    No,
    Once,
    /// More often than the limit of five allows.
    Forever,
    /// As often as the limit allows.
    Limit,
}
use Runs::{Forever, Limit, No, Once};

const ONESHOT: &str = "[Service]\nType=oneshot\nExecStart=RUN\n";
const YEARLY: &str = "[Timer]\nOnCalendar=*-01-01 00:00:00\n";

const CASES: [Case; 11] = [
    Case {
        service: "[Service]\nType=oneshot\nExecStart=RUN\n[Install]\nWantedBy=default.target\n",
        timer: YEARLY,
        runs: [Once; 3],
        rules: &["SYSD001"],
    },
    Case { service: ONESHOT, timer: YEARLY, runs: [No; 3], rules: &[] },
    // No stamp yet: nothing was missed.
    Case {
        service: ONESHOT,
        timer: "[Timer]\nOnCalendar=*-01-01 00:00:00\nPersistent=true\n",
        runs: [No; 3],
        rules: &["SYSD002"],
    },
    // An old stamp: made up for once, then the stamp is new.
    Case {
        service: ONESHOT,
        timer: "# stale\n[Timer]\nOnCalendar=*-01-01 00:00:00\nPersistent=true\n",
        runs: [Once, No, No],
        rules: &["SYSD002"],
    },
    Case {
        service: ONESHOT,
        timer: "[Unit]\nRequires=N.service\n[Timer]\nOnCalendar=*-01-01 00:00:00\n",
        runs: [Once; 3],
        rules: &["SYSD001"],
    },
    Case {
        service: ONESHOT,
        timer: "[Unit]\nWants=N.service\n[Timer]\nOnCalendar=*-01-01 00:00:00\n",
        runs: [Once; 3],
        rules: &["SYSD001"],
    },
    Case {
        service: ONESHOT,
        timer: "[Timer]\nOnStartupSec=1s\nAccuracySec=1ms\n",
        runs: [Once; 3],
        rules: &["SYSD001"],
    },
    Case {
        service: ONESHOT,
        timer: "[Timer]\nOnActiveSec=1s\nAccuracySec=1ms\n",
        runs: [Once; 3],
        rules: &["SYSD001"],
    },
    Case {
        service: ONESHOT,
        timer: "[Timer]\nOnUnitActiveSec=1s\nPersistent=true\n",
        runs: [No; 3],
        rules: &["SYSD003"],
    },
    Case {
        service: "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=RUN\nRestart=always\n[Install]\nWantedBy=default.target\n",
        timer: "",
        runs: [Forever; 3],
        rules: &["SYSD001", "SYSD004"],
    },
    Case {
        service: "[Service]\nExecStart=RUN\nRestart=always\n[Install]\nWantedBy=default.target\n",
        timer: "",
        runs: [Limit; 3],
        rules: &["SYSD001"],
    },
];

/// Boots the manager in namespaces of its own: once to enable the units, then three times.
const SCRIPT: &str = r#"
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/user/0 && chmod 700 /run/user/0 || exit 77
mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/systemd || exit 77
mount -t cgroup -o none,name=systemd,xattr cgroup /sys/fs/cgroup/systemd || exit 77
export XDG_RUNTIME_DIR=/run/user/0 HOME="$0"
systemd=$(ls /lib/systemd/systemd /usr/lib/systemd/systemd 2>/dev/null | head -n 1)
for boot in 0 1 2 3; do
  echo "$boot" > "$0/boot"
  "$systemd" --user --log-target=null < /dev/null > /dev/null 2>&1 &
  manager=$!
  for _ in $(seq 100); do systemctl --user is-system-running --wait > /dev/null 2>&1 && break; sleep 0.1; done
  kill -0 $manager || exit 77
  if [ "$boot" = 0 ]; then
    systemctl --user enable --quiet $(cd "$0/.config/systemd/user" && ls *.timer; grep -l Install *.service) || exit 1
  else
    sleep 5
  fi
  kill $manager
  wait $manager
done
exit 0
"#;

fn write(home: &Path) {
    let units = home.join(".config/systemd/user");
    let stamps = home.join(".local/share/systemd/timers");
    fs::create_dir_all(&units).unwrap();
    fs::create_dir_all(&stamps).unwrap();
    let run = home.join("run");
    fs::write(&run, format!("#!/bin/sh\necho \"$(cat {0}/boot) $1\" >> {0}/log\n", home.display())).unwrap();
    fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(home.join("log"), "").unwrap();
    for (i, case) in CASES.iter().enumerate() {
        let name = format!("r{i}");
        let command = format!("{} {name}", run.display());
        fs::write(units.join(format!("{name}.service")), case.service.replace("RUN", &command)).unwrap();
        if !case.timer.is_empty() {
            let timer = format!(
                "{}[Install]\nWantedBy=timers.target\n",
                case.timer.replace("N.service", &format!("{name}.service"))
            );
            fs::write(units.join(format!("{name}.timer")), timer).unwrap();
        }
        if case.timer.starts_with("# stale") {
            let stamp = stamps.join(format!("stamp-{name}.timer"));
            fs::write(&stamp, "").unwrap();
            assert!(Command::new("touch").args(["-d", "2 years ago"]).arg(&stamp).status().unwrap().success());
        }
    }
}

#[test]
fn a_live_manager_does_what_the_rules_say() {
    let home = tempfile::tempdir().unwrap();
    write(home.path());
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", SCRIPT]).arg(home.path());
    let status =
        command.current_dir(home.path().join(".config/systemd/user")).status().expect("apt-get install util-linux");
    if status.code() != Some(0) {
        println!("skipped: a user manager cannot be started here: {status}");
        return;
    }
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for line in fs::read_to_string(home.path().join("log")).unwrap().lines() {
        let (boot, name) = line.split_once(' ').unwrap();
        *counts.entry((name[1..].parse().unwrap(), boot.parse().unwrap())).or_default() += 1;
    }
    let runs = |case: usize| {
        [1, 2, 3].map(|boot| match counts.get(&(case, boot)).copied().unwrap_or(0) {
            0 => No,
            1 => Once,
            2..=5 => Limit,
            _ => Forever,
        })
    };
    for (i, case) in CASES.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let service = case.service.replace("RUN", "/sbin/reboot");
        fs::write(folder.path().join(format!("r{i}.service")), service).unwrap();
        if !case.timer.is_empty() {
            let timer = case.timer.replace("N.service", &format!("r{i}.service"));
            fs::write(folder.path().join(format!("r{i}.timer")), timer).unwrap();
        }
        assert_eq!(runs(i), case.runs, "the manager, case {i}: {}{}", case.service, case.timer);
        let found = certain(&scan_folder(folder.path(), &Options::default()));
        let mut codes: Vec<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
        codes.sort_unstable();
        assert_eq!(codes, case.rules, "our rules, case {i}: {}{}", case.service, case.timer);
    }
}
