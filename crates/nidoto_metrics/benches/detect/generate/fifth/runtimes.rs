//! The test half's runtimes that take what they may have: heaps that expand, arenas, lazy collections, releases.

use super::Family;
use super::process::{Lives, Runtime, process, scaled, whole};
use super::record::Witness;
use super::traffic::{OFFICE, anyone, releases, traffic};
use crate::detect::generate::service::{DAY, Story};
use crate::detect::generate::third::memory::resident;
use crate::detect::generate::third::parts::{TICKS, between, days, expiring, highest, plus, poisson, power, served};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "jvm-at-its-xmx", tell: jvm_at_its_xmx },
    Family { name: "arenas-settle", tell: arenas_settle },
    Family { name: "gen2-when-memory-is-short", tell: gen2_when_memory_is_short },
    Family { name: "reports-on-demand", tell: reports_on_demand },
    Family { name: "a-framework-upgrade", tell: a_framework_upgrade },
];

/// What the system gave a JVM: its heap expands in steps whenever a busy hour needs more than ever before, stays so,
/// and ends at `-Xmx`, which with all that is beside the heap fits into the container.
fn jvm_at_its_xmx(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), random.within(0.0..1.2));
    let witness = Witness::of_memory(random);
    let starts = releases(random, 0..days(18.0), often);
    let (first, beside) = (random.within(0.2..0.7), random.within(0.15..0.6));
    let (step, presses) = (random.within(0.01..0.12), random.within(0.65..1.3));
    let (spread, learns) = (random.within(0.05..0.3), between(random, 5.0, 800.0));
    let (busy, served) = (whole(&expiring(&load, 3)), served(&load, witness.age, &starts));
    let (mut heap, mut next, mut used) = (first, starts.iter().peekable(), Vec::with_capacity(TICKS));
    for tick in 0..TICKS {
        let needs = first + (presses - first) * busy[tick].powi(2) * random.lognormal(spread);
        while needs > heap && heap < 1.0 {
            heap = f64::min(heap + step, 1.0);
        }
        let other = beside * (1.0 - 0.4 * (-served[tick] / learns).exp()) + 0.004 * random.normal();
        used.push(heap + other);
        heap = if next.next_if_eq(&&tick).is_some() { first } else { heap };
    }
    witness.sized(Run { used, restarts: starts }, 1.0 + beside, 0.5..0.97, random)
}

/// Threads of Ruby or Python leave holes in the arenas of the allocator: memory rises fast, then ever more slowly, to
/// about twice of what was there after the start, and stays.
fn arenas_settle(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), [0.0, 0.0, 0.3, 1.0][random.pick(0..4)]);
    let mut witness = Witness::of_memory(random);
    let mut starts = releases(random, 0..days(15.0), often);
    if starts.is_empty() {
        witness.age = random.pick(0..DAY);
    }
    starts.dedup();
    let (holes, settles) = (random.within(0.3..1.5), between(random, 0.3, 3.0) * DAY as f64);
    let bends = random.within(0.55..1.0);
    let quiet = Runtime::Script.process(random, &load, Lives { age: witness.age, starts: &starts });
    let arenas: Vec<f64> = served(&load, witness.age, &starts)
        .iter()
        .map(|served| holes * (1.0 - (-(served / settles).powf(bends)).exp()))
        .collect();
    witness.sized(Run { used: plus(&quiet, &arenas), restarts: starts }, 1.0 + holes, 0.45..0.95, random)
}

/// .NET with a hard limit of its heap: the second generation waits for days, until three quarters or nine tenths of
/// the memory are taken; then all of it goes.
fn gen2_when_memory_is_short(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), random.within(0.0..1.0));
    let witness = Witness::of_memory(random);
    let starts = releases(random, 0..TICKS, often);
    let (level, ceiling) = (random.within(0.15..0.5), random.within(0.68..0.93));
    let live = scaled(&Runtime::DotNet.process(random, &load, Lives { age: witness.age, starts: &starts }), level);
    let every = between(random, 0.2, 6.0) * DAY as f64;
    let (spread, blunt) = (random.within(0.01..0.06), random.within(0.0..0.25));
    let (mut garbage, mut short, mut next) = ((ceiling - level) * random.unit(), ceiling, starts.iter().peekable());
    let mut see = |tick: usize| {
        garbage += (ceiling - level) / every * load[tick] * random.lognormal(0.2);
        if live[tick] + garbage > short {
            garbage *= blunt * random.unit();
            short = ceiling * (1.0 - spread * random.unit());
        }
        let seen = live[tick] + garbage;
        garbage = if next.next_if_eq(&&tick).is_some() { 0.0 } else { garbage };
        seen
    };
    let used = (0..TICKS).map(&mut see).collect();
    witness.calm(Run { used, restarts: starts })
}

/// People of the office ask for large reports: each takes its memory for some minutes, at most so many at once, and
/// what the allocator holds afterwards goes back over hours or days.
fn reports_on_demand(random: &mut Random) -> Story {
    let (load, often) = (traffic(random, OFFICE), random.within(0.0..3.0));
    let witness = Witness::of_memory(random);
    let starts = releases(random, 0..TICKS, often);
    let quiet = process(random, &load, Lives { age: witness.age, starts: &starts });
    let (reports, size) = (between(random, 0.5, 40.0) / DAY as f64, random.within(0.05..0.6));
    let (spread, most) = (random.within(0.3..0.9), size * random.within(2.0..4.0));
    let (mut open, mut asked) = (0.0, Vec::with_capacity(TICKS));
    for rate in &load {
        open *= random.within(0.0..0.9);
        for _ in 0..poisson(random, reports * rate) as usize {
            open += size * random.lognormal(spread);
        }
        open = f64::min(open, most);
        asked.push(open);
    }
    let returns = power(random, -2.7..-0.3);
    let held = resident(&asked, returns, &starts);
    let most = 1.0 + highest(&held).max(0.7 * most);
    witness.sized(Run { used: plus(&quiet, &held), restarts: starts }, most, 0.45..0.95, random)
}

/// Most releases change nothing; one to three of a month bring another framework, more workers or an agent, and need
/// more than the one before, or less.
fn a_framework_upgrade(random: &mut Random) -> Story {
    let (load, often) = (anyone(random), random.within(0.5..6.0));
    let witness = Witness::of_memory(random);
    let mut starts = releases(random, 0..TICKS, often);
    let mut changes: Vec<(usize, f64)> = vec![];
    for _ in 0..random.pick(1..4) {
        let grows = if random.chance(0.75) { random.within(0.05..0.45) } else { -random.within(0.03..0.2) };
        changes.push((random.pick(DAY..TICKS - 2 * DAY), grows));
    }
    starts.extend(changes.iter().map(|change| change.0));
    starts.sort_unstable();
    starts.dedup();
    let quiet = process(random, &load, Lives { age: witness.age, starts: &starts });
    let needs = |tick: usize| changes.iter().filter(|change| change.0 < tick).map(|change| change.1).sum::<f64>();
    let used = quiet.iter().enumerate().map(|(tick, used)| used + needs(tick)).collect();
    witness.healthy(Run { used, restarts: starts }, 0.4..0.95, random)
}
