//! The third test half's healthy processes: workers, collectors, allocators, caches.

use super::Family;
use super::memory::{Workers, bytes, collected, container, resident};
use super::parts::{
    TICKS, anyones, between, days, demand, expiring, highest, plus, power, releases, served, since, under_way,
};
use super::telling::{Recorder, Run};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, Story};
use crate::detect::random::Random;

pub const HEALTHY: [Family; 7] = [
    Family { name: "puma-workers-that-settle", tell: puma_workers_that_settle },
    Family { name: "recycled-by-max-requests", tell: recycled_by_max_requests },
    Family { name: "go-under-its-memory-limit", tell: go_under_its_memory_limit },
    Family { name: "at-its-high-water", tell: at_its_high_water },
    Family { name: "cache-with-time-to-live", tell: cache_with_time_to_live },
    Family { name: "given-at-the-start", tell: given_at_the_start },
    Family { name: "collections-that-adapt", tell: collections_that_adapt },
];

/// Where healthy services have their highest, as shares of the limit.
pub const TOP: std::ops::Range<f64> = 0.3..0.96;

/// Ruby: forked workers stop sharing pages and their heaps fragment, fast at first, then hardly, until all slots were
/// used once. A release starts all of them anew.
fn puma_workers_that_settle(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..2.5));
    let recorder = Recorder::of(random, container);
    let restarts = releases(random, 0.0..27.0, often);
    let dies = if random.chance(0.4) { power(random, -5.0..-3.5) } else { 0.0 };
    let workers = Workers { count: random.pick(2..7), even: random.within(0.4..1.0), dies, serves: None };
    let (fast, slow) = (between(random, 0.02, 0.2) * DAY as f64, between(random, 0.5, 5.0) * DAY as f64);
    let (share, by_fast) = (random.within(0.2..0.6), random.within(0.3..0.8));
    let uses =
        |served: f64, _| share * (1.0 - by_fast * (-served / fast).exp() - (1.0 - by_fast) * (-served / slow).exp());
    let all = workers.run(random, (&load, &vec![0.0; TICKS]), (recorder.age, &restarts), uses);
    let used = plus(&demand(random, &load, 1.0 - share), &all);
    let returns = power(random, -3.0..-0.5);
    recorder.healthy(Run { used: resident(&used, returns, &restarts), restarts }, TOP, random)
}

/// gunicorn or PHP-FPM, whose children do keep something of each request, and are ended after so many of them: their
/// sum is a sawtooth of many small teeth, or of few large ones. Only the master's start is told.
fn recycled_by_max_requests(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..1.5));
    let recorder = Recorder::of(random, container);
    let restarts = releases(random, 0.0..27.0, often);
    let serves = Some((between(random, 0.03, 3.0) * DAY as f64, random.within(0.0..0.5)));
    let workers = Workers { count: random.pick(2..10), even: random.within(0.5..1.0), dies: 0.0, serves };
    let (share, life) = (random.within(0.1..0.6), serves.map_or(1.0, |serves| serves.0));
    let uses = |served: f64, _| share * (0.4 + 0.6 * served / life);
    let all = workers.run(random, (&load, &vec![0.0; TICKS]), (recorder.age, &restarts), uses);
    let used = plus(&demand(random, &load, 1.0 - share), &all);
    recorder.healthy(Run { used, restarts }, TOP, random)
}

/// Go with GOGC and GOMEMLIMIT: a reading finds the heap anywhere between what lives and twice of it, and the soft
/// limit, nine tenths of the container's, is what busy hours come near to.
fn go_under_its_memory_limit(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..3.0));
    let metric = ["go_memstats_heap_inuse_bytes", "container_memory_rss_bytes"][random.pick(0..2)];
    let measure = bytes(random, metric);
    let recorder = Recorder::new(random, measure);
    let restarts = releases(random, 0.0..27.5, often);
    let (level, soft) = (random.within(0.15..0.7), random.within(0.8..0.92));
    let (grows, allocates) = ([1.0, 1.0, 2.0, 0.5][random.pick(0..4)], power(random, -2.5..0.5));
    let live = demand(random, &load, level);
    let mut heap = collected(random, &live, &load, grows, allocates);
    // Near the soft limit it collects more often.
    for (heap, live) in heap.iter_mut().zip(&live) {
        *heap = heap.min(f64::max(soft, *live) * (1.0 - 0.02 * random.unit()));
    }
    let returns = if metric.starts_with("go") { 1.0 } else { power(random, -1.5..-0.2) };
    let used = resident(&heap, returns, &restarts);
    let run = Run { used, restarts };
    if highest(&run.used) < 0.96 { recorder.as_told(run, random) } else { recorder.healthy(run, 0.85..0.96, random) }
}

/// glibc's arenas: resident memory stands where the most requests at once have ever lifted it. Records get rare, and
/// the pool of the server allows no more than so many.
fn at_its_high_water(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..1.0));
    let mut recorder = Recorder::of(random, container);
    let restarts = releases(random, 0.0..20.0, often);
    recorder.age = random.pick(0..4 * DAY);
    let (at_once, most) = (power(random, -0.7..1.0), random.pick(5..40) as f64);
    let requests = under_way(random, &load, at_once, most);
    // A request is refused when there is no memory for it in the pool.
    let (top, share) = (0.85 * highest(&requests), random.within(0.15..0.6));
    let quiet = demand(random, &load, 1.0 - share);
    let live: Vec<f64> = quiet.iter().zip(&requests).map(|(quiet, now)| quiet + share * (now / top).min(1.0)).collect();
    let returns = power(random, -4.5..-2.0);
    let used = resident(&live, returns, &restarts);
    recorder.healthy(Run { used, restarts }, 0.3..0.92, random)
}

/// A cache whose entries live for hours or four days: as many as came in that time. Cold after a start; bounded by what
/// people ask for.
fn cache_with_time_to_live(random: &mut Random) -> Story {
    let (load, stays) = (anyones(random), days(between(random, 0.1, 4.0)));
    let metric = ["redis_memory_used_bytes", "nodejs_heap_size_used_bytes"][random.pick(0..2)];
    let measure = bytes(random, metric);
    let recorder = Recorder::new(random, measure);
    let often = random.within(0.0..1.0);
    let restarts = releases(random, 0.0..16.0, often);
    let since_start = served(&vec![1.0; TICKS], recorder.age, &restarts);
    // Of what is asked for again only the first counts.
    let (again, share) = (random.within(0.3..1.0), random.within(0.2..0.8));
    let entries = expiring(&load, stays);
    let mean = entries.iter().sum::<f64>() / TICKS as f64;
    let quiet = demand(random, &load, 1.0 - share);
    let (mut from, mut came) = (0, vec![0.0; TICKS]);
    for (tick, came) in came.iter_mut().enumerate() {
        let age = since_start[tick] as usize;
        from = if age >= stays { from } else { tick + 1 - age.min(tick + 1) };
        *came = if age >= stays { entries[tick] } else { load[from..=tick].iter().sum::<f64>() / stays as f64 };
    }
    let held = came.iter().map(|came| (came / mean).powf(again));
    let used = quiet.iter().zip(held).map(|(quiet, held)| quiet + share * held * 0.7).collect();
    recorder.healthy(Run { used, restarts }, TOP, random)
}

/// A JVM whose heap is touched at the start and as large as it may get: nearly all of the container, hardly moving.
/// What is beside the heap (threads, compiled code, buffers) settles within a day.
fn given_at_the_start(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..3.0));
    let recorder = Recorder::of(random, container);
    let restarts = releases(random, 0.0..27.0, often);
    let (beside, tau) = (random.within(0.05..0.25), between(random, 0.02, 0.5) * DAY as f64);
    let quiet = demand(random, &load, beside);
    let warm = served(&load, recorder.age, &restarts);
    let used =
        quiet.iter().zip(&warm).map(|(quiet, served)| 1.0 - beside + quiet * (1.0 - 0.6 * (-served / tau).exp()));
    let used = resident(&used.collect::<Vec<f64>>(), 0.01, &restarts);
    recorder.healthy(Run { used, restarts }, 0.8..0.975, random)
}

/// G1: mixed collections begin where the collector finds it best, and it changes its mind with the days. What is left
/// after one is what it ever was.
fn collections_that_adapt(random: &mut Random) -> Story {
    let (load, often) = (anyones(random), random.within(0.0..1.0));
    let measure = bytes(random, "jvm_memory_pool_used_bytes");
    let recorder = Recorder::new(random, measure);
    let restarts = releases(random, 0.0..27.0, often);
    let (level, fills) = (random.within(0.1..0.4), between(random, 0.03, 1.5) * DAY as f64);
    let live = demand(random, &load, level);
    let lasts = between(random, 0.5, 3.0) * DAY as f64;
    let mind = wander(random, TICKS, lasts, 0.12);
    let (mut garbage, mut collecting, mut used) = (0.0, 0, Vec::with_capacity(TICKS));
    let mut next = restarts.iter().peekable();
    let comes = since(0, |tick| load[tick] * random.lognormal(0.25) * (0.7 - level) / fills);
    for tick in 0..TICKS {
        garbage += comes[tick];
        let begins = (0.62 + mind[tick]).clamp(level + 0.12, 0.85);
        if live[tick] + garbage > begins && collecting == 0 {
            collecting = random.pick(2..7);
        }
        if collecting > 0 {
            collecting -= 1;
            garbage *= if collecting == 0 { 0.1 * random.unit() } else { 0.6 };
        }
        used.push(live[tick] + garbage);
        if next.next_if_eq(&&tick).is_some() {
            (garbage, collecting) = (0.0, 0);
        }
    }
    recorder.healthy(Run { used, restarts }, 0.45..0.93, random)
}
