//! A service of the test half: what lives in its process, and a leak in it.

use super::engine::{Engine, Runtime};
use super::meter::{Meter, level};
use super::people::deploys;
use crate::detect::generate::service::{DAY, Story};
use crate::detect::generate::third::parts::{TICKS, between, highest, kept, poisson, power, served, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

/// What lives in a process, about 1 at its highest: code, routes that are used for the first time (some soon, some
/// seldom), visitors who stay short or long, requests under way of which few are large.
pub fn lives(random: &mut Random, load: &[f64], age: usize, starts: &[usize]) -> Vec<f64> {
    let (routes, often, uneven) = (random.within(0.02..0.5), power(random, -2.0..0.5), random.within(0.5..2.5));
    let (follows, long) = (random.within(0.0..0.4), random.within(0.0..1.0));
    let (short_stay, long_stay) = (between(random, 1.0, 8.0), between(random, 8.0, 150.0));
    let (requests, at_once) = (power(random, -3.0..-1.0), between(random, 0.1, 30.0));
    let unrest = power(random, -3.7..-2.3);
    let (brief, lasting) = (present(load, short_stay), present(load, long_stay));
    let served = served(load, age, starts);
    let used = |served: f64| {
        let route = |nth: i32| 1.0 - (-served * often * f64::from(nth).powf(-uneven)).exp();
        (1..=12).map(route).sum::<f64>() / 12.0
    };
    (0..TICKS)
        .map(|tick| {
            let there = (1.0 - long) * brief[tick] + long * lasting[tick];
            let under_way = (poisson(random, at_once * load[tick]) / at_once).min(6.0);
            let large = (1.0 - random.unit()).powf(-0.4).min(6.0);
            let base = (1.0 - routes + routes * used(served[tick])) * (1.0 - follows + follows * there);
            base + requests * 0.5 * under_way * large + (unrest * random.student()).clamp(-0.05, 0.05)
        })
        .collect()
}

/// How many are there who stay for some ticks on average, 1 when most are.
pub fn present(load: &[f64], stay: f64) -> Vec<f64> {
    let leave = 1.0 / stay.max(1.0);
    let mut there = load[..DAY / 4].iter().sum::<f64>() / (DAY / 4) as f64;
    let all: Vec<f64> = load
        .iter()
        .map(|rate| {
            there += leave * (rate - there);
            there
        })
        .collect();
    times(&all, 1.0 / highest(&all))
}

/// Memory by tick, 1 at its highest, of an ordinary process so old that is started anew after some ticks.
pub fn memory(random: &mut Random, runtime: Runtime, load: &[f64], (age, starts): (usize, &[usize])) -> Vec<f64> {
    let lives = lives(random, load, age, starts);
    let engine = Engine::new(random, runtime, age);
    let seen = engine.seen(&lives, load, starts, f64::INFINITY);
    times(&seen, 1.0 / highest(&seen))
}

/// A part as many times as large.
pub fn times(part: &[f64], factor: f64) -> Vec<f64> {
    part.iter().map(|value| value * factor).collect()
}

/// How a service comes to its leak.
#[derive(Clone, Copy, Debug)]
pub enum Comes {
    /// With a deploy.
    Deployed,
    /// While it runs: something else has changed.
    Running,
    /// It was in the first deploy, with which the record begins.
    First,
}

/// A service up to its leak: who visits, how it runs, when it is deployed.
#[derive(Clone, Debug)]
pub struct App {
    pub load: Vec<f64>,
    /// Ticks of onset and incident.
    pub when: (usize, usize),
    pub starts: Vec<usize>,
    lives: Vec<f64>,
    engine: Engine,
    meter: Meter,
}

impl App {
    /// It is deployed so often a week; after the onset in some only, and at last no more.
    pub fn new(
        random: &mut Random,
        (runtime, mut meter): (Runtime, Meter),
        load: Vec<f64>,
        ((mut onset, mut incident), comes): ((usize, usize), Comes),
        per_week: f64,
    ) -> Self {
        if matches!(comes, Comes::First) {
            (onset, incident, meter.age) = (0, incident - onset, 0);
        }
        let mut starts = deploys(random, 0..onset, per_week);
        starts.extend(matches!(comes, Comes::Deployed).then_some(onset));
        let lasts = incident - onset;
        if lasts > 3 * DAY && random.chance(0.7) {
            let stops = onset + (lasts as f64 * random.within(0.2..0.7)) as usize;
            starts.extend(deploys(random, onset + DAY..stops.max(onset + DAY), per_week));
        }
        let lives = lives(random, &load, meter.age, &starts);
        let engine = Engine::new(random, runtime, meter.age);
        Self { load, when: (onset, incident), starts, lives, engine, meter }
    }

    /// It leaks so much by tick, and each start frees it.
    pub fn leaks(self, random: &mut Random, rate: impl FnMut(usize) -> f64) -> Story {
        let (onset, rate) = (self.when.0, (0..TICKS).map(rate));
        let rate: Vec<f64> = rate.enumerate().map(|(tick, rate)| if tick < onset { 0.0 } else { rate }).collect();
        let left = kept(&rate, &self.starts);
        self.holds(random, &left)
    }

    /// The same for what is left behind by tick.
    pub fn holds(self, random: &mut Random, left: &[f64]) -> Story {
        let quiet = highest(&self.engine.seen(&self.lives, &self.load, &self.starts, f64::INFINITY));
        let limit = quiet / level(random);
        self.meter.leak(self.when, |leak| {
            let lives = with(&self.lives, left, leak);
            let seen = self.engine.seen(&lives, &self.load, &self.starts, limit);
            Run { used: times(&seen, 1.0 / limit), restarts: self.starts.clone() }
        })
    }
}
