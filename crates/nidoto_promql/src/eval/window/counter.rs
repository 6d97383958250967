//! How much and how fast a value changed: `rate`, `increase`, `delta`, `changes`, `resets`.

use super::sliding::{Exact, Sliding};
use super::{Rolling, Window};
use crate::eval::column::ABSENT;
use crate::eval::select::Edge;

/// A count of events up to each sample, so that the count within a window is one subtraction.
struct Events(Vec<u32>);

impl Events {
    /// Counts the samples for which `is_event(previous, current)` holds.
    fn new(values: &[f64], is_event: impl Fn(f64, f64) -> bool) -> Self {
        let mut count = 0;
        let mut counts = Vec::with_capacity(values.len());
        for (i, &value) in values.iter().enumerate() {
            count += u32::from(i > 0 && is_event(values[i - 1], value));
            counts.push(count);
        }
        Self(counts)
    }

    fn within(&self, w: &Window<'_>) -> u32 {
        self.0[w.end - 1] - self.0[w.first]
    }
}

fn is_reset(previous: f64, current: f64) -> bool {
    current < previous
}

fn is_change(previous: f64, current: f64) -> bool {
    current != previous && !(current.is_nan() && previous.is_nan())
}

/// `resets`
pub(crate) fn resets(values: &[f64]) -> impl FnMut(&Window<'_>) -> f64 + use<> {
    let events = Events::new(values, is_reset);
    move |w| f64::from(events.within(w))
}

/// `changes`
pub(crate) fn changes(values: &[f64]) -> impl FnMut(&Window<'_>) -> f64 + use<> {
    let events = Events::new(values, is_change);
    move |w| f64::from(events.within(w))
}

/// `rate`, `increase` and `delta`: the difference of the last and the first sample, with what resets took away,
/// extrapolated to the edges of the window.
pub(crate) struct Extrapolated {
    resets: Option<Events>,
    /// What each reset took away.
    lost: Sliding<Exact>,
    is_rate: bool,
}

impl Extrapolated {
    pub(crate) fn rate(values: &[f64]) -> Self {
        Self { is_rate: true, ..Self::increase(values) }
    }

    pub(crate) fn increase(values: &[f64]) -> Self {
        Self { resets: Some(Events::new(values, is_reset)), lost: Sliding::new(), is_rate: false }
    }

    pub(crate) fn delta() -> Self {
        Self { resets: None, lost: Sliding::new(), is_rate: false }
    }

    fn difference(&mut self, w: &Window<'_>) -> f64 {
        let difference = w.last() - w.all_values[w.first];
        if self.resets.as_ref().is_none_or(|resets| resets.within(w) == 0) {
            return difference;
        }
        let item = |i: usize| {
            let (previous, current) = (w.all_values[i - 1], w.all_values[i]);
            Exact::from(if is_reset(previous, current) { previous } else { 0.0 })
        };
        difference + self.lost.advance(w.first + 1, w.end, item).high
    }
}

impl Rolling for Extrapolated {
    fn at(&mut self, w: &Window<'_>) -> f64 {
        if w.len() < 2 {
            return ABSENT;
        }
        let difference = self.difference(w);
        let (first_ms, last_ms) = (w.all_times[w.first], w.all_times[w.end - 1]);
        let sampled_s = (last_ms - first_ms) as f64 / 1000.0;
        let average_gap_s = sampled_s / (w.len() - 1) as f64;
        // A gap at an edge that is not much longer than the average is taken to be covered by the series; where
        // it is longer, the series is taken to begin or end half a gap beyond its sample.
        let covered_s = |gap_s: f64| {
            if gap_s >= average_gap_s * 1.1 { average_gap_s / 2.0 } else { gap_s }
        };
        let mut before_s = (first_ms - w.start_ms()) as f64 / 1000.0;
        let after_s = covered_s((w.end_ms - last_ms) as f64 / 1000.0);
        let first = w.all_values[w.first];
        let is_counter = self.resets.is_some();
        // A counter does not go below zero: it cannot have begun earlier than where it would be zero.
        let since_zero_s = if is_counter && difference > 0.0 && first >= 0.0 {
            sampled_s * (first / difference)
        } else {
            f64::INFINITY
        };
        before_s = match w.edge {
            Edge::Open => covered_s(before_s).min(since_zero_s),
            Edge::Closed => covered_s(before_s.min(since_zero_s)),
        };
        let mut factor = (sampled_s + before_s + after_s) / sampled_s;
        if self.is_rate {
            factor /= w.range_ms as f64 / 1000.0;
        }
        difference * factor
    }
}

/// `irate` and `idelta`: the last two samples.
pub(crate) fn last_two(is_rate: bool) -> impl FnMut(&Window<'_>) -> f64 {
    move |w| {
        if w.len() < 2 {
            return ABSENT;
        }
        let (previous, last) = (w.all_values[w.end - 2], w.last());
        if !is_rate {
            return last - previous;
        }
        let gap_s = (w.all_times[w.end - 1] - w.all_times[w.end - 2]) as f64 / 1000.0;
        (if is_reset(previous, last) { last } else { last - previous }) / gap_s
    }
}
