//! IMG001: the final image is built on one that an incident has ruled out.

use nidoto_core::Words;

use crate::deployment::Build;
use crate::image::{Base, Dockerfile, final_base, matches};
use crate::scan::{Facts, Out, Room, Rule, Severity, Spot};

/// The final image is built on one that an incident has ruled out.
pub const RULE: Rule = Rule {
    code: "IMG001",
    name: "denied-base-image",
    room: Room::Dockerfile,
    severity: Severity::Error,
    summary: ("the final image is built on one that an incident has ruled out", "障害で使わないと決めたベースイメージ"),
    why: (
        "\
Nothing is wrong with an image as such, so this rule asks nothing until an incident's guard lists images under
`deny`. Then it looks at what runs: the final stage of a Dockerfile, through ARG, stage names and registries,
and the `image` of compose files, Kubernetes manifests and ECS tasks. A build stage may use any image.",
        "\
イメージそのものが悪いわけではないので、障害のガードが `deny` に挙げるまで、この規則は何も言いません。挙げられたら、
実際に動くものを見ます: Dockerfile の最終ステージ(ARG、ステージ名、レジストリを辿ります)と、compose、Kubernetes、
ECS の `image` です。ビルド用のステージには何を使ってもかまいません。",
    ),
    bad: "FROM node:14-alpine",
    good: "FROM node:14-alpine AS build\nFROM node:14-slim",
    fix: (
        "Build the final stage on another image and try it: package manager and C library differ, so no `--fix` does it.",
        "最終ステージを別のイメージから作り、試します: パッケージ管理や C ライブラリーが違うため、`--fix` では直しません。",
    ),
    outage: "2020-11-11 alpine's memory never fell (nodejs/node#29038)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    let deny = &facts.options.deny;
    if deny.is_empty() {
        return;
    }
    let builds: Vec<&Build> =
        facts.deployments.iter().flat_map(|deployment| &deployment.services).filter_map(|s| s.build.as_ref()).collect();
    for dockerfile in &facts.dockerfiles {
        let mut own = builds.iter().filter(|build| build.dockerfile == dockerfile.file.path).peekable();
        if own.peek().is_none() {
            of_dockerfile(dockerfile, None, deny, out);
        }
        own.for_each(|build| of_dockerfile(dockerfile, Some(build), deny, out));
    }
    for service in facts.deployments.iter().flat_map(|deployment| &deployment.services) {
        let Some((image, spot)) = &service.image else { continue };
        if image.contains('$') {
            out.cannot(spot, unknown(image));
        } else {
            judge(image, spot, deny, out);
        }
    }
}

/// What runs is the stage that a compose file builds, with its arguments; without one the last stage.
fn of_dockerfile(dockerfile: &Dockerfile, build: Option<&Build>, deny: &[String], out: &mut Out) {
    let target = build.and_then(|build| build.target.as_deref());
    let args = build.map_or(&[][..], |build| &build.args);
    match final_base(&dockerfile.instructions, target, args) {
        Some(Base::Image(image, at)) => judge(&image, &Spot::new(&dockerfile.file, at), deny, out),
        Some(Base::Unknown(arg, at)) => out.cannot(&Spot::new(&dockerfile.file, at), unknown(&arg)),
        None => {}
    }
}

fn judge(image: &str, spot: &Spot, deny: &[String], out: &mut Out) {
    if let Some(pattern) = deny.iter().find(|pattern| matches(pattern, image)) {
        out.certain(
            spot,
            Words::new(
                format!("what runs is built on `{image}`, which `{pattern}` rules out"),
                format!("動くイメージの元が `{image}` で、`{pattern}` により禁じられています"),
            ),
        );
    }
}

fn unknown(arg: &str) -> Words {
    Words::new(format!("`{arg}` has no value here"), format!("`{arg}` の値がここにありません"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::Options;
    use crate::testing::{lines, scan_files};

    fn with(path: &str, text: &str, deny: &[&str]) -> (Vec<String>, usize) {
        let options = Options { deny: deny.iter().map(|d| (*d).to_owned()).collect(), ..Options::default() };
        let scan = scan_files(&RULE, &[(path, text)], &options);
        (lines(&scan), scan.unchecked.len())
    }

    #[test]
    fn only_what_was_denied_and_runs() {
        let deny = ["node:*alpine*"];
        assert_eq!(
            with("Dockerfile", RULE.bad, &deny).0,
            ["1:6 certain what runs is built on `node:14-alpine`, which `node:*alpine*` rules out"]
        );
        assert_eq!(with("Dockerfile", RULE.good, &deny), (vec![], 0));
        assert_eq!(with("Dockerfile", RULE.bad, &[]), (vec![], 0));
        assert_eq!(with("Dockerfile", "ARG V\nFROM node:$V", &deny), (vec![], 1));
        assert_eq!(with("compose.yml", "services:\n  api:\n    image: node:20-alpine\n", &deny).0.len(), 1);
    }

    #[test]
    fn a_compose_file_says_which_stage_runs() {
        let dockerfile = "ARG V\nFROM node:$V AS dev\nFROM node:20-slim AS prod\nFROM prod";
        let with = |build: &str| {
            let compose = format!("services:\n  api:\n    build: {build}\n");
            let files = [("app/api/Dockerfile", dockerfile), ("app/compose.yml", compose.as_str())];
            let options = Options { deny: vec!["node:*alpine*".to_owned()], ..Options::default() };
            let scan = scan_files(&RULE, &files, &options);
            (lines(&scan).len(), scan.unchecked.len())
        };
        assert_eq!(with("./api"), (0, 0));
        assert_eq!(with("{context: api, target: prod}"), (0, 0));
        assert_eq!(with("{context: api, target: dev, args: {V: 20-alpine}}"), (1, 0));
        assert_eq!(with("{context: ., dockerfile: api/Dockerfile, target: dev, args: [V=20-slim]}"), (0, 0));
        assert_eq!(with("{context: ../app/api, target: dev}"), (0, 1));
    }
}
