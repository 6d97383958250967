//! The sixth half's leaks that somebody restarts now and then, knowing of them or not.

use super::Family;
use super::crowd::{anybody, deploys};
use super::engine::{Engine, times};
use super::scribe::{Scribe, per_cent};
use crate::detect::generate::service::{DAY, HOUR, Measure, Story};
use crate::detect::generate::third::parts::{TICKS, between, days, kept, poisson, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 3] = [
    Family { name: "replaced-by-its-health-check", tell: replaced_by_its_health_check },
    Family { name: "patches-reboot-the-server", tell: patches_reboot_the_server },
    Family { name: "deployed-most-days", tell: deployed_most_days },
];

/// Close to its limit a task answers late, most of all when many ask; its health check fails and another task takes
/// over. It goes on like that to the end of the record.
fn replaced_by_its_health_check(random: &mut Random) -> Story {
    let (load, onset) = (anybody(random), days(random.within(2.0..10.0)));
    let scribe = Scribe::memory(random);
    let mut before = deploys(random, 0.0..10.0, 1.0);
    before.retain(|at| *at < onset);
    before.push(onset);
    let (engine, level) = (Engine::any(random), random.within(0.2..0.7));
    let needs = times(&engine.memory(random, &load, (scribe.age, &before)), level);
    let (lasts, starting) = (between(random, 0.4, 6.0) * DAY as f64, random.within(0.4..0.9) * level);
    let (mut left, mut run) = (0.0, Run { used: vec![], restarts: before.clone() });
    for (tick, need) in needs.iter().enumerate() {
        if tick > onset {
            left += (1.0 - level) / lasts * load[tick] * random.lognormal(0.2);
        }
        let used = f64::min(need + left, 0.985);
        let is_new = run.restarts.last().is_some_and(|at| *at + 1 == tick && *at > onset);
        run.used.push(if is_new { starting } else { used });
        // The fuller it is and the more ask, the sooner three checks in a row fail.
        let late = ((used - 0.9) / 0.08).clamp(0.0, 1.0) * (0.1 + 0.3 * load[tick]);
        if tick > onset && tick + 4 < TICKS && (random.chance(late) || used > 0.98) {
            run.restarts.push(tick);
            left = 0.0;
        }
    }
    // It hides nothing but what it has shown: its starts are told.
    scribe.hiding(onset, run)
}

/// Memory of a small server, in per cent. Its kernel is patched on some nights, the reboot frees what a daemon has
/// leaked since a package was upgraded; then for a long time there is no patch that needs a reboot.
fn patches_reboot_the_server(random: &mut Random) -> Story {
    let (load, onset) = (anybody(random), days(random.within(2.0..9.0)));
    let measure = Measure { started: Some("node_boot_time_seconds"), ..per_cent(random, "node_memory_used_percent") };
    let scribe = Scribe::new(random, measure);
    let (hour, often, last) = (random.pick(0..DAY - HOUR), random.within(0.1..0.5), random.pick(11..18));
    let nights = (1..last).filter(|_| random.chance(often)).map(|day| day * DAY + hour);
    let starts: Vec<usize> = nights.collect();
    let incident = (last * DAY).max(onset + 3 * DAY) + days(random.within(2.0..9.5));
    let level = random.within(0.3..0.75);
    let engine = Engine::any(random);
    let needs = times(&engine.memory(random, &load, (scribe.age, &starts)), level);
    let always = random.within(0.0..1.0);
    let left = kept(&since(onset, |tick| always + (1.0 - always) * load[tick]), &starts);
    let tell = |leak: f64| Run { used: with(&needs, &left, leak), restarts: starts.clone() };
    scribe.leak((onset, incident.min(TICKS - 4)), tell)
}

/// A team that deploys most days, hardly on Fridays and seldom at weekends: its leak is highest on Monday mornings and
/// never gets to the limit.
fn deployed_most_days(random: &mut Random) -> Story {
    let (load, onset) = (anybody(random), days(random.within(2.0..12.0)));
    let scribe = Scribe::memory(random);
    let often = random.within(4.0..14.0);
    let mut starts = deploys(random, 0.0..28.0, often);
    // Even a slow fortnight has its deploys.
    starts.extend([onset, onset + 3 * DAY + random.pick(0..DAY), onset + 8 * DAY + random.pick(0..DAY)]);
    starts.sort_unstable();
    starts.dedup();
    let level = random.within(0.2..0.65);
    let engine = Engine::any(random);
    let needs = times(&engine.memory(random, &load, (scribe.age, &starts)), level);
    let some = random.within(0.0..0.6);
    let left = kept(&since(onset, |tick| load[tick] + some * poisson(random, 0.5)), &starts);
    let top = level + (0.98 - level) * random.within(0.4..1.0);
    scribe.hidden(onset, top, |leak| Run { used: with(&needs, &left, leak), restarts: starts.clone() })
}
