//! Least squares.

use super::detect::line::Lines;

#[test]
fn a_straight_line_is_found_in_any_window() {
    let samples: Vec<(i64, f64)> = (0..500).map(|i| (i * 300_000, 4e9 + 2e6 * i as f64)).collect();
    let lines = Lines::new(&samples);
    for (from, to) in [(0, 500), (100, 140), (498, 500)] {
        let line = lines.between(from, to).unwrap();
        assert!((line.slope / 24e6 - 1.0).abs() < 1e-6, "{line:?}");
        assert!((line.at(499 * 300_000) / (4e9 + 998e6) - 1.0).abs() < 1e-9);
    }
    assert!(lines.between(3, 4).is_none());
}
