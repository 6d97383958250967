//! NGX004: `resolve` in an upstream that lacks what it needs.

use nidoto_core::Words;

use crate::nginx::mend;
use crate::scan::{Facts, Fix, Out, Room, Rule, Severity};

/// `resolve` in an upstream that lacks what it needs.
pub const RULE: Rule = Rule {
    code: "NGX004",
    name: "resolve-without-zone",
    room: Room::Nginx,
    severity: Severity::Error,
    summary: (
        "`resolve` without `zone` or `resolver`: nginx refuses to start",
        "`zone` か `resolver` のない `resolve`: 起動しません",
    ),
    why: (
        "\
`server name resolve` keeps its addresses in shared memory, so the upstream needs a `zone`, and it asks the
`resolver` of http or of the upstream itself; one in server does not count. Where either is missing nginx
refuses to start, which shows at the next restart or deploy. Before 1.27.3 the parameter is unknown.",
        "\
`server 名前 resolve` はアドレスを共有メモリーに置くので upstream に `zone` が要り、http か upstream 自身の
`resolver` に問い合わせます(server の resolver は使われません)。どちらかがないと nginx は起動を拒み、次の再起動や
デプロイで現れます。1.27.3 より前ではこのパラメーターは使えません。",
    ),
    bad: "upstream api {\n    server api.local:8080 resolve;\n}",
    good: "resolver 169.254.169.253;\nupstream api {\n    zone api 64k;\n    server api.local:8080 resolve;\n}",
    fix: (
        "Add `zone` to the upstream and `resolver` to http. `--fix` adds the zone, `--unsafe-fixes` the resolver that a \
         server of the configuration names, if there is only one.",
        "upstream に `zone`、http に `resolver` を加えます。`--fix` は zone を、`--unsafe-fixes` は設定のどこかの server に\
         ただ一つだけある resolver を加えます。",
    ),
    outage: "measured on nginx 1.28.3 and 1.31.5; ngx_http_upstream_server in src/http/ngx_http_upstream.c",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for config in &facts.nginx {
        for (at, node) in config.nodes.iter().enumerate() {
            let Some(parent) = node.parent.filter(|parent| config.nodes[*parent].name() == "upstream") else {
                continue;
            };
            let upstream = &config.nodes[parent];
            let Some(word) = node.words.iter().position(|word| word.text == "resolve") else { continue };
            if node.name() != "server" || out.is_full(&node.file) {
                continue;
            }
            let spot = node.spot(word);
            if !config.has_zone(parent) && upstream.unread.is_empty() {
                let name = upstream.arg();
                let what = Words::new(
                    format!("upstream `{name}` has no `zone`: nginx refuses to start"),
                    format!("upstream `{name}` に `zone` がありません: nginx は起動しません"),
                );
                let edit = mend::insert(upstream, &format!("zone {name} 64k"));
                let fix = Words::new(
                    "add a `zone`: nginx does not start without one",
                    "`zone` を加えます: ないと起動しません",
                );
                out.certain(&spot, what).fix = edit.map(|edit| Fix::safe(fix, vec![edit]));
            }
            if config.has_resolver(at) {
                continue;
            }
            if config.is_main && config.unread_around(at).is_none() {
                let issue = out.certain(
                    &spot,
                    Words::new(
                        "neither http nor this upstream has a `resolver`: nginx refuses to start",
                        "http にもこの upstream にも `resolver` がありません: nginx は起動しません",
                    ),
                );
                issue.fix = config.only_resolver().and_then(|resolver| {
                    let what = Words::new(
                        format!("ask the only resolver that this configuration names: `{resolver}`"),
                        format!("この設定にただ一つある `{resolver}` を使います"),
                    );
                    Some(Fix::not_safe(what, vec![mend::insert(upstream, &resolver)?]))
                });
            } else {
                out.cannot(
                    &spot,
                    Words::new(
                        "a `resolver` may stand in a file that was not read",
                        "読んでいないファイルに `resolver` があるかもしれません",
                    ),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{fixed, found};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(found(&RULE, "nginx.conf", &format!("http {{ {} }}", RULE.bad)).len(), 2);
        assert_eq!(found(&RULE, "nginx.conf", &format!("http {{ {} }}", RULE.good)), [""; 0]);
    }

    #[test]
    fn a_resolver_in_server_does_not_count() {
        let text = "http { upstream u { zone u 64k; server a.b resolve; } server { resolver 10.0.0.2; } }";
        assert_eq!(
            found(&RULE, "nginx.conf", text),
            ["1:44 certain neither http nor this upstream has a `resolver`: nginx refuses to start"]
        );
    }

    #[test]
    fn the_fix_asks_the_only_resolver_there_is() {
        let text = "http {\n    upstream u {\n        zone u 64k;\n        server a.b resolve;\n    }\n    server { resolver 10.0.0.2; }\n}";
        insta::assert_snapshot!(fixed("nginx.conf", text, true), @r"
        http {
            upstream u {
                resolver 10.0.0.2;
                zone u 64k;
                server a.b resolve;
            }
            server { resolver 10.0.0.2; }
        }
        ");
        assert_eq!(fixed("nginx.conf", text, false), text, "only a person knows that it is the one");
    }

    #[test]
    fn the_fix_adds_a_zone() {
        let text = "http { resolver 10.0.0.2; upstream u { server a.b resolve; } }";
        insta::assert_snapshot!(fixed("nginx.conf", text, false), @r"
        http { resolver 10.0.0.2; upstream u {
            zone u 64k; server a.b resolve; } }
        ");
    }
}
