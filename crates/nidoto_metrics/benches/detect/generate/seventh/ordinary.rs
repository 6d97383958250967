//! The seventh half's services of which there is nothing to tell.

use super::Family;
use super::app::{memory, present, whole};
use super::clerk::{Clerk, bytes, of_host};
use super::machine::Kind;
use super::town::{Public, at_night, deploys, load, moments};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, highest, plus, poisson, power, served};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 5] = [
    Family { name: "rails-on-a-small-dyno", tell: rails_on_a_small_dyno },
    Family { name: "host-of-a-wordpress", tell: host_of_a_wordpress },
    Family { name: "chat-on-the-beam", tell: chat_on_the_beam },
    Family { name: "worker-of-all-jobs", tell: worker_of_all_jobs },
    Family { name: "heap-of-a-search-node", tell: heap_of_a_search_node },
];

/// Two or three processes of Ruby in little memory: much after the start, more for hours or some days, as holes are left
/// between what lives, and then no more. Some teams restart it each night, to be safe.
fn rails_on_a_small_dyno(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.2, 10.0));
    let clerk = Clerk::of_memory(random);
    let mut starts = deploys(random, 0..TICKS, often);
    if random.chance(0.3) {
        starts.extend(at_night(random, |day| day > 0));
        starts.sort_unstable();
        starts.dedup();
    }
    let (holes, settles, bends) = (random.within(0.05..0.9), between(random, 0.1, 2.5), random.within(0.45..1.0));
    let quiet = memory(random, Kind::Counting, &load, (clerk.age, &starts));
    let grown: Vec<f64> = served(&load, clerk.age, &starts)
        .iter()
        .map(|served| holes * (1.0 - (-(served / (settles * DAY as f64)).powf(bends)).exp()))
        .collect();
    clerk.sized(Run { used: plus(&quiet, &grown), restarts: starts }, 1.0 + holes, random)
}

/// Memory of a host, in per cent: a database, and as many children of PHP as there are requests at once, up to a
/// maximum. Idle ones end after a while. Robots try all pages; at night there is a backup; updates reboot it.
fn host_of_a_wordpress(random: &mut Random) -> Story {
    let public = [Public::Sofas, Public::Counters, Public::Desks][random.pick(0..3)];
    let load = public.load(random);
    let measure = of_host(random, "node_memory_used_percent");
    let clerk = Clerk::new(random, measure);
    let often = random.within(0.0..0.15);
    let reboots: Vec<usize> = moments(random, often).into_iter().filter(|at| (1..TICKS - 5).contains(at)).collect();
    let (most, at_once, idle) = (random.pick(4..40) as f64, between(random, 0.5, 8.0), random.within(0.1..0.9));
    let (child, warms) = (random.within(0.3..3.0) / most, between(random, 5.0, 300.0));
    let fresh = served(&load, clerk.age, &reboots);
    let (backup, lasts) = (random.within(0.0..0.25), random.pick(2..3 * HOUR));
    let mut children = 0.0_f64;
    let mut used: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let wanted = poisson(random, at_once * load[tick]).min(most);
            children = if wanted > children { wanted } else { children - ((children - wanted) * idle).floor() };
            1.0 - 0.5 * (-fresh[tick] / warms).exp() + child * children * random.lognormal(0.03)
        })
        .collect();
    for at in at_night(random, |_| true) {
        used[at..(at + lasts).min(TICKS)].iter_mut().for_each(|used| *used += backup);
    }
    clerk.sized(Run { used, restarts: reboots }, 1.0 + child * most * 1.05 + backup, random)
}

/// Elixir: memory follows those who are there, a process for each.
fn chat_on_the_beam(random: &mut Random) -> Story {
    let (load, often) = (Public::any(random).load(random), between(random, 0.1, 4.0));
    let clerk = Clerk::of_memory(random);
    let starts = deploys(random, 0..TICKS, often);
    let (stay, share) = (between(random, 3.0, 200.0), random.within(0.1..2.0));
    let (back, own) = (between(random, 1.0, 12.0), memory(random, Kind::Many, &load, (clerk.age, &starts)));
    let there = present(&load, stay);
    // After a start all come back within minutes.
    let since = served(&vec![1.0; TICKS], clerk.age, &starts);
    let users: Vec<f64> = (0..TICKS).map(|tick| share * there[tick] * (1.0 - (-since[tick] / back).exp())).collect();
    clerk.healthy(Run { used: plus(&own, &users), restarts: starts }, random)
}

/// A worker for mails, exports and imports: each kind of job has its size, the largest come seldom, and what one has
/// taken the allocator keeps for hours or until the next deploy.
fn worker_of_all_jobs(random: &mut Random) -> Story {
    let (load, often) = (load(random), between(random, 0.2, 7.0));
    let clerk = Clerk::of_memory(random);
    let starts = deploys(random, 0..TICKS, often);
    let kind = [Kind::Counting, Kind::Counting, Kind::Counting, Kind::Sweeping, Kind::Regions][random.pick(0..5)];
    let base = memory(random, kind, &load, (clerk.age, &starts));
    let jobs: Vec<(f64, f64, f64)> = (0..random.pick(2..7))
        .map(|_| (between(random, 0.3, 300.0) / DAY as f64, power(random, -2.0..0.1), random.within(0.05..0.6)))
        .collect();
    let (threads, keeps) = (random.pick(1..4) as f64, power(random, -3.7..-0.5));
    let most = threads * jobs.iter().map(|job| job.1).fold(0.0, f64::max) * 1.5;
    let (mut held, mut next, mut used) = (0.0_f64, starts.iter().peekable(), Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        let mut takes = 0.0;
        for (often, size, spread) in &jobs {
            for _ in 0..poisson(random, often * rate).min(threads) as usize {
                takes += size * random.lognormal(*spread);
            }
        }
        held = f64::max(f64::min(takes, most), held * (1.0 - keeps));
        used.push(base[tick] + held);
        held = if next.next_if_eq(&&tick).is_some() { 0.0 } else { held };
    }
    let most = highest(&used).max(1.0 + 0.6 * most);
    clerk.sized(Run { used, restarts: starts }, most, random)
}

/// The used heap of a search engine: teeth of hours or days, up to where its collector begins; longer ones while
/// there is little to do, and a higher floor while segments are merged.
fn heap_of_a_search_node(random: &mut Random) -> Story {
    let load = load(random);
    let measure = bytes(random, "elasticsearch_jvm_memory_used_bytes");
    let clerk = Clerk::new(random, measure);
    let often = random.within(0.0..0.5);
    let starts = deploys(random, 0..TICKS, often);
    let (lives, begins) = (random.within(0.15..0.5), random.within(0.6..0.88));
    let (every, blunt) = (between(random, 2.0, 250.0) * HOUR as f64, random.within(0.0..0.3));
    let (merges, lasts, more) =
        (random.within(0.2..4.0), between(random, 3.0, 60.0), random.within(0.0..0.5) * (begins - lives) * 0.6);
    let floor = whole(&present(&load, 30.0));
    let merging = moments(random, merges);
    let (mut garbage, mut merge, mut next) = (0.0, 0.0, starts.iter().peekable());
    let mut used = Vec::with_capacity(TICKS);
    for (tick, rate) in load.iter().enumerate() {
        merge = if merging.binary_search(&tick).is_ok() { more } else { merge * (1.0 - 1.0 / lasts) };
        let here = lives * (0.9 + 0.1 * floor[tick]) + merge;
        garbage += (begins - lives) / every * (0.2 + 0.8 * rate) * random.lognormal(0.2);
        if here + garbage > begins {
            let rest = (begins - here).max(0.0);
            garbage = rest * if garbage > 2.0 * rest { random.unit() } else { blunt * random.unit() };
        }
        used.push(here + garbage);
        garbage = if next.next_if_eq(&&tick).is_some() { 0.0 } else { garbage };
    }
    clerk.calm(Run { used, restarts: starts })
}
