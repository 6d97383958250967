//! `masked`: restarts hide a leak. Its lives end at their peak, one like the other, or their floor
//! still climbs when they end.

use super::found::{Found, Tier, highest, middle};
use super::history::{HOURS, History, USUAL};
use crate::stats::kendall_tau;

/// So many of the last lives are looked at.
const LIVES: usize = 4;
/// So many of them must agree.
const AGREE_MIN: usize = 3;
/// They must lie within this many hours.
const WITHIN_H: usize = 240;
/// Peaks that differ by less, in proportion, are the same: a limit at which something restarts.
const SAME_PEAK: f64 = 0.03;
/// A life that climbs by less is none that leaks.
const CLIMB_MIN: f64 = 10.0;
/// Lives that leak climb in their later half too, each of them by this much
const LATE_CLIMB_MIN: f64 = 3.0;
/// and all of them together by this share of what they climbed before: a warm-up does not.
const LATE_SHARE_MIN: f64 = 0.75;

/// One life.
struct Life {
    /// The highest value near its end, if that was its highest of all and well above its youth.
    top: Option<f64>,
    /// How much the floor rose from its first third to its middle one, and on to its last.
    climbs: Option<(f64, f64)>,
    from: usize,
    to: usize,
}

/// Looks for a leak behind restarts.
pub fn look(history: &History) -> Option<Found> {
    let ended = history.ended_lives();
    long_lives(history, &ended).or_else(|| last_lives(history, &ended))
}

/// The last lives, as long or short as they were.
fn last_lives(history: &History, ended: &[(usize, usize)]) -> Option<Found> {
    let last = &ended[ended.len().saturating_sub(LIVES)..];
    let lives: Vec<Life> = last.iter().map(|life| Life::of(history, *life)).collect();
    let first = lives.len().checked_sub(AGREE_MIN)?;
    if HOURS - lives[first].from > WITHIN_H {
        return None;
    }
    // Where the longest life came to rest, the others were warming up.
    let (early, late) = longest_climb(history, ended).filter(|(_, late)| *late >= LATE_CLIMB_MIN)?;
    let tops: Vec<f64> = lives.iter().filter_map(|life| life.top).collect();
    // A heap that is collected late climbs from start to end, whatever it keeps.
    let climbs = if history.is_lazy || late < early || early + late < CLIMB_MIN { 0 } else { climbing(&lives) };
    let agree = if is_same_peak(&tops) && !by_the_clock(&lives) { tops.len() } else { climbs };
    (agree >= AGREE_MIN).then(|| found(history, &lives, agree))
}

/// A life of so many hours tells more than a short one: two of them will do,
const LONG_H: usize = 96;
/// if they kept this share of their pace to the end,
const LONG_PACE_MIN: f64 = 0.75;
/// and of all pairs of half days, this many more rose than fell, in proportion.
const LONG_TAU_MIN: f64 = 0.8;

/// The last two long lives, the present one among them: restarts each week leave no more to see.
fn long_lives(history: &History, ended: &[(usize, usize)]) -> Option<Found> {
    if history.is_lazy {
        return None;
    }
    let all = ended.iter().copied().chain([(history.life(), HOURS)]);
    let long: Vec<Life> = all.filter(|(from, to)| to - from >= LONG_H).map(|life| Life::of(history, life)).collect();
    let two = &long[long.len().checked_sub(2)?..];
    two.iter().all(|life| life.is_long_climb(history)).then(|| found(history, two, 2))
}

impl Life {
    /// Whether it climbed evenly, to its end.
    fn is_long_climb(&self, history: &History) -> bool {
        let keeps_on = |(early, late): (f64, f64)| {
            early > 0.0 && early + late >= CLIMB_MIN && late >= LATE_CLIMB_MIN && late >= LONG_PACE_MIN * early
        };
        let halves: Vec<f64> = history.floor[self.from..self.to].chunks(12).filter_map(middle).collect();
        self.climbs.is_some_and(keeps_on) && kendall_tau(&halves) >= LONG_TAU_MIN
    }

    fn of(history: &History, (from, to): (usize, usize)) -> Self {
        let (floor, peak) = (&history.floor[from..to], &history.peak[from..to]);
        Self { top: top(peak), climbs: climbs(floor), from, to }
    }
}

/// The peak of the last hour, if the life ended at its highest.
fn top(peak: &[f64]) -> Option<f64> {
    let known: Vec<f64> = peak.iter().copied().filter(|value| value.is_finite()).collect();
    let (end, all) = (known.last()?, highest(&known)?);
    let young = known.get(known.len() / 5)?;
    (known.len() >= 2 && *end >= all - 2.0 && end - young >= CLIMB_MIN).then_some(*end)
}

fn climbs(floor: &[f64]) -> Option<(f64, f64)> {
    let third = floor.len() / 3;
    if third < 2 {
        return None;
    }
    let [young, grown, old] = [0, third, floor.len() - third].map(|from| middle(&floor[from..from + third]));
    Some((grown? - young?, old? - grown?))
}

/// How much the longest life that is known, the present one among them, climbed to its middle third and on to
/// its last: it had the most time to finish its warm-up.
fn longest_climb(history: &History, ended: &[(usize, usize)]) -> Option<(f64, f64)> {
    let lives = ended.iter().copied().chain([(history.life(), HOURS)]);
    let (from, to) = lives.max_by_key(|(from, to)| to - from)?;
    climbs(&history.floor[from..to])
}

/// How many lives were still climbing when they ended.
fn climbing(lives: &[Life]) -> usize {
    let is_climbing = |(early, late): &(f64, f64)| early + late >= CLIMB_MIN && *late >= LATE_CLIMB_MIN;
    let climbs: Vec<(f64, f64)> = lives.iter().filter_map(|life| life.climbs).filter(is_climbing).collect();
    let (early, late) = climbs.iter().fold((0.0, 0.0), |sum, climb| (sum.0 + climb.0, sum.1 + climb.1));
    if late >= LATE_SHARE_MIN * early { climbs.len() } else { 0 }
}

fn is_same_peak(tops: &[f64]) -> bool {
    let n = tops.len() as f64;
    let mean = tops.iter().sum::<f64>() / n;
    let deviation = (tops.iter().map(|top| (top - mean).powi(2)).sum::<f64>() / n).sqrt();
    tops.len() >= AGREE_MIN && deviation / mean < SAME_PEAK
}

/// Lives of equal length were ended by a timetable, whatever they had come to.
fn by_the_clock(lives: &[Life]) -> bool {
    let lengths: Vec<f64> = lives.iter().map(|life| (life.to - life.from) as f64).collect();
    let Some(usual) = middle(&lengths) else { return false };
    lengths.iter().filter(|length| (*length - usual).abs() <= 1.0).count() + 1 >= lengths.len()
}

fn found(history: &History, lives: &[Life], agree: usize) -> Found {
    let slopes: Vec<f64> = lives
        .iter()
        .filter_map(|life| {
            let third = (life.to - life.from) as f64 / 3.0;
            Some(life.climbs?.1 / third)
        })
        .collect();
    let slope = middle(&slopes).unwrap_or(0.0).max(0.0);
    let from = lives.first().map_or(0, |life| life.from);
    Found {
        tier: Tier::Masked,
        slope,
        floor: middle(&history.floor[HOURS - 6..]).unwrap_or(f64::NAN),
        swing: history.swing(&history.floor, USUAL),
        reach_h: None,
        from,
        lives: Some((agree, lives.len())),
        doubt: None,
    }
}
