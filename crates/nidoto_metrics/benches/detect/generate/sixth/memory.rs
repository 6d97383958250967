//! The sixth half's leaks of memory.

use super::Family;
use super::crowd::{PLAYERS, STAFF, anybody, deploys, requests};
use super::engine::{App, Engine, times, whole};
use super::scribe::Scribe;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::bytes;
use crate::detect::generate::third::parts::{TICKS, between, kept, plus, power, since, window};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 6] = [
    Family { name: "memoized-by-query-string", tell: memoized_by_query_string },
    Family { name: "bodies-not-closed-when-late", tell: bodies_not_closed_when_late },
    Family { name: "frames-a-scheduler-keeps", tell: frames_a_scheduler_keeps },
    Family { name: "sockets-half-open", tell: sockets_half_open },
    Family { name: "map-in-a-singleton", tell: map_in_a_singleton },
    Family { name: "buffer-without-a-drain", tell: buffer_without_a_drain },
];

/// Since a deploy a Python or Ruby service memoizes by a string that nearly every request has anew.
fn memoized_by_query_string(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..18.0, 1.0..22.0));
    let (before, after) = (random.within(0.3..4.0), if random.chance(0.3) { random.within(0.2..1.0) } else { 0.0 });
    let app = App::new(random, Engine::Interpreter, load, when, (before, after));
    let spread = random.within(0.1..0.8);
    let rate = since(when.0, |tick| app.load[tick] * random.lognormal(spread));
    app.leaks(&rate)
}

/// Calls of a Go or Node.js service to a partner that time out keep their connection and their buffers. The partner has
/// bad hours, and a call in some thousands is late at any time.
fn bodies_not_closed_when_late(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..16.0, 2.0..22.0));
    let engine = [Engine::Golang, Engine::V8][random.pick(0..2)];
    let before = random.within(0.3..3.0);
    let app = App::new(random, engine, load, when, (before, 0.0));
    let (often, always) = (between(random, 0.3, 4.0) / DAY as f64, random.within(0.02..0.3));
    let (mut until, mut bad) = (0, 0.0);
    let rate = since(when.0, |tick| {
        if random.chance(often) {
            (until, bad) = (tick + random.pick(2..8 * HOUR), random.lognormal(0.7));
        }
        app.load[tick] * (always + if tick < until { bad } else { 0.0 }) * random.lognormal(0.4)
    });
    app.leaks(&rate)
}

/// A scheduler inside the process keeps the result of each run of a job: each hour, or some times a day. While a job
/// runs it needs memory of its own as well.
fn frames_a_scheduler_keeps(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..14.0, 3.0..22.0));
    let before = random.within(0.2..2.0);
    let mut app = App::new(random, Engine::Interpreter, load, when, (before, 0.0));
    let every = [HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY][random.pick(0..5)];
    let (at, lasts) = (random.pick(0..every), random.pick(1..HOUR).min(every / 2));
    let (works, spread) = (random.within(0.0..0.12), random.within(0.02..0.5));
    for (tick, needs) in app.needs.iter_mut().enumerate() {
        if (tick + every - at) % every < lasts {
            *needs += works * random.lognormal(0.05);
        }
    }
    let ends = |tick: usize| (tick + every - at) % every == lasts;
    let rate = since(when.0, |tick| if ends(tick) { random.lognormal(spread) } else { 0.0 });
    app.leaks(&rate)
}

/// Phones that lose the network leave a socket that nobody pings. Most are noticed two hours later, since the server
/// writes to them; those that only listen stay for ever.
fn sockets_half_open(random: &mut Random) -> Story {
    let load = requests(random, PLAYERS);
    let when = window(random, 2.0..17.0, 2.0..22.0);
    let engine = [Engine::V8, Engine::Clr, Engine::Golang][random.pick(0..3)];
    let (before, after) = (random.within(0.3..4.0), if random.chance(0.25) { random.within(0.2..0.8) } else { 0.0 });
    let mut app = App::new(random, engine, load, when, (before, after));
    let share = random.within(0.0..0.12);
    let lost: Vec<f64> = app.load.iter().map(|rate| rate * random.lognormal(0.5)).collect();
    let noticed: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let last = &lost[(tick + 1).saturating_sub(2 * HOUR)..=tick];
            share * (last.iter().sum::<f64>() / last.len() as f64).min(3.0) / 3.0
        })
        .collect();
    app.needs = plus(&app.needs, &noticed);
    let rate = since(when.0, |tick| lost[tick]);
    app.leaks(&rate)
}

/// The used heap of a JVM: objects of requests between two collections, and a map of a singleton into which each
/// logged-in user goes. The less room there is, the more often it is collected.
fn map_in_a_singleton(random: &mut Random) -> Story {
    let (load, when) = (anybody(random), window(random, 2.0..16.0, 1.5..22.0));
    let measure = bytes(random, "jvm_memory_used_bytes");
    let scribe = Scribe::new(random, measure);
    let mut starts = deploys(random, 0.0..16.0, 1.5);
    starts.retain(|at| *at < when.0);
    starts.push(when.0);
    let (level, shakes) = (random.within(0.12..0.5), power(random, -2.7..-1.5));
    let (room, every) = (random.within(0.15..0.4), between(random, 0.3, 300.0));
    let garbage: Vec<f64> = load.iter().map(|rate| room / every * rate * random.lognormal(0.3)).collect();
    let lives: Vec<f64> = (0..TICKS).map(|_| level * (1.0 + shakes * random.normal())).collect();
    let sees: Vec<f64> = (0..TICKS).map(|_| random.unit()).collect();
    let held = kept(&since(when.0, |tick| load[tick]), &starts);
    scribe.leak(when, |leak| {
        let mut waits = 0.0;
        let mut see = |tick: usize| {
            let floor = lives[tick] + leak * held[tick];
            let limit = room.min(0.85 * (1.0 - floor)).max(0.0);
            waits += garbage[tick];
            if waits > limit {
                waits = if garbage[tick] > limit { limit * sees[tick] } else { 0.0 };
            }
            floor + waits
        };
        Run { used: (0..TICKS).map(&mut see).collect(), restarts: starts.clone() }
    })
}

/// A queue inside the process (mails, webhooks): busy hours fill it, quiet ones empty it. Since a release what cannot
/// be delivered is put back at its end and never leaves.
fn buffer_without_a_drain(random: &mut Random) -> Story {
    let load = requests(random, STAFF);
    let when = window(random, 2.0..14.0, 3.0..20.0);
    let engine = Engine::any(random);
    let mut app = App::new(random, engine, load, when, (1.0, 0.0));
    let (works, spread, share) = (random.within(1.1..2.5), random.within(0.0..0.5), random.within(0.0..0.12));
    let mut waits = 0.0;
    let queue: Vec<f64> = app
        .load
        .iter()
        .map(|rate| {
            waits = f64::max(waits + rate * random.lognormal(spread) - works, 0.0);
            waits
        })
        .collect();
    app.needs = plus(&app.needs, &times(&whole(&queue), share));
    let rate = since(when.0, |tick| app.load[tick] * random.lognormal(spread));
    app.leaks(&rate)
}
