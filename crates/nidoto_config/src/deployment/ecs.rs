//! ECS: task definitions as `aws ecs describe-task-definition` and deploy tools write them, and how many
//! tasks run by `aws ecs describe-services` and `aws application-autoscaling describe-scalable-targets`.

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

/// Tells containers how many tasks their services run. Several services of one task definition add up.
pub fn scale(deployments: &mut [Deployment], scales: &[Scale]) {
    let running: Vec<(&Scale, Option<u64>)> = scales
        .iter()
        .filter(|scale| !scale.task.is_empty())
        .map(|scale| {
            let limits = scales.iter().filter(|other| other.task.is_empty() && other.service == scale.service);
            (scale, limits.fold(scale.tasks, |tasks, limit| tasks.zip(limit.tasks).map(|(a, b)| a.max(b))))
        })
        .collect();
    for service in deployments.iter_mut().flat_map(|deployment| &mut deployment.services) {
        let Some(task) = &service.task else { continue };
        let own: Vec<_> = running.iter().filter(|(scale, _)| scale.task == *task).collect();
        if own.is_empty() {
            continue;
        }
        service.instances = own.iter().map(|(_, tasks)| *tasks).sum();
        service.surge_percent = own.iter().map(|(scale, _)| scale.surge_percent).max().flatten();
    }
}
