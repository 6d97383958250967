//! The pages of docs/rules are those of the rules.

use std::fs;
use std::path::Path;

use nidoto_config::scan::{RULES, explain};
use nidoto_core::Lang;

#[test]
fn each_rule_has_its_page_and_nothing_else_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    for rule in RULES {
        let page = fs::read_to_string(folder.join(format!("{}.md", rule.code))).unwrap_or_default();
        assert_eq!(page, explain(rule, Lang::En), "run: nidoto generate docs");
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), RULES.len());
}
