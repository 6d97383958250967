//! The test half's people at work: sales, two versions at once, consoles, functions, a standby that takes over.

use super::Family;
use super::parts::{
    DAYS, From, TICKS, between, days, deploys, highest, plus, poisson, process, some_traffic, staying, times, traffic,
    whole,
};
use super::told::{Teller, counted, things};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::memory::{bytes, container};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "blue-beside-green", tell: blue_beside_green },
    Family { name: "sale-builds-up", tell: sale_builds_up },
    Family { name: "concurrency-of-functions", tell: concurrency_of_functions },
    Family { name: "standby-takes-over", tell: standby_takes_over },
    Family { name: "consoles-left-open", tell: consoles_left_open },
];

/// Connections to a database: each version of the application holds its pools, and for minutes or a day of canary both
/// versions run. A pool shrinks to its minimum at night.
fn blue_beside_green(random: &mut Random) -> Story {
    let (load, often) = (some_traffic(random), between(random, 0.4, 6.0));
    let (measure, limit) = things(random, "pg_stat_activity_count", &[50.0, 100.0, 100.0, 200.0, 500.0, 1_000.0]);
    let teller = Teller::new(random, Measure { started: None, ..measure });
    let (least, beside) = (random.within(0.3..1.0), between(random, 2.0, DAY as f64));
    let mut both = vec![0.0; TICKS];
    for at in deploys(random, 0..TICKS, often) {
        let (lasts, rest) = ((beside * random.lognormal(0.4)) as usize + 1, random.within(0.6..1.0));
        both[at..(at + lasts).min(TICKS)].fill(rest);
    }
    let top = random.within(0.3..0.92);
    let (busy, people) = (whole(&staying(&load, 3.0)), random.within(0.0..3.0));
    let used = busy.iter().zip(&both).map(|(busy, both)| {
        let pools = (least + (1.0 - least) * busy) * (1.0 + both) / 2.0;
        let others = poisson(random, people).min(5.0) / limit;
        counted((pools * top * limit).round(), limit) + others.min(0.05)
    });
    let used = used.collect();
    teller.calm(Run::of(used), random)
}

/// Ever more people come in the one or two weeks before a sale, a deadline, a festival; the day after, few do. Sessions
/// and carts follow them.
fn sale_builds_up(random: &mut Random) -> Story {
    let from = [From::Homes, From::Companies][random.pick(0..2)];
    let mut load = traffic(random, from);
    let measure = container(random);
    let teller = Teller::new(random, measure);
    let (event, builds) = (random.within(11.0..24.0), random.within(4.0..14.0));
    let (grows, after) = (random.within(0.6..3.0), random.within(0.3..2.5));
    for (tick, rate) in load.iter_mut().enumerate() {
        let apart = tick as f64 / DAY as f64 - event;
        let rises = if apart < 0.0 { (1.0 + apart / builds).max(0.0) } else { (-apart / after).exp() };
        *rate *= 1.0 + grows * rises;
    }
    let often = random.within(0.0..2.0);
    // Nobody deploys in the week before it.
    let restarts = deploys(random, 0..days(event - 6.0), often);
    let (share, stay) = (random.within(0.3..0.8), between(random, 6.0, 300.0));
    let quiet = process(random, &load, teller.age, &restarts);
    let used = plus(&times(&quiet, 1.0 - share), &times(&whole(&staying(&load, stay)), share));
    teller.healthy(Run { used, restarts }, 0.4..0.95, random)
}

/// Functions that run at once, under the account's limit: nothing stays, a job at each full hour or at night starts
/// hundreds, and slow answers of somebody else hold all of them for a while.
fn concurrency_of_functions(random: &mut Random) -> Story {
    let mut load = some_traffic(random);
    let (measure, limit) = things(random, "aws_lambda_concurrent_executions", &[100.0, 500.0, 1_000.0, 1_000.0]);
    let teller = Teller::new(random, Measure { started: None, ..measure });
    let (fans, every, slows) = (random.within(0.0..4.0), [HOUR, 6 * HOUR, DAY][random.pick(0..3)], random.pick(0..12));
    let phase = random.pick(0..every);
    load.iter_mut().enumerate().for_each(|(tick, rate)| *rate += if tick % every == phase { fans } else { 0.0 });
    for _ in 0..slows {
        let (from, lasts, slower) = (random.pick(0..TICKS - DAY), random.pick(2..3 * HOUR), random.within(1.3..3.0));
        load[from..from + lasts].iter_mut().for_each(|rate| *rate *= slower);
    }
    let top = random.within(0.2..0.93) * limit;
    let used: Vec<f64> = whole(&load).iter().map(|rate| counted(poisson(random, rate * top).min(top), limit)).collect();
    teller.calm(Run::of(used), random)
}

/// A standby has hardly anything to do, until it takes over for days or for good: its caches fill within hours or three
/// days and are full, as they were on the other one. Or the other way round.
fn standby_takes_over(random: &mut Random) -> Story {
    let (load, age) = (some_traffic(random), random.pick(5 * DAY..40 * DAY));
    let measure = Measure { started: Some("process_start_time_seconds"), ..bytes(random, "mysql_memory_used_bytes") };
    let mut teller = Teller::new(random, measure);
    teller.age = age;
    let (takes, mut is_first) = (days(random.within(1.0..17.0)), random.chance(0.3));
    let gives = if random.chance(0.4) { takes + days(between(random, 0.1, 8.0)) } else { TICKS };
    let (idle, fills) = (random.within(0.15..0.6), between(random, 0.05, 3.0) * DAY as f64);
    // Whoever was first and fell is started anew.
    let restarts = if is_first { vec![takes] } else { vec![] };
    let (share, mut held) = (random.within(0.4..0.85), if is_first { 1.0 } else { 0.0 });
    let busy = times(&process(random, &load, age, &restarts), 1.0 - share);
    let mut used = Vec::with_capacity(TICKS);
    for (tick, busy) in busy.iter().enumerate() {
        if tick == takes || tick == gives {
            is_first = !is_first;
        }
        held += if is_first { (1.0 - held) * load[tick].min(4.0) / fills } else { 0.0 };
        used.push(share * (idle + (1.0 - idle) * held) + busy * if is_first { 1.0 } else { idle });
        if restarts.contains(&tick) {
            held = 0.0;
        }
    }
    // Also one that gives back before its caches are full has room for all of them.
    let most = share + highest(&busy);
    teller.sized(Run { used, restarts }, most, 0.45..0.95, random)
}

/// A host on which developers open consoles, run scripts and copy data: each takes its part for minutes or until it is
/// closed after the weekend. There are few developers, and a console that idles for four days is closed.
fn consoles_left_open(random: &mut Random) -> Story {
    let (load, people) = (some_traffic(random), random.pick(1..6));
    let measure = Measure { started: Some("node_boot_time_seconds"), ..bytes(random, "node_memory_used_bytes") };
    let teller = Teller::new(random, measure);
    let (size, often) = (random.within(0.02..0.12), between(random, 0.1, 1.5));
    let mut open = vec![0.0; TICKS];
    for _ in 0..people {
        let mut until = 0;
        for day in (0..DAYS).filter(|day| day % 7 < 5) {
            let at = day * DAY + random.pick(9 * HOUR..18 * HOUR);
            if at < until || !random.chance(often / 2.0) {
                continue;
            }
            let lasts = if random.chance(0.3) { random.within(0.6..4.0) } else { between(random, 0.01, 0.3) };
            until = (at + days(lasts)).min(TICKS);
            let amount = size * random.lognormal(0.4);
            open[at..until].iter_mut().for_each(|open| *open += amount);
        }
    }
    let quiet = times(&process(random, &load, teller.age, &[]), 1.0 - highest(&open).min(0.6));
    teller.healthy(Run::of(plus(&quiet, &open)), 0.4..0.94, random)
}
