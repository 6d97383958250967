//! Least squares over a window of samples, at the same price for any window.

use super::case::HOUR_MS;

/// Slope per hour and value at `at_ms` of the least-squares line; `None` for less than two samples.
pub fn fit(samples: &[(i64, f64)], at_ms: i64) -> Option<(f64, f64)> {
    let line = Lines::new(samples).between(0, samples.len())?;
    Some((line.slope, line.at(at_ms)))
}

/// Running sums.
#[derive(Debug)]
pub struct Lines {
    origin_ms: i64,
    /// Of x, y, xx, xy, yy before each sample; x in hours.
    sums: Vec<[f64; 5]>,
}

/// A fitted line.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    origin_ms: i64,
    /// Per hour.
    pub slope: f64,
    /// Hours since the origin and value of the middle.
    middle: (f64, f64),
    /// The share of the variance that the line explains.
    pub r2: f64,
}

impl Line {
    /// The line's value.
    pub fn at(&self, at_ms: i64) -> f64 {
        let hours = (at_ms - self.origin_ms) as f64 / HOUR_MS as f64;
        self.middle.1 + self.slope * (hours - self.middle.0)
    }
}

impl Lines {
    /// Sums of samples in order of time. The values are shifted to their mean: sums of squares of bytes lose digits.
    pub fn new(samples: &[(i64, f64)]) -> Self {
        let origin_ms = samples.get(samples.len() / 2).map_or(0, |s| s.0);
        let mut sums = Vec::with_capacity(samples.len() + 1);
        let mut sum = [0.0; 5];
        sums.push(sum);
        for (at_ms, y) in samples {
            let x = (at_ms - origin_ms) as f64 / HOUR_MS as f64;
            for (sum, one) in sum.iter_mut().zip([x, *y, x * x, x * y, y * y]) {
                *sum += one;
            }
            sums.push(sum);
        }
        Self { origin_ms, sums }
    }

    /// The line through the samples of a range of positions.
    pub fn between(&self, from: usize, to: usize) -> Option<Line> {
        if to < from + 2 {
            return None;
        }
        let n = (to - from) as f64;
        let [x, y, xx, xy, yy] = std::array::from_fn(|i| self.sums[to][i] - self.sums[from][i]);
        let (vx, vxy, vy) = (xx - x * x / n, xy - x * y / n, yy - y * y / n);
        if vx <= 0.0 {
            return None;
        }
        let r2 = if vy > 0.0 { (vxy * vxy / (vx * vy)).min(1.0) } else { 0.0 };
        Some(Line { origin_ms: self.origin_ms, slope: vxy / vx, middle: (x / n, y / n), r2 })
    }
}
