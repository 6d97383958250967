//! NGX003: a name in an address with a variable, and no resolver in scope.

use nidoto_core::Words;

use crate::nginx::{Config, mend};
use crate::scan::{Confidence, Facts, Fix, Out, Room, Rule, Severity};

/// A name in an address with a variable, and no resolver in scope.
pub const RULE: Rule = Rule {
    code: "NGX003",
    name: "variable-without-resolver",
    room: Room::Nginx,
    severity: Severity::Error,
    summary: (
        "a variable in an address, and no resolver: every request fails",
        "resolver のない変数の宛先: すべて失敗します",
    ),
    why: (
        "\
Wherever a `$` stands in the address, even only in its path, nginx looks the host up for each request, and
only a `resolver` can answer. Without one nginx starts, `nginx -t` is content, and every request ends in 502
with `no resolver defined to resolve`.",
        "\
宛先のどこかに `$` があると(パスだけでも)、nginx はリクエストごとに名前解決し、`resolver` にしか問い合わせません。
なくても起動し、`nginx -t` も通りますが、すべてのリクエストが `no resolver defined to resolve` で 502 になります。",
    ),
    bad: "server {\n    location / {\n        proxy_pass http://api.local:8080$request_uri;\n    }\n}",
    good: "server {\n    resolver 169.254.169.253;\n    location / {\n        proxy_pass http://api.local:8080$request_uri;\n    }\n}",
    fix: (
        "Name a `resolver` in http, server or location: the VPC's (169.254.169.253), Docker's (127.0.0.11), or those of \
         /etc/resolv.conf. `--unsafe-fixes` copies the one that the configuration names in another server, if there is \
         only one.",
        "http、server、location のどれかに `resolver` を書きます: VPC なら 169.254.169.253、Docker なら 127.0.0.11、\
         または /etc/resolv.conf のもの。`--unsafe-fixes` は、設定の別の server にただ一つだけあれば、それを写します。",
    ),
    outage: "measured on nginx 1.22.1 and 1.31.5",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for config in &facts.nginx {
        let passes = config.passes();
        passes.tell_cut(config, out);
        for pass in passes.all.iter().filter(|pass| pass.has_variable && !config.has_resolver(pass.node)) {
            let spot = config.nodes[pass.node].spot(1);
            let is_asked = |t: &&crate::nginx::names::Target| {
                t.is_name() && !passes.is_upstream(t) && passes.literal_twin(t).is_none()
            };
            let name = pass.targets.iter().find(is_asked);
            if name.is_none() && !pass.is_open || out.is_full(&config.nodes[pass.node].file) {
                continue;
            }
            if !config.is_main {
                out.cannot(
                    &spot,
                    Words::new(
                        "a file that includes this one may name a resolver",
                        "このファイルを include する側に resolver があるかもしれません",
                    ),
                );
            } else if let Some(include) = config.unread_around(pass.node) {
                let include = include.text();
                out.cannot(
                    &spot,
                    Words::new(
                        format!("a resolver may stand in `{include}`, which could not be read"),
                        format!("読めなかった `{include}` に resolver があるかもしれません"),
                    ),
                );
            } else if let Some(name) = name {
                let host = &name.host;
                let issue = out.find(Confidence::Certain, &spot, Words::new(
                    format!("`{host}` is looked up for each request, and no `resolver` is in scope: every request gets 502"),
                    format!("`{host}` はリクエストごとに名前解決されますが、`resolver` がなく、すべて 502 になります"),
                ));
                issue.fix = fix(config, pass.node);
            } else {
                out.likely(
                    &spot,
                    Words::new(
                        "no `resolver` is in scope: a request gets 502 unless the variable holds an address",
                        "`resolver` がありません: 変数が IP アドレスでなければ 502 になります",
                    ),
                );
            }
        }
    }
}

/// The resolver that the configuration names elsewhere, for the server too.
fn fix(config: &Config, node: usize) -> Option<Fix> {
    let resolver = config.only_resolver()?;
    let server = config.around(node).find(|at| config.nodes[*at].name() == "server")?;
    let edit = mend::insert(&config.nodes[server], &resolver)?;
    let what = Words::new(
        format!("ask the only resolver that this configuration names, here too: `{resolver}`"),
        format!("この設定にただ一つある `{resolver}` を、ここでも使います"),
    );
    Some(Fix::not_safe(what, vec![edit]))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{fixed, found, scan_one};

    fn main(inside: &str) -> String {
        format!("events {{}}\nhttp {{\nupstream up {{ server 10.0.0.1; }}\n{inside}\n}}")
    }

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(found(&RULE, "nginx.conf", &main(RULE.bad)).len(), 1);
        assert_eq!(found(&RULE, "nginx.conf", &main(RULE.good)), [""; 0]);
    }

    #[test]
    fn addresses_and_upstreams_need_no_resolver() {
        let text = main(
            "server { set $a 10.0.0.1:80; set $u up; location /a { proxy_pass http://$a; } location /u { proxy_pass http://$u; } \
            location /h { proxy_pass http://$host; } }",
        );
        assert_eq!(
            found(&RULE, "nginx.conf", &text),
            ["4:142 likely no `resolver` is in scope: a request gets 502 unless the variable holds an address"]
        );
    }

    #[test]
    fn the_fix_asks_the_only_resolver_there_is() {
        let one = "server {\n    resolver 10.0.0.2 valid=9s;\n}\n";
        let bad = format!("{one}{}", RULE.bad);
        insta::assert_snapshot!(fixed("nginx.conf", &main(&bad), true), @r"
        events {}
        http {
        upstream up { server 10.0.0.1; }
        server {
            resolver 10.0.0.2 valid=9s;
        }
        server {
            resolver 10.0.0.2 valid=9s;
            location / {
                proxy_pass http://api.local:8080$request_uri;
            }
        }
        }
        ");
        let two = format!("{one}server {{ resolver 10.0.0.3; }}\n{}", RULE.bad);
        assert_eq!(fixed("nginx.conf", &main(&two), true), main(&two), "which one?");
        assert_eq!(fixed("nginx.conf", &main(RULE.bad), true), main(RULE.bad));
    }

    #[test]
    fn an_unread_include_may_hold_it() {
        let text = main("include /etc/nginx/conf.d/*.conf; server { location / { proxy_pass http://a.local$uri; } }");
        let scan = scan_one(&RULE, "nginx.conf", &text);
        assert_eq!((scan.issues.len(), scan.unchecked.len()), (0, 1));
    }
}
