//! Rules over nginx configuration.

pub(crate) mod ngx001_name_resolved_once;
pub(crate) mod ngx002_variable_shares_literal;
pub(crate) mod ngx003_variable_without_resolver;
pub(crate) mod ngx004_resolve_without_zone;
