//! Robust statistics over a few dozen values.

use std::f64::consts::SQRT_2;

/// The median; `None` of nothing.
#[must_use]
pub fn median(values: &mut [f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The quantile, interpolated between neighbours; `None` of nothing. The values are reordered.
#[must_use]
pub fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let rank = q.clamp(0.0, 1.0) * (values.len() - 1) as f64;
    let below = rank.floor() as usize;
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let low = *low;
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    let share = rank - below as f64;
    Some(if share == 0.0 { low } else { low + (high - low) * share })
}

/// A robust line through points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The median slope of all pairs: Theil (1950), Sen (1968), <https://doi.org/10.1080/01621459.1968.10480934>.
    pub mid: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end of its interval.
    pub high: f64,
    /// How far the number of rising pairs is from chance, in standard deviations: the test of
    /// Mann (1945) and Kendall, with continuity correction.
    pub z: f64,
}

/// The robust slope of points in order of `x`, with the interval of so many standard deviations
/// (1.96 for 95 %). `None` of fewer than five points.
#[must_use]
pub fn theil_sen(points: &[(f64, f64)], sigmas: f64) -> Option<Slope> {
    let n = points.len();
    if n < 5 {
        return None;
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    let mut rising = 0.0;
    for (i, (x, y)) in points.iter().enumerate() {
        for (later_x, later_y) in &points[i + 1..] {
            let rise = later_y - y;
            rising += if rise > 0.0 {
                1.0
            } else if rise < 0.0 {
                -1.0
            } else {
                0.0
            };
            slopes.push(rise / (later_x - x));
        }
    }
    let deviation = kendall_deviation(n);
    let pairs = slopes.len() as f64;
    let rank = |share: f64| (share.max(0.0) as usize).min(slopes.len() - 1);
    let (low_rank, high_rank) = (rank((pairs - sigmas * deviation) / 2.0), rank((pairs + sigmas * deviation) / 2.0));
    let mid = median(&mut slopes)?;
    let low = *slopes.select_nth_unstable_by(low_rank, f64::total_cmp).1;
    let high = *slopes.select_nth_unstable_by(high_rank, f64::total_cmp).1;
    let towards_zero = if rising > 0.0 {
        -1.0
    } else if rising < 0.0 {
        1.0
    } else {
        0.0
    };
    Some(Slope { mid, low, high, z: (rising + towards_zero) / deviation })
}

/// Mann-Kendall alone, over values in order of time: far cheaper than the slope.
#[must_use]
pub fn mann_kendall(values: &[f64]) -> f64 {
    let rising = rising_less_falling(values);
    let deviation = kendall_deviation(values.len());
    if deviation > 0.0 { (rising - rising.signum()) as f64 / deviation } else { 0.0 }
}

/// Kendall's tau (1938) against time: 1 where each value is above all before it, -1 where below; 0 of fewer than two.
#[must_use]
pub fn kendall_tau(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 2 { 0.0 } else { rising_less_falling(values) as f64 / (n * (n - 1.0) / 2.0) }
}

/// The pairs of values that rise, less those that fall.
fn rising_less_falling(values: &[f64]) -> i64 {
    let sign = |value: &f64, later: &f64| i64::from(later > value) - i64::from(later < value);
    values
        .iter()
        .enumerate()
        .map(|(i, value)| values[i + 1..].iter().map(|later| sign(value, later)).sum::<i64>())
        .sum()
}

/// The standard deviation of the number of rising less falling pairs, by chance.
fn kendall_deviation(n: usize) -> f64 {
    let n = n as f64;
    (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt()
}

/// The share of a normal distribution below so many standard deviations (Abramowitz and Stegun,
/// 7.1.26; good to 1e-7).
#[must_use]
pub fn normal(z: f64) -> f64 {
    let x = z.abs() / SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series =
        ((((1.061_405_429 * t - 1.453_152_027) * t + 1.421_413_741) * t - 0.284_496_736) * t + 0.254_829_592) * t;
    let erf = 1.0 - series * (-x * x).exp();
    if z < 0.0 { 0.5 * (1.0 - erf) } else { 0.5 * (1.0 + erf) }
}

/// How many standard deviations a share of a normal distribution lies below (Abramowitz and Stegun,
/// 26.2.23; good to 5e-4).
#[must_use]
pub fn normal_quantile(share: f64) -> f64 {
    let tail = share.min(1.0 - share).max(f64::MIN_POSITIVE);
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let z = t - above / below;
    if share < 0.5 { -z } else { z }
}

/// The quantile of Student's t, between 5 and 95 % and from two degrees of freedom on (the expansion
/// of Cornish and Fisher, Abramowitz and Stegun 26.7.5; good to one and a half percent).
#[must_use]
pub fn student_t(share: f64, freedom: f64) -> f64 {
    let z = if share == 0.5 { 0.0 } else { normal_quantile(share) };
    let square = z * z;
    let first = (square + 1.0) / 4.0;
    let second = ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    z * (1.0 + first / freedom + second / freedom.powi(2) + third / freedom.powi(3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_straight_line_has_its_slope() {
        let points: Vec<(f64, f64)> = (0..20).map(|x| (f64::from(x), 3.0 + 0.5 * f64::from(x))).collect();
        let slope = theil_sen(&points, 1.96).unwrap();
        assert_eq!((slope.low, slope.mid, slope.high), (0.5, 0.5, 0.5));
        assert!(slope.z > 5.0);
        assert_eq!(theil_sen(&points[..4], 1.96), None);
        assert!((normal(1.959_964) - 0.975).abs() < 1e-6 && (normal(-1.281_552) - 0.1).abs() < 1e-6);
    }

    #[test]
    fn the_quantile_of_t_is_that_of_the_tables() {
        for (share, freedom, want) in [(0.9, 2.0, 1.886), (0.9, 7.0, 1.415), (0.1, 3.0, -1.638), (0.95, 5.0, 2.015)] {
            let got: f64 = student_t(share, freedom);
            assert!((got / want - 1.0).abs() < 0.005, "{got} for {want}");
        }
        assert_eq!(student_t(0.5, 4.0), 0.0);
        assert!((normal_quantile(0.1) + 1.281_552).abs() < 5e-4);
    }

    #[test]
    fn one_outlier_moves_nothing() {
        let mut points: Vec<(f64, f64)> = (0..20).map(|x| (f64::from(x), f64::from(x))).collect();
        points[7].1 = 1e9;
        assert!((theil_sen(&points, 1.96).unwrap().mid - 1.0).abs() < 0.1);
    }

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_sorted_values(mut values in prop::collection::vec(-1e6..1e6f64, 1..60), q in 0.0..=1.0f64) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let rank = q * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
            let got = quantile(&mut values, q).unwrap();
            prop_assert!(low <= got && got <= high);
        }

        #[test]
        fn both_tests_of_trend_agree(values in prop::collection::vec(0_u8..9, 5..40)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let points: Vec<(f64, f64)> = values.iter().enumerate().map(|(i, v)| (i as f64, *v)).collect();
            prop_assert_eq!(theil_sen(&points, 1.96).unwrap().z, mann_kendall(&values));
        }
    }
}
