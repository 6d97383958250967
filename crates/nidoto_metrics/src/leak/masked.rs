//! `masked`: restarts hide a leak. Its lives end at their peak, one like the other, or their floor
//! still climbs when they end, or is higher on their second day than on their first.

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
    long_lives(history, &ended).or_else(|| second_days(history, &ended)).or_else(|| last_lives(history, &ended))
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

/// A life of so many hours has seen the same hours twice,
const TWO_DAYS_H: usize = 38;
/// but for those of its warm-up.
const WARM_UP: usize = 5;
/// On its second day it stands this far above its first at the same hours,
const SECOND_DAY_MIN: f64 = 6.0;
/// and this share of what it climbed on the first: a warm-up is nearly over by then.
const SECOND_SHARE_MIN: f64 = 0.6;

/// The last two lives that saw a second day and have ended: what follows the visitors of a day stands no
/// higher on the next.
fn second_days(history: &History, ended: &[(usize, usize)]) -> Option<Found> {
    if history.is_lazy {
        return None;
    }
    // How long the first of all has lived is not known.
    let whole = ended.iter().skip(1).copied();
    let seen: Vec<(usize, usize)> = whole.filter(|(from, to)| to - from >= TWO_DAYS_H).collect();
    let two = &seen[seen.len().checked_sub(2)?..];
    let climbs = |life: &(usize, usize)| climbs_again(&history.floor[life.0..life.1]);
    let is_recent = HOURS - two[0].0 <= WITHIN_H;
    (is_recent && two.iter().all(climbs)).then(|| {
        let lives: Vec<Life> = two.iter().map(|life| Life::of(history, *life)).collect();
        found(history, &lives, 2)
    })
}

/// Whether the floor of a life of `TWO_DAYS_H` and more rises on its second day as it did on its first.
fn climbs_again(floor: &[f64]) -> bool {
    const DAY: usize = 24;
    let rises: Vec<f64> = floor[WARM_UP..].windows(DAY + 1).take(2 * DAY).map(|day| day[DAY] - day[0]).collect();
    let first_day = middle(&floor[DAY - 2..DAY + 3]).zip(middle(&floor[2..WARM_UP])).map(|(late, young)| late - young);
    let has_hours = rises.iter().filter(|rise| rise.is_finite()).count() >= 4;
    middle(&rises).zip(first_day).is_some_and(|(second_day, first_day)| {
        has_hours && second_day >= SECOND_DAY_MIN && second_day >= SECOND_SHARE_MIN * first_day
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two days from midnight on, with so much more by each hour of work, by each hour at all, and at noon.
    fn two_days(by_work: f64, by_age: impl Fn(f64) -> f64, at_noon: f64) -> Vec<f64> {
        let worked = |hour: usize| (hour / 24 * 10 + (hour % 24).saturating_sub(8).min(10)) as f64;
        let noon = |hour: usize| if (9..15).contains(&(hour % 24)) { at_noon } else { 0.0 };
        (0..44).map(|hour| 30.0 + by_work * worked(hour) + by_age(hour as f64) + noon(hour)).collect()
    }

    #[test]
    fn a_leak_climbs_on_the_second_day_as_on_the_first() {
        assert!(climbs_again(&two_days(1.5, |_| 0.0, 0.0)), "with those who come");
        assert!(climbs_again(&two_days(0.0, |age| 0.4 * age, 5.0)), "by the clock");
        assert!(!climbs_again(&two_days(0.0, |_| 0.0, 20.0)), "what each day gives back");
        assert!(!climbs_again(&two_days(0.0, |age| 40.0 * (1.0 - (-age / 10.0).exp()), 5.0)), "a cache that fills");
        assert!(!climbs_again(&[f64::NAN; 44]), "nothing known");
    }
}
