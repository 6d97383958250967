//! The seventh half's leaks of memory inside a process.

use super::Family;
use super::app::{App, times};
use super::clerk::{Clerk, bytes, when};
use super::machine::Kind;
use super::town::{at_night, load};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, poisson, since};
use crate::detect::random::Random;

pub const LEAKS: [Family; 6] = [
    Family { name: "stores-of-rendered-pages", tell: stores_of_rendered_pages },
    Family { name: "keys-of-each-day", tell: keys_of_each_day },
    Family { name: "pictures-of-a-bad-kind", tell: pictures_of_a_bad_kind },
    Family { name: "binaries-held-by-channels", tell: binaries_held_by_channels },
    Family { name: "listener-per-poll", tell: listener_per_poll },
    Family { name: "leak-times-tenants", tell: leak_times_tenants },
];

/// The heap of a Node.js process: each page that it renders makes a store, and a list in a module keeps all of them.
fn stores_of_rendered_pages(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.5..22.0, 0.4..24.0));
    let measure = bytes(random, "nodejs_heap_size_used_bytes");
    let clerk = Clerk::new(random, measure);
    let (before, after) =
        (between(random, 0.3, 9.0), if random.chance(0.5) { between(random, 1.0, 14.0) } else { 0.0 });
    let app = App::new(random, (Kind::Sweeping, clerk), load, when, (before, after));
    let (spread, logged_in) = (random.within(0.0..0.6), random.within(0.3..1.0));
    let rate = since(when.0, |tick| app.load[tick].powf(logged_in) * random.lognormal(spread));
    app.leaks(random, &rate)
}

/// A cache of which the key has the day's date in it. Early in the day nearly all is new, later hardly anything, and
/// what is of yesterday nobody asks for again.
fn keys_of_each_day(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.0..12.0, 3.5..25.0));
    let (kind, clerk) = (Kind::any(random), Clerk::of_memory(random));
    let (before, after) =
        (between(random, 0.2, 5.0), if random.chance(0.5) { between(random, 1.0, 12.0) } else { 0.0 });
    let app = App::new(random, (kind, clerk), load, when, (before, after));
    let (keys, midnight, spread) =
        (between(random, 0.04, 1.5) * DAY as f64, random.pick(0..DAY), random.within(0.0..0.4));
    let mut known = 0.0_f64;
    let rate = since(when.0, |tick| {
        if tick % DAY == midnight {
            known = 0.0;
        }
        let new = app.load[tick] * (-known / keys).exp() * random.lognormal(spread);
        known += new;
        new
    });
    app.leaks(random, &rate)
}

/// A native library does not free a picture when it is of a certain kind. Such pictures are rare, and large and small.
fn pictures_of_a_bad_kind(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.5..22.0, 0.7..20.0));
    let kind = [Kind::Counting, Kind::Sweeping, Kind::Regions][random.pick(0..3)];
    let clerk = Clerk::of_memory(random);
    let before = between(random, 0.2, 6.0);
    let app = App::new(random, (kind, clerk), load, when, (before, 0.0));
    let (count, spread) = (between(random, 15.0, 900.0), random.within(0.3..0.9));
    let often = count / (when.1 - when.0) as f64;
    let mut rate = since(when.0, |tick| {
        let bad = poisson(random, often * app.load[tick]) as usize;
        (0..bad).map(|_| random.lognormal(spread).min(6.0)).sum()
    });
    // However few came, there was one.
    rate[when.1 - HOUR] += 1.0;
    app.leaks(random, &rate)
}

/// Parts of large messages, held by the long-lived processes that passed them on. At night some of these are swept or
/// end, and let go of a part.
fn binaries_held_by_channels(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 1.3..12.0, 3.0..25.0));
    let clerk = Clerk::of_memory(random);
    let before = between(random, 0.2, 4.0);
    let app = App::new(random, (Kind::Many, clerk), load, when, (before, 0.0));
    let (frees, spread) = (random.within(0.02..0.22), random.within(0.05..0.6));
    let nights = at_night(random, |_| true);
    let (mut left, mut out) = (0.0_f64, vec![0.0; when.0]);
    for tick in when.0..TICKS {
        left += app.load[tick] * random.lognormal(spread);
        if nights.binary_search(&tick).is_ok() {
            left *= 1.0 - frees * random.within(0.5..1.5);
        }
        out.push(left);
    }
    app.holds(random, &out)
}

/// A client of feature flags or of a queue adds a listener each time that it polls: by the clock, whoever comes. In
/// some, each event goes to all of them and leaves something with each.
fn listener_per_poll(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.1..16.0, 1.5..26.0));
    let (kind, clerk) = (Kind::any(random), Clerk::of_memory(random));
    let (before, after) =
        (between(random, 0.2, 5.0), if random.chance(0.5) { between(random, 1.0, 12.0) } else { 0.0 });
    let app = App::new(random, (kind, clerk), load, when, (before, after));
    let bends = if random.chance(0.3) { random.within(0.5..4.0) } else { 0.0 };
    let lasts = (when.1 - when.0) as f64;
    let mut age = 0.0;
    let rate = since(when.0, |tick| {
        age = if app.starts.binary_search(&tick).is_ok() { 0.0 } else { age + 1.0 };
        1.0 + bends * age / lasts
    });
    app.leaks(random, &rate)
}

/// A job goes through all tenants each hour or some times a day, and keeps something of each. Tenants are won: a few,
/// or so many that the leak gains pace.
fn leak_times_tenants(random: &mut Random) -> Story {
    let (load, when) = (load(random), when(random, 0.0..10.0, 4.0..26.0));
    let (kind, clerk) = (Kind::any(random), Clerk::of_memory(random));
    let (before, after) =
        (between(random, 0.2, 3.0), if random.chance(0.5) { between(random, 0.7, 10.0) } else { 0.0 });
    let mut app = App::new(random, (kind, clerk), load, when, (before, after));
    let every = [HOUR, HOUR, 3 * HOUR, 8 * HOUR, DAY][random.pick(0..5)];
    let (first, won, works) = (between(random, 3.0, 60.0), between(random, 0.02, 2.0), random.within(0.0..0.15));
    let (at, lasts) = (random.pick(0..every), random.pick(1..every.min(2 * HOUR) / 2));
    let mut tenants = first;
    let count: Vec<f64> = (0..TICKS)
        .map(|_| {
            tenants += poisson(random, won / DAY as f64);
            tenants / first
        })
        .collect();
    let runs = |tick: usize| (tick + every - at) % every < lasts;
    let busy: Vec<f64> = (0..TICKS).map(|tick| if runs(tick) { count[tick] } else { 0.0 }).collect();
    for (lives, busy) in app.lives.iter_mut().zip(times(&busy, works)) {
        *lives += busy.min(0.4);
    }
    let rate = since(when.0, |tick| busy[tick] * random.lognormal(0.1));
    app.leaks(random, &rate)
}
