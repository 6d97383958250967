//! Any bytes as `nidoto.yaml` and as a bare tree: errors have places within the text, and what the
//! tree says of bytes can be cut out of the text.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nidoto_core::folder::Config;
use nidoto_core::yaml::{Node, Value, parse};

fuzz_target!(|text: &str| {
    let file = Path::new("nidoto.yaml");
    let document = parse(file, text);
    within(text, &document.root);
    let lines = text.split(['\r', '\n']).count();
    let (config, diags) = Config::read(file, text);
    for diag in diags.iter().chain(&document.diags) {
        assert!(diag.at.line <= lines + 1, "{diag}");
    }
    let _ = (config.zone(), config.night());
});

fn within(text: &str, node: &Node) {
    assert!(text.get(node.bytes.clone()).is_some(), "{:?} of {} bytes", node.bytes, text.len());
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| within(text, item)),
        Value::Map(entries) => entries.iter().for_each(|(key, value)| {
            within(text, key);
            within(text, value);
        }),
        _ => {}
    }
}
