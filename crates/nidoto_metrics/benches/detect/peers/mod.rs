//! What others do, written from their documentation, each with a grid of settings to be tuned over.
//!
//! All see shares of the limit, are asked hourly, and know when the process started: a window never reaches behind it.

mod coroot;
mod mann_kendall;
mod memwatch;
mod precog;
mod predict_linear;
mod prepared;

pub use prepared::Prepared;

type Holds = Box<dyn Fn(&Prepared<'_>) -> Vec<bool> + Send + Sync>;

/// One rule with its settings.
pub struct Rule {
    /// Whose rule it is.
    pub peer: &'static str,
    /// Its settings in words.
    pub settings: String,
    /// For how many hours in a row it must hold before it is red.
    pub hold: usize,
    /// Whether it holds at each instant.
    pub holds: Holds,
}

impl Rule {
    /// The instants at which it is red, in milliseconds since the epoch.
    pub fn reds(&self, prepared: &Prepared<'_>) -> Vec<i64> {
        let (mut held, mut reds) = (0, Vec::new());
        for (instant, holds) in prepared.instants.iter().zip((self.holds)(prepared)) {
            held = if holds { held + 1 } else { 0 };
            if held >= self.hold {
                reds.push(instant.at_ms);
            }
        }
        reds
    }
}

/// Every peer: all its rules.
pub fn all() -> Vec<Vec<Rule>> {
    vec![
        predict_linear::rules(),
        predict_linear::node_mixin(),
        coroot::rules(),
        memwatch::rules(),
        mann_kendall::rules(),
        precog::rules(),
    ]
}
