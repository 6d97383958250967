//! The second test half's healthy services over their days, weeks and months.

use super::healthy::TOP;
use super::memory::{Memory, node, resident, runtime};
use super::parts::{DAYS, TICKS, Users, lagged, releases, somebody, surge, traffic};
use super::process::{Process, following};
use crate::detect::generate::Family;
use crate::detect::generate::service::{DAY, HOUR, RESIDENT, Story};
use crate::detect::random::Random;

pub const HEALTHY: [Family; 6] = [
    Family { name: "jobs-at-night", tell: jobs_at_night },
    Family { name: "reports-and-closing", tell: reports_and_closing },
    Family { name: "back-on-monday", tell: back_on_monday },
    Family { name: "more-users-each-week", tell: more_users_each_week },
    Family { name: "pushes-and-sales", tell: pushes_and_sales },
    Family { name: "holiday-week", tell: holiday_week },
];

/// A service whose memory follows its load: `season` is the share that does.
fn breathing(random: &mut Random, load: Vec<f64>, season: std::ops::Range<f64>) -> Process {
    let runtime = runtime(random);
    let needs = following(random, &load, 1.0, season);
    let usual = Process::usual(random, load, runtime);
    let top = usual.needs.iter().copied().fold(0.0, f64::max);
    Process { needs: needs.iter().map(|need| need * top).collect(), ..usual }
}

/// Invoices, dumps, imports: a job each night or weeknight, some nights twice as large, some nights late.
fn jobs_at_night(random: &mut Random) -> Story {
    let users = somebody(random);
    let load = traffic(random, users);
    let runtime = if random.chance(0.4) { node(random) } else { resident(random) };
    let mut process = Process::usual(random, load, runtime).sized(random.within(0.1..0.4));
    let most = process.needs.iter().copied().fold(0.0, f64::max);
    let (begin, lasts) = (random.within(0.0..20.0), random.within(0.3..5.0));
    let (amount, is_weekdays, spread) = (random.within(0.15..1.0) * most, random.chance(0.3), random.within(0.05..0.5));
    for day in (0..DAYS).filter(|day| !is_weekdays || day % 7 < 5) {
        let late = if random.chance(0.1) { random.within(0.5..3.0) } else { 0.0 };
        let from = day * DAY + ((begin + late) * HOUR as f64) as usize;
        let (size, length) = (amount * random.lognormal(spread), lasts * HOUR as f64 * random.lognormal(0.15));
        for (since, need) in process.needs[from..].iter_mut().enumerate().take(length as usize + 1) {
            *need += size * ((since + 1) as f64 / (0.3 * length).max(1.0)).min(1.0);
        }
    }
    process.healthy(TOP, random)
}

/// Monday's report, and the days on which books are closed: more work and more memory for two to four days.
fn reports_and_closing(random: &mut Random) -> Story {
    let users = [Users::Office, Users::Everywhere][random.pick(0..2)];
    let mut load = traffic(random, users);
    let (closing, lasts, size) = (random.pick(0..DAYS), random.pick(2..5), random.within(1.3..2.5));
    for now in &mut load[closing * DAY..((closing + lasts) * DAY).min(TICKS)] {
        *now *= size;
    }
    let mut process = breathing(random, load, 0.15..0.6).sized(random.within(0.1..0.4));
    let most = process.needs.iter().copied().fold(0.0, f64::max);
    let (weekday, hour) = (random.pick(0..7), random.within(0.0..18.0));
    let (amount, hours) = (random.within(0.2..1.0) * most, random.within(0.5..6.0));
    for week in 0..DAYS / 7 {
        let from = (week * 7 + weekday) * DAY + (hour * HOUR as f64) as usize;
        let size = amount * random.lognormal(0.2);
        process.needs[from..from + (hours * HOUR as f64) as usize].iter_mut().for_each(|need| *need += size);
    }
    process.healthy(TOP, random)
}

/// For people at work: its memory rests at weekends, and is back on Monday.
fn back_on_monday(random: &mut Random) -> Story {
    let mut load = traffic(random, Users::Office);
    if random.chance(0.3) {
        let holiday = random.pick(0..DAYS) * DAY;
        load[holiday..holiday + DAY].iter_mut().for_each(|now| *now *= 0.1);
    }
    breathing(random, load, 0.3..0.85).healthy(TOP, random)
}

/// Some per cent more users each week, and a release now and then; the limit is far for months.
fn more_users_each_week(random: &mut Random) -> Story {
    let (users, growth, often) = (somebody(random), random.within(0.01..0.06), random.within(0.0..1.5));
    let mut load = traffic(random, users);
    for (tick, now) in load.iter_mut().enumerate() {
        *now *= (1.0 + growth).powf(tick as f64 / (7 * DAY) as f64);
    }
    let mut process = breathing(random, load, 0.2..0.7);
    process.restarts = releases(random, 0.0..DAYS as f64, often);
    process.healthy(0.2..0.85, random)
}

/// A push, an advertisement on television, a sale of three days: users come within minutes and stay for a while.
fn pushes_and_sales(random: &mut Random) -> Story {
    let users = [Users::Evening, Users::Commuters, Users::Everywhere][random.pick(0..3)];
    let mut load = traffic(random, users);
    for _ in 0..random.pick(1..5) {
        let (at, fade) = (random.pick(DAY..TICKS - DAY), 10_f64.powf(random.within(-0.3..1.5)) * HOUR as f64);
        surge(&mut load, at, random.within(2.0..8.0), fade);
    }
    let season = random.within(0.3..0.7);
    let stay = random.within(1.0..24.0);
    let held = lagged(&load, stay);
    let most = held.iter().copied().fold(0.0, f64::max);
    let needs = held.iter().map(|held| 0.5 * (1.0 - season + season * held / most)).collect();
    let memory = Memory::Resident { returns: 10_f64.powf(random.within(-3.5..-0.7)) };
    Process { memory, ..Process::new(random, RESIDENT, load, needs) }.healthy(TOP, random)
}

/// A week of holidays with hardly anybody there (or, in a shop, with everybody), then the return.
fn holiday_week(random: &mut Random) -> Story {
    let users = somebody(random);
    let mut load = traffic(random, users);
    let (from, lasts) = (random.pick(2..18), random.pick(4..11));
    let quiet = if random.chance(0.8) { random.within(0.05..0.5) } else { random.within(1.3..2.0) };
    for now in &mut load[from * DAY..((from + lasts) * DAY).min(TICKS)] {
        *now *= quiet;
    }
    breathing(random, load, 0.2..0.8).healthy(TOP, random)
}
