//! The test half's growth that ends: caps, tenants, idle pages, numbers that are frozen.

use super::Family;
use super::parts::{TICKS, between, days, deploys, highest, plus, power, process, some_traffic, times};
use super::told::Teller;
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "transaction-ids-are-frozen", tell: transaction_ids_are_frozen },
    Family { name: "journal-at-its-cap", tell: journal_at_its_cap },
    Family { name: "arc-gives-way", tell: arc_gives_way },
    Family { name: "index-of-a-new-tenant", tell: index_of_a_new_tenant },
    Family { name: "swapped-once", tell: swapped_once },
];

/// The age of a database's oldest transaction: a straight line for days or months until autovacuum freezes old rows at
/// its setting, a tenth to half of where the database would stop. Vacuum takes its hours.
fn transaction_ids_are_frozen(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let limit = [500e6, 1e9, 1.5e9, 2_146_483_647.0][random.pick(0..4)];
    let measure = Measure { metric: "pg_database_xid_age", started: None, limit: Some(limit), step: 1.0 };
    let teller = Teller::new(random, measure);
    let freezes = 200e6 * [1.0, 1.0, 1.0, 1.5, 0.5][random.pick(0..5)];
    let (every, leaves) = (between(random, 1.0, 60.0) * DAY as f64, random.within(0.05..0.3) * freezes);
    // A vacuum takes a small part of the time between two of them.
    let (always, lasts) = (random.within(0.0..0.6), random.pick(2..10 * HOUR).min((every / 6.0) as usize));
    let (mut age, mut vacuums) = (leaves + (freezes - leaves) * random.unit(), 0);
    let mut used = Vec::with_capacity(TICKS);
    for rate in &load {
        age += (freezes - leaves) / every * (always + (1.0 - always) * rate);
        vacuums += if age > freezes { 1 } else { 0 };
        if vacuums > lasts {
            (age, vacuums) = (leaves * random.within(0.9..1.4), 0);
        }
        used.push(age / limit);
    }
    teller.calm(Run::of(used), random)
}

/// Logs of a journal, or segments of a topic, grow until they are as large as they may be; then the oldest file goes
/// with each new one. Some hosts are new, some were full before the record began.
fn journal_at_its_cap(random: &mut Random) -> Story {
    let load = some_traffic(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let teller = Teller::new(random, measure);
    let (cap, fills) = (random.within(0.1..0.7), between(random, 1.0, 22.0) * DAY as f64);
    let files = random.pick(6..60) as f64;
    let is_new = random.chance(0.55);
    let mut there = if is_new { 0.0 } else { 1.0 };
    let base = random.within(0.05..0.95 - cap);
    let mut used = Vec::with_capacity(TICKS);
    for rate in &load {
        there += rate / fills;
        there -= if there > 1.0 { 1.0 / files } else { 0.0 };
        used.push(base + cap * there.min(1.0));
    }
    teller.calm(Run::of(used), random)
}

/// ZFS takes memory for its cache up to a maximum that somebody set, within hours or ten days; when the nightly backup
/// or a build needs some it gives way, and grows again.
fn arc_gives_way(random: &mut Random) -> Story {
    let (load, age) = (some_traffic(random), random.pick(0..30 * DAY));
    let reboots = if random.chance(0.4) { vec![random.pick(DAY..16 * DAY)] } else { vec![] };
    let measure = Measure { started: Some("node_boot_time_seconds"), ..bytes(random, "node_memory_used_bytes") };
    let mut teller = Teller::new(random, measure);
    teller.age = age;
    let (most, grows) = (random.within(0.2..0.6), between(random, 0.1, 5.0) * DAY as f64);
    let (hour, lasts, needs) = (random.pick(0..DAY), random.pick(3..4 * HOUR), random.within(0.0..0.35));
    let (nightly, spread) = (random.chance(0.6), random.within(0.02..0.2));
    let others = times(&process(random, &load, age, &reboots), 1.0 - most);
    let mut cache = if age > 10 * DAY { most } else { most * (age as f64 / grows).min(1.0) };
    let (mut size, mut used, mut next) = (needs, Vec::with_capacity(TICKS), reboots.iter().peekable());
    for (tick, others) in others.iter().enumerate() {
        let since = (tick + hour) % DAY;
        size = if since == 0 { needs * random.lognormal(spread) } else { size };
        let backup = if since < lasts && (nightly || tick / DAY % 7 == 6) { size } else { 0.0 };
        cache =
            (cache + (most - cache) * load[tick].min(3.0) / grows).min(most).min(f64::max(1.02 - others - backup, 0.0));
        used.push(others + backup + cache);
        if next.next_if_eq(&&tick).is_some() {
            cache = 0.0;
        }
    }
    let most = highest(&used).max(1.0);
    teller.sized(Run { used, restarts: reboots }, most, 0.45..0.95, random)
}

/// A large customer is moved over: for two to ten days each hour brings more of its data into an index in memory, until
/// all of it is there. How much that is was known before, and it fits. Some had two such customers.
fn index_of_a_new_tenant(random: &mut Random) -> Story {
    let (load, often) = (some_traffic(random), random.within(0.0..0.4));
    let metric = ["elasticsearch_jvm_memory_used_bytes", "container_memory_rss_bytes"][random.pick(0..2)];
    let measure = bytes(random, metric);
    let teller = Teller::new(random, measure);
    let restarts = deploys(random, 0..TICKS, often);
    let (at_work, pauses) = (random.chance(0.4), random.within(0.0..0.3));
    let (mut added, mut whole) = (vec![0.0; TICKS], 0.5);
    for _ in 0..random.pick(1..3) {
        let (from, lasts) = (days(random.within(0.5..15.0)), days(between(random, 1.5, 10.0)) as f64);
        let (size, mut there, mut paused) = (random.within(0.1..0.4), 0.0, false);
        whole += size;
        for (tick, added) in added.iter_mut().enumerate().skip(from) {
            paused = if tick % (2 * HOUR) == 0 { random.chance(pauses) } else { paused };
            let works = !paused && (!at_work || (tick / DAY % 7 < 5 && (8..19).contains(&(tick % DAY / HOUR))));
            there += if works { random.within(0.5..1.5) / lasts * if at_work { 3.0 } else { 1.0 } } else { 0.0 };
            there = f64::min(there, 1.0);
            *added += size * there;
        }
    }
    let quiet = times(&process(random, &load, teller.age, &restarts), 0.5);
    teller.sized(Run { used: plus(&quiet, &added), restarts }, whole, 0.45..0.93, random)
}

/// Swap of a small host: whenever something large runs, pages that nobody uses go there, and few come back. Each time
/// fewer are left to go: what is in use never goes. A reboot empties it.
fn swapped_once(random: &mut Random) -> Story {
    let (load, often) = (some_traffic(random), between(random, 0.15, 3.0));
    let limit = [512.0, 1_024.0, 2_048.0, 4_096.0][random.pick(0..4)] * 1_048_576.0;
    let measure = Measure {
        metric: "node_memory_swap_used_bytes",
        started: Some("node_boot_time_seconds"),
        limit: Some(limit),
        step: 4096.0,
    };
    let mut teller = Teller::new(random, measure);
    let restarts = if random.chance(0.4) { vec![random.pick(DAY..12 * DAY)] } else { vec![] };
    teller.age = random.pick(0..6 * DAY);
    let (takes, back, idle) = (random.within(0.1..0.6), power(random, -5.0..-3.3), random.within(0.2..0.85));
    let hour = if random.chance(0.5) { Some(random.pick(0..DAY)) } else { None };
    let (mut out, mut used, mut next) = (0.3 * random.unit(), Vec::with_capacity(TICKS), restarts.iter().peekable());
    let mut presses = 0;
    for (tick, rate) in load.iter().enumerate() {
        let begins = hour.map_or_else(|| random.chance(often / DAY as f64), |hour| tick % DAY == hour);
        presses = if begins && presses == 0 { random.pick(1..HOUR) } else { presses };
        if presses > 0 {
            out += (1.0 - out) * takes / 6.0 * random.unit();
            presses -= 1;
        }
        out -= out * back * rate;
        used.push(idle * out);
        if next.next_if_eq(&&tick).is_some() {
            out = 0.0;
        }
    }
    teller.calm(Run { used, restarts }, random)
}
