//! CONN001: more database connections may be opened than the server accepts.

use std::collections::HashSet;

use nidoto_core::Words;

use crate::deployment::Service;
use crate::deployment::connections::{pool, server_limit};
use crate::scan::{Budget, Facts, Out, Pool, Room, Rule, Severity, Spot};
use crate::spring::Said;

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
could-not-check, never a guess. A pool may also stand in Spring Boot's own configuration: production's profile
counts.",
        "\
忙しいとき、各プロセスは自分のプールを使い切ります。プール × プロセス × インスタンスに、ローリングデプロイで増える分
を加えたものが、サーバーの受け付ける数に収まらなければ、一番忙しい時間かそこでのデプロイが `too many connections` で
終わります。徐々にではなく、インスタンスが一つ増えただけで起こります。管理者用の分(PostgreSQL は 3)と、ジョブや人の
分(`reserved`)も要ります。誰も書いていない数は推測せず、確認不能とします。Spring Boot 自身の設定にあるプールも、
本番のプロファイルで数えます。",
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
         maximum of instances, or a larger server. Who gives way is a decision, so no `--fix` makes it.",
        "プールを小さくする(サーバーのコアあたり数本で足ります)、プーラー(PgBouncer、RDS Proxy)を置く、インスタンスの上限を\
         下げる、またはサーバーを大きくします。どれを選ぶかは判断なので、`--fix` では直しません。",
    ),
    outage: "2021-02-06 too many connections (dotD, onedog)",
    check,
};

fn check(facts: &Facts, out: &mut Out) {
    let declared = facts.options.budget.as_ref();
    let all = || facts.deployments.iter().flat_map(|deployment| &deployment.services);
    if declared.is_some_and(|budget| budget.max.is_some()) {
        // One server was declared: whoever stands in any of the files connects to it, once by its name.
        let mut seen = HashSet::new();
        return one(&all().filter(|service| seen.insert(&service.name)).collect::<Vec<_>>(), declared, out);
    }
    for deployment in &facts.deployments {
        one(&deployment.services.iter().collect::<Vec<_>>(), declared, out);
    }
}

fn one(services: &[&Service], declared: Option<&Budget>, out: &mut Out) {
    let pools: Vec<(&Service, Pool)> = services
        .iter()
        .filter_map(|service| Some((*service, pool(service, declared.and_then(|b| b.pools.get(&service.name)))?)))
        .collect();
    let servers: Vec<(&Service, Accepts)> =
        services.iter().filter_map(|service| Some((*service, server_limit(service)?))).collect();
    let (Some((first, _)), Some(usable)) = (pools.first(), usable(declared, &servers)) else { return };
    let Ok((max, reserved)) = usable else {
        return out.cannot(
            &first.spot,
            Words::new(
                "which database is meant, or how many connections it accepts, is not declared",
                "どのデータベースのことか、または受け付ける接続数が、宣言されていません",
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
                let (spot, why) = unknown(service, factor);
                return out.cannot(&spot, why);
            }
        }
    }
    if total > max {
        let terms = terms.join(" + ");
        let spot: Spot = servers.first().map_or(&first.spot, |(server, _)| &server.spot).clone();
        let issue = out.certain(&spot, Words::new(
            format!("{total} connections may be opened ({terms} + {reserved} reserved), and the server accepts {max}"),
            format!("最大 {total} 本の接続が開かれえます({terms} + 予約 {reserved})が、サーバーが受け付けるのは {max} 本です"),
        ));
        issue.also.extend(pools.iter().filter_map(|(service, _)| service.pool.as_ref()).map(Said::also));
    }
}

/// Where a factor should stand, and that nobody says it.
fn unknown(service: &Service, factor: &str) -> (Spot, Words) {
    let name = &service.name;
    match &service.pool {
        Some(said) if factor == "size" => {
            let asked = &said.raw;
            let why = Words::new(
                format!("the pool of `{name}` is `{asked}`, which has no value here"),
                format!("`{name}` のプールは `{asked}` で、その値がここにありません"),
            );
            (said.spot.clone(), why)
        }
        _ => (
            service.spot.clone(),
            Words::new(
                format!("`{factor}` of `{name}` is not declared"),
                format!("`{name}` の `{factor}` が宣言されていません"),
            ),
        ),
    }
}

/// The maximum, where the file gives it, and what is reserved.
type Accepts = (Option<u64>, u64);

/// Maximum and reserved; `None` where no server is in sight, an error where it is not clear which or how large.
fn usable(declared: Option<&Budget>, servers: &[(&Service, Accepts)]) -> Option<Result<(u64, u64), ()>> {
    let reserved = declared.map_or(0, |budget| budget.reserved);
    match (declared.and_then(|budget| budget.max), servers) {
        (Some(max), _) => Some(Ok((max, reserved))),
        (None, [(_, (max, own))]) => Some(max.map(|max| (max, reserved.max(*own))).ok_or(())),
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

    #[test]
    fn ecs_counts_the_tasks_of_its_services() {
        let task = r#"{"family": "api", "containerDefinitions": [{"name": "api", "image": "a", "environment": [
            {"name": "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "value": "10"}]}]}"#;
        let services = r#"{"services": [{"serviceName": "walk", "desiredCount": 4, "deploymentConfiguration": {"maximumPercent": 150},
            "taskDefinition": "arn:aws:ecs:ap-northeast-1:1:task-definition/api:7"}]}"#;
        let limit = r#"{"ScalableTargets": [{"ResourceId": "service/main/walk", "MaxCapacity": 8}]}"#;
        let with = |files: &[(&str, &str)], max, pools: &[(&str, Pool)]| {
            let pools = pools.iter().map(|(name, pool)| ((*name).to_owned(), pool.clone())).collect();
            let budget = Budget { max: Some(max), reserved: 0, pools };
            let scan = scan_files(&RULE, files, &Options { budget: Some(budget), ..Options::default() });
            (lines(&scan), scan.unchecked.len())
        };
        let files = [("task.json", task), ("services.json", services)];
        // 10 a task, 4 tasks, half as many more during a deploy.
        assert_eq!(with(&files, 60, &[]), (vec![], 0));
        assert_eq!(
            with(&files, 59, &[]).0,
            ["1:53 certain 60 connections may be opened (api 60 + 0 reserved), and the server accepts 59"]
        );
        let scaled = [files[0], files[1], ("limit.json", limit)];
        assert_eq!(with(&scaled, 119, &[]).0.len(), 1);
        let said = Pool { instances: Some(2), surge_percent: Some(0), ..Pool::default() };
        assert_eq!(with(&scaled, 20, &[("api", said)]), (vec![], 0), "what is declared wins");
        assert_eq!(with(&files[..1], 60, &[]), (vec![], 1), "how many tasks run is not known");
    }

    #[test]
    fn templates_hold_tasks_functions_and_servers() {
        let template = |max: &str, reserved: &str| {
            format!(
                "Resources:\n  Walk:\n    Type: AWS::Serverless::Function\n    Properties:\n{reserved}      Environment: {{Variables: {{DB_POOL_SIZE: 2}}}}\n  \
                 Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: api\n          Environment: [{{Name: DB_POOL_MAX, Value: 5}}, {{Name: WEB_CONCURRENCY, Value: 2}}]\n  \
                 Api:\n    Type: AWS::ECS::Service\n    Properties: {{TaskDefinition: !Ref Task, DesiredCount: 2}}\n  \
                 Scale:\n    Type: AWS::ApplicationAutoScaling::ScalableTarget\n    Properties: {{MaxCapacity: 3, ResourceId: !Sub 'service/${{Cluster}}/${{Api.Name}}'}}\n  \
                 Rds:\n    Type: AWS::RDS::DBParameterGroup\n    Properties: {{Family: mysql5.7, Parameters: {{max_connections: {max}}}}}\n"
            )
        };
        let reserved = "      ReservedConcurrentExecutions: 20\n";
        // 20 functions of 2, 3 tasks of 2 processes of 5, twice as many during a deploy.
        assert_eq!(found(&RULE, "t.yaml", &template("100", reserved)), [""; 0]);
        assert_eq!(found(&RULE, "t.yaml", &template("99", reserved)).len(), 1);
        for open in [template("'{DBInstanceClassMemory/12582880}'", reserved), template("100", "")] {
            assert_eq!(scan_one(&RULE, "t.yaml", &open).unchecked.len(), 1, "{open}");
        }
    }

    #[test]
    fn a_spring_application_says_its_pool() {
        let compose = "services:\n  db: {image: 'mysql:8'}\n  api:\n    build: ./api\n    environment: {POOL: 30}\n    deploy: {replicas: 4}\n";
        let with = |compose: &str, prod: &str| {
            let files = [
                ("compose.yml", compose),
                ("api/src/main/resources/application.yml", "spring.datasource.hikari: {maximum-pool-size: 10}"),
                ("api/src/main/resources/application-prod.properties", prod),
                ("api/src/test/resources/application.yml", "spring.datasource.hikari: {maximum-pool-size: 99}"),
            ];
            scan_files(&RULE, &files, &Options::default())
        };
        assert_eq!(lines(&with(compose, "")), [""; 0], "10 x 4 of 151");
        let scan = with(compose, "spring.datasource.hikari.maximumPoolSize=40");
        assert_eq!(
            lines(&scan),
            ["2:3 certain 160 connections may be opened (api 160 + 0 reserved), and the server accepts 151"]
        );
        let (spot, words) = &scan.issues[0].also[0];
        assert!(spot.file.path.ends_with("application-prod.properties") && words.en == "profile `prod` says so");
        let open = "spring.datasource.hikari.maximum-pool-size=${POOL}";
        assert_eq!(lines(&with(compose, open)), [""; 0], "the environment of the service: 30 x 4");
        let scan = with(&compose.replace("POOL: 30", "A: b"), open);
        assert_eq!(scan.unchecked[0].why.en, "the pool of `api` is `${POOL}`, which has no value here");
        let dev = compose.replace("POOL: 30", "SPRING_PROFILES_ACTIVE: dev");
        assert_eq!(lines(&with(&dev, "spring.datasource.hikari.maximum-pool-size=40")), [""; 0], "it says its profile");
    }
}
