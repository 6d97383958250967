//! What the third test half counts: processes, watches, messages, threads, sockets.

use super::Family;
use super::memory::{bytes, counted};
use super::parts::{
    Customers, DAYS, TICKS, anyones, between, crawls_of, expiring, highest, kept, poisson, power, releases, since,
    traffic, window, with,
};
use super::telling::{Recorder, Run};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "zombies-of-health-checks", tell: zombies_of_health_checks },
    Family { name: "watches-of-each-reload", tell: watches_of_each_reload },
    Family { name: "never-acknowledged", tell: never_acknowledged },
    Family { name: "requests-that-hang", tell: requests_that_hang },
];

pub const HEALTHY: [Family; 4] = [
    Family { name: "backlog-drains-overnight", tell: backlog_drains_overnight },
    Family { name: "sockets-of-an-office", tell: sockets_of_an_office },
    Family { name: "threads-that-idle-out", tell: threads_that_idle_out },
    Family { name: "connections-of-instances", tell: connections_of_instances },
];

/// A container without an init: each health check that runs out of time leaves a zombie. A cgroup allows so many.
fn zombies_of_health_checks(random: &mut Random) -> Story {
    let (load, when) = (anyones(random), window(random, 0.0..20.0, 0.4..26.0));
    let measure = counted(random, "container_threads", &[128.0, 256.0, 512.0, 1_024.0, 4_096.0]);
    let limit = measure.limit.unwrap_or(1.0);
    let recorder = Recorder::new(random, measure);
    // Those that run out of time: any, or more of them when there is more to do.
    let (by_load, level) = (random.within(0.0..1.0), random.within(0.05..0.5));
    let many = limit * (1.0 - level) / (when.1 - when.0) as f64;
    let late = |tick: usize| poisson(random, many * (1.0 - by_load + by_load * load[tick])) / limit;
    let zombies = kept(&since(when.0, late), &[]);
    let busy = expiring(&load, 2);
    let swing = random.within(0.02..0.4);
    let most = highest(&busy);
    let needs: Vec<f64> = busy.iter().map(|busy| level * (1.0 - swing + swing * busy / most)).collect();
    recorder.leak(when, random, |leak, _| Run::of(with(&needs, &zombies, leak)))
}

/// Each reload of a configuration or a workspace watches its files again, and the old watches stay: steps by day, none
/// at weekends, hardly a movement in between.
fn watches_of_each_reload(random: &mut Random) -> Story {
    let (onset, incident) = window(random, 0.3..6.0, 6.0..27.0);
    let measure = counted(random, "inotify_watches", &[8_192.0, 65_536.0, 524_288.0]);
    let recorder = Recorder::new(random, measure);
    let (often, sizes) = (between(random, 4.0, 30.0), random.within(0.05..0.7));
    let mut reloads = releases(random, onset as f64 / DAY as f64..28.0, often);
    reloads.extend([onset, incident]);
    let mut rate = vec![0.0; TICKS];
    for at in reloads {
        rate[at] += random.lognormal(sizes);
    }
    let (steps, level) = (kept(&rate, &[]), random.within(0.1..0.6));
    let load = traffic(random, Customers::Business);
    let (people, most) = (expiring(&load, 12), 0.12 * level);
    let top = highest(&people);
    let needs: Vec<f64> = people.iter().map(|here| level + (most * here / top * 24.0).round() / 24.0).collect();
    recorder.leak((onset, incident), random, |leak, _| Run::of(with(&needs, &steps, leak)))
}

/// A backlog by tick: what comes beyond what consumers do in a tick waits.
fn backlog(load: &[f64], does: f64) -> Vec<f64> {
    let mut waits = 0.0;
    let mut next = |came: &f64| {
        waits = f64::max(waits + came - does, 0.0);
        waits
    };
    load.iter().map(&mut next).collect()
}

/// A broker's memory: a backlog at each day's peak, gone by the night; and messages that a consumer takes and never
/// acknowledges since its last release. No restart of the broker frees them: it has none.
fn never_acknowledged(random: &mut Random) -> Story {
    let customers = [Customers::Business, Customers::Consumers][random.pick(0..2)];
    let (load, when) = (traffic(random, customers), window(random, 0.5..14.0, 1.0..20.0));
    let measure =
        Measure { started: Some("erlang_vm_start_time_seconds"), ..bytes(random, "rabbitmq_process_memory_bytes") };
    let recorder = Recorder::new(random, measure);
    let waits = backlog(&load, random.within(1.2..2.2));
    let (level, most) = (random.within(0.1..0.4), random.within(0.05..0.35));
    let deepest = highest(&waits).max(2.0);
    let shakes = 0.02 * level;
    let needs: Vec<f64> = waits.iter().map(|waits| level + most * waits / deepest + shakes * random.normal()).collect();
    let unacknowledged = kept(&since(when.0, |tick| load[tick]), &[]);
    recorder.leak(when, random, |leak, _| Run::of(with(&needs, &unacknowledged, leak)))
}

/// A lock that is never released, a call without a timeout: one of many requests keeps its thread for ever. The pool
/// is used up by the next morning, or within two days.
fn requests_that_hang(random: &mut Random) -> Story {
    let (load, when) = (anyones(random), window(random, 1.0..26.0, 0.3..2.5));
    let measure = counted(random, "jvm_threads_live_threads", &[200.0, 250.0, 400.0, 500.0, 1_000.0]);
    let limit = measure.limit.unwrap_or(1.0);
    let recorder = Recorder::new(random, measure);
    let needs = threads(random, &load, limit, 0.15..0.6);
    let many = limit / (when.1 - when.0) as f64;
    let hangs = kept(&since(when.0, |tick| poisson(random, many * load[tick]) / limit), &[]);
    recorder.leak(when, random, |leak, _| Run::of(with(&needs, &hangs, leak)))
}

/// A pool whose threads come when all are busy and go when they were idle for a while: `highest` of the limit.
fn threads(random: &mut Random, load: &[f64], limit: f64, highest: std::ops::Range<f64>) -> Vec<f64> {
    let (fixed, top) = (random.within(0.2..0.7), random.within(highest));
    let (at_once, idle) = (power(random, 0.0..1.5), random.pick(1..24));
    let busy: Vec<f64> = load.iter().map(|rate| poisson(random, rate * at_once)).collect();
    let most = super::parts::highest(&busy);
    let recent = |tick: usize| super::parts::highest(&busy[tick.saturating_sub(idle)..=tick]);
    let share = |tick: usize| top * (fixed + (1.0 - fixed) * recent(tick) / most);
    (0..TICKS).map(|tick| (share(tick) * limit).round() / limit).collect()
}

/// Jobs of people at work wait for workers that cannot keep up before the evening; Mondays and campaigns are deep.
fn backlog_drains_overnight(random: &mut Random) -> Story {
    let customers = [Customers::Business, Customers::Consumers][random.pick(0..2)];
    let mut load = traffic(random, customers);
    let often = random.within(0.0..3.0) / (7 * DAY) as f64;
    let campaigns = crawls_of(random, often);
    load.iter_mut().zip(&campaigns).for_each(|(rate, more)| *rate += more);
    // Below the mean of any day, it would never be done.
    let daily = load.chunks(DAY).map(|day| day.iter().sum::<f64>() / DAY as f64).fold(0.0, f64::max);
    let waits = backlog(&load, daily * random.within(1.05..1.6));
    let measure = counted(random, "rabbitmq_queue_messages", &[10_000.0, 50_000.0, 100_000.0, 1_000_000.0]);
    let recorder = Recorder::new(random, Measure { started: None, ..measure });
    let (least, most) = (random.within(0.01..0.1), highest(&waits).max(3.0));
    let used = waits.iter().map(|waits| (least + waits / most) * random.lognormal(0.01)).collect();
    recorder.healthy(Run::of(used), 0.3..0.92, random)
}

/// Sockets of people who are at work: they come in the morning, all at once after each release, and go in the evening.
fn sockets_of_an_office(random: &mut Random) -> Story {
    let (load, often) = (traffic(random, Customers::Business), random.within(0.0..4.0));
    let restarts = releases(random, 0.0..28.0, often);
    let measure = counted(random, "process_open_fds", &[1_024.0, 4_096.0, 10_000.0, 65_536.0]);
    let recorder = Recorder::new(random, measure);
    let stay = random.pick(2 * HOUR..7 * HOUR);
    let mut used: Vec<f64> = expiring(&load, stay).iter().map(|here| here * random.lognormal(0.01)).collect();
    let most = highest(&used);
    let own = most * random.within(0.02..0.3);
    used.iter_mut().for_each(|used| *used += own);
    for restart in &restarts {
        let back = random.pick(1..7);
        for since in (1..=back).filter(|since| restart + since < TICKS) {
            used[restart + since] *= since as f64 / (back + 1) as f64;
        }
    }
    recorder.healthy(Run { used, restarts }, 0.25..0.95, random)
}

/// A pool that grows with every burst and shrinks when its threads were idle for minutes or two hours.
fn threads_that_idle_out(random: &mut Random) -> Story {
    let mut load = anyones(random);
    let often = random.within(0.0..6.0) / (7 * DAY) as f64;
    let bursts = crawls_of(random, often);
    load.iter_mut().zip(&bursts).for_each(|(rate, burst)| *rate += burst);
    let measure = counted(random, "jvm_threads_live_threads", &[200.0, 250.0, 400.0, 500.0, 1_000.0]);
    let often = random.within(0.0..1.5);
    let restarts = releases(random, 0.0..28.0, often);
    let recorder = Recorder::new(random, measure);
    let used = threads(random, &load, measure.limit.unwrap_or(1.0), 0.25..0.95);
    recorder.as_told(Run { used, restarts }, random)
}

/// A database's connections: each instance opens its pool when it starts. People change how many there are, for a
/// campaign or for good; a release doubles them for minutes.
fn connections_of_instances(random: &mut Random) -> Story {
    let measure = counted(random, "mysql_global_status_threads_connected", &[100.0, 151.0, 300.0, 500.0, 1_000.0]);
    let recorder = Recorder::new(random, Measure { started: Some("mysqld_start_time_seconds"), ..measure });
    let (load, mut instances) = (anyones(random), random.pick(2..7) as f64);
    let (changes, often) = (between(random, 0.4, 4.0) / (7 * DAY) as f64, random.within(0.5..6.0));
    let rollouts = releases(random, 0.0..28.0, often);
    let (busy, base) = (random.within(0.0..0.4), instances);
    let mut used = Vec::with_capacity(TICKS);
    for load in &load {
        if random.chance(changes) {
            let more = if random.chance(0.5) { 1.0 } else { -1.0 } * random.pick(1..3) as f64;
            instances = (instances + more).clamp((base - 2.0).max(1.0), base + 3.0);
        }
        used.push(instances * (1.0 - busy + busy * (load / 3.0).min(1.0)));
    }
    for at in rollouts {
        let lasts = random.pick(1..4);
        used[at..(at + lasts).min(TICKS)].iter_mut().for_each(|used| *used *= 1.5);
    }
    // A nightly report of its own, on half of the databases.
    if random.chance(0.5) {
        let (begin, lasts) = (random.pick(0..DAY - HOUR), random.pick(2..HOUR));
        for day in 0..DAYS {
            used[day * DAY + begin..day * DAY + begin + lasts].iter_mut().for_each(|used| *used += 0.3);
        }
    }
    recorder.healthy(Run::of(used), 0.25..0.95, random)
}
