//! What the second test half counts, and its disks: connections, file descriptors, logs, temporary files.

use super::parts::{TICKS, Users, at_work, days, lagged, lasting, nights, releases, somebody, surge, traffic};
use super::process::{Process, following};
use crate::detect::generate::Family;
use crate::detect::generate::service::{DAY, HOUR, Measure, RESIDENT, Story};
use crate::detect::random::Random;

pub const LEAKS: [Family; 3] = [
    Family { name: "connections-not-returned", tell: connections_not_returned },
    Family { name: "descriptors-of-two-generations", tell: descriptors_of_two_generations },
    Family { name: "disk-nobody-cleans", tell: disk_nobody_cleans },
];

pub const HEALTHY: [Family; 4] = [
    Family { name: "pool-at-its-maximum", tell: pool_at_its_maximum },
    Family { name: "autoscaled", tell: autoscaled },
    Family { name: "disk-with-logrotate", tell: disk_with_logrotate },
    Family { name: "files-by-age", tell: files_by_age },
];

/// Clients of a database, out of `max_connections`.
fn connections(random: &mut Random) -> Measure {
    let limit = Some([60.0, 100.0, 151.0, 200.0, 341.0, 500.0][random.pick(0..6)]);
    Measure { metric: "pg_stat_activity_count", limit, step: 1.0, ..RESIDENT }
}

/// Bytes of a file system; no restart frees them.
fn disk(random: &mut Random) -> Measure {
    let gigabytes = [8.0, 20.0, 30.0, 50.0, 100.0, 500.0][random.pick(0..6)];
    let limit = Some(gigabytes * 1_073_741_824.0);
    Measure { metric: "node_filesystem_used_bytes", started: None, limit, step: 4096.0 }
}

/// An error path forgets to give a connection back: too many of them after hours or days.
fn connections_not_returned(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 0.2..20.0, 0.25..15.0));
    let (load, measure, top) = (traffic(random, users), connections(random), random.within(0.1..0.7));
    let is_lost: Vec<f64> = (0..TICKS).map(|_| random.wait()).collect();
    let keeps = (0..TICKS).map(|tick| if tick < when.0 { 0.0 } else { load[tick] * is_lost[tick] }).collect();
    let needs = following(random, &load, top, 0.1..0.8);
    let often = random.within(0.0..2.0);
    let restarts = releases(random, 0.0..when.0 as f64 / DAY as f64, often);
    Process { keeps, restarts, ..Process::new(random, measure, load, needs) }.leaking(when, random)
}

/// Sockets or files that nobody closes; a release on the way starts anew, and its process leaks as well.
fn descriptors_of_two_generations(random: &mut Random) -> Story {
    let (users, (onset, incident)) = (somebody(random), lasting(random, 0.1..7.0, 4.0..26.0));
    let limit = Some([1_024.0, 1_024.0, 4_096.0, 65_536.0][random.pick(0..4)]);
    let measure = Measure { metric: "process_open_fds", limit, step: 1.0, ..RESIDENT };
    let (load, top) = (traffic(random, users), random.within(0.02..0.5));
    let share = random.within(0.1..0.45);
    let release = at_work(random, onset + (share * (incident - onset) as f64) as usize);
    let keeps = (0..TICKS).map(|tick| if tick < onset { 0.0 } else { load[tick] }).collect();
    let needs = following(random, &load, top, 0.1..0.7);
    let usual = Process::new(random, measure, load, needs);
    Process { keeps, restarts: vec![release], ..usual }.leaking((onset, incident), random)
}

/// Debug logs after a release, uploads, old images: nothing ever deletes them. Other logs are rotated as ever.
fn disk_nobody_cleans(random: &mut Random) -> Story {
    let (users, when) = (somebody(random), lasting(random, 0.3..18.0, 0.3..26.0));
    let (load, measure, top) = (traffic(random, users), disk(random), random.within(0.2..0.85));
    let (sizes, is_in_chunks) = (random.within(0.0..1.2), random.chance(0.3));
    let lump: Vec<f64> = (0..TICKS).map(|_| random.lognormal(sizes)).collect();
    let keeps = (0..TICKS).map(|tick| match tick {
        tick if tick < when.0 => 0.0,
        tick if is_in_chunks && tick % (3 * HOUR) != when.0 % (3 * HOUR) => 0.0,
        tick => load[tick] * lump[tick],
    });
    let share = random.within(0.01..0.12);
    let logs = rotated(random, &load, 1, share);
    let needs = logs.iter().map(|log| top - share + log).collect();
    let mut process = Process { keeps: keeps.collect(), ..Process::new(random, measure, load, needs) };
    quiet(&mut process);
    process.leaking(when, random)
}

/// A pool takes a connection more whenever all are busy, never gives one back, and stops at its maximum.
fn pool_at_its_maximum(random: &mut Random) -> Story {
    let users = somebody(random);
    let (load, measure, often) = (traffic(random, users), connections(random), random.within(0.0..1.0));
    let restarts = releases(random, 0.0..28.0, often);
    let (over, least) = (random.within(-1.0..1.0), random.within(0.05..0.6));
    let each_tick = (1.0 - least) / (10_f64.powf(over) * DAY as f64);
    let (mut open, mut needs) = (random.within(least..1.0), Vec::with_capacity(TICKS));
    let mut next = restarts.iter().peekable();
    for (tick, now) in load.iter().enumerate() {
        open = f64::min(open + each_tick * now * random.wait(), 1.0);
        needs.push(open);
        if next.next_if_eq(&&tick).is_some() {
            open = least;
        }
    }
    let mut process = Process { restarts, ..Process::new(random, measure, load, needs) };
    quiet(&mut process);
    process.healthy(0.3..0.98, random)
}

/// Instances come with the load and leave half an hour after it; each holds its connections.
fn autoscaled(random: &mut Random) -> Story {
    let users = [Users::Evening, Users::Commuters, Users::Office][random.pick(0..3)];
    let (mut load, measure) = (traffic(random, users), connections(random));
    for _ in 0..random.pick(0..3) {
        let at = random.pick(DAY..TICKS);
        surge(&mut load, at, random.within(1.0..4.0), random.within(1.0..12.0) * HOUR as f64);
    }
    let (least, most) = (random.pick(1..4) as f64, random.pick(6..25) as f64);
    let (each, cools) = (random.within(0.1..0.6), random.pick(3..18));
    let (mut instances, mut idle, mut needs) = (least, 0, Vec::with_capacity(TICKS));
    for now in lagged(&load, 2.0) {
        let wanted = (now / each).ceil().clamp(least, most);
        idle = if wanted < instances { idle + 1 } else { 0 };
        if wanted > instances {
            instances = f64::min(wanted, instances + 4.0);
        } else if idle > cools {
            (instances, idle) = (instances - 1.0, cools / 2);
        }
        needs.push(instances * 10.0);
    }
    let measure = Measure { started: None, ..measure };
    Process::new(random, measure, load, needs).healthy(0.2..0.97, random)
}

/// Logs that are compressed by day or week and deleted by age, beside data that grows a little.
fn disk_with_logrotate(random: &mut Random) -> Story {
    let users = somebody(random);
    let (load, measure, every) = (traffic(random, users), disk(random), [1, 7, 7][random.pick(0..3)]);
    let (level, share) = (random.within(0.2..0.7), random.within(0.05..0.35));
    let grows = level * random.within(0.0..0.02);
    let logs = rotated(random, &load, every, share);
    let needs = logs.iter().enumerate().map(|(tick, log)| level + log + grows * tick as f64 / TICKS as f64);
    let needs = needs.collect();
    let mut process = Process::new(random, measure, load, needs);
    quiet(&mut process);
    process.healthy(0.2..0.97, random)
}

/// Uploads and exports in a temporary folder: each file goes some days after it came. Now and then somebody tidies.
fn files_by_age(random: &mut Random) -> Story {
    let users = somebody(random);
    let (load, measure, sizes) = (traffic(random, users), disk(random), random.within(0.2..1.5));
    let (stays, hour) = (days(random.within(1.0..10.0)), random.pick(0..24) * HOUR);
    let came: Vec<f64> = load.iter().map(|now| now * random.lognormal(sizes)).collect();
    let begun = if random.chance(0.4) { random.within(0.0..6.0) } else { -10.0 };
    let begun = (begun * DAY as f64) as i64;
    let tidied = if random.chance(0.4) { random.pick(DAY..TICKS) } else { TICKS };
    let (mut there, mut oldest, mut needs) = (0.0, begun, Vec::with_capacity(TICKS));
    // The days before the record brought what the same days of the first weeks bring.
    let at = |tick: i64| if tick < begun { 0.0 } else { came[tick.rem_euclid(14 * DAY as i64) as usize] };
    for tick in begun.min(0)..TICKS as i64 {
        there += if tick < 0 {
            at(tick)
        } else if tick < begun {
            0.0
        } else {
            came[tick as usize]
        };
        let deletes_to = match tick {
            tick if tick == tidied as i64 => tick,
            tick if tick.rem_euclid(DAY as i64) == hour as i64 => tick - stays as i64,
            _ => oldest,
        };
        while oldest < deletes_to {
            there -= if oldest < 0 { at(oldest) } else { came[oldest as usize] };
            oldest += 1;
        }
        if tick >= 0 {
            needs.push(there);
        }
    }
    let most = needs.iter().copied().fold(0.0, f64::max);
    let level = most * random.within(0.2..3.0);
    let needs = needs.iter().map(|there| level + there).collect();
    let mut process = Process::new(random, measure, load, needs);
    quiet(&mut process);
    process.healthy(0.2..0.97, random)
}

/// Logs of so many days, the older half compressed, one of them deleted at each rotation; their highest is `share`.
fn rotated(random: &mut Random, load: &[f64], every: usize, share: f64) -> Vec<f64> {
    let (hour, small) = (random.within(0.0..7.0), random.within(0.03..0.3));
    let rotations = nights(hour, |day| day % every == every - 1);
    let mut next = rotations.iter().peekable();
    let mut now = random.unit() * (every * DAY) as f64;
    let mut logs = Vec::with_capacity(TICKS);
    for (tick, load) in load.iter().enumerate() {
        now += load;
        if next.next_if_eq(&&tick).is_some() {
            now *= small;
        }
        logs.push(now);
    }
    let most = logs.iter().copied().fold(1e-9, f64::max);
    logs.into_iter().map(|log| share * log / most).collect()
}

/// What is counted exactly hardly shakes.
fn quiet(process: &mut Process) {
    process.noise.adds.iter_mut().for_each(|add| *add *= 0.05);
    process.noise.times.fill(1.0);
}
