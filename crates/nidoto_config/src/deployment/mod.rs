//! Compose files, Kubernetes manifests, ECS and CloudFormation: what runs, how often, with what.

mod cloudformation;
mod compose;
mod connections;
mod ecs;
mod kubernetes;
mod pools;
pub(crate) mod rules;
mod service;

use std::sync::Arc;

use nidoto_core::Words;
use nidoto_core::yaml::Node;

pub use pools::pools_of;
pub use service::{Build, Mount, Service};

use crate::scan::{File, Spot};

/// A file that says what runs.
#[derive(Debug)]
pub struct Deployment {
    /// The file.
    pub file: Arc<File>,
    /// What runs.
    pub services: Vec<Service>,
}

/// Whether a YAML or JSON text is one of ours.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    const KINDS: [&str; 6] = [
        "kind: Deployment",
        "kind: StatefulSet",
        "kind: HorizontalPodAutoscaler",
        "kind: DaemonSet",
        "kind: CronJob",
        "kind: PersistentVolumeClaim",
    ];
    const KEYS: [&str; 3] = ["\"containerDefinitions\"", "\"desiredCount\"", "\"ScalableTargets\""];
    (text.contains("apiVersion:") && KINDS.iter().any(|kind| text.contains(kind)))
        || KEYS.iter().any(|key| text.contains(key))
        || cloudformation::looks_like(text)
}

/// A YAML document within a file.
#[derive(Debug)]
pub(crate) struct Doc<'f> {
    file: &'f Arc<File>,
    offset: usize,
    root: Node,
}

impl Doc<'_> {
    fn spot(&self, node: &Node) -> Spot {
        Spot::new(self.file, self.offset + node.bytes.start..self.offset + node.bytes.end)
    }

    /// A list of `{name, value}`, as containers have it for their environment.
    fn named_values(&self, list: Option<&Node>) -> Vec<(String, Option<String>, Spot)> {
        let named = |item: &Node| {
            let value = item.get("value").or(item.get("Value")).and_then(Node::text).map(str::to_owned);
            Some((item.get("name").or(item.get("Name"))?.text()?.to_owned(), value, self.spot(item)))
        };
        list.map_or(&[][..], Node::items).iter().filter_map(named).collect()
    }
}

/// Reads what runs.
pub fn load(files: &[Arc<File>], unread: &mut Vec<(String, Words)>) -> Vec<Deployment> {
    let mut read = Vec::new();
    let mut scales = Vec::new();
    for file in files {
        match documents(file) {
            Ok(docs) => {
                for doc in &docs {
                    scales.extend(ecs::scales(doc).into_iter().chain(cloudformation::scales(doc)));
                }
                read.push(Deployment { file: Arc::clone(file), services: services(&docs) });
            }
            Err(why) => unread.push((file.path.clone(), why)),
        }
    }
    kubernetes::scale(&mut read, files);
    ecs::scale(&mut read, &scales);
    read
}

fn services(docs: &[Doc<'_>]) -> Vec<Service> {
    let mut services = Vec::new();
    for doc in docs {
        if doc.root.get("Resources").is_some() {
            services.extend(cloudformation::services(doc));
        } else if doc.root.get("services").is_some() {
            services.extend(compose::services(doc));
        } else if doc.root.get("containerDefinitions").is_some() {
            services.extend(ecs::services(doc));
        } else if let Some(task) =
            doc.root.get("taskDefinition").filter(|task| task.get("containerDefinitions").is_some())
        {
            services.extend(ecs::services(&Doc { file: doc.file, offset: doc.offset, root: task.clone() }));
        } else {
            services.extend(kubernetes::services(doc));
        }
    }
    services
}

/// The documents of a file; an error is why it cannot be read.
fn documents(file: &Arc<File>) -> Result<Vec<Doc<'_>>, Words> {
    if file.text.contains("{{") || file.text.contains("{%") {
        return Err(Words::new("a template, not YAML yet", "テンプレートで、まだ YAML ではありません"));
    }
    let read = crate::yaml::documents(&file.path, &file.text)?;
    Ok(read.into_iter().map(|(offset, root)| Doc { file, offset, root }).collect())
}
