//! CONN001: more database connections may be opened than the server accepts.

use nidoto_core::Words;

use crate::deployment::connections::{pool, server_limit};
use crate::deployment::{Deployment, Service};
use crate::scan::{Budget, Facts, Out, Room, Rule, Severity, Spot};

/// More database connections may be opened than the server accepts.
pub const RULE: Rule = Rule {
    code: "CONN001",
    name: "connection-budget",
    room: Room::Deployment,
    severity: Severity::Error,
    summary: (
        "more database connections may be opened than the server accepts",
        "データベースが受け付ける数を超えうる接続",
    ),
    why: (
        "\
Every process fills its pool when it is busy. Pools times processes times instances, and the instances that a
rolling deploy adds, must stay below what the server accepts; otherwise the busiest hour, or a deploy in it, ends
in `too many connections`. Nothing grows slowly here: one more instance is enough. The server keeps a few for
superusers (PostgreSQL 3), and jobs and people need some too (`reserved`). A factor that nobody states is
could-not-check, never a guess.",
        "\
忙しいとき、各プロセスは自分のプールを使い切ります。プール × プロセス × インスタンスに、ローリングデプロイで増える分
を加えたものが、サーバーの受け付ける数に収まらなければ、一番忙しい時間かそこでのデプロイが `too many connections` で
終わります。徐々にではなく、インスタンスが一つ増えただけで起こります。管理者用の分(PostgreSQL は 3)と、ジョブや人の
分(`reserved`)も要ります。誰も書いていない数は推測せず、確認不能とします。",
    ),
    bad: "\
services:
  db: {image: 'postgres:16'}
  api:
    image: api
    environment: {DB_POOL_MAX: 20, WEB_CONCURRENCY: 4}
    deploy: {replicas: 2}",
    good: "\
services:
  db: {image: 'postgres:16', command: postgres -c max_connections=200}
  api:
    image: api
    environment: {DB_POOL_MAX: 20, WEB_CONCURRENCY: 4}
    deploy: {replicas: 2}",
    fix: (
        "Smaller pools (a few connections a core of the server are enough), a pooler (PgBouncer, RDS Proxy), a lower \
         maximum of instances, or a larger server.",
        "プールを小さくする(サーバーのコアあたり数本で足ります)、プーラー(PgBouncer、RDS Proxy)を置く、インスタンスの上限を\
         下げる、またはサーバーを大きくします。",
    ),
    outage: "2021-02-06 too many connections (dotD, onedog)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    let declared = facts.options.budget.as_ref();
    for deployment in &facts.deployments {
        one(deployment, declared, out);
    }
}

fn one(deployment: &Deployment, declared: Option<&Budget>, out: &mut Out) {
    let pools: Vec<(&Service, crate::scan::Pool)> = deployment
        .services
        .iter()
        .filter_map(|service| Some((service, pool(service, declared.and_then(|b| b.pools.get(&service.name)))?)))
        .collect();
    let servers: Vec<(&Service, (u64, u64))> =
        deployment.services.iter().filter_map(|service| Some((service, server_limit(service)?))).collect();
    let (Some((first, _)), Some(usable)) = (pools.first(), usable(declared, &servers)) else { return };
    let Ok((max, reserved)) = usable else {
        return out.cannot(
            &first.spot,
            Words::new(
                "which of the databases is meant is not declared",
                "どのデータベースのことか、宣言されていません",
            ),
        );
    };
    let mut total = reserved;
    let mut terms = Vec::new();
    for (service, pool) in &pools {
        match pool.connections() {
            Ok(connections) => {
                total = total.saturating_add(connections);
                terms.push(format!("{} {connections}", service.name));
            }
            Err(factor) => {
                let name = &service.name;
                return out.cannot(
                    &service.spot,
                    Words::new(
                        format!("`{factor}` of `{name}` is not declared"),
                        format!("`{name}` の `{factor}` が宣言されていません"),
                    ),
                );
            }
        }
    }
    if total > max {
        let terms = terms.join(" + ");
        let spot: Spot = servers.first().map_or(&first.spot, |(server, _)| &server.spot).clone();
        out.certain(&spot, Words::new(
            format!("{total} connections may be opened ({terms} + {reserved} reserved), and the server accepts {max}"),
            format!("最大 {total} 本の接続が開かれえます({terms} + 予約 {reserved})が、サーバーが受け付けるのは {max} 本です"),
        ));
    }
}

/// Maximum and reserved; `None` where no server is in sight, an error where there are several.
fn usable(declared: Option<&Budget>, servers: &[(&Service, (u64, u64))]) -> Option<Result<(u64, u64), ()>> {
    let reserved = declared.map_or(0, |budget| budget.reserved);
    match (declared.and_then(|budget| budget.max), servers) {
        (Some(max), _) => Some(Ok((max, reserved))),
        (None, [(_, (max, own))]) => Some(Ok((*max, reserved.max(*own)))),
        (None, []) => None,
        (None, _) => Some(Err(())),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scan::{Budget, Options, Pool};
    use crate::testing::{found, lines, scan_files, scan_one};

    #[test]
    fn the_examples_are_told_apart() {
        assert_eq!(
            found(&RULE, "compose.yml", RULE.bad),
            ["2:3 certain 163 connections may be opened (api 160 + 3 reserved), and the server accepts 100"]
        );
        assert_eq!(found(&RULE, "compose.yml", RULE.good), [""; 0]);
        let scan = scan_one(&RULE, "compose.yml", &RULE.bad.replace(", WEB_CONCURRENCY: 4", ""));
        assert_eq!(scan.unchecked[0].why.en, "`processes` of `api` is not declared");
    }

    #[test]
    fn kubernetes_counts_the_surge_and_the_autoscaler() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: 2\n  template: {spec: {containers: [{name: a, image: x, env: [{name: SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE, value: '10'}]}]}}\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec: {scaleTargetRef: {name: api}, maxReplicas: 8}\n";
        let with = |max| {
            let budget = Budget { max: Some(max), reserved: 5, pools: [("api".to_owned(), Pool::default())].into() };
            lines(&scan_files(&RULE, &[("k.yaml", text)], &Options { budget: Some(budget), ..Options::default() }))
        };
        // 10 a pod, 8 pods, and a quarter more during a deploy.
        assert_eq!(with(105), [""; 0]);
        assert_eq!(
            with(104),
            ["3:18 certain 105 connections may be opened (api 100 + 5 reserved), and the server accepts 104"]
        );
    }
}
