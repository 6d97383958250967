//! ECS task definitions, as `aws ecs describe-task-definition` and deploy tools write them.

use nidoto_core::yaml::Node;

use super::service::Service;
use super::{Doc, compose};

/// What a task runs: one service for each container. How many tasks run stands in the ECS service,
/// not here.
pub fn services(doc: &Doc<'_>) -> Vec<Service> {
    let containers = doc.root.get("containerDefinitions").map_or(&[][..], Node::items);
    let service = |container: &Node| {
        let name = container.get("name")?;
        Some(Service {
            name: name.text()?.to_owned(),
            image: container.get("image").and_then(|image| Some((image.text()?.to_owned(), doc.spot(image)))),
            env: doc.named_values(container.get("environment")),
            command: ["entryPoint", "command"]
                .into_iter()
                .filter_map(|key| container.get(key))
                .map(compose::line)
                .collect::<Vec<_>>()
                .join(" "),
            instances: None,
            surge_percent: None,
            mounts: Vec::new(),
            spot: doc.spot(name),
        })
    };
    containers.iter().filter_map(service).collect()
}
