//! From what happened to what is recorded: sizes, readings, onset and incident of the third test half's stories.

use std::ops::Range;

use super::parts::highest;
use crate::detect::generate::service::{DAY, Measure, Story};
use crate::detect::random::Random;

/// Use by tick as shares of the limit, and the ticks after which a new process ran.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub used: Vec<f64>,
    pub restarts: Vec<usize>,
}

impl Run {
    /// One that nobody restarts.
    pub fn of(used: Vec<f64>) -> Self {
        Self { used, restarts: vec![] }
    }

    fn times(mut self, factor: f64) -> Self {
        self.used.iter_mut().for_each(|used| *used *= factor);
        self
    }
}

/// How an exporter reads.
#[derive(Clone, Copy, Debug)]
enum Reading {
    Exact,
    /// In so many steps to the limit: whole megabytes, tenths of a per cent.
    Steps(f64),
    /// It asks every so many ticks, and repeats the answer in between.
    Every(usize),
}

/// Whoever records a story.
#[derive(Clone, Copy, Debug)]
pub struct Recorder {
    measure: Measure,
    reading: Reading,
    /// Age in ticks of the process that runs at first.
    pub age: usize,
}

/// Without its leak, no story comes closer to its limit: it is the leak that gets there.
const QUIET_TOP: f64 = 0.82;

impl Recorder {
    pub fn new(random: &mut Random, measure: Measure) -> Self {
        let reading = match random.pick(0..10) {
            0 => Reading::Steps(random.pick(128..2_000) as f64),
            1 if measure.started.is_some() => Reading::Every(random.pick(2..4)),
            1 | 2 if measure.started.is_none() => Reading::Every([2, 3, 6, 12][random.pick(0..4)]),
            _ => Reading::Exact,
        };
        Self { measure, reading, age: random.pick(0..25 * DAY) }
    }

    /// Of one of such measures.
    pub fn of(random: &mut Random, measure: fn(&mut Random) -> Measure) -> Self {
        let measure = measure(random);
        Self::new(random, measure)
    }

    /// Of a process that is not older than a day.
    #[must_use]
    pub fn young(self, random: &mut Random) -> Self {
        Self { age: random.pick(0..DAY), ..self }
    }

    /// Nothing is wrong. Its highest is a share of the limit within `top`: people give limits that fit.
    pub fn healthy(self, run: Run, top: Range<f64>, random: &mut Random) -> Story {
        let factor = random.within(top) / highest(&run.used);
        self.as_told(run.times(factor), random)
    }

    /// Nothing is wrong, and the story itself keeps off the limit.
    pub fn as_told(self, run: Run, random: &mut Random) -> Story {
        let run = self.read(run);
        self.story(run, random)
    }

    /// It leaks from a tick on, and reaches the limit at about another, where the record ends. `tell` runs the story
    /// with a leak as many times as large.
    pub fn leak(
        self,
        (onset, incident): (usize, usize),
        random: &mut Random,
        tell: impl Fn(f64, &mut Random) -> Run,
    ) -> Story {
        let quiet = highest(&tell(0.0, &mut random.clone()).used);
        let fits = (QUIET_TOP / quiet).min(1.0);
        let told = |leak: f64| self.read(tell(leak, &mut random.clone()).times(fits));
        let (run, incident) = reaching(incident, told);
        Story { onset: Some(onset), incident: Some(incident), ..self.story(run, random) }
    }

    /// It leaks from a tick on, and restarts hide it: at its highest it has taken a share of the room above its needs.
    pub fn hidden(
        self,
        onset: usize,
        share: f64,
        random: &mut Random,
        tell: impl Fn(f64, &mut Random) -> Run,
    ) -> Story {
        let quiet = highest(&tell(0.0, &mut random.clone()).used);
        let fits = (QUIET_TOP / quiet).min(1.0);
        let top = quiet * fits + share * (0.985 - quiet * fits);
        let told = |leak: f64| tell(leak, &mut random.clone()).times(fits);
        let leak = least(|leak| highest(&told(leak).used) >= top);
        let run = told(leak);
        let above = (top / highest(&run.used)).min(1.0);
        Story { onset: Some(onset), ..self.as_told(run.times(above), random) }
    }

    fn read(&self, mut run: Run) -> Run {
        match self.reading {
            Reading::Exact => {}
            Reading::Steps(steps) if self.measure.step > 1.0 => {
                // The quarter keeps a whole step whole, whatever is lost when it is scaled.
                run.used.iter_mut().for_each(|used| *used = ((*used * steps).floor() + 0.25) / steps);
            }
            Reading::Steps(_) => {}
            Reading::Every(every) => {
                for tick in 1..run.used.len() {
                    if tick % every != 0 {
                        run.used[tick] = run.used[tick - 1];
                    }
                }
            }
        }
        run
    }

    /// A scrape of a process that is just starting may fail.
    fn story(&self, Run { mut used, restarts }: Run, random: &mut Random) -> Story {
        used.iter_mut().for_each(|used| *used = used.max(0.003));
        let starting = restarts.iter().filter(|restart| **restart + 2 < used.len());
        let lost = starting.filter(|_| random.chance(0.2)).map(|restart| restart + 1..restart + 2).collect();
        // Where no start is told, none is known.
        let restarts = if self.measure.started.is_some() { restarts } else { vec![] };
        Story { used, age: self.age, restarts, onset: None, incident: None, lost, measure: self.measure }
    }
}

/// The run with the least leak that reaches the limit by a tick, up to where it does, and that tick.
pub fn reaching(incident: usize, told: impl Fn(f64) -> Run) -> (Run, usize) {
    let reached = |run: &Run| run.used.iter().position(|used| *used >= 1.0);
    let mut run = told(least(|leak| reached(&told(leak)).is_some_and(|at| at <= incident)));
    let incident = reached(&run).expect("the least leak that reaches the limit does");
    run.used.truncate(incident + 1);
    run.restarts.retain(|restart| *restart < incident);
    (run, incident)
}

/// The least leak for which something holds, if it holds for all that are larger.
pub fn least(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1e-6);
    while !holds(high) && high < 1e12 {
        (low, high) = (high, high * 4.0);
    }
    assert!(high < 1e12, "no leak is large enough");
    for _ in 0..18 {
        let middle = (low + high) / 2.0;
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}
