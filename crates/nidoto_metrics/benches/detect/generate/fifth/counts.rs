//! The test half's leaks of what is counted: threads, sockets, numbers, inodes.

use super::Family;
use super::process::{scaled, whole};
use super::record::{Witness, count, things, when};
use super::traffic::{OFFICE, anyone, releases, spells, traffic};
use crate::detect::generate::service::{DAY, Measure, Story};
use crate::detect::generate::third::parts::{TICKS, between, expiring, kept, plus, poisson, since};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "executor-per-upload", tell: executor_per_upload },
    Family { name: "close-wait-of-a-partner", tell: close_wait_of_a_partner },
    Family { name: "upserts-burn-a-sequence", tell: upserts_burn_a_sequence },
    Family { name: "thumbnail-per-query", tell: thumbnail_per_query },
];

/// Whole things: those that are needed, and those that were left behind.
fn counted(needed: &[f64], left: &[f64], leak: f64, limit: f64) -> Vec<f64> {
    needed.iter().zip(left).map(|(needed, left)| count(needed.round() + (leak * left).floor(), limit)).collect()
}

/// Each upload makes an executor of some threads and never shuts it down; Tomcat's own threads come and go below.
fn executor_per_upload(random: &mut Random) -> Story {
    let (load, when, often) = (traffic(random, OFFICE), when(random, 2.0..18.0, 1.5..24.0), random.within(0.0..3.0));
    let (measure, limit) = things(random, "jvm_threads_live_threads", &[300.0, 512.0, 1_024.0, 2_048.0, 4_096.0]);
    let witness = Witness::new(random, measure);
    let mut starts = releases(random, 0..when.0, often);
    starts.push(when.0);
    let (fixed, pool, stay) = (random.within(0.06..0.3) * limit, random.within(0.02..0.35) * limit, random.pick(1..20));
    let least = random.within(0.05..0.6);
    let busy: Vec<f64> = whole(&expiring(&load, stay)).iter().map(|busy| fixed + pool * busy.max(least)).collect();
    let uploads = between(random, 3.0, 150.0) / DAY as f64;
    let threads = [1.0, 2.0, 4.0, 8.0][random.pick(0..4)];
    let left = kept(&since(when.0, |tick| threads * poisson(random, uploads * load[tick])), &[]);
    witness.leak(when, |leak| Run { used: counted(&busy, &left, leak, limit), restarts: starts.clone() })
}

/// A partner's proxy closes connections; where that happens in the middle of an answer, ours stay in `CLOSE_WAIT`. It
/// is rare on most days and frequent whenever the partner has trouble.
fn close_wait_of_a_partner(random: &mut Random) -> Story {
    let (load, when, often) = (anyone(random), when(random, 2.0..15.0, 3.0..24.0), random.within(0.0..3.0));
    let (measure, limit) = things(random, "process_open_fds", &[1_024.0, 1_024.0, 4_096.0, 65_535.0]);
    let witness = Witness::new(random, measure);
    let starts = releases(random, 0..when.0, often);
    let (fixed, top) = (random.within(0.02..0.3) * limit, random.within(0.03..0.4) * limit);
    let open: Vec<f64> = whole(&load).iter().map(|open| fixed + poisson(random, open * top).min(1.3 * top)).collect();
    let (trouble, rarely) = (random.within(0.3..2.5), random.within(0.03..0.4));
    let bad = spells(random, trouble, 0.3..12.0);
    let closes = between(random, 0.1, 10.0);
    let left = kept(&since(when.0, |tick| poisson(random, closes * load[tick] * (rarely + bad[tick]))), &[]);
    witness.leak(when, |leak| Run { used: counted(&open, &left, leak, limit), restarts: starts.clone() })
}

/// `INSERT ... ON CONFLICT` takes a number of an integer sequence whether it inserts or not. Years of numbers were
/// left; since a synchronization does that with each of its rows, weeks are.
fn upserts_burn_a_sequence(random: &mut Random) -> Story {
    let (load, when) = (anyone(random), when(random, 2.5..14.0, 4.0..24.0));
    let (measure, _) = things(random, "pg_sequence_last_value", &[2_147_483_647.0]);
    let witness = Witness::new(random, Measure { started: None, ..measure });
    let (begin, slower) = (random.within(0.4..0.95), between(random, 30.0, 300.0));
    let every = [1, 3, 12, 72, DAY][random.pick(0..5)];
    let synchronizes = |tick: usize| tick >= when.0 && tick.is_multiple_of(every);
    let rate = (0..TICKS).map(|tick| {
        let rows: f64 = if synchronizes(tick) { load[tick.saturating_sub(every)..tick].iter().sum() } else { 0.0 };
        rows + load[tick] / slower
    });
    let rate: Vec<f64> = rate.collect();
    let taken = kept(&rate, &[]);
    witness.leak(when, |leak| Run::of(taken.iter().map(|taken| begin + leak * taken).collect()))
}

/// Pictures are kept in each size that a query asks for. People ask for few sizes; robots try them all. It is the
/// inodes that end first.
fn thumbnail_per_query(random: &mut Random) -> Story {
    let (load, when) = (anyone(random), when(random, 2.0..13.0, 5.0..24.0));
    let (measure, limit) =
        things(random, "node_filesystem_files_used", &[655_360.0, 1_310_720.0, 3_276_800.0, 6_553_600.0]);
    let witness = Witness::new(random, Measure { started: None, ..measure });
    let (often, people) = (random.within(0.3..5.0), random.within(0.05..0.8));
    let robots = spells(random, often, 0.2..8.0);
    let (level, swings) = (random.within(0.15..0.75), random.within(0.0..0.03));
    // Caches of sessions and packages come and go.
    let sessions = scaled(&whole(&expiring(&load, DAY / 2)), swings);
    let needs: Vec<f64> = scaled(&plus(&sessions, &[level; TICKS]), limit);
    let left = kept(&since(when.0, |tick| people * load[tick] + robots[tick] * random.lognormal(0.5)), &[]);
    witness.leak(when, |leak| Run::of(counted(&needs, &left, leak * limit, limit)))
}
