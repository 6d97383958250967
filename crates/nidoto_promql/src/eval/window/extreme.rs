//! Smallest and largest value.

use std::collections::VecDeque;

use super::{Rolling, Window};

/// `min_over_time` and `max_over_time`: a queue of the samples that can still become the extreme one.
///
/// NaN is no candidate; a window of nothing else yields NaN.
pub(crate) struct Extreme {
    candidates: VecDeque<usize>,
    next: usize,
    is_max: bool,
    /// Yield the time of the sample, in seconds, instead of its value; of equals the last one.
    is_time: bool,
}

impl Extreme {
    pub(crate) fn new(is_max: bool, is_time: bool) -> Self {
        Self { candidates: VecDeque::new(), next: 0, is_max, is_time }
    }

    /// Whether a newer value makes an older one irrelevant.
    fn supersedes(&self, newer: f64, older: f64) -> bool {
        let is_beyond = if self.is_max { newer > older } else { newer < older };
        is_beyond || (self.is_time && newer == older)
    }
}

impl Rolling for Extreme {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        for i in self.next.max(w.first)..w.end {
            let value = w.all_values[i];
            if value.is_nan() {
                continue;
            }
            while self.candidates.back().is_some_and(|&last| self.supersedes(value, w.all_values[last])) {
                self.candidates.pop_back();
            }
            self.candidates.push_back(i);
        }
        self.next = self.next.max(w.end);
        while self.candidates.front().is_some_and(|&oldest| oldest < w.first) {
            self.candidates.pop_front();
        }
        match self.candidates.front() {
            Some(&i) if self.is_time => w.all_times[i] as f64 / 1000.0,
            Some(&i) => w.all_values[i],
            None if self.is_time => w.all_times[w.end - 1] as f64 / 1000.0,
            None => f64::NAN,
        }
    }
}
