//! The seventh half's leaks that restarts hide, for a while or to the end.

use super::Family;
use super::app::{memory, times};
use super::clerk::{Clerk, when};
use super::machine::Kind;
use super::town::{Public, deploys, load};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, days, highest, kept, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "restarted-by-hand-when-slow", tell: restarted_by_hand_when_slow },
    Family { name: "cron-lost-in-a-migration", tell: cron_lost_in_a_migration },
    Family { name: "scaled-in-each-night", tell: scaled_in_each_night },
    Family { name: "watchdog-after-some-readings", tell: watchdog_after_some_readings },
];

/// A service of which a process leaks and is started anew when somebody or something says so.
struct Watched {
    clerk: Clerk,
    onset: usize,
    load: Vec<f64>,
    /// What it needs, with its highest at `level`.
    needs: Vec<f64>,
    level: f64,
    /// A young process needs less by this share, for about so many ticks.
    cold: (f64, f64),
    /// This share of the leak comes by the clock.
    always: f64,
}

impl Watched {
    fn new(random: &mut Random, clerk: Clerk, onset: usize) -> Self {
        let load = load(random);
        let level = [0.1..0.35, 0.3..0.6, 0.4..0.65][random.pick(0..3)].clone();
        let level = random.within(level);
        let kind = Kind::any(random);
        let needs = times(&memory(random, kind, &load, (clerk.age, &[])), level);
        let (cold, always) = ((random.within(0.0..0.5), between(random, 1.0, 60.0)), random.within(0.0..1.0));
        Self { clerk, onset, load, needs, level, cold, always }
    }

    /// Its run, where `ends` tells by tick and by what is used whether the process ends then.
    fn run(&self, pace: f64, mut ends: impl FnMut(usize, f64) -> bool) -> Run {
        let (mut age, mut left, mut run) = (self.clerk.age, 0.0, Run::default());
        for (tick, need) in self.needs.iter().enumerate() {
            left += if tick < self.onset { 0.0 } else { pace * (self.always + (1.0 - self.always) * self.load[tick]) };
            let used = need * (1.0 - self.cold.0 * (-(age as f64) / self.cold.1).exp()) + left;
            run.used.push(used);
            age += 1;
            if tick > 0 && tick + 4 < TICKS && ends(tick, used) {
                (age, left) = (0, 0.0);
                run.restarts.push(tick);
            }
        }
        run
    }
}

/// Somebody looks when it gets slow, in the hours of work, and restarts it. Nights are short enough, weekends not
/// always; on a long one, or while that person is away, it gets to the limit.
fn restarted_by_hand_when_slow(random: &mut Random) -> Story {
    let onset = days(random.within(1.2..9.0));
    let clerk = Clerk::of_memory(random).told_starts();
    let watched = Watched::new(random, clerk, onset);
    let (slow, looks, begins) = (random.within(0.68..0.92), random.within(0.01..0.25), random.pick(0..14 * HOUR));
    let (away, lasts) = (onset + days(random.within(3.0..16.0)), days(between(random, 1.0, 5.0)));
    // The later it is slow, the slower it leaks, or nobody would ever be in time.
    let fills_days = between(random, 1.5, 9.0).max(0.3 / (1.0 - slow));
    let pace = (1.0 - watched.level) / (fills_days * DAY as f64);
    let dice = random.clone();
    let told = |pace: f64| {
        let mut dice = dice.clone();
        watched.run(pace, |tick, used| {
            let works = tick / DAY % 7 < 5 && (begins..begins + 9 * HOUR).contains(&(tick % DAY));
            let is_there = works && !(away..away + lasts).contains(&tick);
            used > slow && is_there && dice.chance(looks * (1.0 + 20.0 * (used - slow)))
        })
    };
    // Slow enough that it leaves some hours, fast enough to be seen.
    let mut run = told(pace);
    for nth in 1..12 {
        let reached = run.used.iter().position(|used| *used >= 1.0);
        let is_early = reached.is_some_and(|at| at < onset + 10 * HOUR);
        if !is_early && (reached.is_some() || run.restarts.iter().filter(|at| **at > onset).count() >= 2) {
            break;
        }
        run = told(pace * if is_early { 0.8_f64.powi(nth) } else { 1.2_f64.powi(nth) });
    }
    clerk.ends(onset, run)
}

/// A line in a crontab restarts it each night, or each few nights. Nobody writes it down, and when the service moves to
/// another host the line stays behind.
fn cron_lost_in_a_migration(random: &mut Random) -> Story {
    let (load, onset) = (load(random), days(random.within(1.2..10.0)));
    let clerk = Clerk::of_memory(random);
    let (every, hour) = ([1, 1, 1, 2, 3][random.pick(0..5)], random.pick(0..DAY));
    let moves = onset + days(random.within(0.5..9.0));
    let nights = (0..28).filter(|day| day % every == 0).map(|day| day * DAY + hour);
    let mut starts: Vec<usize> = nights.filter(|at| *at > 0 && *at < moves).collect();
    starts.push(moves);
    let often = random.within(0.0..1.0);
    starts.extend(deploys(random, 0..moves, often));
    starts.sort_unstable();
    starts.dedup();
    let lasts = days(every as f64 * between(random, 1.3, 8.0)).min(TICKS - 4 - moves);
    let lasts = lasts.max(every * DAY + DAY / 4);
    let level = super::clerk::level(random);
    let kind = Kind::any(random);
    let needs = times(&memory(random, kind, &load, (clerk.age, &starts)), level);
    let always = random.within(0.0..1.0);
    let left = kept(&since(onset, |tick| always + (1.0 - always) * load[tick]), &starts);
    clerk.leak((onset, moves + lasts), |leak| Run { used: with(&needs, &left, leak), restarts: starts.clone() })
}

/// Instances are added in the morning and taken away at night, the oldest first: hardly any is older than a day. At
/// weekends fewer are needed, and one may stay from Friday to Monday.
fn scaled_in_each_night(random: &mut Random) -> Story {
    let public = [Public::Desks, Public::Sofas, Public::Counters][random.pick(0..3)];
    let (load, onset) = (public.load(random), days(random.within(1.2..14.0)));
    let mut clerk = Clerk::of_memory(random).told_starts();
    clerk.age = random.pick(1..DAY);
    let (hour, goes, weekends) = (random.pick(0..DAY - 2 * HOUR), random.within(0.7..1.0), random.within(0.0..0.8));
    let days: Vec<usize> = (0..28).filter(|day| random.chance(if day % 7 >= 5 { weekends } else { goes })).collect();
    let mut starts: Vec<usize> = days.iter().map(|day| day * DAY + hour + random.pick(1..HOUR)).collect();
    // Twice at least, whatever chance says.
    starts.extend([onset + 2 * DAY + random.pick(0..DAY), onset + 7 * DAY + random.pick(0..DAY)]);
    starts.sort_unstable();
    starts.dedup();
    let level = random.within(0.15..0.75);
    let kind = Kind::any(random);
    let needs = times(&memory(random, kind, &load, (clerk.age, &starts)), level);
    let left = kept(&since(onset, |tick| load[tick] * random.lognormal(0.15)), &starts);
    let room = random.within(0.25..0.97) * (0.985 - level);
    // The highest of the leak takes a share of what is free above all needs.
    let leak = room / highest(&left);
    clerk.ends(onset, Run { used: with(&needs, &left, leak), restarts: starts })
}

/// A watchdog restarts it after some readings in a row above a threshold. It does so for weeks, and nobody counts.
fn watchdog_after_some_readings(random: &mut Random) -> Story {
    let (onset, _) = when(random, 1.2..12.0, 10.0..14.0);
    let clerk = Clerk::of_memory(random).told_starts();
    let watched = Watched::new(random, clerk, onset);
    let (threshold, readings) = (random.within(0.7..0.93), random.pick(1..7));
    let lasts = between(random, 0.35, 4.0) * DAY as f64;
    let pace = (threshold - watched.level) / lasts;
    let mut above = 0;
    let mut run = watched.run(pace, |_, used| {
        above = if used > threshold { above + 1 } else { 0 };
        let ends = above >= readings;
        above = if ends { 0 } else { above };
        ends
    });
    // At the very end a request is refused rather than served.
    run.used.iter_mut().for_each(|used| *used = used.min(0.99));
    clerk.ends(onset, run)
}
