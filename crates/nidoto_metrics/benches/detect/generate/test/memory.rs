//! The test half's leaks in the memory of a service.

use super::Family;
use super::app::{App, Comes, present};
use super::engine::Runtime;
use super::meter::{Meter, when};
use super::people::{Audience, at_random, deploys, load};
use crate::detect::generate::service::{DAY, Story};
use crate::detect::generate::third::parts::{TICKS, between, kept, poisson, power, served};
use crate::detect::random::Random;

pub const LEAKS: [Family; 6] = [
    Family { name: "translations-per-request", tell: translations_per_request },
    Family { name: "fonts-per-pdf", tell: fonts_per_pdf },
    Family { name: "metric-per-url", tell: metric_per_url },
    Family { name: "subscriptions-of-open-tabs", tell: subscriptions_of_open_tabs },
    Family { name: "feature-of-one-tenant", tell: feature_of_one_tenant },
    Family { name: "retries-pile-up", tell: retries_pile_up },
];

/// Each request makes an object of translations, and since a deploy a registry keeps it. It follows the traffic.
fn translations_per_request(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.5..20.0, 0.5..22.0));
    let meter = Meter::of_memory(random);
    let often = between(random, 0.5, 12.0);
    let app = App::new(random, (Runtime::Generations, meter), load, (when, Comes::Deployed), often);
    let (load, spread) = (app.load.clone(), random.within(0.0..0.6));
    let mut dice = random.clone();
    app.leaks(random, |tick| load[tick] * dice.lognormal(spread))
}

/// A library written in C loads its fonts for each invoice and frees them not all: jumps, small and large, in the hours
/// in which somebody prints.
fn fonts_per_pdf(random: &mut Random) -> Story {
    let load = [Audience::Clinics, Audience::Shops, Audience::Pupils][random.pick(0..3)].load(random);
    let when = when(random, 0.8..18.0, 1.0..24.0);
    let meter = Meter::of_memory(random);
    let often = between(random, 0.4, 8.0);
    let app = App::new(random, (Runtime::Arenas, meter), load, (when, Comes::Deployed), often);
    let lasts = (when.1 - when.0) as f64;
    let (prints, uneven) = (between(random, 20.0, 3_000.0) / lasts, random.within(0.1..0.5));
    let (load, mut dice) = (app.load.clone(), random.clone());
    app.leaks(random, |tick| {
        let many = poisson(&mut dice, prints * load[tick]) as usize;
        (0..many).map(|_| (1.0 - dice.unit()).powf(-uneven).min(30.0)).sum()
    })
}

/// A client of metrics keeps a counter for each URL that was ever asked for. People ask for the same ones again; scanners
/// come with thousands that do not exist. In some services it is there from the first day.
fn metric_per_url(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.0..14.0, 3.0..26.0));
    let comes = if random.chance(0.35) { Comes::First } else { Comes::Deployed };
    let (meter, runtime) = (Meter::of_memory(random), Runtime::any(random));
    let often = between(random, 0.3, 7.0);
    let app = App::new(random, (runtime, meter), load, (when, comes), often);
    let (bends, early) = (random.within(0.1..0.6), between(random, 1.0, 200.0));
    let (scans, greedy) = (between(random, 0.2, 6.0), power(random, -0.7..1.2));
    let (scans, load) = (at_random(random, scans), app.load.clone());
    let known = served(&load, 0, &app.starts);
    let (mut scan, mut dice) = (0.0, random.clone());
    app.leaks(random, |tick| {
        scan = if scans.binary_search(&tick).is_ok() { greedy * dice.lognormal(0.8) } else { 0.9 * scan };
        load[tick] * (1.0 + known[tick] / early).powf(-bends) + scan
    })
}

/// A server of subscriptions forgets those of tabs that come back: with their visits, and all of them at once when the
/// web page is deployed or a proxy is reloaded.
fn subscriptions_of_open_tabs(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.6..18.0, 0.8..24.0));
    let meter = Meter::of_memory(random);
    let runtime = [Runtime::Generations, Runtime::Cycles, Runtime::Plain][random.pick(0..3)];
    let often = between(random, 0.3, 7.0);
    let app = App::new(random, (runtime, meter), load, (when, Comes::Deployed), often);
    let (stay, reloads) = (between(random, 5.0, 120.0), between(random, 1.0, 20.0));
    let (there, page) = (present(&app.load, stay), deploys(random, 0..TICKS, reloads));
    let (share, load) = (between(random, 3.0, 80.0), app.load.clone());
    app.leaks(random, |tick| load[tick] + if page.binary_search(&tick).is_ok() { share * there[tick] } else { 0.0 })
}

/// A large customer is given a feature that keeps what it has shown. It leaks in the hours of that customer, on the days
/// on which somebody there uses it.
fn feature_of_one_tenant(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.8..15.0, 2.0..25.0));
    let meter = Meter::of_memory(random);
    let (runtime, often) = (Runtime::any(random), between(random, 0.3, 7.0));
    let tenant = [Audience::Clinics, Audience::Pupils, Audience::Shops][random.pick(0..3)].load(random);
    let app = App::new(random, (runtime, meter), load, (when, Comes::Running), often);
    let (some, spread) = (random.within(0.4..1.0), random.within(0.0..0.8));
    let mut days: Vec<f64> =
        (0..=TICKS / DAY).map(|_| if random.chance(some) { random.lognormal(spread) } else { 0.02 }).collect();
    // They try it at once.
    let first = app.when.0 / DAY;
    days[first] = days[first].max(1.0);
    app.leaks(random, |tick| tenant[tick] * days[tick / DAY])
}

/// A partner answers no more, and calls to it are kept to be tried again: each try that fails makes more to keep. Hours,
/// seldom days.
fn retries_pile_up(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.9..27.0, 0.33..2.5));
    let meter = Meter::of_memory(random);
    let (runtime, often) = (Runtime::any(random), between(random, 0.3, 8.0));
    let app = App::new(random, (runtime, meter), load, (when, Comes::Running), often);
    let again = random.within(0.0..2.5) / (when.1 - when.0) as f64;
    let (mut kept_calls, load) = (0.0, app.load.clone());
    let grows: Vec<f64> = (0..TICKS)
        .map(|tick| {
            let more = if tick < when.0 { 0.0 } else { load[tick] + again * kept_calls };
            kept_calls = f64::min(kept_calls + more, 1e9);
            more
        })
        .collect();
    let left = kept(&grows, &app.starts);
    app.holds(random, &left)
}
