//! Who visits the services of the test half, and when their teams deploy.

use std::ops::Range;

use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, poisson, power};
use crate::detect::random::Random;

/// Who visits.
#[derive(Clone, Copy, Debug)]
pub enum Audience {
    /// Receptions and practices: sharp hours, a break at noon, closed at weekends.
    Clinics,
    /// Buyers: all day, most in the evening, more on Sundays.
    Shops,
    /// Players: afternoons, long nights, weekends.
    Players,
    /// Pupils and teachers: mornings, homework.
    Pupils,
    /// Devices that report, and scripts.
    Devices,
}

/// Hours of a day and how many come then; between them it goes evenly by factors.
type Day = Vec<(f64, f64)>;

impl Audience {
    pub fn any(random: &mut Random) -> Self {
        [Self::Clinics, Self::Shops, Self::Shops, Self::Players, Self::Pupils, Self::Devices][random.pick(0..6)]
    }

    /// A working day and another.
    fn days(self) -> [&'static [(f64, f64)]; 2] {
        match self {
            Self::Clinics => [
                &[
                    (2.0, 0.02),
                    (6.5, 0.08),
                    (8.3, 1.0),
                    (11.5, 0.9),
                    (13.0, 0.35),
                    (15.0, 0.8),
                    (18.0, 0.3),
                    (20.5, 0.06),
                ],
                &[(3.0, 0.02), (11.0, 0.1), (18.0, 0.05)],
            ],
            Self::Shops => [
                &[(3.5, 0.06), (8.0, 0.4), (12.5, 0.75), (15.0, 0.6), (20.5, 1.1), (23.5, 0.35)],
                &[(4.5, 0.07), (10.5, 0.8), (15.0, 0.9), (20.0, 1.4), (23.5, 0.4)],
            ],
            Self::Players => [
                &[(5.5, 0.08), (9.0, 0.2), (15.0, 0.5), (18.5, 0.9), (22.0, 1.3), (25.0, 0.7)],
                &[(6.5, 0.15), (11.0, 0.8), (16.0, 1.3), (22.0, 1.6), (26.0, 0.9)],
            ],
            Self::Pupils => [
                &[
                    (3.0, 0.01),
                    (6.8, 0.1),
                    (8.0, 1.2),
                    (10.0, 0.9),
                    (12.8, 0.6),
                    (16.5, 0.45),
                    (19.0, 0.5),
                    (22.0, 0.08),
                ],
                &[(4.0, 0.01), (11.0, 0.1), (18.5, 0.4), (22.0, 0.06)],
            ],
            Self::Devices => [&[(3.0, 0.9), (14.0, 1.1)], &[(3.0, 0.9), (14.0, 1.0)]],
        }
    }

    /// Requests by tick, 1 on average.
    pub fn load(self, random: &mut Random) -> Vec<f64> {
        let days = self.days().map(|day| redrawn(random, day));
        let (zone, holiday) = (random.pick(0..DAY), random.pick(0..3 * DAYS));
        let (lasts, spread) = (between(random, 0.6, 5.0), random.within(0.02..0.14));
        let moods = wander(random, DAYS + 2, lasts, spread);
        let (often, fades) = (power(random, -4.3..-2.6), 1.0 - 1.0 / between(random, 3.0, 90.0));
        let mut shared = 0.0;
        let mut load: Vec<f64> = (0..TICKS)
            .map(|tick| {
                let (day, hour) = ((tick + zone) / DAY, ((tick + zone) % DAY) as f64 / HOUR as f64);
                let off = day % 7 >= 5 || day == holiday;
                // Somebody shares a link: many at once, then fewer and fewer; a few links go far.
                shared *= fades;
                if random.chance(often) {
                    shared += 0.2 * (1.0 - random.unit()).powf(-0.6).min(15.0);
                }
                at(&days[usize::from(off)], hour) * moods[day].exp() + 0.5 * shared
            })
            .collect();
        for _ in 0..poisson(random, 0.8) as usize {
            let (from, lasts) = (random.pick(0..TICKS), random.pick(1..10));
            load[from..(from + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate *= 0.05);
        }
        chances(random, &load)
    }
}

/// Requests of any audience.
pub fn load(random: &mut Random) -> Vec<f64> {
    let audience = Audience::any(random);
    audience.load(random)
}

/// What really comes where so many are expected: 1 on average, more uneven than chance alone.
pub fn chances(random: &mut Random, expected: &[f64]) -> Vec<f64> {
    let mean = expected.iter().sum::<f64>() / expected.len() as f64;
    let (many, crowds) = (between(random, 2.0, 6_000.0), random.within(0.0..0.25));
    let mut comes = |rate: &f64| {
        let crowd = random.lognormal(crowds);
        poisson(random, rate / mean * many * crowd) / many
    };
    expected.iter().map(&mut comes).collect()
}

fn redrawn(random: &mut Random, day: &[(f64, f64)]) -> Day {
    let (late, quiet) = (random.within(-1.0..1.0), random.within(0.7..1.3));
    day.iter()
        .map(|(hour, rate)| (hour + late + random.within(-0.4..0.4), rate.powf(quiet) * random.lognormal(0.15)))
        .collect()
}

fn at(day: &Day, hour: f64) -> f64 {
    let next = day.iter().position(|knot| knot.0 > hour).unwrap_or(day.len());
    let (first, last) = (day[0], day[day.len() - 1]);
    let left = if next == 0 { (last.0 - 24.0, last.1) } else { day[next - 1] };
    let right = day.get(next).copied().unwrap_or((first.0 + 24.0, first.1));
    let way = ((hour - left.0) / (right.0 - left.0)).clamp(0.0, 1.0);
    left.1.powf(1.0 - way) * right.1.powf(way)
}

/// Deploys within some ticks, so many a week on average: in the hours of the team, after uneven waits, in busy weeks more
/// than in others; of some the mend follows soon.
pub fn deploys(random: &mut Random, within: Range<usize>, per_week: f64) -> Vec<usize> {
    let (begins, hours, crosses) = (random.pick(0..15 * HOUR), random.pick(6..10) * HOUR, random.chance(0.1));
    let moods: Vec<f64> = (0..DAYS / 7).map(|_| random.lognormal(0.4)).collect();
    let (mut all, mut wait) = (vec![], random.wait());
    for tick in within.start.max(1)..within.end.min(TICKS - 5) {
        let works = (tick / DAY % 7 < 5 || crosses) && (begins..begins + hours).contains(&(tick % DAY));
        if !works {
            continue;
        }
        wait -= per_week * moods[tick / DAY / 7] / (5 * hours) as f64;
        if wait < 0.0 {
            all.push(tick);
            wait = if random.chance(0.15) { 0.05 * random.wait() } else { random.wait() };
        }
    }
    all
}

/// Once a day at about the same time, on the days that are asked for.
pub fn once_a_day(random: &mut Random, on: impl Fn(usize) -> bool) -> Vec<usize> {
    let begins = random.pick(1..DAY - HOUR);
    (0..DAYS).filter(|day| on(*day)).map(|day| day * DAY + begins + random.pick(0..3)).collect()
}

/// Ticks in which something happens that happens so many times a day.
pub fn at_random(random: &mut Random, per_day: f64) -> Vec<usize> {
    (1..TICKS - 5).filter(|_| random.chance(per_day / DAY as f64)).collect()
}
