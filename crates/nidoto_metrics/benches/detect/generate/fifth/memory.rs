//! The test half's leaks of memory that nobody interrupts.

use super::Family;
use super::process::{Lives, Runtime, process, scaled};
use super::record::{Witness, when};
use super::traffic::{HOMES, KITCHENS, OFFICE, anyone, releases, traffic};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::bytes;
use crate::detect::generate::third::parts::{TICKS, between, kept, plus, poisson, power, served, since};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 6] = [
    Family { name: "array-in-a-module", tell: array_in_a_module },
    Family { name: "handlers-under-gen2", tell: handlers_under_gen2 },
    Family { name: "live-data-of-old-collections", tell: live_data_of_old_collections },
    Family { name: "invoices-off-the-heap", tell: invoices_off_the_heap },
    Family { name: "rooms-never-closed", tell: rooms_never_closed },
    Family { name: "loader-per-redeploy", tell: loader_per_redeploy },
];

/// Since a release each request pushes something into an array of the module, and nothing ever takes it out.
fn array_in_a_module(random: &mut Random) -> Story {
    let (load, when, often) = (anyone(random), when(random, 2.0..22.0, 0.5..24.0), random.within(0.2..6.0));
    let witness = Witness::of_memory(random);
    let mut starts = releases(random, 0..when.0, often);
    starts.push(when.0);
    let level = random.within(0.15..0.75);
    let needs = Runtime::Node.process(random, &load, Lives { age: witness.age, starts: &starts });
    let left = kept(&since(when.0, |tick| load[tick]), &[]);
    witness.adds_up(when, &scaled(&needs, level), &left, &starts)
}

/// Objects of each request stay subscribed to a static event of a .NET service. Its second generation is collected
/// when that pays or when memory runs short: long teeth above a floor that rises.
fn handlers_under_gen2(random: &mut Random) -> Story {
    let (load, when) = (anyone(random), when(random, 2.5..14.0, 4.0..24.0));
    let witness = Witness::of_memory(random);
    let mut starts = releases(random, 0..when.0, 1.0);
    starts.push(when.0);
    let level = random.within(0.2..0.5);
    let needs = scaled(&Runtime::DotNet.process(random, &load, Lives { age: witness.age, starts: &starts }), level);
    let (room, every) = (random.within(0.1..0.35), between(random, 0.15, 2.5) * DAY as f64);
    let garbage: Vec<f64> = load.iter().map(|rate| room * rate / every * random.lognormal(0.3)).collect();
    let left = kept(&since(when.0, |tick| load[tick]), &[]);
    witness.leak(when, |leak| {
        let (mut waits, mut next) = (0.5 * room, starts.iter().peekable());
        let mut see = |tick: usize| {
            let lives = needs[tick] + leak * left[tick];
            waits += garbage[tick];
            if waits > room.min(0.7 * (1.0 - lives)) {
                waits = 0.0;
            }
            let seen = lives + waits;
            waits = if next.next_if_eq(&&tick).is_some() { 0.0 } else { waits };
            seen
        };
        Run { used: (0..TICKS).map(&mut see).collect(), restarts: starts.clone() }
    })
}

/// What lived after the last collection of the old generation, as Micrometer tells it: it stands still for hours or
/// days, and then knows better. Entries of a map that is never cleaned; the fuller the heap, the more collections.
fn live_data_of_old_collections(random: &mut Random) -> Story {
    let (load, when) = (anyone(random), when(random, 2.0..16.0, 2.0..24.0));
    let measure = bytes(random, "jvm_gc_live_data_size_bytes");
    let witness = Witness::new(random, measure);
    let (level, follows) = (random.within(0.15..0.65), random.within(0.0..0.4));
    let (every, shakes) = (between(random, 0.1, 1.6) * DAY as f64, power(random, -2.5..-1.2));
    let lives = scaled(&process(random, &load, Lives { age: witness.age, starts: &[] }), level);
    let lives: Vec<f64> =
        lives.iter().map(|lives| level + follows * (lives - level) + level * shakes * random.normal()).collect();
    let left = kept(&since(when.0, |tick| load[tick]), &[]);
    witness.leak(when, |leak| {
        let (mut garbage, mut told) = (0.0, lives[0]);
        let mut see = |tick: usize| {
            let now = lives[tick] + leak * left[tick];
            garbage += load[tick] / every;
            if garbage * (1.0 - level) > 1.0 - now {
                (garbage, told) = (0.0, now);
            }
            told
        };
        Run::of((0..TICKS).map(&mut see).collect())
    })
}

/// A library of a JVM or Node.js service draws invoices in native memory and frees none of it: some a day, few of them
/// large, hardly any at weekends.
fn invoices_off_the_heap(random: &mut Random) -> Story {
    let (load, when) = (traffic(random, OFFICE), when(random, 1.5..13.0, 4.0..24.0));
    let witness = Witness::of_memory(random);
    let starts = if random.chance(0.6) { vec![when.0] } else { vec![] };
    let runtime = [Runtime::Jvm, Runtime::Node][random.pick(0..2)];
    let level = random.within(0.25..0.75);
    let needs = scaled(&runtime.process(random, &load, Lives { age: witness.age, starts: &starts }), level);
    let (often, spread) = (between(random, 3.0, 100.0) / DAY as f64, random.within(0.3..1.3));
    let mut drawn =
        |tick: usize| (0..poisson(random, often * load[tick]) as usize).map(|_| random.lognormal(spread)).sum();
    let left = kept(&since(when.0, &mut drawn), &[]);
    witness.adds_up(when, &needs, &left, &starts)
}

/// Rooms of a game or a chat stay when the last one leaves without a word; that happens when many are there. Between
/// two evenings nothing is added, and nothing goes.
fn rooms_never_closed(random: &mut Random) -> Story {
    let crowd = [HOMES, KITCHENS][random.pick(0..2)];
    let (load, when, often) = (traffic(random, crowd), when(random, 2.0..18.0, 2.5..24.0), random.within(0.0..3.0));
    let witness = Witness::of_memory(random);
    let mut starts = releases(random, 0..when.0, often);
    starts.push(when.0);
    let runtime = [Runtime::Node, Runtime::Go][random.pick(0..2)];
    let (level, many) = (random.within(0.15..0.7), random.within(0.4..1.2));
    let needs = scaled(&runtime.process(random, &load, Lives { age: witness.age, starts: &starts }), level);
    let rooms = kept(&since(when.0, |tick| f64::max(load[tick] - many, 0.0)), &[]);
    // What is there for a moment beside them.
    let calls = scaled(&load, 0.01 * random.unit());
    witness.adds_up(when, &plus(&needs, &calls), &rooms, &starts)
}

/// The metaspace of a Tomcat into which an application is deployed anew while it runs. The classes of the one before
/// are unloaded within hours, until a library holds on to them: a step with each redeploy, and nothing in between.
fn loader_per_redeploy(random: &mut Random) -> Story {
    let (load, when, often) = (anyone(random), when(random, 2.0..9.0, 6.0..24.0), random.within(3.0..14.0));
    let measure = bytes(random, "jvm_metaspace_used_bytes");
    let witness = Witness::new(random, measure);
    let mut redeploys = releases(random, 0..TICKS, often);
    // Also who seldom deploys does it some times until the incident.
    redeploys.extend((1..5).map(|nth| when.0 + nth * (when.1 - when.0) / 4 - random.pick(0..HOUR)));
    redeploys.sort_unstable();
    redeploys.dedup();
    let (level, own, spread) = (random.within(0.2..0.6), random.within(0.1..0.45), random.within(0.0..0.2));
    let (unloads, learns) = (between(random, 1.0, 100.0), between(random, 2.0, 200.0));
    let fresh = served(&load, witness.age, &redeploys);
    let old = |tick: usize| if redeploys.first().is_some_and(|at| *at < tick) { own } else { 0.0 };
    let needs: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let loaded = 1.0 - 0.6 * (-fresh[tick] / learns).exp();
            level * (1.0 - own + own * loaded + old(tick) * (-fresh[tick] / unloads).exp())
        })
        .collect();
    let pinned =
        since(when.0, |tick| if redeploys.binary_search(&tick).is_ok() { random.lognormal(spread) } else { 0.0 });
    witness.adds_up(when, &needs, &kept(&pinned, &[]), &[])
}
