//! Whether what collections leave keeps growing.

use super::process::Left;
use crate::stats::{Slope, mann_kendall, median, theil_sen};

/// Of more points than this, those of equal stretches of time are put together.
const POINTS_MAX: usize = 48;
/// The trend must be further from chance than this, in standard deviations: one in two hundred.
const Z_MIN: f64 = 2.58;
/// 95 % of a normal distribution.
const SIGMAS: f64 = 1.96;
/// In the later half the heap must still grow by this share of the whole slope: a cache that fills
/// slows down.
const LATE_SHARE: f64 = 0.4;

/// A growth that is no chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Bytes an hour, with its interval.
    pub per_h: Slope,
    /// Bytes a collection.
    pub per_collection: f64,
    /// What was left at first, along the robust line.
    pub from: f64,
    /// What was left at last, along that line.
    pub to: f64,
    /// From the first collection to the last, in hours.
    pub hours: f64,
    /// How many collections there were.
    pub collections: usize,
}

impl Growth {
    /// Whether a limit is no further ahead than the growth was seen: nobody foresees further. Where
    /// none is known, any growth is taken at its word.
    #[must_use]
    pub fn foresees(&self, limit: Option<f64>) -> bool {
        limit.is_none_or(|limit| limit - self.to <= self.to - self.from)
    }
}

/// The growth over collections of one process: Mann-Kendall says that there is one, Theil-Sen how
/// fast it is. `None` if it may be chance, slows down or is not at its highest now.
pub fn of(left: &[Left]) -> Option<Growth> {
    let points = floors(left);
    // Far cheaper than the slope, and mostly there is no trend.
    if mann_kendall(&points.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>()) < Z_MIN {
        return None;
    }
    let per_h = theil_sen(&points, SIGMAS)?;
    let late = theil_sen(&points[points.len() / 2..], SIGMAS)?;
    let level = |part: &[(f64, f64)]| median(&mut part.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>());
    let now = level(&points[points.len() - 3..])?;
    let early_most = points[..points.len() / 2].iter().map(|(_, bytes)| *bytes).fold(f64::MIN, f64::max);
    let is_growing = per_h.z >= Z_MIN && per_h.low > 0.0 && late.mid >= LATE_SHARE * per_h.mid && now > early_most;
    let (begin_h, end_h) = (points.first()?.0, points.last()?.0);
    let hours = end_h - begin_h;
    let at_zero =
        median(&mut points.iter().map(|(at_h, bytes)| bytes - per_h.mid * (at_h - begin_h)).collect::<Vec<_>>())?;
    let (from, to) = (at_zero, at_zero + per_h.mid * hours);
    let per_collection = per_h.mid * hours / (left.len() - 1) as f64;
    is_growing.then_some(Growth { per_h, per_collection, from, to, hours, collections: left.len() })
}

/// Times in hours, strictly rising, and the least that was left in each stretch: a collection in the
/// midst of requests leaves what they hold.
fn floors(left: &[Left]) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (left.first(), left.last()) else { return Vec::new() };
    let stretch_h = ((last.at_h - first.at_h) / POINTS_MAX as f64).max(0.0);
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut stretch = None;
    for one in left {
        let own = if left.len() > POINTS_MAX && stretch_h > 0.0 {
            ((one.at_h - first.at_h) / stretch_h) as usize
        } else {
            usize::MAX
        };
        match points.last_mut() {
            Some(point) if stretch == Some(own) && own != usize::MAX => point.1 = point.1.min(one.bytes),
            last => {
                // Lines of one instant stay in order.
                let at_h = last.map_or(one.at_h, |point| one.at_h.max(point.0 + 1e-9));
                points.push((at_h, one.bytes));
            }
        }
        stretch = Some(own);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn left(sizes: impl IntoIterator<Item = f64>) -> Vec<Left> {
        let one = |(i, mb): (usize, f64)| Left { at_h: 0.5 * i as f64, is_uptime: true, bytes: mb * 1e6, line: i };
        sizes.into_iter().enumerate().map(one).collect()
    }

    #[test]
    fn growth_and_what_only_looks_like_it() {
        let noise = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 24) / 64.0;
        let leak = left((0..20).map(|i| 30.0 + f64::from(i) + noise(i)));
        let growth = of(&leak).unwrap();
        assert!((growth.per_h.mid / 2e6 - 1.0).abs() < 0.15, "{growth:?}");
        assert!((growth.per_collection / 1e6 - 1.0).abs() < 0.15, "{growth:?}");
        let fills = left((0..40).map(|i| 30.0 + f64::from(i.min(15)) + noise(i)));
        assert_eq!(of(&fills), None, "a cache that is full");
        let calm = left((0..40).map(|i| 30.0 + noise(i)));
        assert_eq!(of(&calm), None);
        assert_eq!(of(&left([30.0; 40])), None, "constant");
        assert_eq!(of(&left((0..4).map(f64::from))), None, "too few");
        let falls = left((0..40).map(|i| if i < 30 { f64::from(i) } else { 5.0 }));
        assert_eq!(of(&falls), None, "it fell");
    }

    proptest! {
        /// A trend needs order: whatever is measured, the same sizes backwards do not grow too.
        #[test]
        fn nothing_grows_both_ways(sizes in prop::collection::vec(0.0..1e3f64, 0..200)) {
            let backwards: Vec<f64> = sizes.iter().rev().copied().collect();
            prop_assert!(of(&left(sizes)).is_none() || of(&left(backwards)).is_none());
        }
    }
}
