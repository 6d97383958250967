//! Who comes to the services of the sixth half, and when their teams deploy.

use std::ops::Range;

use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR};
use crate::detect::generate::third::parts::{TICKS, between, days, poisson, releases};
use crate::detect::random::Random;

/// When people come, in hours after four in the morning, and how a quiet hour or a weekend compares with a busy one.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    opens: (f64, f64),
    closes: (f64, f64),
    night: (f64, f64),
    weekend: (f64, f64),
}

/// Staff of clinics, schools, factories.
pub const STAFF: Habit = Habit { opens: (3.0, 5.5), closes: (12.0, 15.0), night: (0.01, 0.08), weekend: (0.03, 0.4) };
/// Shoppers: from breakfast to bed time.
pub const SHOPPERS: Habit = Habit { opens: (4.0, 7.0), closes: (18.0, 20.0), night: (0.05, 0.25), weekend: (0.8, 1.5) };
/// Players: from school's end until late.
pub const PLAYERS: Habit =
    Habit { opens: (10.0, 13.0), closes: (19.0, 22.0), night: (0.08, 0.35), weekend: (1.1, 1.8) };
/// Programs: hardly a day to be seen.
pub const PROGRAMS: Habit = Habit { opens: (2.0, 6.0), closes: (12.0, 18.0), night: (0.7, 1.0), weekend: (0.8, 1.0) };

/// Requests of any of them.
pub fn anybody(random: &mut Random) -> Vec<f64> {
    let all = [STAFF, STAFF, SHOPPERS, SHOPPERS, PLAYERS, PROGRAMS];
    let habit = all[random.pick(0..all.len())];
    requests(random, habit)
}

/// Requests by tick, 1 on average: opening hours, a weekend, better and worse weeks, mailings that fade, polls at full
/// hours, chance.
pub fn requests(random: &mut Random, habit: Habit) -> Vec<f64> {
    let mut load = opening_hours(random, habit);
    let (moves, shakes) = (random.within(0.02..0.1), random.within(0.01..0.1));
    let weeks = wander(random, TICKS, 2.5 * DAY as f64, moves);
    let hours = wander(random, TICKS, 20.0, shakes);
    let polls = if random.chance(0.3) { random.within(0.05..0.4) } else { 0.0 };
    let (mails, fades) = (random.pick(0..7), between(random, 4.0, 60.0));
    let mailed: Vec<(usize, f64)> = (0..mails).map(|_| (random.pick(0..TICKS), random.within(0.1..0.9))).collect();
    for (tick, rate) in load.iter_mut().enumerate() {
        let came = mailed.iter().filter(|mail| mail.0 <= tick);
        let more: f64 = came.map(|(at, size)| size * (-((tick - at) as f64) / fades).exp()).sum();
        let poll = if tick.is_multiple_of(HOUR) { polls } else { 0.0 };
        *rate = *rate * (weeks[tick] + hours[tick]).exp() + more + poll;
    }
    let mean = load.iter().sum::<f64>() / TICKS as f64;
    let many = between(random, 8.0, 30_000.0);
    load.iter().map(|rate| poisson(random, rate / mean * many) / many).collect()
}

/// 1 while it is open, little at night, with an edge of an hour or two, a lunch break for some, holidays for a few.
fn opening_hours(random: &mut Random, habit: Habit) -> Vec<f64> {
    let mut one = |(low, high): (f64, f64)| random.within(low..high);
    let (opens, closes, night, weekend) = (one(habit.opens), one(habit.closes), one(habit.night), one(habit.weekend));
    let (edge, lunch, zone) = (random.within(0.3..1.5), random.within(0.0..0.4), random.pick(0..DAY));
    let holiday = random.pick(0..100);
    let at = |tick: usize| {
        let (day, hour) = ((tick + zone) / DAY, ((tick + zone) % DAY) as f64 / HOUR as f64);
        let open = 1.0 / (1.0 + (-(hour - opens) / edge).exp()) / (1.0 + ((hour - closes) / edge).exp());
        let breaks = lunch * (-(hour - 8.5).powi(2) / 0.7).exp();
        let week = if day % 7 >= 5 || day == holiday { weekend } else { 1.0 };
        (night + (1.0 - night) * open * (1.0 - breaks)) * week
    };
    (0..TICKS).map(at).collect()
}

/// Deploys within some days, so many a week; a fifth of them needs a mend soon after.
pub fn deploys(random: &mut Random, within: Range<f64>, per_week: f64) -> Vec<usize> {
    let end = days(within.end).min(TICKS - 4);
    let mut all = releases(random, within, per_week);
    let mends: Vec<usize> = all.iter().map(|at| at + if random.chance(0.2) { random.pick(3..30) } else { 0 }).collect();
    all.extend(mends);
    all.retain(|at| *at < end);
    all.sort_unstable();
    all.dedup();
    all
}

/// Jobs at about an hour of the days that are asked for: the tick at which each begins.
pub fn jobs(random: &mut Random, on: impl Fn(usize) -> bool) -> Vec<usize> {
    let begins = random.pick(0..20 * HOUR);
    (0..TICKS / DAY).filter(|day| on(*day)).map(|day| day * DAY + begins + random.pick(0..3)).collect()
}
