//! The seventh half's leaks of things that are counted.

use super::Family;
use super::app::{around, present};
use super::clerk::{Clerk, counted, level, things, when};
use super::town::{at_night, deploys, load, moments};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, kept, poisson, power, served, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "statements-never-deallocated", tell: statements_never_deallocated },
    Family { name: "addresses-of-a-subnet", tell: addresses_of_a_subnet },
    Family { name: "connections-of-former-deploys", tell: connections_of_former_deploys },
    Family { name: "event-streams-stay-open", tell: event_streams_stay_open },
];

/// Prepared statements of a MySQL server. A pool soon knows those of its routes; since a release the text of some has
/// a list of ids in it, and each length or each list is another statement. Deploys close the connections.
fn statements_never_deallocated(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.4..18.0, 0.6..18.0));
    let (measure, limit) =
        things(random, "mysql_global_status_prepared_stmt_count", &[16_382.0, 16_382.0, 32_764.0, 4_096.0], false);
    let clerk = Clerk::new(random, measure);
    let rates = (between(random, 0.3, 8.0), if random.chance(0.55) { between(random, 1.0, 10.0) } else { 0.0 });
    let starts = around(random, when, rates);
    let (level, learns, follows) = (0.8 * level(random), between(random, 2.0, 200.0), random.within(0.0..0.4));
    let (known, busy) = (served(&load, clerk.age, &starts), present(&load, 4.0));
    let needs: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let connections = 1.0 - follows + follows * busy[tick];
            level * connections * (1.0 - (-(known[tick] / learns).sqrt()).exp())
        })
        .collect();
    let (rarer, spread) = (random.within(0.6..1.0), random.within(0.0..0.5));
    let texts = since(when.0, |tick| load[tick] * random.lognormal(spread));
    // Of lists some come again.
    let left: Vec<f64> = kept(&texts, &starts).iter().map(|texts| texts.powf(rarer)).collect();
    clerk.leak(when, |leak| Run::of(counted(&with(&needs, &left, leak), limit)))
}

/// Addresses in use of a small subnet: instances and functions take some and give them back. Since a change of rights,
/// those of what failed to start, or of what a job tore down, stay.
fn addresses_of_a_subnet(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.3..14.0, 2.0..25.0));
    let (measure, limit) = things(random, "vpc_subnet_used_addresses", &[123.0, 251.0, 251.0, 507.0, 1_019.0], false);
    let clerk = Clerk::new(random, measure);
    let (level, follows) = (level(random), random.within(0.0..0.6));
    let there = present(&load, 6.0);
    let shakes = random.within(0.0..0.01);
    let needs: Vec<f64> =
        there.iter().map(|there| level * (1.0 - follows + follows * there) - shakes * random.unit()).collect();
    let lasts = (when.1 - when.0) as f64 / DAY as f64;
    let mut fails = vec![0.0; TICKS];
    if random.chance(0.5) {
        let often = between(random, 8.0, 200.0) / lasts;
        moments(random, often).iter().for_each(|at| fails[*at] += 1.0);
    } else {
        let spread = random.within(0.0..0.7);
        at_night(random, |_| true).iter().for_each(|at| fails[*at] += random.lognormal(spread));
    }
    fails[when.1 - random.pick(1..DAY)] += 1.0;
    let left = kept(&since(when.0, |tick| fails[tick]), &[]);
    clerk.leak(when, |leak| Run::of(counted(&with(&needs, &left, leak), limit)))
}

/// Connections of a database. A deploy begins with new processes and their pools; the old ones end soon after. Since a
/// handler of signals is gone, some of the old never end and keep theirs.
fn connections_of_former_deploys(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.4..17.0, 2.0..24.0));
    let limits = [97.0, 100.0, 100.0, 197.0, 250.0, 400.0];
    let (measure, limit) = things(random, "pg_stat_database_numbackends", &limits, false);
    let clerk = Clerk::new(random, measure);
    let often = between(random, 2.0, 25.0);
    let mut all = deploys(random, 0..TICKS, often);
    let third = (when.1 - when.0) / 3;
    all.extend([when.0, when.0 + third, when.1 - random.pick(HOUR..third)]);
    all.sort_unstable();
    all.dedup();
    let (level, follows) = (level(random).min(0.8), random.within(0.0..0.5));
    let (pool, ends) = (random.within(0.3..0.9) * level.min(0.95 - level), random.pick(1..4));
    let busy = present(&load, 1.5);
    let (mut needs, spread): (Vec<f64>, f64) = (
        busy.iter().map(|busy| level * (1.0 - follows + follows * busy) + 0.5 / limit * random.normal()).collect(),
        random.within(0.0..0.5),
    );
    let mut stays = vec![0.0; TICKS];
    for at in all {
        // Old and new at once, for some minutes.
        needs[at..(at + ends).min(TICKS)].iter_mut().for_each(|used| *used = (*used + pool).min(0.92));
        stays[at] = if at < when.0 { 0.0 } else { random.lognormal(spread) };
    }
    let left = kept(&stays, &[]);
    clerk.leak(when, |leak| Run::of(counted(&with(&needs, &left, leak), limit)))
}

/// Descriptors of a service that pushes events. Those who leave close their stream; since there is a proxy in between,
/// nobody hears of some who do not. A deploy frees all.
fn event_streams_stay_open(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.5..22.0, 0.6..20.0));
    let limits = [1_024.0, 1_024.0, 4_096.0, 10_240.0, 65_535.0];
    let (measure, limit) = things(random, "process_open_fds", &limits, true);
    let clerk = Clerk::new(random, measure);
    let rates = (between(random, 0.3, 6.0), if random.chance(0.55) { between(random, 1.0, 10.0) } else { 0.0 });
    let starts = around(random, when, rates);
    let (base, clients) = (random.within(10.0..90.0) / limit, 0.85 * level(random));
    let (stay, shakes) = (between(random, 1.0, 60.0), power(random, -2.5..-1.2));
    let there = present(&load, stay);
    let moods = wander(random, TICKS, 8.0, shakes);
    let needs: Vec<f64> = (0..TICKS).map(|tick| (base + clients * there[tick] * moods[tick].exp()).min(0.88)).collect();
    let many = 3.0 * limit / (when.1 - when.0) as f64;
    let lost = kept(&since(when.0, |tick| poisson(random, many * load[tick]) / limit), &starts);
    clerk.leak(when, |leak| Run { used: counted(&with(&needs, &lost, leak), limit), restarts: starts.clone() })
}
