//! PM2001: restarts at a memory limit that nobody counts.

use nidoto_core::Words;

use crate::scan::{Confidence, Facts, Out, Room, Rule, Severity};

/// Restarts at a memory limit that nobody counts.
pub const RULE: Rule = Rule {
    code: "PM2001",
    name: "restart-hides-leak",
    room: Room::Pm2,
    severity: Severity::Warning,
    summary: ("restarts at a memory limit that nobody counts", "誰も数えていない、メモリー上限での再起動"),
    why: (
        "\
`max_memory_restart` turns a leak into restarts: no alarm, no crash, only a process that is killed every half
hour with the requests that it holds, and a garbage collector that works harder and harder before. That is
acceptable as a net, if something counts how often it catches: name the guard that does in a comment,
`nidoto: guarded-by NAME`.",
        "\
`max_memory_restart` はリークを再起動に変えます。アラートもクラッシュもなく、30 分ごとにプロセスが処理中のリクエスト
ごと落とされ、その前には GC がどんどん忙しくなります。安全網としては構いませんが、何回受け止めたかを数えるものが要り
ます。数えているガードの名前を、コメント `nidoto: guarded-by 名前` で示します。",
    ),
    bad: "module.exports = {\n  apps: [{ name: \"bff\", script: \"server.js\", max_memory_restart: \"300M\" }],\n};",
    good: "module.exports = {\n  // nidoto: guarded-by bff-restarts-often\n  apps: [{ name: \"bff\", script: \"server.js\", max_memory_restart: \"300M\" }],\n};",
    fix: (
        "Add a guard on the rate of restarts (`changes(process_start_time_seconds[2h])`), name it, and look for the leak. \
         No `--fix` does it: `max_restarts` or a longer pause would only hide it better or stop the service.",
        "再起動の頻度を見るガード(`changes(process_start_time_seconds[2h])`)を加えて名前を示し、リークを探します。\
         `max_restarts` や長い間隔はリークをさらに隠すか、サービスを止めるだけなので、`--fix` では直しません。",
    ),
    outage: "2018-05-14 restarts hid a leak (Curama developer blog)",
    check,
};

const MARK: &str = "nidoto: guarded-by ";

fn check(facts: &Facts, out: &mut Out) {
    for ecosystem in &facts.ecosystems {
        let text = &ecosystem.file.text;
        let named = text.split(MARK).nth(1).and_then(|rest| rest.split_whitespace().next());
        let is_known = |name: &str| facts.options.guards.as_ref().is_none_or(|guards| guards.contains(name));
        let mut limits = ecosystem.all("max_memory_restart").peekable();
        if limits.peek().is_none() {
            if let Some(spread) = &ecosystem.spread {
                out.cannot(spread, Words::new("settings come from elsewhere", "設定が別の場所から来ています"));
            }
            continue;
        }
        for spot in limits {
            match named {
                Some(name) if is_known(name) => {}
                Some(name) => {
                    out.certain(
                        &spot,
                        Words::new(
                            format!("the guard `{name}`, which should count these restarts, does not exist"),
                            format!("この再起動を数えるはずのガード `{name}` がありません"),
                        ),
                    );
                }
                None => {
                    // Somebody may count them elsewhere, unless all guards are known.
                    let is_asked = facts.options.guards.is_some() || facts.options.rules.contains(RULE.code);
                    let confidence = if is_asked { Confidence::Certain } else { Confidence::Likely };
                    out.find(
                        confidence,
                        &spot,
                        Words::new(
                            "restarts hide a leak here, and no guard counts them",
                            "再起動がリークを隠しますが、回数を見るガードがありません",
                        ),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::Options;
    use crate::testing::{found, lines, scan_files};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(
            found(&RULE, "ecosystem.config.js", RULE.bad),
            ["2:46 certain restarts hide a leak here, and no guard counts them"]
        );
        assert_eq!(found(&RULE, "ecosystem.config.js", RULE.good), [""; 0]);
        let options = Options { guards: Some(["other".to_owned()].into()), ..Options::default() };
        assert_eq!(lines(&scan_files(&RULE, &[("ecosystem.config.js", RULE.good)], &options)).len(), 1);
    }
}
