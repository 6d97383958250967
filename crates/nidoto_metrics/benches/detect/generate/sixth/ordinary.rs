//! The sixth half's services, hosts and pools of which there is nothing to tell.

use super::Family;
use super::crowd::{SHOPPERS, anybody, deploys, jobs, requests};
use super::engine::{Engine, times};
use super::scribe::{Scribe, counted, per_cent, rows, things};
use crate::detect::generate::service::{HOUR, Measure, Story};
use crate::detect::generate::third::parts::{TICKS, between, plus, poisson, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 7] = [
    Family { name: "flask-behind-gunicorn", tell: flask_behind_gunicorn },
    Family { name: "spring-with-a-fixed-heap", tell: spring_with_a_fixed_heap },
    Family { name: "small-go-api", tell: small_go_api },
    Family { name: "pages-rendered-by-node", tell: pages_rendered_by_node },
    Family { name: "server-with-cron", tell: server_with_cron },
    Family { name: "connections-through-pgbouncer", tell: connections_through_pgbouncer },
    Family { name: "threads-up-to-the-core-size", tell: threads_up_to_the_core_size },
];

/// A service of an engine, deployed so often a week.
fn service(random: &mut Random, engine: Engine, load: &[f64], per_week: f64) -> Story {
    let scribe = Scribe::memory(random);
    let starts = deploys(random, 0.0..28.0, per_week);
    let used = engine.memory(random, load, (scribe.age, &starts));
    scribe.healthy(Run { used, restarts: starts }, random)
}

/// Python that grows to what its largest requests need, and stays there until the next deploy.
fn flask_behind_gunicorn(random: &mut Random) -> Story {
    let (load, per_week) = (anybody(random), between(random, 0.2, 6.0));
    service(random, Engine::Interpreter, &load, per_week)
}

/// A JVM whose heap is touched page by page, up to its size.
fn spring_with_a_fixed_heap(random: &mut Random) -> Story {
    let (load, per_week) = (anybody(random), between(random, 0.1, 4.0));
    service(random, Engine::Hotspot, &load, per_week)
}

/// Go: garbage up to twice what lives, seldom deployed.
fn small_go_api(random: &mut Random) -> Story {
    let (load, per_week) = (anybody(random), between(random, 0.1, 3.0));
    service(random, Engine::Golang, &load, per_week)
}

/// Node.js that renders pages for shoppers, deployed several times a week.
fn pages_rendered_by_node(random: &mut Random) -> Story {
    let (load, per_week) = (requests(random, SHOPPERS), random.within(1.0..15.0));
    service(random, Engine::V8, &load, per_week)
}

/// Memory of a small server, in per cent: some processes, and cron jobs each hour, each night, on Sundays.
fn server_with_cron(random: &mut Random) -> Story {
    let load = anybody(random);
    let measure = Measure { started: Some("node_boot_time_seconds"), ..per_cent(random, "node_memory_used_percent") };
    let scribe = Scribe::new(random, measure);
    let (one, two) = (Engine::any(random), Engine::any(random));
    let one = one.memory(random, &load, (scribe.age, &[]));
    let second = deploys(random, 0.0..28.0, 1.0);
    let two = times(&two.memory(random, &load, (scribe.age, &second)), random.within(0.1..0.8));
    let mut cron = vec![0.0; TICKS];
    let most = random.within(0.05..0.6);
    for on in [|_: usize| true, |day: usize| day % 7 == 6] {
        let (lasts, size) = (random.pick(1..3 * HOUR), most * random.unit());
        for at in jobs(random, on) {
            let lasts = (lasts as f64 * random.lognormal(0.15)) as usize + 1;
            cron[at..(at + lasts).min(TICKS)].iter_mut().for_each(|used| *used += size);
        }
    }
    let (minute, hourly) = (random.pick(0..HOUR), power(random, -3.0..-1.2));
    cron.iter_mut().skip(minute).step_by(HOUR).for_each(|used| *used += hourly);
    scribe.healthy(Run::of(plus(&plus(&one, &two), &cron)), random)
}

/// Server connections of a pooler: as many as are needed at once, up to the size of its pool, and a spare minute later
/// fewer. Some other clients connect beside it.
fn connections_through_pgbouncer(random: &mut Random) -> Story {
    let load = anybody(random);
    let (measure, limit) = rows(random, "pg_stat_activity_count", &[83.0, 100.0, 200.0, 410.0]);
    let scribe = Scribe::new(random, measure);
    let (pool, others) = (random.within(0.15..0.85), random.within(0.02..0.1));
    let at_once = pool * limit * between(random, 0.1, 1.2);
    let mut open = |rate: &f64| {
        let server = poisson(random, at_once * rate).min(pool * limit);
        (server + poisson(random, others * limit).min(0.12 * limit)) / limit
    };
    let used: Vec<f64> = load.iter().map(&mut open).collect();
    scribe.calm(Run::of(counted(&used, limit)))
}

/// Threads of an executor that makes one for each task until it has as many as it may, and ends none.
fn threads_up_to_the_core_size(random: &mut Random) -> Story {
    let load = anybody(random);
    let (measure, limit) = things(random, "jvm_threads_current", &[128.0, 256.0, 400.0, 1_024.0]);
    let scribe = Scribe::new(random, measure).young(random);
    let per_week = between(random, 0.1, 2.0);
    let starts = deploys(random, 0.0..28.0, per_week);
    let (base, core, others) = (random.within(0.1..0.3), random.within(0.2..0.62), power(random, -3.0..-1.5));
    let tasks = core * limit / between(random, 10.0, 4_000.0);
    let (mut made, mut next, mut used) = (0.0, starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        made = f64::min(made + poisson(random, tasks * rate), core * limit);
        used.push(base + made / limit + others * poisson(random, rate.min(3.0)).min(8.0) / 8.0);
        if next.next_if_eq(&&tick).is_some() {
            made = 0.0;
        }
    }
    scribe.calm(Run { used: counted(&used, limit), restarts: starts })
}
