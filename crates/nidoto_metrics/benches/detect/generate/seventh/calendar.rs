//! What the weeks bring to the services of the seventh half: mailings, feeds, partners, failures, matches.

use super::Family;
use super::app::{lives, present, times, whole};
use super::clerk::{Clerk, counted, things};
use super::machine::{Kind, Machine};
use super::town::{Public, deploys, load};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, days, highest, plus, power};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "newsletter-each-week", tell: newsletter_each_week },
    Family { name: "feed-in-full-on-one-day", tell: feed_in_full_on_one_day },
    Family { name: "a-partner-sends-its-users", tell: a_partner_sends_its_users },
    Family { name: "a-zone-fails-over", tell: a_zone_fails_over },
    Family { name: "match-nights", tell: match_nights },
];

/// Memory of a service of which a share follows those who are there, and of which some live longer than others, seen as
/// its runtime shows it.
fn with_users(random: &mut Random, clerk: Clerk, load: &[f64], per_week: f64) -> Run {
    let starts = deploys(random, 0..TICKS, per_week);
    let (share, stay) = (between(random, 0.05, 1.5), between(random, 2.0, 250.0));
    let own = lives(random, load, (clerk.age, &starts));
    let all = plus(&own, &times(&present(load, stay), share));
    let kind = Kind::any(random);
    let machine = Machine::new(random, kind, clerk.age);
    Run { used: machine.seen(&all, load, &starts, f64::INFINITY), restarts: starts }
}

/// A mailing each week, on its day at its hour: half of those who read it do so within the hour, the others by night.
fn newsletter_each_week(random: &mut Random) -> Story {
    let (mut load, often) = (load(random), between(random, 0.1, 6.0));
    let clerk = Clerk::of_memory(random);
    let (weekday, hour, second) = (random.pick(0..7), random.pick(0..DAY - HOUR), random.chance(0.25));
    let (size, fades) = (between(random, 0.4, 8.0), between(random, 5.0, 90.0));
    for day in (0..28).filter(|day| day % 7 == weekday || (second && day % 7 == (weekday + 2) % 7)) {
        let (at, size) = (day * DAY + hour, size * random.lognormal(0.25));
        for (since, rate) in load[at..].iter_mut().enumerate().take(2 * DAY) {
            *rate += size / (1.0 + (since as f64 / fades).powi(2)) * random.lognormal(0.1);
        }
    }
    let run = with_users(random, clerk, &load, often);
    clerk.healthy(run, random)
}

/// A catalogue is fed with changes each hour and in full once a week. While it is read in full there are two of it; the
/// new one is a little larger or smaller than the old one.
fn feed_in_full_on_one_day(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.1, 2.0));
    let clerk = Clerk::of_memory(random);
    let run = with_users(random, clerk, &load, often);
    let top = highest(&run.used);
    let (weekday, hour, minute) = (random.pick(0..7), random.pick(0..DAY), random.pick(0..HOUR));
    let (lasts, spread) = (between(random, 4.0, 150.0), random.within(0.0..0.05));
    let (size, changes) = (top * between(random, 0.1, 1.5), random.within(0.0..0.03));
    let (mut catalogue, mut new, mut hourly) = (size, 0.0, 0.0);
    let mut used = Vec::with_capacity(TICKS);
    for (tick, own) in run.used.iter().enumerate() {
        let into = (tick + 7 * DAY - weekday * DAY) % (7 * DAY);
        if into >= hour && ((into - hour) as f64) < lasts {
            new = catalogue * ((into - hour + 1) as f64 / lasts).min(1.0);
        } else if new > 0.0 {
            (catalogue, new) = (size * random.lognormal(spread), 0.0);
        }
        hourly = if tick % HOUR == minute { catalogue * changes * random.unit() } else { 0.5 * hourly };
        used.push(own + catalogue + new + hourly);
        if run.restarts.binary_search(&tick).is_ok() {
            // It begins with the catalogue that it has stored.
            new = 0.0;
        }
    }
    clerk.healthy(Run { used, ..run }, random)
}

/// A partner begins to send its users, office by office: over one to twelve days traffic comes to half as much again or
/// to three times as much, and stays there.
fn a_partner_sends_its_users(random: &mut Random) -> Story {
    let (mut load, often) = (load(random), between(random, 0.1, 5.0));
    let clerk = Clerk::of_memory(random);
    let (from, lasts) = (days(random.within(1.5..12.0)), days(between(random, 0.7, 11.0)));
    let (more, offices) = (random.within(0.4..2.2), random.pick(1..12));
    let moves: Vec<usize> = (0..offices).map(|_| from + random.pick(0..lasts)).collect();
    let learns = between(random, 3.0, 300.0);
    for (tick, rate) in load.iter_mut().enumerate() {
        let sent = moves.iter().filter(|at| **at <= tick).map(|at| 1.0 - (-((tick - at) as f64) / learns).exp());
        *rate *= 1.0 + more * sent.sum::<f64>() / offices as f64;
    }
    let mut run = with_users(random, clerk, &load, often);
    let (share, top) = (between(random, 0.05, 1.2), highest(&run.used));
    // Some of what it holds goes by how many have an account, not by how many are there.
    for (tick, used) in run.used.iter_mut().enumerate() {
        *used += top * share * moves.iter().filter(|at| **at <= tick).count() as f64 / offices as f64;
    }
    clerk.healthy(run, random)
}

/// One of two zones fails, and the other serves all, for half an hour or some days; then half of them go back.
fn a_zone_fails_over(random: &mut Random) -> Story {
    let (mut load, often) = (load(random), between(random, 0.1, 4.0));
    let clerk = Clerk::of_memory(random);
    for _ in 0..random.pick(1..4) {
        let (at, lasts) = (random.pick(HOUR..TICKS), between(random, 6.0, 900.0) as usize);
        let more = random.within(0.5..1.4);
        load[at..(at + lasts).min(TICKS)].iter_mut().for_each(|rate| *rate *= 1.0 + more);
    }
    let run = with_users(random, clerk, &load, often);
    clerk.healthy(run, random)
}

/// Sockets of a service that tells results live: on some evenings of a week a match is on, and its followers stay to the
/// end of it.
fn match_nights(random: &mut Random) -> Story {
    let load = Public::Sofas.load(random);
    let limits = [1_024.0, 4_096.0, 20_000.0, 65_535.0];
    let (measure, limit) = things(random, "process_open_fds", &limits, true);
    let clerk = Clerk::new(random, measure);
    let often = between(random, 0.1, 3.0);
    let starts = deploys(random, 0..TICKS, often);
    let mut there = times(&present(&load, 5.0), random.within(0.1..1.0));
    let (hour, season) = (random.pick(15 * HOUR..22 * HOUR), random.within(0.0..0.5));
    let evenings: Vec<usize> = (0..7).filter(|_| random.chance(0.4)).collect();
    for day in (0..28).filter(|day| evenings.contains(&(day % 7))) {
        // Later in the season they matter more.
        let size = (1.0 + season * day as f64 / 28.0) * random.lognormal(0.35).min(2.5);
        let lasts = random.pick(18..30);
        for since in 0..lasts + 12 {
            let come =
                (since as f64 / 4.0).min(1.0) * if since > lasts { 0.7_f64.powi((since - lasts) as i32) } else { 1.0 };
            if let Some(there) = there.get_mut(day * DAY + hour + since) {
                *there += size * come * random.lognormal(0.03);
            }
        }
    }
    let top = [0.1..0.4, 0.4..0.7, 0.7..0.95][random.pick(0..3)].clone();
    let (top, base, shakes) = (random.within(top), random.within(0.005..0.1), power(random, -3.0..-2.0));
    let used: Vec<f64> =
        whole(&there).iter().map(|there| base + (top - base).max(0.02) * there + shakes * random.unit()).collect();
    clerk.calm(Run { used: counted(&used, limit), restarts: starts })
}
