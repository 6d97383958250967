//! Commands that end the machine's life: reboot, power off, halt.

use super::units::Unit;
use crate::scan::Spot;

/// How a service ends the machine's life.
#[derive(Clone, Debug)]
pub struct Reboot {
    /// Where it says so.
    pub spot: Spot,
    /// The command or setting.
    pub what: String,
    /// Whether it does so each time it runs, as far as the unit says.
    pub is_certain: bool,
}

const TARGETS: [&str; 6] =
    ["reboot.target", "poweroff.target", "halt.target", "kexec.target", "soft-reboot.target", "systemd-reboot.service"];

/// Whether starting this unit by its name alone reboots or powers off.
#[must_use]
pub fn is_reboot_unit(name: &str) -> bool {
    TARGETS.contains(&name)
}

/// Whether a service reboots or powers off when it runs.
#[must_use]
pub fn reboots(unit: &Unit) -> Option<Reboot> {
    let is_certain = !unit.has_any("Unit", "Condition") && !unit.has_any("Unit", "Assert") && !unit.name.contains('@');
    let commands = ["ExecStartPre", "ExecStart", "ExecStartPost"].into_iter().flat_map(|key| unit.list("Service", key));
    for (command, spot) in commands {
        if let Some(is_direct) = command_reboots(command) {
            return Some(Reboot { spot, what: command.to_owned(), is_certain: is_certain && is_direct });
        }
    }
    let (value, spot) = unit.last("Unit", "SuccessAction")?;
    let ends = ["reboot", "poweroff", "halt", "kexec", "soft-reboot"].iter().any(|action| value.starts_with(action));
    ends.then(|| Reboot { spot, what: format!("SuccessAction={value}"), is_certain })
}

/// Whether a command line reboots: `Some(true)` if it does nothing else, `Some(false)` if it is one of the things a
/// shell line may do.
fn command_reboots(line: &str) -> Option<bool> {
    let line = line.trim_start_matches(['-', '@', ':', '+', '!']);
    let words: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    let program = words.first()?.rsplit('/').next()?;
    if ["sh", "bash", "dash", "env"].contains(&program) {
        let parts = line.split(['"', '\'', ';', '&', '|', '(', ')', '\n']);
        let hit = parts.filter(|part| ends_machine(&part.split_whitespace().collect::<Vec<_>>())).count() > 0;
        return hit.then_some(false);
    }
    ends_machine(&words).then_some(true)
}

fn ends_machine(words: &[&str]) -> bool {
    let words: Vec<&str> =
        words.iter().copied().skip_while(|word| ["then", "else", "do", "exec", "sudo", "!"].contains(word)).collect();
    let Some(program) = words.first().map(|word| word.rsplit('/').next().unwrap_or(word)) else { return false };
    let args = &words[1..];
    let has = |wanted: &[&str]| args.iter().any(|arg| wanted.contains(arg));
    match program {
        "reboot" | "poweroff" | "halt" => !has(&["-w", "--wtmp-only", "--help"]),
        "shutdown" => !has(&["-c", "-k", "--show", "--help"]) && !args.is_empty(),
        "init" | "telinit" => has(&["0", "6"]),
        "systemctl" => {
            let verb = args.iter().find(|arg| !arg.starts_with('-'));
            match verb.copied() {
                Some("reboot" | "poweroff" | "halt" | "kexec" | "soft-reboot") => true,
                Some("start" | "isolate") => args.iter().any(|arg| is_reboot_unit(arg)),
                _ => false,
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::command_reboots;

    #[test]
    fn commands() {
        for line in [
            "/sbin/systemctl reboot",
            "-/usr/sbin/shutdown -r now",
            "systemctl --no-block start reboot.target",
            "init 6",
            "/sbin/reboot",
        ] {
            assert_eq!(command_reboots(line), Some(true), "{line}");
        }
        for line in [
            "/bin/sh -c 'test -f /run/reboot-required && /sbin/reboot'",
            "/bin/bash -c \"if a; then systemctl reboot; fi\"",
        ] {
            assert_eq!(command_reboots(line), Some(false), "{line}");
        }
        for line in [
            "/usr/bin/systemctl restart reboot-notifier",
            "/usr/sbin/shutdown -c",
            "/bin/echo reboot",
            "/usr/bin/needrestart",
            "/bin/sh -c 'echo reboot'",
            "systemctl daemon-reload",
        ] {
            assert_eq!(command_reboots(line), None, "{line}");
        }
    }
}
