//! A rise of two days: what `near` and `suspect` both look at.

use super::found::known;
use super::history::{HOURS, History};
use crate::stats::{Slope, mann_kendall, theil_sen};

/// The hours that are looked at, fewer in a young life.
const WINDOW: usize = 48;
/// Of them, so many must be known.
pub const KNOWN_MIN: usize = 36;
/// One in a thousand by chance (two-sided), hours being independent, which they are not.
const Z_MIN: f64 = 3.29;

/// A rise that chance hardly makes.
pub struct Rise {
    /// Where it begins, as a position in the history.
    pub from: usize,
    /// The floor of the whole history, settled by its rhythm.
    pub settled: Vec<f64>,
    /// The floor of the window, where it is known: position in the window and value.
    pub points: Vec<(f64, f64)>,
    /// The floor's robust slope by the hour.
    pub slope: Slope,
}

impl Rise {
    /// The rise of the last two days, or of the present life behind its warm-up, in hours.
    pub fn of(history: &History, warm_up: usize) -> Option<Self> {
        let life = history.life();
        let from = (if life > 0 { life + warm_up } else { 0 }).max(HOURS - WINDOW);
        let settled = history.settled(history.rhythm?);
        let points = known(settled.get(from..)?);
        let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
        if values.len() < KNOWN_MIN || mann_kendall(&values) <= Z_MIN {
            return None;
        }
        let slope = theil_sen(&points, 1.28)?;
        Some(Self { from, settled, points, slope })
    }

    /// The floor of the window, hour by hour.
    pub fn floor(&self) -> &[f64] {
        &self.settled[self.from..]
    }
}
