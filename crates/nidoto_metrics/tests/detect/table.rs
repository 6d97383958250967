//! The table, small.

use super::detect;

#[test]
fn a_handful_of_series_makes_a_table() {
    let mut out = Vec::new();
    let args = ["--train", "--share", "0", "--family", "after-a-deploy"];
    detect::run(args.map(str::to_owned), &mut out).unwrap();
    let table = String::from_utf8(out).unwrap();
    for peer in ["predict_linear", "node-mixin", "coroot-like", "memwatch-like", "Mann-Kendall", "Precog-like"] {
        assert!(table.contains(peer), "{table}");
    }
    assert!(table.contains("precision") && table.contains("hits / leaks"), "{table}");
}
