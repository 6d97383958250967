//! Compose files, Kubernetes manifests, ECS and CloudFormation: what runs, how often, with what.

mod cloudformation;
mod compose;
mod connections;
mod ecs;
mod kubernetes;
mod pools;
pub(crate) mod rules;
mod service;

use std::path::Path;
use std::sync::Arc;

use nidoto_core::Words;
use nidoto_core::yaml::{Node, parse};

pub use pools::pools_of;
pub use service::{Build, Mount, Service};

use crate::scan::{File, Spot};

/// More documents in one file are refused.
const DOCUMENTS_MAX: usize = 10_000;
/// More values in one file are refused.
const NODES_MAX: usize = 250_000;
/// A longer document is refused: of what stands in brackets, as all of JSON does, the parser keeps two
/// hundred times as much. CloudFormation takes no more, Kubernetes hardly.
const DOCUMENT_BYTES_MAX: usize = 1 << 20;

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
    let mut docs = Vec::new();
    let (mut offset, mut nodes) = (0, 0);
    for part in split(&file.text) {
        if part.len() > DOCUMENT_BYTES_MAX {
            let (en, ja) = (
                format!("a document of more than {DOCUMENT_BYTES_MAX} bytes"),
                format!("{DOCUMENT_BYTES_MAX} バイトを超える文書があります"),
            );
            return Err(Words::new(en, ja));
        }
        let document = parse(Path::new(&file.path), part);
        nodes += document.nodes;
        if docs.len() >= DOCUMENTS_MAX || nodes > NODES_MAX {
            let (en, ja) = (
                format!("more than {DOCUMENTS_MAX} documents or {NODES_MAX} values"),
                format!("文書が {DOCUMENTS_MAX} または値が {NODES_MAX} を超えています"),
            );
            return Err(Words::new(en, ja));
        }
        if let Some(diag) = document.diags.first() {
            let line = diag.at.line + file.text[..offset].lines().count();
            return Err(Words::new(format!("line {line}: {}", diag.what.en), format!("{line} 行目: {}", diag.what.ja)));
        }
        docs.push(Doc { file, offset, root: document.root });
        offset += part.len();
    }
    Ok(docs)
}

/// Splits a YAML text into its documents; together they are the text.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if (line.trim_end() == "---" || line.starts_with("--- ")) && at > from {
            parts.push(&text[from..at]);
            from = at;
        }
        at += line.len();
    }
    parts.push(&text[from..]);
    parts
}
