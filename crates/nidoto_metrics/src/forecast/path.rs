//! The middle of a forecast: level, trend, and a fixed profile of the day or the week.

use crate::stats::{median, theil_sen};

/// Hours of a day and of a week: the only seasons. A search for others finds chance.
pub const DAY: usize = 24;
/// Hours of a week.
pub const WEEK: usize = 7 * DAY;

/// How a path is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The season in hours; 0 for none.
    pub season_h: usize,
    /// How many of the last hours tell the level.
    pub level_h: usize,
    /// How many of the last hours tell the trend; 0 for none.
    pub trend_h: usize,
}

/// Seasons to choose from.
pub const SEASONS: [usize; 3] = [0, DAY, WEEK];

/// Levels and trends to choose from, in hours.
pub const TRENDS: [(usize, usize); 6] = [(3, 0), (DAY, 0), (3, DAY), (12, 3 * DAY), (DAY, WEEK), (DAY, 3 * WEEK)];

/// A fitted path: what is expected at each hour behind the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// By hour of the season, the first hour behind the history first; one zero without a season.
    profile: Vec<f64>,
    /// At the end of the history, without the season.
    level: f64,
    /// An hour.
    slope: f64,
}

impl Path {
    /// Fits hourly values, the newest last; NaN where there is none. `None` where the history is too
    /// short for the recipe.
    #[must_use]
    pub fn fit(history: &[f64], recipe: Recipe) -> Option<Self> {
        Self::fit_all(history, recipe.season_h, &[(recipe.level_h, recipe.trend_h)]).pop()?
    }

    /// The same for several levels and trends, which share the season.
    #[must_use]
    pub fn fit_all(history: &[f64], season_h: usize, trends: &[(usize, usize)]) -> Vec<Option<Self>> {
        let Some(profile) = profile(history, season_h) else { return vec![None; trends.len()] };
        let n = history.len();
        let plain: Vec<f64> = history
            .iter()
            .enumerate()
            .map(|(t, value)| value - profile[(t + period_offset(n, &profile)) % profile.len()])
            .collect();
        let fit = |&(level_h, trend_h): &(usize, usize)| {
            let slope = slope(&plain, trend_h)?;
            let level = level(&plain, level_h, slope)?;
            Some(Self { profile: profile.clone(), level, slope })
        };
        trends.iter().map(fit).collect()
    }

    /// What is expected at the nth hour behind the history, the first being 0.
    #[must_use]
    pub fn at(&self, hour: usize) -> f64 {
        self.plain(hour) + self.profile[hour % self.profile.len()]
    }

    /// The same without the season.
    #[must_use]
    pub fn plain(&self, hour: usize) -> f64 {
        self.level + self.slope * (hour + 1) as f64
    }

    /// The highest value of each day of the profile.
    #[must_use]
    pub fn tops(&self) -> Vec<f64> {
        self.profile.chunks(DAY).filter_map(|day| day.iter().copied().reduce(f64::max)).collect()
    }
}

/// So that the hour behind the history is the first of the profile.
fn period_offset(n: usize, profile: &[f64]) -> usize {
    (profile.len() - n % profile.len()) % profile.len()
}

/// The fixed profile of a season: the median of each of its hours over all seasons, measured from the
/// moving mean of one season (classical decomposition). `None` with less than two and a half seasons.
fn profile(history: &[f64], season_h: usize) -> Option<Vec<f64>> {
    if season_h == 0 {
        return Some(vec![0.0]);
    }
    let n = history.len();
    if n < season_h * 5 / 2 {
        return None;
    }
    let means = moving_means(history, season_h);
    let mut by_hour: Vec<Vec<f64>> = vec![Vec::new(); season_h];
    let offset = (season_h - n % season_h) % season_h;
    for (t, mean) in means {
        if history[t].is_finite() {
            by_hour[(t + offset) % season_h].push(history[t] - mean);
        }
    }
    let mut profile: Vec<f64> = by_hour.iter_mut().map(|values| median(values)).collect::<Option<_>>()?;
    let mean = profile.iter().sum::<f64>() / season_h as f64;
    profile.iter_mut().for_each(|value| *value -= mean);
    Some(profile)
}

/// The mean of the season around each hour, where at least three quarters of it are known.
fn moving_means(history: &[f64], season_h: usize) -> Vec<(usize, f64)> {
    let mut sums = Vec::with_capacity(history.len() + 1);
    sums.push((0.0, 0_usize));
    for value in history {
        let (sum, n) = sums[sums.len() - 1];
        sums.push(if value.is_finite() { (sum + value, n + 1) } else { (sum, n) });
    }
    let mean = |start: usize| {
        let ((from, from_n), (to, to_n)) = (sums[start], sums[start + season_h]);
        let known = to_n - from_n;
        (4 * known >= 3 * season_h).then(|| (start + season_h / 2, (to - from) / known as f64))
    };
    (0..=history.len() - season_h).filter_map(mean).collect()
}

/// The robust slope an hour over the last hours: Theil-Sen over the medians of some twenty blocks.
fn slope(plain: &[f64], trend_h: usize) -> Option<f64> {
    if trend_h == 0 {
        return Some(0.0);
    }
    let tail = plain.get(plain.len().checked_sub(trend_h)?..)?;
    let block_h = (trend_h / 21).max(1);
    let points: Vec<(f64, f64)> = tail
        .chunks_exact(block_h)
        .enumerate()
        .filter_map(|(i, block)| {
            let mut known: Vec<f64> = block.iter().copied().filter(|value| value.is_finite()).collect();
            Some(((i * block_h) as f64, median(&mut known)?))
        })
        .collect();
    // Half of the blocks may be missing.
    let enough = 2 * points.len() * block_h >= trend_h;
    theil_sen(&points, 0.0).filter(|_| enough).map(|slope| slope.mid)
}

/// Where the trend stands at the end of the history: the median of the last hours, carried there.
fn level(plain: &[f64], level_h: usize, slope: f64) -> Option<f64> {
    let tail = plain.iter().rev().take(level_h).enumerate();
    let mut carried: Vec<f64> =
        tail.filter(|(_, value)| value.is_finite()).map(|(back, value)| value + slope * back as f64).collect();
    median(&mut carried)
}
