//! CloudFormation and SAM templates: ECS services with their tasks, functions, and the parameter groups of
//! RDS. What a template computes (`Ref`, `Fn::Sub`) is not known here, and so could-not-check.

use std::collections::HashSet;

use nidoto_core::yaml::{Node, Value};

use super::ecs::{Scale, number, surge};
use super::service::Service;
use super::{Doc, compose};

/// Whether a text is such a template, as far as its words tell.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    ["AWS::ECS::", "AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup"].iter().any(|t| text.contains(t))
}

/// The resources of a type, with their logical names.
fn resources<'d>(doc: &'d Doc<'_>, kinds: &'d [&str]) -> impl Iterator<Item = (&'d Node, &'d Node)> {
    let all = doc.root.get("Resources").map(Node::entries).into_iter().flatten();
    all.filter(|(_, node)| node.get("Type").and_then(Node::text).is_some_and(|kind| kinds.contains(&kind)))
        .filter_map(|(name, node)| Some((name, node.get("Properties")?)))
}

/// What runs, and the database servers.
pub fn services(doc: &Doc<'_>) -> Vec<Service> {
    let mut services = Vec::new();
    for (task, properties) in resources(doc, &["AWS::ECS::TaskDefinition"]) {
        let containers = properties.get("ContainerDefinitions").map_or(&[][..], Node::items);
        services.extend(containers.iter().filter_map(|node| container(doc, task.text()?, node)));
    }
    for (name, properties) in resources(doc, &["AWS::Lambda::Function", "AWS::Serverless::Function"]) {
        services.push(function(doc, name, properties));
    }
    for (name, properties) in resources(doc, &["AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup"]) {
        services.extend(server(doc, name, properties));
    }
    services
}

fn container(doc: &Doc<'_>, task: &str, node: &Node) -> Option<Service> {
    let name = node.get("Name")?;
    let command = ["EntryPoint", "Command"].into_iter().filter_map(|key| node.get(key)).map(compose::line);
    Some(Service {
        image: node.get("Image").and_then(|image| Some((literal(image)?.to_owned(), doc.spot(image)))),
        env: doc.named_values(node.get("Environment")),
        command: command.collect::<Vec<_>>().join(" "),
        task: Some(task.to_owned()),
        ..Service::new(name.text()?, doc.spot(name))
    })
}

/// A function's instances are its reserved concurrency, which holds for all its versions together: a
/// deploy adds none. Without one it may take all that the account has.
fn function(doc: &Doc<'_>, name: &Node, properties: &Node) -> Service {
    let variables = properties.get("Environment").and_then(|env| env.get("Variables"));
    let env = variables
        .into_iter()
        .flat_map(Node::entries)
        .filter_map(|(key, value)| Some((key.text()?.to_owned(), literal(value).map(str::to_owned), doc.spot(key))));
    Service {
        env: env.collect(),
        processes: Some(1),
        instances: number(properties.get("ReservedConcurrentExecutions")),
        surge_percent: Some(0),
        ..Service::new(name.text().unwrap_or_default(), doc.spot(name))
    }
}

/// `max_connections` of a parameter group. Without it RDS computes one from the instance's memory.
fn server(doc: &Doc<'_>, name: &Node, properties: &Node) -> Option<Service> {
    let (key, max) = properties.get("Parameters")?.entry("max_connections")?;
    let family = properties.get("Family").and_then(Node::text).unwrap_or_default();
    let reserved = if family.contains("postgres") { 3 } else { 0 };
    Some(Service { accepts: Some((number(Some(max)), reserved)), ..Service::new(name.text()?, doc.spot(key)) })
}

/// How many tasks the ECS services run, and up to how many they are scaled.
pub fn scales(doc: &Doc<'_>) -> Vec<Scale> {
    let services = resources(doc, &["AWS::ECS::Service"]).filter_map(|(name, properties)| {
        Some(Scale {
            service: name.text()?.to_owned(),
            task: reference(properties.get("TaskDefinition")?)?,
            tasks: number(properties.get("DesiredCount")),
            surge_percent: surge(properties.get("DeploymentConfiguration").and_then(|one| one.get("MaximumPercent"))),
        })
    });
    let names: HashSet<&str> = resources(doc, &["AWS::ECS::Service"]).filter_map(|(name, _)| name.text()).collect();
    let targets =
        resources(doc, &["AWS::ApplicationAutoScaling::ScalableTarget"]).filter_map(move |(_, properties)| {
            // The id names the service within a text that is put together: any service whose name stands in it.
            let id = all_text(properties.get("ResourceId")?);
            let words = id.split(|c: char| !c.is_ascii_alphanumeric());
            let service = words.filter(|word| names.contains(word)).max_by_key(|name| name.len())?;
            let tasks = number(properties.get("MaxCapacity"));
            Some(Scale { service: service.to_owned(), task: String::new(), tasks, surge_percent: None })
        });
    services.chain(targets).collect()
}

/// The logical name in `Ref`, `!Ref`, or a text.
fn reference(node: &Node) -> Option<String> {
    node.text().or_else(|| node.get("Ref")?.text()).map(str::to_owned)
}

/// A text that nothing is filled into.
fn literal(node: &Node) -> Option<&str> {
    node.text().filter(|text| !text.contains("${"))
}

fn all_text(node: &Node) -> String {
    match &node.value {
        Value::List(items) => items.iter().map(all_text).collect::<Vec<_>>().join("/"),
        Value::Map(entries) => entries.iter().map(|(_, value)| all_text(value)).collect::<Vec<_>>().join("/"),
        _ => node.text().unwrap_or_default().to_owned(),
    }
}
