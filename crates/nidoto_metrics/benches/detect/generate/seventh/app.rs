//! A service of the seventh half: what it needs without any leak, and with one.

use super::clerk::{Clerk, level};
use super::machine::{Kind, Machine};
use super::town::deploys;
use crate::detect::generate::parts::wander;
use crate::detect::generate::service::{DAY, HOUR, Story};
use crate::detect::generate::third::parts::{TICKS, between, highest, kept, poisson, power, served, with};
use crate::detect::generate::third::telling::Run;
use crate::detect::random::Random;

/// Memory by tick, 1 at its highest, of an ordinary process so many ticks old that is started anew after some ticks.
pub fn memory(random: &mut Random, kind: Kind, load: &[f64], (age, starts): (usize, &[usize])) -> Vec<f64> {
    let lives = lives(random, load, (age, starts));
    let machine = Machine::new(random, kind, age);
    whole(&machine.seen(&lives, load, starts, f64::INFINITY))
}

/// What lives in a process: its code at once, what it learns route by route, users who are there, requests under way,
/// now and then a large one.
pub fn lives(random: &mut Random, load: &[f64], (age, starts): (usize, &[usize])) -> Vec<f64> {
    let (boots, learns, bends) = (random.within(0.45..0.97), between(random, 1.0, 120.0), random.within(0.4..1.0));
    let (follows, stay) = (random.within(0.0..0.45), between(random, 1.0, 70.0));
    let (open, at_once) = (power(random, -2.7..-1.0), between(random, 0.2, 25.0));
    let (often, large) = (power(random, -3.7..-1.8), random.within(0.03..0.3));
    let (lasts, shakes) = (between(random, 3.0, 400.0), power(random, -3.2..-2.0));
    let there = present(load, stay);
    let unrest = wander(random, TICKS, lasts, shakes);
    let served = served(load, age, starts);
    (0..TICKS)
        .map(|tick| {
            let knows = boots + (1.0 - boots) * (1.0 - (-(served[tick] / learns).powf(bends)).exp());
            let requests = open * (poisson(random, at_once * load[tick]) / at_once).min(5.0);
            let report = if random.chance(often) { large * random.lognormal(0.4).min(2.5) } else { 0.0 };
            knows * (1.0 - follows + follows * there[tick]) + requests + report + unrest[tick]
        })
        .collect()
}

/// How many are there, 1 when most are: each stays for a while, some much longer than others.
pub fn present(load: &[f64], stay: f64) -> Vec<f64> {
    let leave = 1.0 / f64::max(stay, 1.0);
    let mut there = load[..12 * HOUR].iter().sum::<f64>() / (12 * HOUR) as f64;
    let mut next = |rate: &f64| {
        there += (rate - there) * leave;
        there
    };
    whole(&load.iter().map(&mut next).collect::<Vec<f64>>())
}

/// A service up to its leak: who comes, how it is run, when it is deployed.
#[derive(Clone, Debug)]
pub struct App {
    pub load: Vec<f64>,
    /// Ticks of onset and incident.
    pub when: (usize, usize),
    pub starts: Vec<usize>,
    /// What lives without the leak.
    pub lives: Vec<f64>,
    machine: Machine,
    clerk: Clerk,
}

impl App {
    /// Its leak comes with a deploy. Before and after that it is deployed so often a week, and at last not often enough.
    pub fn new(
        random: &mut Random,
        (kind, mut clerk): (Kind, Clerk),
        load: Vec<f64>,
        when: (usize, usize),
        (before, after): (f64, f64),
    ) -> Self {
        if when.0 < DAY {
            // Then the record begins with the service.
            clerk.age = random.pick(0..HOUR).min(when.0);
        }
        let starts = around(random, when, (before, after));
        let lives = lives(random, &load, (clerk.age, &starts));
        let machine = Machine::new(random, kind, clerk.age);
        Self { load, when, starts, lives, machine, clerk }
    }

    /// It leaks so much by tick, and each start frees it. What leaks lives: collectors find it like the rest.
    pub fn leaks(self, random: &mut Random, rate: &[f64]) -> Story {
        let left = kept(rate, &self.starts);
        self.holds(random, &left)
    }

    /// The same for what is left behind by tick.
    pub fn holds(self, random: &mut Random, left: &[f64]) -> Story {
        let quiet = highest(&self.machine.seen(&self.lives, &self.load, &self.starts, f64::INFINITY));
        let limit = quiet / level(random);
        self.clerk.leak(self.when, |leak| {
            let lives = with(&self.lives, left, leak);
            let seen = self.machine.seen(&lives, &self.load, &self.starts, limit);
            Run { used: times(&seen, 1.0 / limit), restarts: self.starts.clone() }
        })
    }
}

/// Starts before an onset, at it and after it, so many a week. Some time before the incident, nobody deploys any more:
/// it is the longest time without a start.
pub fn around(random: &mut Random, when: (usize, usize), (before, after): (f64, f64)) -> Vec<usize> {
    let mut starts = deploys(random, 0..when.0, before);
    starts.push(when.0);
    let lasts = (when.1 - when.0) as f64;
    let stops = when.0 + (lasts * random.within(0.3..0.75)) as usize;
    starts.extend(deploys(random, when.0 + 1..stops.max(when.0 + 2), after));
    calm_at_last(&mut starts, when);
    starts
}

/// Takes away the last starts, until none of the times between those since the onset is as long as the one up to the
/// incident.
pub fn calm_at_last(starts: &mut Vec<usize>, (onset, incident): (usize, usize)) {
    let longest = |starts: &[usize]| {
        let since: Vec<usize> = starts.iter().copied().filter(|at| *at >= onset).collect();
        since.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    };
    while starts.last().is_some_and(|last| *last > onset && 5 * (incident - last) < 6 * longest(starts)) {
        starts.pop();
    }
}

/// A part whose highest is 1.
pub fn whole(part: &[f64]) -> Vec<f64> {
    times(part, 1.0 / highest(part))
}

/// A part as many times as large.
pub fn times(part: &[f64], factor: f64) -> Vec<f64> {
    part.iter().map(|value| value * factor).collect()
}
