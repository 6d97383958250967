//! What weeks and months bring to the services of the test half.

use super::Family;
use super::app::{memory, present};
use super::engine::{Engine, Runtime};
use super::meter::Meter;
use super::people::{Audience, chances, deploys, load};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{DAYS, TICKS, between, days, highest, plus, power, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 4] = [
    Family { name: "invoices-on-the-first", tell: invoices_on_the_first },
    Family { name: "signups-that-level-off", tell: signups_that_level_off },
    Family { name: "campaign-by-budgets", tell: campaign_by_budgets },
    Family { name: "backfill-for-some-days", tell: backfill_for_some_days },
];

/// Once in the month all invoices are made, for hours, and some each Monday. What it took, the process keeps for a
/// while or until it is deployed.
fn invoices_on_the_first(random: &mut Random) -> Story {
    let audience = [Audience::Clinics, Audience::Shops, Audience::Pupils][random.pick(0..3)];
    let (load, meter, often) = (audience.load(random), Meter::of_memory(random), between(random, 0.1, 4.0));
    let starts = deploys(random, 0..TICKS, often);
    let (first, begins, lasts) = (random.pick(0..DAYS), random.pick(0..20 * HOUR), random.pick(HOUR..20 * HOUR));
    let (size, mondays) = (random.within(0.15..1.8), random.within(0.0..0.4));
    let mut lives = super::app::lives(random, &load, meter.age, &starts);
    for day in 0..DAYS {
        let share = if day == first {
            1.0
        } else if day % 7 == 0 {
            mondays * random.unit()
        } else {
            0.0
        };
        let (from, lasts) = (day * DAY + begins, (lasts as f64 * share) as usize);
        for (nth, lives) in lives.iter_mut().skip(from).take(lasts).enumerate() {
            let done = nth as f64 / lasts as f64;
            *lives += size * share * done.min(0.3) / 0.3 * random.within(0.8..1.0);
        }
    }
    let runtime = Runtime::any(random);
    let used = Engine::new(random, runtime, meter.age).seen(&lives, &load, &starts, f64::INFINITY);
    let most = highest(&used).max(1.05 * (1.0 + size));
    meter.sized(Run { used, restarts: starts }, most, random)
}

/// A launch, a new school year, a review in a magazine: more users each day, until there are as many as there will be.
/// Memory follows how many are there, in part.
fn signups_that_level_off(random: &mut Random) -> Story {
    let usual = load(random);
    let (middle, width) = (random.within(3.0..15.0), between(random, 0.5, 4.5));
    let (more, part) = (between(random, 0.3, 4.0), random.within(0.15..1.0));
    let grown = |tick: usize| 1.0 + more / (1.0 + (-(tick as f64 / DAY as f64 - middle) / width).exp());
    let expected: Vec<f64> = usual.iter().enumerate().map(|(tick, rate)| rate * grown(tick)).collect();
    let load = chances(random, &expected);
    let (meter, often) = (Meter::of_memory(random), between(random, 0.1, 6.0));
    let starts = deploys(random, 0..TICKS, often);
    let (runtime, stay) = (Runtime::any(random), between(random, 3.0, 400.0));
    let own = memory(random, runtime, &load, (meter.age, &starts));
    let there = present(&load, stay);
    let accounts: Vec<f64> = (0..TICKS).map(|tick| 0.5 * there[tick] + 0.5 * grown(tick) / (1.0 + more)).collect();
    meter.sized(Run { used: with(&own, &accounts, part), restarts: starts }, 1.05 * (1.0 + part), random)
}

/// Somebody buys advertising, a little more each few days while it pays, and stops. More workers run while more come.
fn campaign_by_budgets(random: &mut Random) -> Story {
    let audience = [Audience::Shops, Audience::Players][random.pick(0..2)];
    let usual = audience.load(random);
    let (from, steps) = (random.pick(DAY..14 * DAY), random.pick(1..6));
    let (lasts, more) = (random.pick(DAY / 2..4 * DAY), random.within(0.2..1.2));
    let expected: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let nth = tick.checked_sub(from).map_or(0, |since| since / lasts + 1);
            // What was bought is delivered by day.
            let runs = if nth <= steps { nth as f64 } else { 0.0 };
            usual[tick] * (1.0 + more * runs)
        })
        .collect();
    let load = chances(random, &expected);
    let (meter, often) = (Meter::of_memory(random), between(random, 0.1, 5.0));
    let starts = deploys(random, 0..TICKS, often);
    let runtime = Runtime::any(random);
    let own = memory(random, runtime, &load, (meter.age, &starts));
    let (serves, idles, worker) = (random.within(0.3..1.5), power(random, -3.0..-0.7), random.within(0.03..0.4));
    let (quick, mut workers) = (present(&load, 3.0), 1.0_f64);
    let most = highest(&load);
    let extra: Vec<f64> = quick
        .iter()
        .map(|busy| {
            let wants = (busy * most.min(12.0) / serves).ceil().max(1.0);
            workers = if wants > workers { wants } else { workers - f64::from(random.chance(idles)) };
            worker * (workers.max(1.0) - 1.0)
        })
        .collect();
    let used = plus(&own, &extra);
    let most = 1.05 * highest(&used);
    meter.sized(Run { used, restarts: starts }, most, random)
}

/// A job for a new column reads all that there is, for hours or days, and remembers what it has seen; when it is done all
/// of that goes. Some months have two of them, and none is stopped by a deploy.
fn backfill_for_some_days(random: &mut Random) -> Story {
    let (load, meter, often) = (load(random), Meter::of_memory(random), between(random, 0.1, 3.0));
    let (size, bends) = (random.within(0.08..0.7), random.within(0.4..1.0));
    let mut backfills = vec![0.0; TICKS];
    let mut busy = vec![];
    for _ in 0..random.pick(1..3) {
        let (from, lasts) = (random.pick(DAY..25 * DAY), days(between(random, 0.15, 4.0)));
        let share = size * random.within(0.4..1.0);
        let pauses = random.chance(0.4);
        let mut done = 0.0;
        for (tick, held) in backfills.iter_mut().enumerate().skip(from).take(lasts) {
            // Some run at night only, so as not to be in the way.
            let runs = if pauses { f64::from(tick % DAY < 10 * HOUR) * 2.4 } else { 1.0 };
            done = f64::min(done + runs * random.within(0.7..1.3) / lasts as f64, 1.0);
            *held = f64::max(*held, share * f64::powf(done, bends));
        }
        busy.push(from..from + lasts);
    }
    let mut starts = deploys(random, 0..TICKS, often);
    starts.retain(|at| !busy.iter().any(|busy| busy.contains(at)));
    let runtime = Runtime::any(random);
    let used = plus(&memory(random, runtime, &load, (meter.age, &starts)), &backfills);
    meter.sized(Run { used, restarts: starts }, 1.02 + size, random)
}
