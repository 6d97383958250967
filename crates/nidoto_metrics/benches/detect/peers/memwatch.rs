//! memwatch-next: the heap after a collection grew so many times in a row, by whatever amount. A trough of the sawtooth
//! stands for a collection. Published with five; it knows no limit, the depth of a trough is ours.

use super::{Prepared, Rule};

pub fn rules() -> Vec<Rule> {
    let mut rules = Vec::new();
    for count in [3, 5, 7, 10, 15, 20] {
        for depth in [0.01, 0.02, 0.05, 0.1] {
            for hold in [1, 6, 24] {
                rules.push(Rule {
                    peer: "memwatch-like",
                    settings: format!(
                        "{count} rising troughs, deeper than {:.0} % of limit, held {hold}h",
                        depth * 100.0
                    ),
                    hold,
                    holds: Box::new(move |prepared| holds(prepared, count, depth)),
                });
            }
        }
    }
    rules
}

/// Finds troughs: a fall of at least `depth` followed by a rise of at least `depth`.
#[derive(Debug, Default)]
struct Troughs {
    extreme: Option<f64>,
    is_falling: bool,
    last: Option<f64>,
    rising: usize,
}

impl Troughs {
    fn add(&mut self, value: f64, depth: f64) {
        let extreme = *self.extreme.get_or_insert(value);
        if self.is_falling {
            self.extreme = Some(extreme.min(value));
            if value >= extreme + depth {
                self.rising = if self.last.is_some_and(|last| extreme > last) { self.rising + 1 } else { 0 };
                (self.last, self.extreme, self.is_falling) = (Some(extreme), Some(value), false);
            }
        } else {
            self.extreme = Some(extreme.max(value));
            if value <= extreme - depth {
                (self.extreme, self.is_falling) = (Some(value), true);
            }
        }
    }
}

fn holds(prepared: &Prepared<'_>, count: usize, depth: f64) -> Vec<bool> {
    let (mut troughs, mut life, mut next) = (Troughs::default(), 0, 0);
    let mut out = Vec::with_capacity(prepared.instants.len());
    for instant in &prepared.instants {
        if instant.life != life {
            (troughs, life, next) = (Troughs::default(), instant.life, instant.life);
        }
        for (_, value) in &prepared.shares[next..instant.known] {
            troughs.add(*value, depth);
        }
        next = instant.known;
        out.push(troughs.rising >= count);
    }
    out
}
