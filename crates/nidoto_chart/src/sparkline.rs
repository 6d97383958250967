//! A series within a line of text.

/// The values as `width` characters of rising height, from the least to the greatest of them; the
/// greatest value of each character's share is drawn, and a share without a number is a space.
/// Fewer values than `width` take one character each. Without `unicode` the ramp is ASCII.
pub fn sparkline(values: &[f64], width: usize, unicode: bool) -> String {
    let ramp: [char; 8] = match unicode {
        true => ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        false => ['_', '.', ',', '-', '=', '+', '*', '#'],
    };
    let columns = width.min(values.len());
    let peaks: Vec<Option<f64>> = (0..columns)
        .map(|column| {
            let share = &values[column * values.len() / columns..(column + 1) * values.len() / columns];
            share.iter().copied().filter(|value| !value.is_nan()).reduce(f64::max)
        })
        .collect();
    let finite = || peaks.iter().flatten().copied().filter(|peak| peak.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let step = |peak: f64| {
        // Halved, so that the distance of two finite numbers is finite.
        let share = (peak / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        match peak {
            f64::INFINITY => 7,
            _ if share.is_nan() => 0,
            _ => ((share * 8.0) as usize).min(7),
        }
    };
    peaks.iter().map(|peak| peak.map_or(' ', |peak| ramp[step(peak)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn heights_follow_the_values() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8, true), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[0.0, 7.0, f64::NAN, 3.0], 8, false), "_# -");
        assert_eq!(sparkline(&[5.0, 5.0], 8, true), "▁▁");
        assert_eq!(sparkline(&[], 8, true), "");
        assert_eq!(sparkline(&[1.0], 0, true), "");
        assert_eq!(sparkline(&[f64::INFINITY, f64::NEG_INFINITY, 1.0, 2.0], 4, true), "█▁▁█");
    }

    #[test]
    fn a_peak_between_many_values_is_drawn() {
        let mut values = vec![1.0; 1000];
        values[777] = 9.0;
        assert_eq!(sparkline(&values, 10, true), "▁▁▁▁▁▁▁█▁▁");
    }

    proptest! {
        #[test]
        fn any_values_fit_the_width(values in prop::collection::vec(prop::num::f64::ANY, 0..100), width in 0usize..50) {
            prop_assert_eq!(sparkline(&values, width, true).chars().count(), width.min(values.len()));
        }
    }
}
