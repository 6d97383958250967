//! NGX001: a name whose address nginx looks up once, when it starts.

use nidoto_core::Words;

use crate::nginx::config::{Config, Node};
use crate::nginx::mend;
use crate::nginx::names::Target;
use crate::nginx::pass::{Pass, Passes};
use crate::scan::{Confidence, Edit, Facts, Fix, Out, Room, Rule, Severity, Spot};

/// A name whose address nginx looks up once, when it starts.
pub const RULE: Rule = Rule {
    code: "NGX001",
    name: "name-resolved-once",
    room: Room::Nginx,
    severity: Severity::Error,
    summary: ("a name whose address nginx looks up once, when it starts", "起動時に一度だけ名前解決される宛先"),
    why: (
        "\
nginx asks for the address of a literal host when it starts and keeps it until it is reloaded. When the
address changes (a deploy behind service discovery, a load balancer that scales, a container that is
recreated), it goes on connecting to addresses that nobody has any more: `no live upstreams`, then 502.
A `resolver` beside it changes nothing: it is only asked where the address holds a variable. The same
holds for `server` lines of an upstream without `resolve`, and for proxy_pass, grpc_pass, fastcgi_pass,
uwsgi_pass, scgi_pass, memcached_pass and proxy_pass in stream.",
        "\
nginx は変数を含まないホスト名を起動時に一度だけ名前解決し、再読み込みまでそのアドレスを使い続けます。
サービスディスカバリ越しのデプロイ、ロードバランサーの増減、コンテナの作り直しでアドレスが変わると、
もう誰もいないアドレスにつなぎ続け、`no live upstreams` から 502 になります。`resolver` を書いても、
宛先に変数がなければ使われません。`resolve` のない upstream の `server` 行も、grpc_pass、fastcgi_pass、
uwsgi_pass、scgi_pass、memcached_pass、stream の proxy_pass も同じです。",
    ),
    bad: "location / {\n    proxy_pass http://api.local:8080;\n}",
    good: "resolver 169.254.169.253;\nlocation / {\n    set $api api.local:8080;\n    proxy_pass http://$api;\n}",
    fix: (
        "\
nginx 1.27.3 and later: an `upstream` with `zone` and `server api.local:8080 resolve;`, and `resolver` in
http. Before: put the host into a variable and name a `resolver`. A variable changes two more things: the
part of the URI that `location` matched is no longer replaced, and the default `proxy_redirect` is off.",
        "\
nginx 1.27.3 以降: `zone` のある `upstream` に `server api.local:8080 resolve;` を書き、http に `resolver` を
置きます。それより前: ホストを変数に入れ、`resolver` を書きます。変数にすると、`location` に一致した部分の
URI が置き換わらなくなり、`proxy_redirect` の既定値も無効になります。",
    ),
    outage: "2020-09-29 nginx kept the address (M3 tech blog, 2020-12-11)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for config in &facts.nginx {
        let passes = config.passes();
        passes.tell_cut(config, out);
        for pass in passes.all.iter().filter(|pass| !pass.has_variable) {
            literal(config, passes, pass, out);
        }
        for (at, node) in config.nodes.iter().enumerate() {
            let in_upstream = node.parent.is_some_and(|parent| config.nodes[parent].name() == "upstream");
            if in_upstream && node.name() == "server" {
                upstream_server(config, at, node, out);
            }
        }
    }
}

fn literal(config: &Config, passes: &Passes, pass: &Pass, out: &mut Out) {
    let node = &config.nodes[pass.node];
    let Some(target) = pass.targets.first().filter(|target| target.is_name()) else { return };
    if out.is_full(&node.file) {
        return;
    }
    if passes.is_upstream(target) {
        return;
    }
    let spot = host_spot(&node.spot(1), target);
    let is_whole = config.is_main && config.unread().is_none();
    let host = &target.host;
    let confidence = if is_whole || target.port.is_some() {
        Confidence::Certain
    } else if host.contains('.') {
        // An upstream block that was not seen could have this very name, but rarely does.
        Confidence::Likely
    } else {
        return out.cannot(
            &spot,
            Words::new(
                format!("`{host}` may be an upstream block in a file that was not read"),
                format!("`{host}` は、読んでいないファイルの upstream かもしれません"),
            ),
        );
    };
    let issue = out.find(
        confidence,
        &spot,
        Words::new(
            format!("`{host}` is looked up once, when nginx starts; a new address is never seen"),
            format!("`{host}` は nginx の起動時に一度だけ名前解決され、アドレスが変わっても気づきません"),
        ),
    );
    issue.fix = fix(config, pass, target);
}

/// The host within the address.
fn host_spot(word: &Spot, target: &Target) -> Spot {
    let text = word.text();
    let start = text.to_ascii_lowercase().find(&target.authority()).unwrap_or(0);
    let len = if start == 0 && !text.to_ascii_lowercase().starts_with(&target.authority()) {
        text.len()
    } else {
        target.authority().len()
    };
    let bytes = word.bytes.start + start..word.bytes.start + start + len;
    Spot::new(&word.file, bytes)
}

/// A variable in front of the address, where a resolver is in scope and no URI would change.
pub(super) fn fix(config: &Config, pass: &Pass, target: &Target) -> Option<Fix> {
    let node = &config.nodes[pass.node];
    let in_location = node.parent.is_some_and(|parent| config.nodes[parent].name() == "location");
    if node.name() != "proxy_pass" || !target.rest.is_empty() || !in_location || !config.has_resolver(pass.node) {
        return None;
    }
    let whole = node.whole();
    let indent = mend::indent(&whole);
    let name: String = target.host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let port = target.port.map(|port| format!(":{port}")).unwrap_or_default();
    let with =
        format!("set $upstream_{name} {}{port};\n{indent}proxy_pass {}$upstream_{name}", target.host, target.scheme);
    let what = Words::new(
        "put the host into a variable: nginx then looks it up as often as its TTL says. The default \
         `proxy_redirect` no longer applies",
        "ホストを変数に入れ、TTL ごとに名前解決させます。既定の `proxy_redirect` は効かなくなります",
    );
    Some(Fix::not_safe(what, vec![Edit { spot: whole, with }]))
}

fn upstream_server(config: &Config, at: usize, node: &Node, out: &mut Out) {
    let target = Target::of(node.arg());
    let is_resolved =
        node.args().iter().skip(1).any(|word| word.text == "resolve" || word.text.starts_with("service="));
    if !target.is_name() || is_resolved || out.is_full(&node.file) {
        return;
    }
    let Some(block) = config.nodes[at].parent else { return };
    let upstream = config.nodes[block].arg();
    let host = &target.host;
    let issue = out.certain(
        &node.spot(1),
        Words::new(
            format!("`{host}` in upstream `{upstream}` is looked up once, when nginx starts: `resolve` is missing"),
            format!("upstream `{upstream}` の `{host}` は起動時に一度だけ名前解決されます: `resolve` がありません"),
        ),
    );
    issue.fix = resolve(config, at, block);
}

/// `resolve` and the `zone` that it needs, where a resolver is in scope.
fn resolve(config: &Config, at: usize, block: usize) -> Option<Fix> {
    let (node, upstream) = (&config.nodes[at], &config.nodes[block]);
    if !config.has_resolver(at) || !upstream.unread.is_empty() {
        return None;
    }
    let end = node.whole().bytes.end;
    let mut edits = vec![Edit { spot: Spot::new(&node.file, end..end), with: " resolve".to_owned() }];
    if !config.has_zone(block) {
        edits.push(mend::insert(upstream, &format!("zone {} 64k", upstream.arg()))?);
    }
    let what = Words::new(
        "add `resolve` and a `zone`: nginx then looks the name up as often as its TTL says. nginx before 1.27.3 does \
         not know it and refuses to start",
        "`resolve` と `zone` を加え、TTL ごとに名前解決させます。1.27.3 より前の nginx では起動しなくなります",
    );
    Some(Fix::not_safe(what, edits))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{found, scan_one};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(found(&RULE, "default.conf", RULE.bad).len(), 1);
        assert_eq!(found(&RULE, "default.conf", RULE.good), [""; 0]);
    }

    #[test]
    fn literals_and_upstreams_are_found() {
        let text = "events {}\nhttp {\n resolver 127.0.0.1;\n upstream up { server a.local:80; server 10.0.0.1; server unix:/a; server b.local resolve; }\n\
            server { location / { proxy_pass http://up; } location /f { fastcgi_pass php:9000; } location /g { grpc_pass grpc://g.local; }\n\
            location /i { proxy_pass http://127.0.0.1:80; } location /v { proxy_pass http://c.local$request_uri; } location /u { proxy_pass http://unix:/s:/; } } }\n";
        insta::assert_snapshot!(found(&RULE, "nginx.conf", text).join("\n"), @r"
        4:23 certain `a.local` in upstream `up` is looked up once, when nginx starts: `resolve` is missing
        5:74 certain `php` is looked up once, when nginx starts; a new address is never seen
        5:117 certain `g.local` is looked up once, when nginx starts; a new address is never seen
        ");
    }

    #[test]
    fn a_fragment_may_name_an_upstream_elsewhere() {
        let scan = scan_one(&RULE, "a/default.conf", "server { location / { proxy_pass http://backend; } }");
        assert_eq!((scan.issues.len(), scan.unchecked.len()), (0, 1));
        assert_eq!(
            found(&RULE, "a.conf", "server { location / { proxy_pass http://a.b; } }"),
            ["1:41 likely `a.b` is looked up once, when nginx starts; a new address is never seen"]
        );
    }

    #[test]
    fn the_fix_of_an_upstream_resolves() {
        let text = "http {\n    resolver 10.0.0.2;\n    upstream up {\n        server a.b:80 weight=2;\n        server c.d;\n    }\n}";
        insta::assert_snapshot!(crate::testing::fixed("nginx.conf", text, true), @r"
        http {
            resolver 10.0.0.2;
            upstream up {
                zone up 64k;
                server a.b:80 weight=2 resolve;
                server c.d resolve;
            }
        }
        ");
        let text = "http { upstream up { server a.b; } }";
        assert_eq!(crate::testing::fixed("nginx.conf", text, true), text, "nobody could answer");
    }

    #[test]
    fn the_fix_is_a_variable() {
        let text = "http { resolver 10.0.0.2; server { location / {\n    proxy_pass http://api.local:8080;\n} } }";
        insta::assert_snapshot!(crate::testing::fixed("nginx.conf", text, true), @r"
        http { resolver 10.0.0.2; server { location / {
            set $upstream_api_local api.local:8080;
            proxy_pass http://$upstream_api_local;
        } } }
        ");
    }
}
