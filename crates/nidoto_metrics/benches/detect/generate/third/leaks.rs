//! The third test half's leaks of memory that no restart hides.

use super::Family;
use super::memory::{Workers, bytes, collected, container, resident};
use super::parts::{
    TICKS, anyones, between, crawls_of, demand, dumps, highest, kept, plus, poisson, power, releases, served, since,
    under_way, window, with,
};
use super::telling::{Recorder, Run};
use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::random::Random;

pub const LEAKS: [Family; 8] = [
    Family { name: "workers-that-fatten", tell: workers_that_fatten },
    Family { name: "goroutines-that-wait", tell: goroutines_that_wait },
    Family { name: "sessions-of-crawlers", tell: sessions_of_crawlers },
    Family { name: "database-sessions-grow", tell: database_sessions_grow },
    Family { name: "metaspace-of-scripts", tell: metaspace_of_scripts },
    Family { name: "browsers-left-behind", tell: browsers_left_behind },
    Family { name: "on-errors-only", tell: on_errors_only },
    Family { name: "fills-the-holes-first", tell: fills_the_holes_first },
];

/// gunicorn without `max_requests`: each worker keeps a little of what it serves, and the first serves most. Now and
/// then the master kills one that hangs, and its share comes back without any start. Half began with a release.
fn workers_that_fatten(random: &mut Random) -> Story {
    let (load, (onset, incident)) = (anyones(random), window(random, 0.0..12.0, 2.0..24.0));
    let recorder = Recorder::of(random, container);
    let dies = power(random, -5.5..-4.0);
    let workers = Workers { count: random.pick(2..9), even: random.within(0.2..1.0), dies, serves: None };
    let mut restarts = releases(random, 0.0..onset as f64 / DAY as f64, 1.5);
    if onset > 0 && random.chance(0.5) {
        restarts.push(onset);
    }
    let keeps = since(onset, |tick| load[tick]);
    let level = random.within(0.2..0.65);
    let needs = demand(random, &load, level);
    let (grows, tau) = (random.within(0.02..0.12), between(random, 0.05, 1.5) * DAY as f64);
    recorder.leak((onset, incident), random, |leak, random| {
        let uses = |served: f64, kept: f64| grows * (1.0 - (-served / tau).exp()) + leak * kept;
        let all = workers.run(random, (&load, &keeps), (recorder.age, &restarts), uses);
        Run { used: plus(&needs, &all), restarts: restarts.clone() }
    })
}

/// Go: requests whose goroutine waits for a channel that nobody closes. What lives grows, and the sawtooth of the
/// collector, as high as GOGC says, grows with it. Half of them gain pace, as callers retry what never answers.
fn goroutines_that_wait(random: &mut Random) -> Story {
    let (load, when) = (anyones(random), window(random, 0.0..16.0, 0.8..25.0));
    let metric = ["go_memstats_heap_inuse_bytes", "container_memory_rss_bytes"][random.pick(0..2)];
    let measure = bytes(random, metric);
    let recorder = Recorder::new(random, measure);
    let (size, grows) = (random.within(0.1..1.2), [1.0, 1.0, 1.0, 0.5, 2.0][random.pick(0..5)]);
    let retries = if random.chance(0.5) { random.within(0.3..2.0) } else { 0.0 };
    let faster = |tick: usize| ((tick - when.0 + 1) as f64 / DAY as f64).powf(retries);
    let waits = kept(&since(when.0, |tick| load[tick] * faster(tick) * random.lognormal(size)), &[]);
    let (level, allocates) = (random.within(0.1..0.7) / (1.0 + grows), power(random, -2.5..0.5));
    let needs = demand(random, &load, level);
    // The scavenger gives back what the collector freed within minutes; the Go runtime itself counts at once.
    let returns = if metric.starts_with("go") { 1.0 } else { power(random, -1.5..-0.3) };
    recorder.leak(when, random, |leak, random| {
        let live = with(&needs, &waits, leak);
        Run::of(resident(&collected(random, &live, &load, grows, allocates), returns, &[]))
    })
}

/// Node.js with sessions in memory that never expire: a visitor makes one, a crawler makes one with each request.
fn sessions_of_crawlers(random: &mut Random) -> Story {
    let (load, when) = (anyones(random), window(random, 0.0..9.0, 3.0..25.0));
    let measure = bytes(random, "nodejs_heap_size_used_bytes");
    let recorder = Recorder::new(random, measure);
    let (often, visitors) = (between(random, 0.7, 4.0) / DAY as f64, random.within(0.05..0.6));
    let crawls = crawls_of(random, often);
    let mean = crawls.iter().sum::<f64>() / TICKS as f64;
    let sessions = since(when.0, |tick| visitors * load[tick] + (1.0 - visitors) * crawls[tick] / mean.max(1e-3));
    let (sessions, level) = (kept(&sessions, &[]), random.within(0.1..0.6));
    let needs = demand(random, &load, level);
    let (grows, allocates) = (random.within(0.05..0.4), power(random, -3.0..-0.5));
    recorder.leak(when, random, |leak, random| {
        let live = with(&needs, &sessions, leak);
        Run::of(collected(random, &live, &load, grows, allocates))
    })
}

/// A managed database, total less freeable: buffers take most of it from the beginning, connections that live for
/// weeks keep plans and catalogues. A dump each night needs some, too. The provider tells averages, and no start.
fn database_sessions_grow(random: &mut Random) -> Story {
    let (load, when) = (anyones(random), window(random, 0.0..7.0, 6.0..27.0));
    let measure = Measure { started: None, ..bytes(random, "aws_rds_memory_used_bytes") };
    let recorder = Recorder::new(random, measure);
    let by_clock = random.within(0.0..0.6);
    let plans = kept(&since(when.0, |tick| by_clock + (1.0 - by_clock) * load[tick]), &[]);
    let level = random.within(0.55..0.85);
    let mut needs = resident(&demand(random, &load, level), 0.02, &[]);
    dumps(random, &mut needs, 0.01..0.06);
    recorder.leak(when, random, |leak, _| Run::of(with(&needs, &plans, leak)))
}

/// A JVM's metaspace: each rule or template that somebody edits is compiled to classes. Old versions are unloaded
/// after a day or more, all at once, but one reference keeps a part of them for ever.
fn metaspace_of_scripts(random: &mut Random) -> Story {
    let (load, when) = (anyones(random), window(random, 0.0..9.0, 3.0..26.0));
    let limit = [96.0, 128.0, 256.0, 512.0][random.pick(0..4)] * 1_048_576.0;
    let measure = Measure { metric: "jvm_memory_metaspace_used_bytes", limit: Some(limit), step: 8.0, ..RESIDENT };
    let recorder = Recorder::new(random, measure);
    let (edits, level) = (between(random, 4.0, 60.0) / DAY as f64, random.within(0.3..0.8));
    let made: Vec<f64> = load.iter().map(|rate| poisson(random, edits * rate) * random.lognormal(0.4)).collect();
    let classes = kept(&since(when.0, |tick| made[tick]), &[]);
    let (unloads, garbage) = (between(random, 0.3, 4.0) * DAY as f64, random.within(0.02..0.2));
    let (mut pending, mut until, mut old) = (0.0, unloads * random.unit(), Vec::with_capacity(TICKS));
    for (tick, made) in made.iter().enumerate() {
        pending += made;
        if tick as f64 > until {
            (pending, until) = (0.0, tick as f64 + unloads * random.within(0.5..1.5));
        }
        old.push(pending);
    }
    let most = highest(&old);
    let needs: Vec<f64> = old.iter().map(|old| level + garbage * old / most).collect();
    recorder.leak(when, random, |leak, _| Run::of(with(&needs, &classes, leak)))
}

/// Pages rendered by headless browsers: each takes a lot for a moment. One that hangs stays, and nobody ends it.
fn browsers_left_behind(random: &mut Random) -> Story {
    let (load, when) = (anyones(random), window(random, 0.0..14.0, 1.0..22.0));
    let recorder = Recorder::of(random, container);
    let hangs = random.within(12.0..70.0) / (when.1 - when.0) as f64;
    let left = kept(&since(when.0, |tick| poisson(random, hangs * load[tick]) * random.lognormal(0.15)), &[]);
    let (at_once, level) = (power(random, -0.5..0.7), random.within(0.1..0.4));
    let (pages, each) = (under_way(random, &load, at_once, 6.0), random.within(0.02..0.07));
    let quiet = demand(random, &load, level);
    let needs: Vec<f64> = quiet.iter().zip(&pages).map(|(need, pages)| need + each * pages.min(7.0)).collect();
    recorder.leak(when, random, |leak, _| Run::of(with(&needs, &left, leak)))
}

/// A handler keeps what it was given when the service behind it fails: days of peace, then hours of growth.
fn on_errors_only(random: &mut Random) -> Story {
    let (load, (onset, incident)) = (anyones(random), window(random, 0.3..8.0, 6.0..24.0));
    let recorder = Recorder::of(random, container);
    let (count, longest) = (random.pick(5..16), random.within(2.0..9.0));
    let mut begins: Vec<usize> = (0..count).map(|_| random.pick(onset..incident)).collect();
    begins.extend([onset, incident.saturating_sub(HOUR)]);
    let mut fails = vec![0.0; TICKS];
    for from in begins {
        let (lasts, share) = ((random.within(0.5..longest) * HOUR as f64) as usize, random.lognormal(0.4));
        fails[from..(from + lasts).min(TICKS)].fill(share);
    }
    let errors = kept(&since(onset, |tick| (0.3 + 0.7 * load[tick]) * fails[tick]), &[]);
    let (level, returns) = (random.within(0.2..0.65), power(random, -2.0..0.0));
    let needs = demand(random, &load, level);
    recorder.leak((onset, incident), random, |leak, _| Run::of(resident(&with(&needs, &errors, leak), returns, &[])))
}

/// An import fattened the process, and its allocator keeps what is free. A leak fills the holes before anybody sees
/// it: resident memory stands, and then it does not.
fn fills_the_holes_first(random: &mut Random) -> Story {
    let (load, (onset, incident)) = (anyones(random), window(random, 1.0..9.0, 4.0..22.0));
    let recorder = Recorder::of(random, container);
    let started = random.pick(0..(onset / 2).max(2));
    let (level, fat) = (random.within(0.2..0.45), random.within(1.2..1.8));
    let mut live = demand(random, &load, level);
    let warm = served(&load, recorder.age, &[started]);
    let tau = between(random, 0.02, 0.5) * DAY as f64;
    live.iter_mut().zip(&warm).for_each(|(live, served)| *live *= 1.0 - 0.3 * (-served / tau).exp());
    let (from, lasts) = (started + random.pick(2..DAY / 3), random.pick(HOUR / 2..5 * HOUR));
    live[from..from + lasts].iter_mut().for_each(|live| *live *= fat);
    let keeps = kept(&since(onset, |tick| load[tick]), &[]);
    let returns = power(random, -5.0..-3.3);
    recorder.leak((onset, incident), random, |leak, _| Run {
        used: resident(&with(&live, &keeps, leak), returns, &[started]),
        restarts: vec![started],
    })
}
