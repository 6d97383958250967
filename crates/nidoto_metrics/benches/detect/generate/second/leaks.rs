//! The second test half's leaks of memory. Those of what is counted, and of disks, are in `counts`.

use super::memory::{Memory, jvm, node, old_after, resident, runtime};
use super::parts::{
    DAYS, TICKS, Users, at_work, days, lasting, neighbours, nights, releases, somebody, surge, traffic,
};
use super::process::{Fill, Process, following};
use crate::detect::generate::Family;
use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::random::Random;

pub const FAMILIES: [Family; 11] = [
    Family { name: "listeners-per-request", tell: listeners_per_request },
    Family { name: "a-release-leaks", tell: a_release_leaks },
    Family { name: "buffers-outside-the-heap", tell: buffers_outside_the_heap },
    Family { name: "timers-by-the-clock", tell: timers_by_the_clock },
    Family { name: "cron-restarts-hide-it", tell: cron_restarts_hide_it },
    Family { name: "killed-and-started-again", tell: killed_and_started_again },
    Family { name: "a-chunk-each-night", tell: a_chunk_each_night },
    Family { name: "map-under-full-collections", tell: map_under_full_collections },
    Family { name: "slab-beside-neighbours", tell: slab_beside_neighbours },
    Family { name: "rests-at-weekends", tell: rests_at_weekends },
    Family { name: "faster-and-faster", tell: faster_and_faster },
];

/// `rate` from a tick on, before it nothing.
fn since(onset: usize, rate: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..TICKS).map(|tick| if tick < onset { 0.0 } else { rate(tick) }).collect()
}

/// Node.js: a listener or a closure on something global for every request. Some have leaked since long before.
fn listeners_per_request(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 0.2..12.0, 1.5..26.0));
    let (load, is_old) = (traffic(random, users), random.chance(0.3));
    let (onset, incident) = if is_old { (0, when.1.max(days(1.5))) } else { when };
    let keeps = since(onset, |tick| load[tick]);
    let runtime = node(random);
    let mut process = Process { keeps, ..Process::usual(random, load, runtime) };
    if is_old {
        process.kept_before = random.within(0.05..0.8) * incident as f64;
        process.age = process.kept_before as usize;
    }
    process.leaking((onset, incident), random)
}

/// The last of some releases to a container brings it: every request keeps a little from then on.
fn a_release_leaks(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 2.0..22.0, 0.5..13.0));
    let load = traffic(random, users);
    let onset = at_work(random, when.0);
    let incident = (onset + when.1 - when.0).min(TICKS - 2);
    let (often, is_by_clock) = (random.within(0.5..5.0), random.chance(0.3));
    let mut restarts = releases(random, 0.0..(onset / DAY) as f64, often);
    restarts.push(onset);
    let keeps = since(onset + 1, |tick| if is_by_clock { 1.0 } else { load[tick] });
    let runtime = runtime(random);
    let usual = Process::usual(random, load, runtime);
    let fill = Fill::Keys { amount: random.within(0.02..0.15), over: random.within(0.05..1.5) * DAY as f64 };
    Process { keeps, restarts, fill, ..usual }.leaking((onset, incident), random)
}

/// Direct buffers, image libraries, arenas: resident memory grows by uneven uploads while the heap is well.
fn buffers_outside_the_heap(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 0.1..12.0, 2.0..26.0));
    let load = traffic(random, users);
    let size: Vec<f64> = (0..TICKS).map(|_| random.lognormal(1.2)).collect();
    let keeps = since(when.0, |tick| load[tick] * size[tick]);
    let memory = Memory::Resident { returns: 10_f64.powf(random.within(-3.0..-1.5)) };
    let usual = Process::usual(random, load, (RESIDENT, memory));
    let fill = Fill::Keys { amount: random.within(0.02..0.2), over: random.within(0.1..3.0) * DAY as f64 };
    Process { keeps, fill, ..usual }.leaking(when, random)
}

/// A timer, a poller, a health check: something is kept by the clock, whoever is there. Hours or weeks to the limit.
fn timers_by_the_clock(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 0.1..24.0, 0.25..26.0));
    let load = traffic(random, users);
    let runtime = runtime(random);
    let usual = Process::usual(random, load, runtime);
    Process { keeps: since(when.0, |_| 1.0), ..usual }.leaking(when, random)
}

/// `systemctl restart` by cron each night or week, and releases when they are ready: it never gets there.
fn cron_restarts_hide_it(random: &mut Random) -> Story {
    let users = somebody(random);
    let (load, onset, hour) = (traffic(random, users), random.within(0.0..9.0), random.within(0.0..24.0));
    let (onset, every) = (days(onset), [1, 1, 7, 7, 2][random.pick(0..5)]);
    let often = random.within(0.0..2.0);
    let mut restarts = releases(random, 0.0..DAYS as f64, often);
    restarts.extend(nights(hour, |day| day % every == every - 1));
    restarts.sort_unstable();
    restarts.dedup();
    let keeps = since(onset, |tick| load[tick]);
    let runtime = if random.chance(0.5) { node(random) } else { resident(random) };
    let usual = Process::usual(random, load, runtime);
    let fill = Fill::Keys { amount: random.within(0.01..0.1), over: random.within(0.02..0.8) * DAY as f64 };
    let process = Process { keeps, restarts, fill, age: every * DAY / 2, ..usual };
    let share = random.within(0.2..0.95);
    process.sized(random.within(0.15..0.6)).hidden(onset, share, random)
}

/// The kernel ends it at its container's limit, or PM2 and monit end it earlier; another starts within seconds.
fn killed_and_started_again(random: &mut Random) -> Story {
    let users = somebody(random);
    let (load, onset) = (traffic(random, users), random.within(0.0..10.0));
    let (onset, lasts) = (days(onset), 10_f64.powf(random.within(-0.5..0.9)) * DAY as f64);
    let killed_at = if random.chance(0.6) { 1.0 } else { random.within(0.7..0.95) };
    let level = random.within(0.2..0.55) * killed_at;
    let keeps = since(onset, |tick| (killed_at - level) / lasts * load[tick]);
    let runtime = if random.chance(0.3) { node(random) } else { resident(random) };
    let usual = Process::usual(random, load, runtime);
    let fill = Fill::Keys { amount: random.within(0.01..0.1), over: random.within(0.02..0.5) * DAY as f64 };
    Process { keeps, fill, killed_at, ..usual }.sized(level).killed(onset, random)
}

/// A worker whose nightly batch needs memory for an hour or three, and leaves a chunk behind.
fn a_chunk_each_night(random: &mut Random) -> Story {
    let (users, (onset, incident)) = (somebody(random), lasting(random, 0.2..6.0, 4.5..26.0));
    let load = traffic(random, users);
    let (begin, lasts) = (random.pick(0..DAY - 3 * HOUR), random.pick(HOUR / 2..3 * HOUR));
    let is_weekdays = random.chance(0.3);
    let sizes: Vec<f64> = (0..DAYS).map(|_| random.lognormal(0.3)).collect();
    let is_batch = |tick: usize| (begin..begin + lasts).contains(&(tick % DAY)) && (!is_weekdays || tick / DAY % 7 < 5);
    let keeps = since(onset, |tick| if is_batch(tick) { sizes[tick / DAY] } else { 0.0 });
    let onset = keeps.iter().position(|kept| *kept > 0.0).unwrap_or(onset);
    let runtime = resident(random);
    let mut usual = Process::usual(random, load, runtime).sized(random.within(0.15..0.5));
    let needs = random.within(0.0..0.3);
    for (tick, need) in usual.needs.iter_mut().enumerate().filter(|(tick, _)| is_batch(*tick)) {
        *need += needs * sizes[tick / DAY].min(1.5);
    }
    Process { keeps, ..usual }.leaking((onset, incident), random)
}

/// JVM: a static map under a collector that lets garbage of the old generation wait for hours or days.
fn map_under_full_collections(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 0.1..10.0, 3.0..26.5));
    let (load, (measure, _)) = (traffic(random, users), jvm(random));
    let (waits, young) = (random.within(0.2..3.0), random.within(0.04..0.2));
    let memory = old_after(random, waits, young, 0.65..0.92);
    let keeps = since(when.0, |tick| load[tick]);
    Process { keeps, ..Process::usual(random, load, (measure, memory)) }.leaking(when, random)
}

/// A host's kernel keeps dentries, sockets' buffers or namespaces; containers beside it come and go.
fn slab_beside_neighbours(random: &mut Random) -> Story {
    const HOST: Measure =
        Measure { metric: "node_memory_used_bytes", started: Some("node_boot_time_seconds"), ..RESIDENT };
    let (users, when) = (somebody(random), lasting(random, 0.0..8.0, 9.0..27.0));
    let (load, count) = (traffic(random, users), random.pick(2..7));
    let others = neighbours(random, count, 0.02..0.1);
    let top = random.within(0.15..0.45);
    let mut needs = following(random, &load, top, 0.05..0.4);
    needs.iter_mut().zip(&others).for_each(|(need, other)| *need += other);
    let keeps = since(when.0, |tick| 0.5 + 0.5 * load[tick]);
    Process { keeps, ..Process::new(random, HOST, load, needs) }.leaking(when, random)
}

/// For people at work: it leaks on working days and sleeps at weekends. The monitoring has holes of hours.
fn rests_at_weekends(random: &mut Random) -> Story {
    let (load, when) = (traffic(random, Users::Office), lasting(random, 0.1..9.0, 5.0..24.0));
    let keeps = since(when.0, |tick| load[tick]);
    let runtime = runtime(random);
    let usual = Process::usual(random, load, runtime);
    let mut story = Process { keeps, ..usual }.leaking(when, random);
    for _ in 0..random.pick(2..9) {
        let (from, lasts) = (random.pick(1..story.used.len() - 1), random.pick(HOUR..18 * HOUR));
        story.lost.push(from..(from + lasts).min(story.used.len() - 1));
    }
    story
}

/// What is kept makes more be kept: retries of retries, subscribers that subscribe again; or a campaign brings them.
fn faster_and_faster(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 0.1..16.0, 0.6..18.0));
    let mut load = traffic(random, users);
    let lasts = (when.1 - when.0) as f64;
    if random.chance(0.3) {
        surge(&mut load, when.0 + (lasts * 0.7) as usize, random.within(2.0..6.0), lasts * 0.2);
    }
    let (power, doubles) = (random.within(0.5..2.5), random.within(0.15..0.5) * lasts);
    let is_power = random.chance(0.5);
    let faster = |past: f64| if is_power { (past + 1.0).powf(power) } else { (past / doubles).min(40.0).exp2() };
    let keeps = since(when.0, |tick| load[tick] * faster((tick - when.0) as f64));
    let runtime = runtime(random);
    let usual = Process::usual(random, load, runtime);
    Process { keeps, ..usual }.leaking(when, random)
}
