//! Rules over nginx configuration.

pub(crate) mod ngx001_name_resolved_once;
pub(crate) mod ngx002_variable_shares_literal;
pub(crate) mod ngx003_variable_without_resolver;
pub(crate) mod ngx004_resolve_without_zone;

use super::config::Config;

/// Whether `resolver` stands in a block around a directive, or beside it.
fn has_resolver(config: &Config, node: usize) -> bool {
    let mut scopes: Vec<Option<usize>> = config.around(node).map(Some).collect();
    scopes.push(None);
    let is_on = |node: &super::Node| node.name() == "resolver" && node.arg() != "off";
    scopes.iter().any(|scope| config.within(*scope).any(|(_, node)| is_on(node)))
}
