//! `fast`, by the day: each day stands higher than the day before, in its middle and at its peak, and
//! tomorrow's peak is over the limit. So rises what grows in steps, or too unevenly for any line.

use super::found::{COMES_AGAIN_H, Found, Tier, highest, middle};
use super::history::{HOURS, History};

/// So many days on end
const RISES: usize = 3;
/// by this much each.
const RISE_MIN: f64 = 2.0;
/// Today's peak is here or higher,
const PEAK_MIN: f64 = 90.0;
/// so far above all before those days,
const NEW_PEAK: f64 = 3.0;
/// and the limit no further away than this.
const WITHIN_H: f64 = 24.0;
/// Of a day, so many hours must be known.
const KNOWN_MIN: usize = 12;
/// The interval of the time to the limit, early and late.
const SPREAD: (f64, f64) = (0.3, 2.0);

/// Looks for days that rise.
pub fn look(history: &History) -> Option<Found> {
    // Hardly any day comes so far: most need no middle.
    if !history.peak[HOURS - 24..].iter().any(|peak| *peak >= PEAK_MIN) {
        return None;
    }
    let days: Vec<(f64, f64)> = (0..=RISES).map(|back| day(history, HOURS - 24 * back)).collect::<Option<_>>()?;
    let rises = days.windows(2).all(|two| two[0].0 - two[1].0 >= RISE_MIN && two[0].1 - two[1].1 >= RISE_MIN);
    let (now, peak) = days[0];
    let from = HOURS - 24 * RISES;
    let is_new = highest(&history.peak[..from]).is_some_and(|past| peak >= past + NEW_PEAK);
    let an_hour = |rise: f64| rise / (24 * RISES) as f64;
    let reach_h = (100.0 - peak).max(0.0) / an_hour(peak - days[RISES].1);
    (rises && is_new && history.is_collected_often() && reach_h <= WITHIN_H).then_some(Found {
        tier: Tier::Fast,
        slope: an_hour(now - days[RISES].0),
        floor: now,
        swing: peak - now,
        reach_h: Some((SPREAD.0 * reach_h, reach_h, SPREAD.1 * reach_h + COMES_AGAIN_H)),
        from,
        lives: None,
        doubt: None,
    })
}

/// The middle of the floors and the highest peak of the day before a position.
fn day(history: &History, to: usize) -> Option<(f64, f64)> {
    let (floor, peak) = (&history.floor[to - 24..to], &history.peak[to - 24..to]);
    let is_known = floor.iter().filter(|floor| floor.is_finite()).count() >= KNOWN_MIN;
    middle(floor).zip(highest(peak)).filter(|_| is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five calm days whose peaks stand 20 above a floor of 40, then days that stand so much higher.
    fn history(rises: [f64; 4]) -> History {
        let more = |i: usize| (i + 4 * 24).checked_sub(HOURS).map_or(0.0, |hour| rises[hour / 24]);
        let floor: Vec<f64> = (0..HOURS).map(|i| if i + 9 * 24 < HOURS { f64::NAN } else { 40.0 + more(i) }).collect();
        let peak = floor.iter().enumerate().map(|(i, floor)| if i % 24 == 12 { floor + 20.0 } else { floor + 2.0 });
        History { peak: peak.collect(), floor, starts: vec![], knows_starts: false, is_lazy: false, rhythm: Some(3) }
    }

    #[test]
    fn days_that_rise_reach_the_limit_tomorrow() {
        let found = look(&history([5.0, 15.0, 25.0, 35.0])).expect("a peak of 95, and 10 more each day");
        let (early_h, reach_h, late_h) = found.reach_h.expect("a time");
        assert!((reach_h - 12.0).abs() < 1e-9, "{reach_h}");
        assert!(early_h < reach_h && reach_h < late_h);
    }

    #[test]
    fn days_that_rest_or_leave_time_are_calm() {
        assert_eq!(look(&history([5.0, 15.0, 34.0, 35.0])), None, "the last day rests");
        assert_eq!(look(&history([24.0, 27.0, 30.0, 33.0])), None, "two days are left");
        assert_eq!(look(&history([5.0, 10.0, 15.0, 20.0])), None, "a fifth is left");
        let slow = History { rhythm: Some(24), ..history([5.0, 15.0, 25.0, 35.0]) };
        assert_eq!(look(&slow), None, "a heap that is collected late");
    }
}
