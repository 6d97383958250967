//! NGX002: a variable whose host and port also stand somewhere as a literal.

use nidoto_core::Words;

use super::ngx001_name_resolved_once as ngx001;
use crate::scan::{Facts, Out, Room, Rule, Severity};

/// A variable whose host and port also stand somewhere as a literal.
pub const RULE: Rule = Rule {
    code: "NGX002",
    name: "variable-shares-literal",
    room: Room::Nginx,
    severity: Severity::Error,
    summary: (
        "a variable that nginx does not look up, because a literal address elsewhere is the same",
        "同じ宛先が別の場所に変数なしで書かれているため、名前解決されない変数",
    ),
    why: (
        "\
A literal address in one location becomes an upstream of its own, with the addresses of the start. When a
variable elsewhere comes out as the same host and port, nginx takes that upstream and asks no resolver: the
cure of NGX001 is in the file and does nothing. With another port it works.",
        "\
ある location に書かれた変数なしの宛先は、起動時のアドレスを持つ暗黙の upstream になります。別の場所の変数が同じ
ホストとポートになると、nginx はその upstream を使い、resolver に問い合わせません。NGX001 の対策を書いたのに
効かない、という形になります。ポートが違えば効きます。",
    ),
    bad: "location /a {\n    proxy_pass http://api.local:8080;\n}\nlocation /b {\n    set $api api.local:8080;\n    proxy_pass http://$api;\n}",
    good: "location /a {\n    set $api api.local:8080;\n    proxy_pass http://$api;\n}\nlocation /b {\n    set $api api.local:8080;\n    proxy_pass http://$api;\n}",
    fix: ("Use the variable in every place.", "すべての場所で変数を使います。"),
    outage: "measured on nginx 1.22.1 and 1.31.5; ngx_http_upstream_init_request in src/http/ngx_http_upstream.c",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    for config in &facts.nginx {
        let passes = config.passes();
        passes.tell_cut(config, out);
        for pass in passes.all.iter().filter(|pass| pass.has_variable) {
            let names = pass.targets.iter().filter(|target| target.is_name());
            let twin = names.filter_map(|target| Some((target, passes.literal_twin(target)?))).next();
            let Some((target, twin)) = twin.filter(|(target, _)| !passes.is_upstream(target)) else { continue };
            let host = target.authority();
            let issue = out.certain(&config.nodes[pass.node].spot(1), Words::new(
                format!("this comes out as `{host}`, which also stands as a literal: nginx keeps the address of its start"),
                format!("`{host}` は変数なしでも書かれているため、起動時のアドレスが使われ続けます"),
            ));
            let literal = config.nodes[twin.node].spot(1);
            issue.also.push((literal, Words::new("the literal", "変数なしの宛先")));
            issue.fix = twin.targets.first().and_then(|target| ngx001::fix(config, twin, target));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{fixed, found};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(found(&RULE, "default.conf", &format!("server {{ {} }}", RULE.bad)).len(), 1);
        assert_eq!(found(&RULE, "default.conf", &format!("server {{ {} }}", RULE.good)), [""; 0]);
    }

    #[test]
    fn the_fix_is_a_variable_in_the_other_place_too() {
        let text = "resolver 10.0.0.2;\nserver {\nlocation /a {\n    proxy_pass http://a.b:80;\n}\nlocation /b {\n    set $a a.b:80;\n    proxy_pass http://$a;\n}\n}\n";
        let mended = fixed("a.conf", text, true);
        assert!(mended.contains("set $upstream_a_b a.b:80;\n    proxy_pass http://$upstream_a_b;"), "{mended}");
        assert_eq!(found(&RULE, "a.conf", &mended), [""; 0]);
    }

    #[test]
    fn a_variable_of_another_server_is_another_one() {
        let text = "http { server { set $a one.local; location /a { proxy_pass http://one.local; } }\n\
            server { location /b { set $a two.local; proxy_pass http://$a; } } }";
        assert_eq!(found(&RULE, "nginx.conf", text), [""; 0]);
    }

    #[test]
    fn another_port_is_looked_up() {
        let text = "server { set $a api.local:81; location /a { proxy_pass http://api.local; } location /b { proxy_pass http://$a; } }";
        assert_eq!(found(&RULE, "a.conf", text), [""; 0]);
        assert_eq!(found(&RULE, "a.conf", &text.replace(":81", ":80")).len(), 1);
    }
}
