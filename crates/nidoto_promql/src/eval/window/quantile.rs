//! Quantiles of a window.

use super::{Rolling, Window};
use crate::eval::quantile::{interpolate, quantile};

/// `quantile_over_time`: how many samples of each rank are within the window, in a Fenwick tree over all ranks of
/// the series. A step costs the logarithm of the series' length. Source: Fenwick, "A New Data Structure for
/// Cumulative Frequency Tables", 1994.
pub(crate) struct Quantile {
    rank_of: Vec<u32>,
    sorted: Vec<f64>,
    tree: Vec<u32>,
    first: usize,
    end: usize,
}

impl Quantile {
    pub(crate) fn new(values: &[f64]) -> Self {
        let mut order: Vec<u32> = (0..values.len() as u32).collect();
        order.sort_by(|&a, &b| nan_first(values[a as usize], values[b as usize]));
        let mut rank_of = vec![0; values.len()];
        for (rank, &i) in order.iter().enumerate() {
            rank_of[i as usize] = rank as u32;
        }
        let sorted = order.iter().map(|&i| values[i as usize]).collect();
        Self { rank_of, sorted, tree: vec![0; values.len() + 1], first: 0, end: 0 }
    }

    fn count(&mut self, i: usize, change: i32) {
        let mut node = self.rank_of[i] as usize + 1;
        while node < self.tree.len() {
            self.tree[node] = self.tree[node].wrapping_add_signed(change);
            node += node & node.wrapping_neg();
        }
    }

    /// The sample of the window that has `k` smaller ones within it.
    fn nth(&self, k: usize) -> f64 {
        let (mut node, mut left) = (0, k as u32);
        let mut width = self.tree.len().next_power_of_two() / 2;
        while width > 0 {
            let next = node + width;
            if next < self.tree.len() && self.tree[next] <= left {
                left -= self.tree[next];
                node = next;
            }
            width /= 2;
        }
        self.sorted[node]
    }
}

/// The order of a quantile: NaN is smaller than everything.
pub(crate) fn nan_first(a: f64, b: f64) -> std::cmp::Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

impl Rolling for Quantile {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        for i in self.first..w.first.min(self.end) {
            self.count(i, -1);
        }
        for i in self.end.max(w.first)..w.end {
            self.count(i, 1);
        }
        (self.first, self.end) = (w.first, w.end);
        interpolate(w.params[0], w.len(), |k| self.nth(k))
    }
}

/// `mad_over_time`: the median distance from the median.
pub(crate) fn median_absolute_deviation(w: &Window<'_>) -> f64 {
    if w.values().iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    let median = quantile(0.5, &mut w.values().to_vec());
    let mut distances: Vec<f64> = w.values().iter().map(|v| (v - median).abs()).collect();
    quantile(0.5, &mut distances)
}
