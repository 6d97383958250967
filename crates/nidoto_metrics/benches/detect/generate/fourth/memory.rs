//! The test half's leaks of memory.

use super::Family;
use super::parts::{
    DAYS, From, TICKS, between, days, deploys, kept, plus, process, since, some_traffic, staying, times, traffic, when,
    whole, with,
};
use super::told::{Teller, per_cent};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::{bytes, container};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 5] = [
    Family { name: "reconnects-are-remembered", tell: reconnects_are_remembered },
    Family { name: "labels-without-end", tell: labels_without_end },
    Family { name: "exporter-cannot-deliver", tell: exporter_cannot_deliver },
    Family { name: "weekly-maintenance-hides-it", tell: weekly_maintenance_hides_it },
    Family { name: "release-freeze", tell: release_freeze },
];

/// A server of web sockets that keeps a listener for each connection that was closed. Clients come and go with the day;
/// when the load balancer is configured anew all of them reconnect within minutes.
fn reconnects_are_remembered(random: &mut Random) -> Story {
    let (load, when) = (some_traffic(random), when(random, 0.0..14.0, 1.5..25.0));
    let metric = ["nodejs_heap_size_used_bytes", "process_resident_memory_bytes"][random.pick(0..2)];
    let measure = bytes(random, metric);
    let teller = Teller::new(random, measure);
    let mut restarts = deploys(random, 0..when.0, 2.0);
    if random.chance(0.6) {
        restarts.push(when.0);
    }
    let stay = between(random, 3.0, 120.0);
    let open = staying(&load, stay);
    let mut closes = times(&open, 1.0 / stay);
    let storms = random.pick(0..14);
    for _ in 0..storms {
        let at = random.pick(0..TICKS);
        closes[at] += open[at] * random.within(0.5..1.0);
    }
    let (level, share) = (random.within(0.2..0.75), random.within(0.05..0.6));
    let quiet = process(random, &load, teller.age, &restarts);
    let needs = plus(&times(&quiet, level * (1.0 - share)), &times(&whole(&open), level * share));
    let left = kept(&since(when.0, |tick| closes[tick]), &[]);
    teller.leak(when, |leak| Run { used: with(&needs, &left, leak), restarts: restarts.clone() })
}

/// A registry of metrics with ids, paths or user agents as labels. Ids of orders are new each time, of users ever more
/// rarely (Heaps' law), yet without end. Whoever reads all of them costs a buffer of their size for a moment.
fn labels_without_end(random: &mut Random) -> Story {
    let (load, when) = (some_traffic(random), when(random, 0.0..12.0, 3.0..26.0));
    let measure = container(random);
    let teller = Teller::new(random, measure);
    let mut restarts = deploys(random, 0..when.0, 1.5);
    restarts.push(when.0);
    let rare = if random.chance(0.4) { 1.0 } else { random.within(0.55..0.95) };
    let labels: Vec<f64> = kept(&since(when.0, |tick| load[tick]), &[]).iter().map(|came| came.powf(rare)).collect();
    let (reads, buffer) = (random.within(0.02..0.6), random.within(0.0..0.25));
    let labels: Vec<f64> = labels
        .iter()
        .map(|held| held * if random.chance(reads) { 1.0 + buffer * random.unit() } else { 1.0 })
        .collect();
    let level = random.within(0.2..0.75);
    let needs = times(&process(random, &load, teller.age, &restarts), level);
    teller.leak(when, |leak| Run { used: with(&needs, &labels, leak), restarts: restarts.clone() })
}

/// Spans and logs wait in memory without bound while their collector is away. Minutes of that pass by; then somebody
/// moves the collector, and hours later the service is full.
fn exporter_cannot_deliver(random: &mut Random) -> Story {
    let (load, when) = (some_traffic(random), when(random, 1.5..27.0, 0.45..3.0));
    let measure = container(random);
    let teller = Teller::new(random, measure);
    let restarts = deploys(random, 0..when.0, 2.5);
    let level = random.within(0.2..0.7);
    let mut needs = times(&process(random, &load, teller.age, &restarts), level);
    for _ in 0..random.pick(0..8) {
        let (at, away, most) = (random.pick(0..TICKS - HOUR), random.pick(2..10), random.within(0.02..0.12));
        needs[at..at + away].iter_mut().enumerate().for_each(|(n, need)| *need += most * (n + 1) as f64 / away as f64);
    }
    let always = random.within(0.1..0.9);
    let waits = kept(&since(when.0, |tick| always + (1.0 - always) * load[tick]), &[]);
    teller.leak(when, |leak| Run { used: with(&needs, &waits, leak), restarts: restarts.clone() })
}

/// Every week the service is restarted at night, for whatever reason, and nobody learns what would happen otherwise.
/// Until, for four in ten, the job that does it fails.
fn weekly_maintenance_hides_it(random: &mut Random) -> Story {
    let (load, onset) = (some_traffic(random), days(random.within(0.0..8.5)));
    let measure = container(random);
    let mut teller = Teller::new(random, measure);
    let first = random.pick(0..7 * DAY - HOUR);
    teller.age = 7 * DAY - first;
    let mut restarts: Vec<usize> = (0..4).map(|week| first + week * 7 * DAY).filter(|at| *at < TICKS - HOUR).collect();
    let (level, always) = (random.within(0.2..0.65), random.within(0.0..1.0));
    let fails = random.chance(0.4);
    if fails {
        restarts.truncate(2);
    }
    let needs = times(&process(random, &load, teller.age, &restarts), level);
    let left = kept(&since(onset, |tick| always + (1.0 - always) * load[tick]), &restarts);
    let tell = |leak: f64| Run { used: with(&needs, &left, leak), restarts: restarts.clone() };
    if fails {
        let incident = restarts[1] + days(random.within(7.3..10.0));
        return teller.leak((onset, incident.min(TICKS - 3)), tell);
    }
    let top = level + (0.985 - level) * random.within(0.35..1.0);
    teller.hidden(onset, top, tell)
}

/// Per cent of memory of a service that is deployed nearly every working day. It always leaked; before a holiday nobody
/// deploys. The provider tells no starts.
fn release_freeze(random: &mut Random) -> Story {
    let (load, freeze) = (traffic(random, From::Companies), days(random.within(9.0..19.0)));
    let measure = per_cent(random, "aws_ecs_memory_utilization_percent");
    let teller = Teller::new(random, measure);
    let onset = if random.chance(0.5) { 0 } else { days(random.within(0.5..6.0)) };
    let often = random.within(4.0..14.0);
    let restarts = deploys(random, 0..freeze, often);
    let begins = std::iter::once(&0).chain(&restarts);
    let longest = begins.zip(&restarts).map(|(from, to)| to - from).max().unwrap_or(DAY);
    let last = restarts.last().copied().unwrap_or(0).max(onset);
    let incident = last + ((random.within(1.3..2.4) * longest as f64) as usize).max(2 * DAY);
    let incident = incident.min((DAYS * DAY) - 3);
    let (level, always) = (random.within(0.25..0.65), random.within(0.2..1.0));
    let needs = times(&process(random, &load, 0, &restarts), level);
    let left = kept(&since(onset, |tick| always + (1.0 - always) * load[tick]), &restarts);
    teller.leak((onset, incident), |leak| Run { used: with(&needs, &left, leak), restarts: restarts.clone() })
}
