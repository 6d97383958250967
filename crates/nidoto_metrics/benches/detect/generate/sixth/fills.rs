//! The sixth half's stores that fill and then are full.

use super::Family;
use super::crowd::{anybody, deploys};
use super::engine::{Engine, times};
use super::scribe::Scribe;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::{bytes, volume};
use crate::detect::generate::third::parts::{TICKS, between, days, highest, kept, plus, power, served};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const HEALTHY: [Family; 6] = [
    Family { name: "opcache-wasted-until-restart", tell: opcache_wasted_until_restart },
    Family { name: "indices-rolled-over", tell: indices_rolled_over },
    Family { name: "thumbnails-in-an-lru", tell: thumbnails_in_an_lru },
    Family { name: "pool-pages-after-a-reboot", tell: pool_pages_after_a_reboot },
    Family { name: "proxy-cache-max-size", tell: proxy_cache_max_size },
    Family { name: "tmpfiles-after-ten-days", tell: tmpfiles_after_ten_days },
];

/// The opcode cache of PHP. With each deploy the scripts of the one before are wasted; when a tenth to a half is, the
/// cache begins anew and fills with what is asked for.
fn opcache_wasted_until_restart(random: &mut Random) -> Story {
    let (load, per_week) = (anybody(random), between(random, 0.7, 14.0));
    let measure = bytes(random, "phpfpm_opcache_used_memory_bytes");
    let scribe = Scribe::new(random, measure);
    let mut all = deploys(random, 0.0..28.0, per_week);
    all.dedup();
    let (scripts, wastes, learns) = (random.within(0.25..0.6), random.within(0.1..0.5), between(random, 0.5, 60.0));
    let fresh = served(&load, scribe.age, &all);
    let changed: Vec<f64> = all.iter().map(|_| scripts * random.within(0.05..1.0)).collect();
    let (mut wasted, mut share, mut next) = (wastes * random.unit(), 0.0, 0);
    let mut used = Vec::with_capacity(TICKS);
    for (tick, asked) in fresh.iter().enumerate() {
        let there = scripts - share * (-asked / learns).exp();
        used.push(wasted + there);
        if all.get(next) == Some(&tick) {
            (wasted, share) = (wasted + changed[next].min(there), changed[next]);
            if wasted > wastes {
                (wasted, share) = (0.0, scripts);
            }
            next += 1;
        }
    }
    scribe.sized(Run::of(used), wastes + scripts, random)
}

/// A volume of logs with an index each day, removed when it is one to three weeks old; some records begin soon after
/// the first index.
fn indices_rolled_over(random: &mut Random) -> Story {
    let load = anybody(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let scribe = Scribe::new(random, measure);
    let (keeps, hour) = (random.pick(5..20), random.pick(0..DAY));
    let old = if random.chance(0.5) { keeps } else { random.pick(0..keeps) };
    let day_of = |day: usize| load[day * DAY..(day + 1) * DAY].iter().sum::<f64>();
    let mut sizes: Vec<f64> = (0..old).map(|day| day_of((day + 28 - old % 7) % 28)).collect();
    let (base, spread) = (random.within(0.02..0.5) * (keeps * DAY) as f64, random.within(0.0..0.2));
    let (mut today, mut used) = (0.0, Vec::with_capacity(TICKS));
    for (tick, rate) in load.iter().enumerate() {
        today += rate * random.lognormal(spread);
        if tick % DAY == hour {
            sizes.push(today);
            today = 0.0;
            sizes.drain(..sizes.len().saturating_sub(keeps));
        }
        used.push(base + today + sizes.iter().sum::<f64>());
    }
    scribe.healthy(Run::of(used), random)
}

/// A service with a cache of decoded pictures up to so many bytes. What it has not seen becomes rarer; a deploy
/// empties it.
fn thumbnails_in_an_lru(random: &mut Random) -> Story {
    let (load, per_week) = (anybody(random), between(random, 0.1, 2.0));
    let scribe = Scribe::memory(random);
    let starts = deploys(random, 0.0..28.0, per_week);
    let engine = Engine::any(random);
    let needs = times(&engine.memory(random, &load, (scribe.age, &starts)), random.within(0.3..1.5));
    let (full, rarer) = (between(random, 30.0, 5_000.0), random.within(0.5..1.0));
    let seen = served(&load, scribe.age, &starts);
    let cache: Vec<f64> = seen.iter().map(|seen| (seen / full).powf(rarer).min(1.0)).collect();
    let most = highest(&needs) + 1.0;
    scribe.sized(Run { used: plus(&needs, &cache), restarts: starts }, most, random)
}

/// Pages of a database's buffer pool after a reboot: those that all ask for soon, the others with reports, until all
/// of the data or all of the pool is there.
fn pool_pages_after_a_reboot(random: &mut Random) -> Story {
    let load = anybody(random);
    let measure = bytes(random, "mysql_innodb_buffer_pool_bytes_data");
    let scribe = Scribe::new(random, measure);
    let reboots = if random.chance(0.7) { vec![random.pick(1..days(12.0))] } else { vec![] };
    let (soon, later) = (between(random, 5.0, 60.0), between(random, 200.0, 3_000.0));
    let (hot, base) = (random.within(0.2..0.7), random.within(0.02..0.2));
    let asked = served(&load, scribe.age, &reboots);
    let grows = random.within(0.0..0.03);
    let used = (0..TICKS)
        .map(|tick| {
            let warm = hot * (1.0 - (-asked[tick] / soon).exp()) + (1.0 - hot) * (1.0 - (-asked[tick] / later).exp());
            base + warm * (1.0 + grows * tick as f64 / TICKS as f64)
        })
        .collect();
    scribe.sized(Run { used, restarts: reboots }, base + 1.0 + grows, random)
}

/// A volume with the cache of a proxy: it fills to its size, where a manager removes what was asked for least recently,
/// a little at a time. What nobody asked for in a while goes as well.
fn proxy_cache_max_size(random: &mut Random) -> Story {
    let load = anybody(random);
    let measure = volume(random, "node_filesystem_used_bytes");
    let scribe = Scribe::new(random, measure);
    let (size, base) = (random.within(0.3..1.0), random.within(0.1..0.7));
    let (fills, inactive) = (between(random, 0.5, 25.0) * DAY as f64, between(random, 0.5, 40.0) * DAY as f64);
    let removes = power(random, -2.5..-1.0);
    let mut there = if random.chance(0.5) { 0.0 } else { size * random.within(0.4..1.0) };
    let mut used = Vec::with_capacity(TICKS);
    for rate in &load {
        there += size * rate * random.lognormal(0.3) / fills - there / inactive;
        if there > size {
            there = size * (1.0 - removes);
        }
        used.push(base + there);
    }
    scribe.sized(Run::of(used), base + size, random)
}

/// Files under a directory of temporary ones that a timer removes each day when they are ten days old.
fn tmpfiles_after_ten_days(random: &mut Random) -> Story {
    let load = anybody(random);
    let measure = volume(random, "node_filesystem_files_used");
    let scribe = Scribe::new(random, measure);
    let (age, hour, spread) = (random.pick(3..12), random.pick(0..DAY), random.within(0.0..0.8));
    let made: Vec<f64> = load.iter().map(|rate| rate * random.lognormal(spread)).collect();
    let total = kept(&made, &[]);
    let (base, begins) = (random.within(0.1..1.5), if random.chance(0.4) { 1.0 } else { 0.0 });
    let stays = (age * DAY) as f64;
    let used = (0..TICKS)
        .map(|tick| {
            // The last time that the timer ran, it left what was younger.
            let ran = (tick + DAY - hour) / DAY * DAY;
            let gone = (ran + hour).saturating_sub((age + 1) * DAY + HOUR);
            let before = begins * (stays - ran as f64).clamp(0.0, stays);
            (base * stays + before + total[tick] - if gone > 0 { total[gone.min(tick)] } else { 0.0 }).max(0.0)
        })
        .collect();
    scribe.healthy(Run::of(used), random)
}
