//! Where nginx connects to: every `*_pass`, with what its variables can hold.

use std::collections::{BTreeSet, HashMap};

use super::config::{Config, Node};
use super::names::Target;

const PASSES: [&str; 6] = ["proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass"];
/// Stands for what a variable holds where that is not known.
const UNKNOWN: char = '\u{1}';
/// A variable may hold this many values, and refer to others this deep.
const VALUES_MAX: usize = 16;

/// A `*_pass` and where it leads.
#[derive(Debug)]
pub struct Pass {
    /// The directive.
    pub node: usize,
    /// Where it leads: several where a variable has several values.
    pub targets: Vec<Target>,
    /// Whether a `$` stands anywhere in it: then nginx looks the name up for each request.
    pub has_variable: bool,
    /// Whether some value of it is not known.
    pub is_open: bool,
}

/// What a configuration connects to.
#[derive(Debug)]
pub struct Passes {
    /// Every `*_pass`.
    pub all: Vec<Pass>,
    /// The names of upstream blocks, lower case.
    pub upstreams: BTreeSet<String>,
}

impl Passes {
    /// Finds them.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let set = settings(config);
        let upstreams = config.nodes.iter().filter(|node| node.name() == "upstream" && node.block.is_some());
        let upstreams = upstreams.map(|node| node.arg().to_ascii_lowercase()).collect();
        let is_pass = |node: &&Node| PASSES.contains(&node.name()) && node.args().len() == 1;
        let passes = config.nodes.iter().enumerate().filter(|(_, node)| is_pass(node));
        let all = passes.map(|(at, node)| pass(at, node, &values(config, &set, at))).collect();
        Self { all, upstreams }
    }

    /// Whether a target is an upstream block's name.
    #[must_use]
    pub fn is_upstream(&self, target: &Target) -> bool {
        target.port.is_none() && self.upstreams.contains(&target.host)
    }

    /// A pass whose literal address makes nginx keep this host and port as an upstream of its own.
    #[must_use]
    pub fn literal_twin(&self, target: &Target) -> Option<&Pass> {
        let is_same = |other: &Target| other.host == target.host && other.real_port() == target.real_port();
        let mut literals = self.all.iter().filter(|pass| !pass.has_variable);
        literals.find(|pass| pass.targets.iter().any(is_same))
    }
}

fn pass(at: usize, node: &Node, values: &HashMap<String, Vec<String>>) -> Pass {
    let url = node.arg();
    let has_variable = url.contains('$');
    let texts = if has_variable { expand(url, values, 3) } else { vec![url.to_owned()] };
    let mut is_open = false;
    let mut targets = Vec::new();
    for text in texts {
        let target = Target::of(&text);
        if target.host.contains(UNKNOWN) || target.host.is_empty() {
            is_open = true;
        } else {
            targets.push(target);
        }
    }
    Pass { node: at, targets, has_variable, is_open }
}

/// A value that something gives to a variable, and the block in which it holds.
struct Setting {
    variable: String,
    value: String,
    /// `None` for the whole configuration.
    block: Option<usize>,
}

/// Every value that `set`, `map` and the like give.
fn settings(config: &Config) -> Vec<Setting> {
    let mut settings = Vec::new();
    for node in &config.nodes {
        let value = match (node.name(), node.args()) {
            ("set", [_, value]) => value.text.clone(),
            ("set_by_lua_block" | "set_by_lua" | "auth_request_set" | "js_set" | "perl_set", _) => UNKNOWN.to_string(),
            _ => {
                settings.extend(mapped(config, node));
                continue;
            }
        };
        // What stands in an `if` may hold behind it.
        let mut block = node.parent;
        while let Some(outer) = block.filter(|at| config.nodes[*at].name() == "if") {
            block = config.nodes[outer].parent;
        }
        let variable = node.args().first().map_or(String::new(), |name| bare(&name.text));
        settings.push(Setting { variable, value, block });
    }
    settings
}

/// A line of `map` or `split_clients`.
fn mapped(config: &Config, node: &Node) -> Option<Setting> {
    let parent = &config.nodes[node.parent?];
    let is_map = matches!(parent.name(), "map" | "split_clients");
    let [value] = node.args() else { return None };
    let is_value = is_map && !["include", "hostnames", "volatile"].contains(&node.name());
    let variable = bare(&parent.args().get(1).filter(|_| is_value)?.text);
    Some(Setting { variable, value: value.text.clone(), block: None })
}

/// What each variable can hold at a directive: what is set in the blocks around it; where nothing
/// is, what is set anywhere in its server, which a rewrite may have gone through.
fn values(config: &Config, settings: &[Setting], at: usize) -> HashMap<String, Vec<String>> {
    let around: Vec<usize> = config.around(at).collect();
    let server = around.iter().find(|outer| config.nodes[**outer].name() == "server");
    let is_near = |setting: &Setting| setting.block.is_none_or(|block| around.contains(&block));
    let is_in_server =
        |setting: &Setting| setting.block.is_some_and(|block| config.around(block).any(|outer| Some(&outer) == server));
    let mut values: HashMap<String, Vec<String>> = HashMap::new();
    for setting in settings.iter().filter(|setting| is_near(setting)) {
        values.entry(setting.variable.clone()).or_default().push(setting.value.clone());
    }
    let near: BTreeSet<String> = values.keys().cloned().collect();
    for setting in settings.iter().filter(|setting| !near.contains(&setting.variable) && is_in_server(setting)) {
        values.entry(setting.variable.clone()).or_default().push(setting.value.clone());
    }
    values
}

fn bare(name: &str) -> String {
    name.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}').to_owned()
}

/// A text with each variable replaced by what it can hold.
fn expand(text: &str, values: &HashMap<String, Vec<String>>, depth: usize) -> Vec<String> {
    let mut made = vec![String::new()];
    let mut rest = text;
    while let Some(i) = rest.find('$') {
        made.iter_mut().for_each(|one| one.push_str(&rest[..i]));
        let after = &rest[i + 1..];
        let (name, tail) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some((name, tail)) => (name, tail),
            None => after.split_at(after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len())),
        };
        let held = held(name, values, depth);
        made = made
            .iter()
            .flat_map(|one| held.iter().map(move |value| format!("{one}{value}")))
            .take(VALUES_MAX)
            .collect();
        rest = tail;
    }
    made.iter_mut().for_each(|one| one.push_str(rest));
    made
}

fn held(name: &str, values: &HashMap<String, Vec<String>>, depth: usize) -> Vec<String> {
    match (name, values.get(name)) {
        ("request_uri" | "uri" | "document_uri", _) => vec!["/".to_owned()],
        ("is_args" | "args" | "query_string", _) => vec!["?".to_owned()],
        ("scheme", None) => vec!["http".to_owned()],
        // Addresses, never names.
        ("server_addr" | "remote_addr" | "proxy_protocol_addr" | "realip_remote_addr", None) => {
            vec!["127.0.0.1".to_owned()]
        }
        (_, Some(texts)) if depth > 0 => texts.iter().flat_map(|text| expand(text, values, depth - 1)).collect(),
        _ => vec![UNKNOWN.to_string()],
    }
}
