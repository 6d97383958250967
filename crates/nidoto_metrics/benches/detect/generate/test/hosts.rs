//! The test half's leaks on hosts, beside the service that everybody looks at.

use super::Family;
use super::app::{memory, times};
use super::engine::Runtime;
use super::meter::{Meter, level, per_cent, when};
use super::people::{at_random, deploys, load, once_a_day};
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{HOUR, Measure, Story};
use crate::detect::generate::third::parts::{TICKS, between, highest, kept, plus, power, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 2] = [
    Family { name: "log-shipper-of-the-host", tell: log_shipper_of_the_host },
    Family { name: "cron-runs-that-never-end", tell: cron_runs_that_never_end },
];

/// Memory of a host in per cent: an app that is deployed, a database, a job at night, what the kernel keeps.
pub struct Host {
    pub load: Vec<f64>,
    /// 1 at its highest.
    pub used: Vec<f64>,
    pub boots: Vec<usize>,
    pub meter: Meter,
}

impl Host {
    pub fn new(random: &mut Random, boots: impl FnOnce(&mut Random) -> Vec<usize>) -> Self {
        let told = random.chance(0.7).then_some("node_boot_time_seconds");
        let measure: Measure = per_cent(random, "node_memory_used_percent", told);
        let (meter, load, boots) = (Meter::new(random, measure), load(random), boots(random));
        let often = between(random, 0.2, 6.0);
        let mut starts = deploys(random, 0..TICKS, often);
        starts.extend(&boots);
        starts.sort_unstable();
        starts.dedup();
        let runtime = Runtime::any(random);
        let app = memory(random, runtime, &load, (meter.age, &starts));
        let database = memory(random, Runtime::Arenas, &load, (meter.age, &boots));
        let (share, lasts, shakes) = (random.within(0.2..2.5), between(random, 20.0, 600.0), power(random, -3.5..-1.8));
        let kernel = wander(random, TICKS, lasts, shakes);
        let mut used = plus(&with(&app, &database, share), &kernel);
        let (job, runs) = (random.within(0.0..0.3), random.pick(1..3 * HOUR));
        for at in once_a_day(random, |_| true) {
            let size = job * random.lognormal(0.1);
            used[at..(at + runs).min(TICKS)].iter_mut().for_each(|used| *used += size);
        }
        let most = highest(&used);
        Self { load, used: times(&used, 1.0 / most), boots, meter }
    }

    /// It leaks from an onset on what is left behind by tick; only a boot frees it.
    fn leaks(self, random: &mut Random, when: (usize, usize), left: &[f64]) -> Story {
        let needs = times(&self.used, level(random));
        self.meter.leak(when, |leak| Run { used: with(&needs, left, leak), restarts: self.boots.clone() })
    }
}

/// Boots before an onset: of patches, of a provider.
fn booted_before(onset: usize) -> impl FnOnce(&mut Random) -> Vec<usize> {
    move |random| {
        let often = random.within(0.0..0.2);
        at_random(random, often).into_iter().filter(|at| *at < onset).collect()
    }
}

/// The agent that ships logs keeps a little of each line since its update. It belongs to nobody, no deploy starts it
/// anew, and a host that is large enough takes weeks to fill.
fn log_shipper_of_the_host(random: &mut Random) -> Story {
    let when = when(random, 0.5..14.0, 4.0..27.0);
    let host = Host::new(random, booted_before(when.0));
    let (always, spread) = (random.within(0.0..1.0), random.within(0.0..0.5));
    let lines = since(when.0, |tick| (always + (1.0 - always) * host.load[tick]) * random.lognormal(spread));
    let left = kept(&lines, &host.boots);
    host.leaks(random, when, &left)
}

/// A script that cron starts each few minutes waits for a lock or for a share that is gone. Some of its runs never end,
/// or none does: steps, even ones or all at once.
fn cron_runs_that_never_end(random: &mut Random) -> Story {
    let when = when(random, 0.9..22.0, 0.4..20.0);
    let host = Host::new(random, booted_before(when.0));
    let every = [1, 3, 6, HOUR, HOUR, 4 * HOUR][random.pick(0..6)].min((when.1 - when.0) / 12).max(1);
    let hangs = if random.chance(0.4) { 1.0 } else { random.within(0.15..0.9) };
    let spread = random.within(0.0..0.35);
    let late = random.pick(0..every);
    let runs = since(when.0, |tick| {
        let hangs = tick % every == late && random.chance(hangs);
        if hangs { random.lognormal(spread) } else { 0.0 }
    });
    let left = kept(&runs, &host.boots);
    host.leaks(random, when, &left)
}
