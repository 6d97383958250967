//! Kubernetes: Deployments, StatefulSets, the autoscalers that multiply them, and the volumes that they claim.

use std::collections::HashMap;
use std::sync::Arc;

use nidoto_core::yaml::Node;

use super::service::{Mount, Service};
use super::{Deployment, Doc, compose, documents};
use crate::scan::File;

/// What a manifest runs: one service for each container.
pub fn services(doc: &Doc<'_>) -> Vec<Service> {
    let kind = doc.root.get("kind").and_then(Node::text).unwrap_or_default();
    if kind == "PersistentVolumeClaim" {
        let claims = claim(doc, &doc.root).into_iter();
        return claims
            .map(|one| Service { mounts: vec![one.clone()], ..Service::new(&one.source, one.spot) })
            .collect();
    }
    if !["Deployment", "StatefulSet"].contains(&kind) {
        return Vec::new();
    }
    let name = doc.root.get("metadata").and_then(|meta| meta.get("name"));
    let (Some(name), Some(spec)) = (name, doc.root.get("spec")) else { return Vec::new() };
    let pod = spec.get("template").and_then(|template| template.get("spec"));
    let containers = pod.and_then(|pod| pod.get("containers")).map_or(&[][..], Node::items);
    let replicas = spec.get("replicas").map_or(Some(1), |node| node.text()?.parse().ok());
    let surge = surge(kind, spec, replicas);
    let service = |container: &Node| Service {
        image: container.get("image").and_then(|image| Some((image.text()?.to_owned(), doc.spot(image)))),
        env: doc.named_values(container.get("env")),
        command: ["command", "args"]
            .into_iter()
            .filter_map(|key| container.get(key))
            .map(compose::line)
            .collect::<Vec<_>>()
            .join(" "),
        instances: replicas,
        surge_percent: surge,
        ..Service::new(name.text().unwrap_or_default(), doc.spot(name))
    };
    let claims =
        spec.get("volumeClaimTemplates").map_or(&[][..], Node::items).iter().filter_map(|node| claim(doc, node));
    let state = Service { mounts: claims.collect(), ..Service::new(name.text().unwrap_or_default(), doc.spot(name)) };
    containers.iter().map(service).chain((!state.mounts.is_empty()).then_some(state)).collect()
}

/// A PersistentVolumeClaim, by its name: what is in it is state.
fn claim(doc: &Doc<'_>, node: &Node) -> Option<Mount> {
    let name = node.get("metadata")?.get("name")?;
    Some(Mount { source: name.text()?.to_owned(), is_volume: true, spot: doc.spot(name) })
}

/// `maxSurge`, a quarter by default, rounded up to whole pods. A StatefulSet replaces one by one.
fn surge(kind: &str, spec: &Node, replicas: Option<u64>) -> Option<u64> {
    let strategy = spec.get("strategy");
    let is_recreate = strategy.and_then(|s| s.get("type")).and_then(Node::text) == Some("Recreate");
    if kind == "StatefulSet" || is_recreate {
        return Some(0);
    }
    let replicas = replicas?.max(1);
    let written =
        strategy.and_then(|s| s.get("rollingUpdate")).and_then(|update| update.get("maxSurge")).and_then(Node::text);
    match written.unwrap_or("25%").split_once('%') {
        Some((percent, _)) => percent.parse().ok(),
        None => Some((written?.parse::<u64>().ok()?.saturating_mul(100)).div_ceil(replicas)),
    }
}

/// Lets autoscalers say how many instances there are at the most.
pub fn scale(deployments: &mut [Deployment], files: &[Arc<File>]) {
    let scalers = files.iter().filter(|file| file.text.contains("HorizontalPodAutoscaler"));
    let mut limits: HashMap<String, Option<u64>> = HashMap::new();
    for (name, max) in
        scalers.flat_map(|file| documents(file).unwrap_or_default().iter().filter_map(limit).collect::<Vec<_>>())
    {
        limits.entry(name).or_insert(max);
    }
    for service in deployments.iter_mut().flat_map(|deployment| &mut deployment.services) {
        if let Some(max) = limits.get(&service.name) {
            service.instances = *max;
        }
    }
}

fn limit(doc: &Doc<'_>) -> Option<(String, Option<u64>)> {
    let spec = doc
        .root
        .get("spec")
        .filter(|_| doc.root.get("kind").and_then(Node::text) == Some("HorizontalPodAutoscaler"))?;
    let name = spec.get("scaleTargetRef")?.get("name")?.text()?.to_owned();
    Some((name, spec.get("maxReplicas").and_then(Node::text).and_then(|text| text.parse().ok())))
}
