//! Any bytes as `guards.yaml`: schema check, kinds and settings.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use nidoto_core::Kind;
use nidoto_core::folder::{Config, Reader, guard_file_schema, read_guards};
use serde_json::Value as Json;

struct Known {
    kinds: Vec<&'static Kind>,
    schema: Json,
    config: Config,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let kinds = [nidoto_metrics::KINDS, nidoto_logs::KINDS, nidoto_config::KINDS].concat();
        let schema = guard_file_schema(&kinds);
        let text = "sources: {m: {prometheus: 'http://x'}, l: {log: a}, c: {command: [a]}}";
        let (config, _) = Config::read(Path::new("nidoto.yaml"), text);
        Known { kinds, schema, config }
    })
}

fuzz_target!(|text: &str| {
    let Known { kinds, schema, config } = known();
    let file = read_guards(&Reader { kinds, schema, config }, Path::new("guards.yaml"), text, None);
    for broken in &file.broken {
        assert!(!broken.diags.is_empty(), "{} is broken without a reason", broken.name);
    }
    for spec in &file.guards {
        assert!(spec.every_ms() > 0 && spec.warn_ms() >= 0);
        let _ = spec.guard.needs();
    }
});
