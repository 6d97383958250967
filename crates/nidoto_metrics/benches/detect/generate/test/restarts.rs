//! The test half's leaks that restarts hide, for a while or to the end.

use super::Family;
use super::app::{lives, memory, times};
use super::engine::{Engine, Runtime};
use super::meter::{Meter, level, when};
use super::people::{chances, deploys, load, once_a_day};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, days, highest, kept, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "pool-recycled-by-private-bytes", tell: pool_recycled_by_private_bytes },
    Family { name: "merged-many-times-a-day", tell: merged_many_times_a_day },
    Family { name: "restarted-after-a-page", tell: restarted_after_a_page },
    Family { name: "a-busy-day-beats-the-nightly-restart", tell: a_busy_day_beats_the_nightly_restart },
];

/// A process that leaks from an onset on, and ends when it is told to.
struct Leaky {
    meter: Meter,
    onset: usize,
    load: Vec<f64>,
    /// With its highest at `level`.
    needs: Vec<f64>,
    level: f64,
    /// A new process needs less by this share, for about so many ticks.
    cold: (f64, f64),
}

impl Leaky {
    fn new(random: &mut Random, onset: usize, level: f64) -> Self {
        let (meter, load) = (Meter::of_told_memory(random), load(random));
        let runtime = Runtime::any(random);
        let needs = times(&memory(random, runtime, &load, (meter.age, &[])), level);
        let cold = (random.within(0.0..0.6), between(random, 1.0, 100.0));
        Self { meter, onset, load, needs, level, cold }
    }

    /// `fills`: after so many ticks of mean traffic what is free above its needs is gone. `ends` is told tick and use.
    fn run(&self, fills: f64, mut ends: impl FnMut(usize, f64) -> bool) -> Run {
        let (mut age, mut left, mut run) = (self.meter.age, 0.0, Run::default());
        for (tick, need) in self.needs.iter().enumerate() {
            left += if tick < self.onset { 0.0 } else { (1.0 - self.level) / fills * self.load[tick] };
            let used = need * (1.0 - self.cold.0 * (-(age as f64) / self.cold.1).exp()) + left;
            run.used.push(used);
            age += 1;
            if (1..TICKS - 5).contains(&tick) && ends(tick, used) {
                (age, left) = (0, 0.0);
                run.restarts.push(tick);
            }
        }
        run
    }
}

/// A server recycles a worker whose private bytes are above a mark, at its next look, and in some at a fixed time each
/// day or so too. It does that from the first day of the leak to the end of the record, and nobody counts.
fn pool_recycled_by_private_bytes(random: &mut Random) -> Story {
    let onset = days(random.within(0.6..14.0));
    let (mark, looks) = (random.within(0.6..0.94), random.pick(1..4));
    let level = mark * random.within(0.15..0.8);
    let leaky = Leaky::new(random, onset, level);
    let fills = between(random, 0.25, 4.0) * DAY as f64 * (1.0 - level) / (mark - level);
    let fixed = if random.chance(0.3) { 29 * HOUR } else { usize::MAX };
    let mut last = 0;
    let mut run = leaky.run(fills, |tick, used| {
        let ends = (used > mark && tick % looks == 0) || tick - last > fixed;
        last = if ends { tick } else { last };
        ends
    });
    // The heap has a limit of its own: what does not fit fails, and is not seen.
    run.used.iter_mut().for_each(|used| *used = used.min(0.5 + mark / 2.0));
    leaky.meter.ends(onset, run).expect("the mark is reached twice")
}

/// Each merge is deployed, so that a process lives for hours, at most over a weekend. The leak takes some of what is
/// free, and the record ends before anything happens.
fn merged_many_times_a_day(random: &mut Random) -> Story {
    let (load, onset) = (load(random), days(random.within(0.5..18.0)));
    let mut meter = Meter::of_told_memory(random);
    meter.age = random.pick(1..DAY);
    let often = between(random, 8.0, 60.0);
    let mut starts = deploys(random, 0..onset, often);
    starts.push(onset);
    starts.extend(deploys(random, onset + 1..TICKS, often));
    let level = level(random).min(0.8);
    let runtime = Runtime::any(random);
    let lives = lives(random, &load, meter.age, &starts);
    let engine = Engine::new(random, runtime, meter.age);
    let quiet = highest(&engine.seen(&lives, &load, &starts, f64::INFINITY));
    let limit = quiet / level;
    let left = kept(&since(onset, |tick| load[tick]), &starts);
    // The highest of the leak takes so much of what is free above all needs.
    let leak = random.within(0.2..0.9) * (limit - quiet) / highest(&left);
    let leaking = with(&lives, &left, leak / (1.0 + if runtime == Runtime::Plain { 0.0 } else { engine.grows }));
    let used = times(&engine.seen(&leaking, &load, &starts, limit), 1.0 / limit);
    meter.ends(onset, Run { used, restarts: starts }).expect("it is deployed often")
}

/// An alert pages somebody, who restarts it and goes on with the day, or the night: soon as a rule, late when asleep.
/// Sometimes that is too late; in some months it never is.
fn restarted_after_a_page(random: &mut Random) -> Story {
    let onset = days(random.within(0.6..12.0));
    let (mark, level) = (random.within(0.7..0.95), random.within(0.1..0.65));
    let leaky = Leaky::new(random, onset, level);
    let (reacts, asleep) = (between(random, 1.0, 10.0), between(random, 2.0, 20.0));
    let (zone, waits) = (random.pick(0..DAY), random.pick(1..5));
    let mut fills = between(random, 0.7, 9.0) * DAY as f64;
    for _ in 0..60 {
        let (mut above, mut paged) = (0, usize::MAX);
        let run = leaky.run(fills, |tick, used| {
            above = if used > mark { above + 1 } else { 0 };
            if above == waits {
                let sleeps = (tick + zone) % DAY < 9 * HOUR;
                let late = reacts * random.lognormal(1.2) * if sleeps { asleep } else { 1.0 };
                paged = paged.min(tick + 1 + late as usize);
            }
            let ends = tick >= paged;
            (above, paged) = if ends { (0, usize::MAX) } else { (above, paged) };
            ends
        });
        let is_seen = |story: &Story| story.restarts.iter().any(|at| *at > onset);
        if let Some(story) = leaky.meter.ends(onset, run).filter(is_seen) {
            return story;
        }
        fills *= random.within(0.7..1.35);
    }
    unreachable!("some month goes like this")
}

/// It is restarted each night, and so it never gets far, until one day so many come that the night is too late.
fn a_busy_day_beats_the_nightly_restart(random: &mut Random) -> Story {
    let when = when(random, 0.6..14.0, 3.0..27.0);
    let busy = when.1 / DAY;
    let when = (when.0, (busy * DAY + DAY - 1).min(TICKS - 5));
    let (more, grows) = (random.within(1.4..3.5), random.within(0.0..0.5));
    let expected: Vec<f64> = load(random)
        .iter()
        .enumerate()
        .map(|(tick, rate)| {
            let busy = if tick / DAY == busy { more } else { 1.0 };
            rate * busy * (1.0 + grows * tick as f64 / TICKS as f64)
        })
        .collect();
    let load = chances(random, &expected);
    let mut meter = Meter::of_told_memory(random);
    meter.age = random.pick(1..DAY);
    let mut starts = once_a_day(random, |_| true);
    let often = random.within(0.0..2.0);
    starts.extend(deploys(random, 0..when.1, often));
    starts.sort_unstable();
    starts.dedup();
    let runtime = Runtime::any(random);
    let level = level(random).min(0.8);
    let needs = times(&memory(random, runtime, &load, (meter.age, &starts)), level);
    let left = kept(&since(when.0, |tick| load[tick]), &starts);
    meter.leak(when, |leak| Run { used: with(&needs, &left, leak), restarts: starts.clone() })
}
