//! Compose files (compose-spec).

use nidoto_core::yaml::{Node, Value};

use super::Doc;
use super::service::{Build, Mount, Service, interpolated};

/// The services of a compose file.
pub fn services(doc: &Doc<'_>) -> Vec<Service> {
    let Some(services) = doc.root.get("services") else { return Vec::new() };
    services.entries().filter_map(|(name, node)| Some(service(doc, name, name.text()?, node))).collect()
}

fn service(doc: &Doc<'_>, key: &Node, name: &str, node: &Node) -> Service {
    let text = |key: &str| node.get(key).and_then(Node::text);
    let deploy = node.get("deploy");
    let replicas = deploy.and_then(|deploy| deploy.get("replicas")).or(node.get("scale")).and_then(Node::text);
    let order = deploy.and_then(|deploy| deploy.get("update_config")).and_then(|update| update.get("order"));
    Service {
        image: node.get("image").and_then(|image| {
            let written = image.text()?;
            Some((interpolated(written).unwrap_or_else(|| written.to_owned()), doc.spot(image)))
        }),
        env: node.get("environment").map(|env| environment(doc, env)).unwrap_or_default(),
        command: ["entrypoint", "command"]
            .into_iter()
            .filter_map(|key| node.get(key))
            .map(line)
            .collect::<Vec<_>>()
            .join(" "),
        // Without a number one instance runs: the file says so by saying nothing.
        instances: replicas.map_or(Some(1), |text| interpolated(text)?.parse().ok()),
        surge_percent: Some(if order.and_then(Node::text) == Some("start-first") { 100 } else { 0 }),
        mounts: if text("read_only") == Some("true") { Vec::new() } else { mounts(doc, node) },
        build: node.get("build").and_then(|node| build(doc, node)),
        ..Service::new(name, doc.spot(key))
    }
}

/// The Dockerfile, stage and arguments of `build`. A context that is elsewhere (git, a URL) is not here.
fn build(doc: &Doc<'_>, node: &Node) -> Option<Build> {
    let text = |key: &str| node.get(key).and_then(Node::text).and_then(interpolated);
    let context = node.text().map_or_else(|| text("context"), interpolated).unwrap_or_else(|| ".".to_owned());
    let dockerfile = text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned());
    let args = node.get("args").map(|args| environment(doc, args)).unwrap_or_default();
    (!context.contains("://") && !context.starts_with("git@")).then(|| Build {
        context: joined(&[doc.file.folder(), &context]),
        dockerfile: joined(&[doc.file.folder(), &context, &dockerfile]),
        target: text("target"),
        args: args.into_iter().filter_map(|(name, value, _)| Some((name, value?))).collect(),
        spot: doc.spot(node.get("target").unwrap_or(node)),
    })
}

/// Paths, each relative to the one before, without `.` and `..`.
fn joined(paths: &[&str]) -> String {
    let whole = paths.iter().fold(String::new(), |folder, path| match path.strip_prefix('/') {
        Some(_) => (*path).to_owned(),
        None => format!("{folder}/{path}"),
    });
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let is_absolute = paths.iter().any(|path| path.starts_with('/'));
    format!("{}{}", if is_absolute { "/" } else { "" }, parts.join("/"))
}

fn environment(doc: &Doc<'_>, env: &Node) -> Vec<(String, Option<String>, crate::scan::Spot)> {
    let listed = env.items().iter().filter_map(|item| {
        let (name, value) = item.text()?.split_once('=').map_or((item.text()?, None), |(n, v)| (n, interpolated(v)));
        Some((name.to_owned(), value, doc.spot(item)))
    });
    let mapped = env
        .entries()
        .filter_map(|(key, value)| Some((key.text()?.to_owned(), value.text().and_then(interpolated), doc.spot(key))));
    listed.chain(mapped).collect()
}

/// A command, as a text or a list of words.
pub fn line(node: &Node) -> String {
    match &node.value {
        Value::List(items) => items.iter().filter_map(Node::text).collect::<Vec<_>>().join(" "),
        _ => node.text().unwrap_or_default().to_owned(),
    }
}

fn mounts(doc: &Doc<'_>, node: &Node) -> Vec<Mount> {
    let items = node.get("volumes").map_or(&[][..], Node::items);
    items.iter().filter_map(|item| mount(doc, item)).collect()
}

fn mount(doc: &Doc<'_>, item: &Node) -> Option<Mount> {
    let (source, is_read_only) = match item.text() {
        Some(text) => {
            let mut parts = text.split(':');
            let source = parts.next()?;
            parts.next()?;
            (source.to_owned(), parts.next().is_some_and(|mode| mode.split(',').any(|m| m == "ro")))
        }
        None => {
            let kind = item.get("type").and_then(Node::text).unwrap_or("volume");
            let is_read_only = item.get("read_only").and_then(Node::text) == Some("true");
            (item.get("source")?.text()?.to_owned(), is_read_only || kind == "tmpfs")
        }
    };
    let source = interpolated(&source).unwrap_or(source);
    let is_path = source.starts_with(['/', '.', '~', '$']);
    let is_system = ["/var/run/", "/run/", "/proc", "/sys", "/dev", "/tmp", "/etc/localtime"]
        .iter()
        .any(|start| source.starts_with(start));
    (!is_read_only && !is_system).then(|| Mount { source, is_volume: !is_path, spot: doc.spot(item) })
}
