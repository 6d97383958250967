//! Where nginx connects to: every `*_pass`, with what its variables can hold.

use std::collections::{HashMap, HashSet};

use nidoto_core::Words;

use super::config::{Config, Node};
use super::names::Target;
use crate::scan::Out;

const PASSES: [&str; 6] = ["proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass"];
/// Stands for what a variable holds where that is not known.
const UNKNOWN: char = '\u{1}';
/// A variable may hold this many values, and refer to others this deep.
const VALUES_MAX: usize = 16;
/// After so many destinations the other passes are not looked at.
const TARGETS_MAX: usize = 100_000;

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
    pub upstreams: HashSet<String>,
    /// Hosts and ports that stand somewhere without a variable, with the first such pass.
    literals: HashMap<(String, Option<u16>), usize>,
    /// The first pass that was not looked at.
    cut: Option<usize>,
}

impl Passes {
    /// Finds them.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let settings = settings(config);
        let upstreams = config.nodes.iter().filter(|node| node.name() == "upstream" && node.block.is_some());
        let upstreams = upstreams.map(|node| node.arg().to_ascii_lowercase()).collect();
        let is_pass = |node: &&Node| PASSES.contains(&node.name()) && node.args().len() == 1;
        let (mut all, mut targets, mut cut) = (Vec::new(), 0, None);
        for (at, node) in config.nodes.iter().enumerate().filter(|(_, node)| is_pass(node)) {
            if targets >= TARGETS_MAX {
                cut = Some(at);
                break;
            }
            let pass = pass(at, node, &Scope::of(config, &settings, at));
            targets += pass.targets.len().max(1);
            all.push(pass);
        }
        let mut literals = HashMap::new();
        for (i, pass) in all.iter().enumerate().filter(|(_, pass)| !pass.has_variable) {
            for target in &pass.targets {
                literals.entry((target.host.clone(), target.real_port())).or_insert(i);
            }
        }
        Self { all, upstreams, literals, cut }
    }

    /// Tells what was not looked at.
    pub fn tell_cut(&self, config: &Config, out: &mut Out) {
        if let Some(at) = self.cut {
            let why = Words::new(
                format!("more than {TARGETS_MAX} destinations: those from here on were not looked at"),
                format!("接続先が {TARGETS_MAX} を超えており、ここから先は見ていません"),
            );
            out.cannot(&config.nodes[at].spot(1), why);
        }
    }

    /// Whether a target is an upstream block's name.
    #[must_use]
    pub fn is_upstream(&self, target: &Target) -> bool {
        target.port.is_none() && self.upstreams.contains(&target.host)
    }

    /// A pass whose literal address makes nginx keep this host and port as an upstream of its own.
    #[must_use]
    pub fn literal_twin(&self, target: &Target) -> Option<&Pass> {
        self.literals.get(&(target.host.clone(), target.real_port())).map(|at| &self.all[*at])
    }
}

fn pass(at: usize, node: &Node, scope: &Scope<'_>) -> Pass {
    let url = node.arg();
    let has_variable = url.contains('$');
    let texts = if has_variable { expand(url, scope, 3) } else { vec![url.to_owned()] };
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

/// The values that something gives to a variable: by the block in which they hold, `None` for the whole
/// configuration, and by the server around it.
#[derive(Default)]
struct Values {
    blocks: HashMap<Option<usize>, Vec<String>>,
    servers: HashMap<usize, Vec<String>>,
}

type Settings = HashMap<String, Values>;

/// Every value that `set`, `map` and the like give, by variable.
fn settings(config: &Config) -> Settings {
    let mut settings = Settings::new();
    for node in &config.nodes {
        let (variable, value, mut block) = match (node.name(), node.args()) {
            ("set", [name, value]) => (&name.text, value.text.clone(), node.parent),
            ("set_by_lua_block" | "set_by_lua" | "auth_request_set" | "js_set" | "perl_set", [name, ..]) => {
                (&name.text, UNKNOWN.to_string(), node.parent)
            }
            _ => match mapped(config, node) {
                Some((variable, value)) => (variable, value.to_owned(), None),
                None => continue,
            },
        };
        // What stands in an `if` may hold behind it.
        while let Some(outer) = block.filter(|at| config.nodes[*at].name() == "if") {
            block = config.nodes[outer].parent;
        }
        let server = block.and_then(|block| server_of(config, std::iter::once(block).chain(config.around(block))));
        let values = settings.entry(bare(variable).to_owned()).or_default();
        if let Some(server) = server {
            keep(values.servers.entry(server).or_default(), value.clone());
        }
        keep(values.blocks.entry(block).or_default(), value);
    }
    settings
}

fn keep(values: &mut Vec<String>, value: String) {
    if values.len() < VALUES_MAX {
        values.push(value);
    }
}

/// Variable and value of a line of `map` or `split_clients`.
fn mapped<'c>(config: &'c Config, node: &'c Node) -> Option<(&'c String, &'c str)> {
    let parent = &config.nodes[node.parent?];
    let is_map = matches!(parent.name(), "map" | "split_clients");
    let [value] = node.args() else { return None };
    let is_value = is_map && !["include", "hostnames", "volatile"].contains(&node.name());
    Some((&parent.args().get(1).filter(|_| is_value)?.text, &value.text))
}

fn server_of(config: &Config, mut blocks: impl Iterator<Item = usize>) -> Option<usize> {
    blocks.find(|block| config.nodes[*block].name() == "server")
}

/// Where a directive stands, for the variables in it.
struct Scope<'c> {
    settings: &'c Settings,
    around: Vec<usize>,
    server: Option<usize>,
}

impl<'c> Scope<'c> {
    fn of(config: &Config, settings: &'c Settings, at: usize) -> Self {
        let around: Vec<usize> = config.around(at).collect();
        let server = server_of(config, around.iter().copied());
        Self { settings, around, server }
    }

    /// What a variable can hold here: what is set in the blocks around; where nothing is, what is
    /// set anywhere in the server, which a rewrite may have gone through.
    fn values(&self, variable: &str) -> Vec<&'c str> {
        let Some(all) = self.settings.get(variable) else { return Vec::new() };
        let blocks = self.around.iter().copied().map(Some).chain([None]);
        let near: Vec<&String> = blocks.filter_map(|block| all.blocks.get(&block)).flatten().collect();
        let in_server = || self.server.and_then(|server| all.servers.get(&server)).into_iter().flatten();
        let held = if near.is_empty() { in_server().collect() } else { near };
        held.into_iter().map(String::as_str).collect()
    }
}

fn bare(name: &str) -> &str {
    name.trim_start_matches('$').trim_start_matches('{').trim_end_matches('}')
}

/// A text with each variable replaced by what it can hold.
fn expand(text: &str, scope: &Scope<'_>, depth: usize) -> Vec<String> {
    let mut made = vec![String::new()];
    let mut rest = text;
    while let Some(i) = rest.find('$') {
        made.iter_mut().for_each(|one| one.push_str(&rest[..i]));
        let after = &rest[i + 1..];
        let (name, tail) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some((name, tail)) => (name, tail),
            None => after.split_at(after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len())),
        };
        let held = held(name, scope, depth);
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

fn held(name: &str, scope: &Scope<'_>, depth: usize) -> Vec<String> {
    let values = scope.values(name);
    match name {
        "request_uri" | "uri" | "document_uri" => vec!["/".to_owned()],
        "is_args" | "args" | "query_string" => vec!["?".to_owned()],
        _ if !values.is_empty() && depth > 0 => values.iter().flat_map(|text| expand(text, scope, depth - 1)).collect(),
        "scheme" => vec!["http".to_owned()],
        // Addresses, never names.
        "server_addr" | "remote_addr" | "proxy_protocol_addr" | "realip_remote_addr" => vec!["127.0.0.1".to_owned()],
        _ => vec![UNKNOWN.to_string()],
    }
}
