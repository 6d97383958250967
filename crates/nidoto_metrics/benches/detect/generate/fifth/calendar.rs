//! The test half's weeks that are unlike each other: partitions, news, launches, holidays, stocktaking.

use super::Family;
use super::process::{Lives, process, scaled, whole};
use super::record::Witness;
use super::traffic::{HOMES, KITCHENS, OFFICE, anyone, releases, traffic};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::volume;
use crate::detect::generate::third::parts::{TICKS, between, days, expiring, highest, plus};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "partitions-dropped", tell: partitions_dropped },
    Family { name: "mentioned-in-the-news", tell: mentioned_in_the_news },
    Family { name: "launch-that-settles", tell: launch_that_settles },
    Family { name: "quiet-between-the-years", tell: quiet_between_the_years },
    Family { name: "stocktaking-on-saturdays", tell: stocktaking_on_saturdays },
];

/// Memory of a service of which a share follows those who are there, the rest is its process.
fn with_sessions(random: &mut Random, load: &[f64], lives: Lives) -> Vec<f64> {
    let (share, stay) = (random.within(0.25..0.8), between(random, 3.0, 350.0) as usize);
    let quiet = process(random, load, lives);
    plus(&scaled(&quiet, 1.0 - share), &scaled(&whole(&expiring(load, stay)), share))
}

/// Events are written into a partition for each day, week or month, and the oldest is dropped when a new one begins:
/// even teeth, the longest of them as long as the record.
fn partitions_dropped(random: &mut Random) -> Story {
    let load = anyone(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let witness = Witness::new(random, measure);
    let (period, keeps) = ([DAY, 7 * DAY, 7 * DAY, 30 * DAY][random.pick(0..4)], random.pick(1..4));
    // Of a month the drop is within the record, and both sides of it are.
    let drop = if period > 7 * DAY { random.pick(6 * DAY..24 * DAY) } else { random.pick(0..period) };
    let mut kept = vec![period as f64; keeps];
    let mut now = (period - drop) as f64;
    let mut used = Vec::with_capacity(TICKS);
    for (tick, rate) in load.iter().enumerate() {
        if tick % period == drop {
            kept.remove(0);
            kept.push(now);
            now = 0.0;
        }
        now += rate;
        used.push(kept.iter().sum::<f64>() + now);
    }
    let base = random.within(0.0..0.8) * highest(&used);
    let used = used.iter().map(|used| base + used).collect();
    witness.healthy(Run::of(used), 0.4..0.96, random)
}

/// A newspaper or somebody with many followers names the site: within the hour many times as many come, and each day
/// after it fewer of them.
fn mentioned_in_the_news(random: &mut Random) -> Story {
    let crowd = [HOMES, KITCHENS, OFFICE][random.pick(0..3)];
    let (mut load, often) = (traffic(random, crowd), random.within(0.0..3.0));
    for _ in 0..random.pick(1..4) {
        let (at, size) = (random.pick(DAY..TICKS - DAY), between(random, 0.5, 5.0));
        let (rises, fades) = (random.pick(1..HOUR) as f64, between(random, 0.2, 3.0) * DAY as f64);
        for (since, rate) in load[at..].iter_mut().enumerate() {
            let since = since as f64;
            *rate *= 1.0 + size * (1.0 - (-since / rises).exp()) / (1.0 + since / fades).powi(2);
        }
    }
    let witness = Witness::of_memory(random);
    let starts = releases(random, 0..TICKS, often);
    let used = with_sessions(random, &load, Lives { age: witness.age, starts: &starts });
    witness.healthy(Run { used, restarts: starts }, 0.4..0.96, random)
}

/// Customers are let in over days or two weeks, and then all are there: traffic rises like an S and stays.
fn launch_that_settles(random: &mut Random) -> Story {
    let (mut load, often) = (anyone(random), random.within(0.0..5.0));
    let (middle, lasts) = (random.within(2.0..14.0), random.within(0.3..2.2));
    let before = random.within(0.1..0.7);
    for (tick, rate) in load.iter_mut().enumerate() {
        let apart = (tick as f64 / DAY as f64 - middle) / lasts;
        *rate *= before + (1.0 - before) / (1.0 + (-apart).exp());
    }
    let witness = Witness::of_memory(random);
    let starts = releases(random, 0..TICKS, often);
    let used = with_sessions(random, &load, Lives { age: witness.age, starts: &starts });
    witness.healthy(Run { used, restarts: starts }, 0.4..0.94, random)
}

/// In the first week of January few come and nobody releases; in the second all are back, day by day more.
fn quiet_between_the_years(random: &mut Random) -> Story {
    let crowd = [OFFICE, OFFICE, KITCHENS, HOMES][random.pick(0..4)];
    let (mut load, often) = (traffic(random, crowd), random.within(0.3..6.0));
    let (back, few, lasts) = (random.within(3.0..10.0), random.within(0.1..0.6), random.within(0.5..5.0));
    for (tick, rate) in load.iter_mut().enumerate() {
        let since = (tick as f64 / DAY as f64 - back) / lasts;
        *rate *= few + (1.0 - few) * since.clamp(0.0, 1.0);
    }
    let mut witness = Witness::of_memory(random);
    witness.age = random.pick(10 * DAY..30 * DAY);
    let starts = releases(random, days(back)..TICKS, often);
    let used = with_sessions(random, &load, Lives { age: witness.age, starts: &starts });
    witness.healthy(Run { used, restarts: starts }, 0.4..0.95, random)
}

/// On a certain day of each week a job goes through everything for some hours or most of a day. What it knows already
/// it keeps until it is done.
fn stocktaking_on_saturdays(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), random.within(0.0..2.0));
    let witness = Witness::of_memory(random);
    let starts = releases(random, 0..TICKS, often);
    let quiet = process(random, &load, Lives { age: witness.age, starts: &starts });
    let (weekday, hour) = (random.pick(0..7), random.pick(0..DAY));
    let (lasts, size, spread) =
        (between(random, 2.0, 20.0) * HOUR as f64, random.within(0.15..1.5), random.within(0.0..0.12));
    let (twice, bends) = (random.chance(0.25), random.within(0.5..1.2));
    let mut knows = vec![0.0; TICKS];
    for day in (0..TICKS / DAY).filter(|day| day % 7 == weekday || (twice && day % 7 == (weekday + 3) % 7)) {
        let (at, lasts) = (day * DAY + hour, (lasts * random.lognormal(spread)) as usize);
        let until = starts.iter().find(|start| **start >= at).map_or(TICKS, |start| start + 1).min(at + lasts);
        for (done, knows) in knows[at.min(until)..until.min(TICKS)].iter_mut().enumerate() {
            *knows = size * (done as f64 / lasts as f64).powf(bends);
        }
    }
    witness.sized(Run { used: plus(&quiet, &knows), restarts: starts }, 1.0 + size * (1.0 + spread), 0.45..0.96, random)
}
