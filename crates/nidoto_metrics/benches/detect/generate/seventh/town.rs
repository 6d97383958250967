//! Who comes to the services of the seventh half, and when their teams deploy.

use std::f64::consts::TAU;
use std::ops::Range;

use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, poisson, power};
use crate::detect::random::Random;

/// Who uses a service.
#[derive(Clone, Copy, Debug)]
pub enum Public {
    /// People at work, before and after lunch.
    Desks,
    /// People at home: a look in the morning, long evenings.
    Sofas,
    /// Customers of restaurants and shops: noon, early evening, Saturdays.
    Counters,
    /// Other programs, a little more by day.
    Machines,
}

/// An hour of the day around which many come: how closely, and how many on working days and on others.
#[derive(Clone, Copy, Debug)]
struct Habit {
    hour: f64,
    close: f64,
    workday: f64,
    weekend: f64,
}

impl Public {
    pub fn any(random: &mut Random) -> Self {
        [Self::Desks, Self::Desks, Self::Sofas, Self::Sofas, Self::Counters, Self::Machines][random.pick(0..6)]
    }

    fn habits(self, random: &mut Random) -> Vec<Habit> {
        let mut habit = |hour: Range<f64>, close: Range<f64>, workday: Range<f64>, weekend: Range<f64>| Habit {
            hour: random.within(hour),
            close: random.within(close),
            workday: random.within(workday),
            weekend: random.within(weekend),
        };
        match self {
            Self::Desks => vec![
                habit(9.0..11.0, 4.0..14.0, 0.7..1.0, 0.01..0.15),
                habit(13.5..16.0, 3.0..9.0, 0.6..1.1, 0.01..0.12),
            ],
            Self::Sofas => vec![
                habit(6.5..8.5, 6.0..20.0, 0.1..0.5, 0.0..0.1),
                habit(13.0..16.0, 0.5..2.0, 0.2..0.5, 0.5..1.0),
                habit(19.5..22.0, 2.5..8.0, 0.8..1.0, 0.7..1.2),
            ],
            Self::Counters => vec![
                habit(11.3..12.8, 12.0..30.0, 0.5..1.0, 0.6..1.3),
                habit(17.5..19.5, 6.0..18.0, 0.6..1.0, 0.9..1.7),
            ],
            Self::Machines => vec![habit(0.0..24.0, 0.05..0.4, 1.0..1.1, 0.8..1.05)],
        }
    }

    /// Requests by tick, 1 on average: habits above a floor, a trend, better and worse days, robots that come for
    /// hours, minutes in which nobody gets through, and how often something happens that happens at random.
    pub fn load(self, random: &mut Random) -> Vec<f64> {
        let mut load = self.weeks(random);
        let (trend, moves, shakes) = (random.within(-0.08..0.1), random.within(0.02..0.15), power(random, -2.3..-0.8));
        let (lasts, brief) = (between(random, 0.4, 4.0) * DAY as f64, between(random, 2.0, 12.0));
        let moods = wander(random, TICKS, lasts, moves);
        let minutes = wander(random, TICKS, brief, shakes);
        for (tick, rate) in load.iter_mut().enumerate() {
            *rate *= (1.0 + trend * tick as f64 / TICKS as f64) * (moods[tick] + minutes[tick]).exp();
        }
        let mean = load.iter().sum::<f64>() / TICKS as f64;
        for _ in 0..random.pick(0..12) {
            let (from, lasts) = (random.pick(0..TICKS), between(random, 3.0, 120.0) as usize);
            let more = mean * between(random, 0.05, 1.5);
            load[from..(from + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate += more);
        }
        for _ in 0..random.pick(0..4) {
            let (from, lasts) = (random.pick(0..TICKS), random.pick(1..9));
            load[from..(from + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate *= 0.02);
        }
        let many = between(random, 3.0, 8_000.0);
        load.iter().map(|rate| poisson(random, rate / mean * many) / many).collect()
    }

    /// What these people would do if all of them did as always; in a quarter of the months there is a public holiday.
    fn weeks(self, random: &mut Random) -> Vec<f64> {
        let habits = self.habits(random);
        let (floor, zone, holiday) = (between(random, 0.01, 0.25), random.pick(0..DAY), random.pick(0..4 * DAYS));
        let at = |tick: usize| {
            let (day, hour) = ((tick + zone) / DAY, ((tick + zone) % DAY) as f64 / HOUR as f64);
            let off = day % 7 >= 5 || day == holiday;
            let come = |habit: &Habit| {
                let weight = if off { habit.weekend } else { habit.workday };
                weight * (habit.close * (((hour - habit.hour) / 24.0 * TAU).cos() - 1.0)).exp()
            };
            floor + habits.iter().map(come).sum::<f64>()
        };
        (0..TICKS).map(at).collect()
    }
}

/// Requests of any public.
pub fn load(random: &mut Random) -> Vec<f64> {
    let public = Public::any(random);
    public.load(random)
}

/// Deploys within some ticks, about so many a week: more towards the end of a sprint, in the hours of the team, none at
/// weekends, and some are rolled back soon.
pub fn deploys(random: &mut Random, within: Range<usize>, per_week: f64) -> Vec<usize> {
    let (sprint, rises, hour) = ([5, 10][random.pick(0..2)], random.within(0.0..3.0), random.within(3.0..20.0));
    let mut all = vec![];
    for day in (0..DAYS).filter(|day| day % 7 < 5) {
        let nth = (day / 7 * 5 + day % 7) % sprint;
        let eager = (1.0 + rises * nth as f64 / sprint as f64) / (1.0 + rises / 2.0);
        for _ in 0..poisson(random, per_week / 5.0 * eager) as usize {
            let at = day * DAY + ((hour + 1.7 * random.normal()).clamp(0.0, 23.9) * HOUR as f64) as usize;
            all.push(at);
            if random.chance(0.12) {
                all.push(at + random.pick(2..20));
            }
        }
    }
    all.retain(|at| within.contains(at) && (1..TICKS - 4).contains(at));
    all.sort_unstable();
    all.dedup();
    all
}

/// Something that begins at an hour of the day on the days that are asked for, hardly ever late.
pub fn at_night(random: &mut Random, on: impl Fn(usize) -> bool) -> Vec<usize> {
    let (begins, late) = (random.pick(0..DAY - 2 * HOUR), random.pick(1..6));
    (0..DAYS).filter(|day| on(*day)).map(|day| day * DAY + begins + random.pick(0..late)).collect()
}

/// Moments that come at random, so many a day.
pub fn moments(random: &mut Random, per_day: f64) -> Vec<usize> {
    (0..TICKS).filter(|_| random.chance(per_day / DAY as f64)).collect()
}
