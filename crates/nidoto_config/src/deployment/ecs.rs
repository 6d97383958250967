//! ECS: task definitions as `aws ecs describe-task-definition` and deploy tools write them, and how many
//! tasks run by `aws ecs describe-services` and `aws application-autoscaling describe-scalable-targets`.

use std::collections::HashMap;

use nidoto_core::yaml::Node;

use super::service::Service;
use super::{Deployment, Doc, compose};

/// Tasks that replace others start before those stop, up to this share, unless the service says else.
const MAXIMUM_PERCENT: u64 = 200;

/// What a task runs: one service for each container. How many tasks run stands in the ECS service.
pub fn services(doc: &Doc<'_>) -> Vec<Service> {
    let containers = doc.root.get("containerDefinitions").map_or(&[][..], Node::items);
    let task = doc.root.get("family").and_then(Node::text);
    let service = |container: &Node| {
        let name = container.get("name")?;
        Some(Service {
            image: container.get("image").and_then(|image| Some((image.text()?.to_owned(), doc.spot(image)))),
            env: doc.named_values(container.get("environment")),
            command: ["entryPoint", "command"]
                .into_iter()
                .filter_map(|key| container.get(key))
                .map(compose::line)
                .collect::<Vec<_>>()
                .join(" "),
            task: task.map(str::to_owned),
            ..Service::new(name.text()?, doc.spot(name))
        })
    };
    containers.iter().filter_map(service).collect()
}

/// How many tasks an ECS service runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The service's name.
    pub service: String,
    /// The task definition, by family or logical name; empty where only the limit of autoscaling is known.
    pub task: String,
    /// Tasks at the most; `None` where the file leaves it open.
    pub tasks: Option<u64>,
    /// Tasks that a deploy adds, in per cent.
    pub surge_percent: Option<u64>,
}

/// The answer of `describe-services` or `describe-scalable-targets`, or one service alone.
pub fn scales(doc: &Doc<'_>) -> Vec<Scale> {
    let listed = |key: &str| doc.root.get(key).map_or(&[][..], Node::items);
    let one = doc.root.get("serviceName").map(|_| &doc.root);
    let services = listed("services").iter().chain(one).filter_map(service_scale);
    services.chain(listed("ScalableTargets").iter().filter_map(limit)).collect()
}

fn service_scale(node: &Node) -> Option<Scale> {
    let text = |key: &str| node.get(key).and_then(Node::text);
    Some(Scale {
        service: text("serviceName")?.to_owned(),
        task: family(text("taskDefinition")?).to_owned(),
        tasks: number(node.get("desiredCount")),
        surge_percent: surge(node.get("deploymentConfiguration").and_then(|config| config.get("maximumPercent"))),
    })
}

/// `maximumPercent` less the hundred that runs anyway.
pub fn surge(maximum_percent: Option<&Node>) -> Option<u64> {
    let percent = maximum_percent.map_or(Some(MAXIMUM_PERCENT), |node| number(Some(node)));
    percent.map(|percent| percent.saturating_sub(100))
}

/// `{"ResourceId": "service/cluster/api", "MaxCapacity": 8}`
fn limit(node: &Node) -> Option<Scale> {
    let service = node.get("ResourceId")?.text()?.strip_prefix("service/")?.rsplit('/').next()?;
    let tasks = number(node.get("MaxCapacity"));
    Some(Scale { service: service.to_owned(), task: String::new(), tasks, surge_percent: None })
}

pub fn number(node: Option<&Node>) -> Option<u64> {
    node?.text()?.parse().ok()
}

/// `api` of `arn:aws:ecs:...:task-definition/api:7`
fn family(arn: &str) -> &str {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    name.split(':').next().unwrap_or(name)
}

/// Tasks at the most, and those that a deploy adds in per cent.
type Running = (Option<u64>, Option<u64>);

/// Tells containers how many tasks their services run. Several services of one task definition add up.
pub fn scale(deployments: &mut [Deployment], scales: &[Scale]) {
    let (limits, running): (Vec<&Scale>, Vec<&Scale>) = scales.iter().partition(|scale| scale.task.is_empty());
    let most = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.max(b));
    let mut limit_of: HashMap<&str, Option<u64>> = HashMap::new();
    for limit in limits {
        limit_of.entry(&limit.service).and_modify(|known| *known = most(*known, limit.tasks)).or_insert(limit.tasks);
    }
    let mut tasks_of: HashMap<&str, Vec<Running>> = HashMap::new();
    for scale in running {
        let tasks = limit_of.get(&*scale.service).map_or(scale.tasks, |limit| most(scale.tasks, *limit));
        tasks_of.entry(&scale.task).or_default().push((tasks, scale.surge_percent));
    }
    let totals: HashMap<&str, Running> = tasks_of
        .into_iter()
        .map(|(task, own)| {
            let total = own.iter().try_fold(0_u64, |sum, (tasks, _)| Some(sum.saturating_add((*tasks)?)));
            (task, (total, own.iter().map(|(_, surge)| *surge).max().flatten()))
        })
        .collect();
    for service in deployments.iter_mut().flat_map(|deployment| &mut deployment.services) {
        if let Some((tasks, surge)) = service.task.as_deref().and_then(|task| totals.get(task)) {
            (service.instances, service.surge_percent) = (*tasks, *surge);
        }
    }
}
