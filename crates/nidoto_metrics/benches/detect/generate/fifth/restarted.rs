//! The test half's leaks that restarts hide, for a while or to the end.

use super::Family;
use super::process::{Lives, Runtime, process, scaled};
use super::record::{Witness, longest_gap, when};
use super::traffic::{anyone, releases};
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::memory::volume;
use crate::detect::generate::third::parts::{TICKS, between, days, kept, poisson, power, since, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

pub const LEAKS: [Family; 4] = [
    Family { name: "pm2-restarts-it", tell: pm2_restarts_it },
    Family { name: "recycled-every-29-hours", tell: recycled_every_29_hours },
    Family { name: "vacation-without-deploys", tell: vacation_without_deploys },
    Family { name: "json-file-without-max-size", tell: json_file_without_max_size },
];

/// `max_memory_restart` ends the process each time that its leak has brought it there, well below what the host has:
/// twice a day or once in five days. Nobody looks.
fn pm2_restarts_it(random: &mut Random) -> Story {
    let (load, onset) = (anyone(random), days(random.within(2.0..8.0)));
    let mut witness = Witness::of_memory(random);
    witness.measure.started = Some("process_start_time_seconds");
    let (level, ceiling) = (random.within(0.2..0.55), random.within(0.62..0.96));
    let quiet = scaled(&Runtime::Node.process(random, &load, Lives { age: witness.age, starts: &[] }), level);
    let (cold, warms) = (random.within(0.0..0.3), between(random, 2.0, 100.0));
    let pace = (ceiling - level) / (between(random, 0.5, 5.0) * DAY as f64);
    let (mut age, mut left) = (witness.age as f64, 0.0);
    let mut run = Run::default();
    for (tick, need) in quiet.iter().enumerate() {
        left += if tick < onset { 0.0 } else { pace * load[tick] };
        let seen = need * (1.0 - cold * (-age / warms).exp()) + left;
        run.used.push(seen.min(ceiling + 0.02));
        age += 1.0;
        if seen > ceiling {
            (age, left) = (0.0, 0.0);
            run.restarts.push(tick);
        }
    }
    Story { onset: Some(onset), ..witness.calm(run) }
}

/// IIS begins anew every 1,740 minutes unless somebody tells it not to. A leak since a release becomes teeth of that
/// length; for a third of them somebody turns it off, because of the cold starts.
fn recycled_every_29_hours(random: &mut Random) -> Story {
    let (load, onset) = (anyone(random), days(random.within(2.0..10.0)));
    let mut witness = Witness::of_memory(random);
    witness.age = random.pick(0..29 * HOUR);
    witness.measure.started = Some("process_start_time_seconds");
    let mut starts: Vec<usize> = (1..).map(|n| n * 29 * HOUR - witness.age).take_while(|at| *at < TICKS - 3).collect();
    let off = random.chance(0.35).then(|| onset + days(random.within(2.0..13.0)));
    starts.retain(|at| off.is_none_or(|off| *at < off));
    let level = random.within(0.2..0.6);
    let needs = scaled(&Runtime::DotNet.process(random, &load, Lives { age: witness.age, starts: &starts }), level);
    let always = random.within(0.0..0.8);
    let left = kept(&since(onset, |tick| always + (1.0 - always) * load[tick]), &starts);
    let tell = |leak: f64| Run { used: with(&needs, &left, leak), restarts: starts.clone() };
    match starts.last() {
        Some(last) if off.is_some() => {
            let incident = (last + days(between(random, 2.0, 9.0))).min(TICKS - 4);
            witness.leak((onset, incident), tell)
        }
        _ => {
            let top = level + (0.97 - level) * random.within(0.45..1.0);
            witness.hidden(onset, top, tell)
        }
    }
}

/// Two to eight deploys a week have always freed what a release leaves behind. Then all of the team are away.
fn vacation_without_deploys(random: &mut Random) -> Story {
    let (load, away) = (anyone(random), days(random.within(8.0..18.0)));
    let onset = days(random.within(1.5..7.0));
    let witness = Witness::of_memory(random);
    let often = random.within(2.0..8.0);
    let starts = releases(random, 0..away, often);
    let (last, longest) = longest_gap(onset, &starts);
    let lasts = (longest as f64 * random.within(1.3..3.0)) as usize;
    let incident = (last + lasts.max(2 * DAY)).min(TICKS - 4);
    let level = random.within(0.2..0.7);
    let needs = scaled(&process(random, &load, Lives { age: witness.age, starts: &starts }), level);
    let left = kept(&since(onset, |tick| load[tick]), &starts);
    witness.adds_up((onset, incident), &needs, &left, &starts)
}

/// Docker keeps all that a container writes until the container is replaced. A debug flag stays on, and the next
/// deploy but one or two takes longer than the volume lasts.
fn json_file_without_max_size(random: &mut Random) -> Story {
    let (load, debug) = (anyone(random), when(random, 2.0..17.0, 1.0..16.0));
    let measure = volume(random, "node_filesystem_used_bytes");
    let witness = Witness::new(random, measure);
    let (often, until) = (random.within(0.5..3.0), debug.0 + days(random.within(0.0..6.0)));
    let starts = releases(random, 0..until, often);
    let (last, longest) = longest_gap(debug.0, &starts);
    let lasts = (debug.1 - debug.0).max(longest + longest / 3);
    let (level, quiet) = (random.within(0.25..0.8), power(random, -2.5..-1.2));
    let rate: Vec<f64> =
        load.iter().enumerate().map(|(tick, rate)| if tick < debug.0 { quiet * rate } else { *rate }).collect();
    let logs = kept(&rate, &starts);
    // Others write and clean up on the same volume.
    let (often, size) = (between(random, 0.2, 6.0), random.within(0.002..0.05));
    let mut others = 0.0;
    let needs: Vec<f64> = (0..TICKS)
        .map(|_| {
            others = 0.9 * others + size * poisson(random, often / DAY as f64) * random.unit();
            level + f64::min(others, 0.1)
        })
        .collect();
    witness.adds_up((debug.0, (last + lasts).min(TICKS - 4)), &needs, &logs, &starts)
}
