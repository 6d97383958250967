//! The forecast kind beside MSTL with AutoETS: how often the 80 % intervals of a value and of the time
//! until a limit hold the truth, how good they are (Winkler score), and what they cost.

mod forecast;
mod series;
#[path = "../../../crates/nidoto_metrics/src/stats.rs"]
#[expect(dead_code, reason = "other kinds use the rest")]
mod stats;

use std::time::Duration;

use augurs::ets::AutoETS;
use augurs::mstl::MSTLModel;
use augurs::prelude::*;

/// Hours ahead at which a forecast is held to what came.
const HORIZONS: [usize; 2] = [24, 168];
/// Hours of history that a forecast is made of, at most and at least.
const HISTORY_H: (usize, usize) = (56 * 24, 96);
/// Hours between two forecasts: they visit all hours of the day.
const STEP_H: usize = 97;
const SHARE: f64 = 0.8;

type Interval = (f64, f64, f64);

/// When a limit is reached: the early and the late end, in hours; none is beyond the horizon.
type Reach = (Option<usize>, Option<usize>);

/// A forecaster: hourly values and a limit to intervals; none where it cannot.
type Forecaster = fn(&[f64], f64) -> Option<(Vec<Interval>, Reach)>;

fn ours(history: &[f64], limit: f64) -> Option<(Vec<Interval>, Reach)> {
    let values = forecast::outlook::predict(history, HORIZONS[1]);
    let (early, _, late) = forecast::outlook::crossing(history, limit)?;
    let hour = |at: f64| (at < HORIZONS[1] as f64).then_some(at as usize);
    Some((values, (hour(early), hour(late - 1.0))))
}

/// The peer takes no NaN: gaps are filled with the value before. Each season needs two cycles.
fn mstl_ets(history: &[f64], limit: f64) -> Option<(Vec<Interval>, Reach)> {
    let mut last = history.iter().copied().find(|value| value.is_finite()).unwrap_or(0.0);
    let filled: Vec<f64> = history
        .iter()
        .map(|value| {
            last = if value.is_finite() { *value } else { last };
            last
        })
        .collect();
    let periods: Vec<usize> = [24, 168].into_iter().filter(|period| filled.len() > 2 * period).collect();
    let model = MSTLModel::new(periods, AutoETS::non_seasonal().into_trend_model());
    let forecast = model.fit(&filled).and_then(|fit| fit.predict(HORIZONS[1], SHARE)).ok()?;
    let ends = forecast.intervals?;
    let ends = ends.lower.into_iter().zip(ends.upper);
    let values: Vec<Interval> =
        forecast.point.into_iter().zip(ends).map(|(mid, (low, high))| (low, mid, high)).collect();
    // It knows no time until a limit: that of its upper and its lower end.
    let early = values.iter().position(|(.., high)| *high >= limit);
    let late = values.iter().position(|(low, ..)| *low >= limit);
    Some((values, (early, late)))
}

#[derive(Default)]
struct Score {
    held: [usize; 2],
    judged: [usize; 2],
    winkler: [f64; 2],
    reach_held: usize,
    reach_judged: usize,
    failed: usize,
    asked: usize,
    spent: Duration,
}

impl Score {
    fn add(&mut self, forecast: &[Interval], future: &[f64], scale: f64) {
        for (i, horizon) in HORIZONS.into_iter().enumerate() {
            let Some(value) = future.get(horizon - 1).filter(|value| value.is_finite()) else { continue };
            let (low, _, high) = forecast[horizon - 1];
            let missed = (low - value).max(value - high).max(0.0);
            self.judged[i] += 1;
            self.held[i] += usize::from(missed == 0.0);
            // Width, and a fine for what lies outside; in units of the series' own spread.
            self.winkler[i] += (high - low + 2.0 / (1.0 - SHARE) * missed) / scale;
        }
    }

    /// Counts only where the limit was reached or might have been.
    fn add_reach(&mut self, (early, late): Reach, future: &[f64], limit: f64) {
        let reached = future.iter().take(HORIZONS[1]).position(|value| *value >= limit);
        if future.len() < HORIZONS[1] || (reached, early) == (None, None) {
            return;
        }
        self.reach_judged += 1;
        let [at, early, late] = [reached, early, late].map(|hour| hour.unwrap_or(usize::MAX));
        self.reach_held += usize::from((early..=late).contains(&at));
    }

    fn row(&self, family: &str, name: &str) -> String {
        let percent = |i: usize| 100.0 * self.held[i] as f64 / self.judged[i].max(1) as f64;
        let winkler = |i: usize| self.winkler[i] / self.judged[i].max(1) as f64;
        format!(
            "| {family} | {name} | {:.0} % | {:.0} % | {:.2} | {:.2} | {:.0} % of {} | {} of {} | {:.2} ms |",
            percent(0),
            percent(1),
            winkler(0),
            winkler(1),
            100.0 * self.reach_held as f64 / self.reach_judged.max(1) as f64,
            self.reach_judged,
            self.failed,
            self.asked,
            1e3 * self.spent.as_secs_f64() / self.asked.max(1) as f64
        )
    }
}

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_default();
    println!(
        "| series | forecaster | holds at 24 h | at 168 h | Winkler at 24 h | at 168 h | time to a limit | failed | cost |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let families = series::generated().into_iter().chain([("NAB", series::nab(&folder))]);
    let forecasters: [(&str, Forecaster); 2] = [("forecast", ours), ("MSTL + AutoETS", mstl_ets)];
    let mut all = forecasters.map(|_| Score::default());
    for (family, series) in families {
        for ((name, forecaster), all) in forecasters.into_iter().zip(&mut all) {
            let mut score = Score::default();
            for values in &series {
                walk(values, forecaster, &mut score);
                walk(values, forecaster, all);
            }
            println!("{}", score.row(family, name));
        }
    }
    for ((name, _), all) in forecasters.into_iter().zip(&all) {
        println!("{}", all.row("all", name));
    }
}

/// Forecasts of what was known at one time after the other.
fn walk(values: &[f64], forecaster: Forecaster, score: &mut Score) {
    let mut at = HISTORY_H.1;
    while at + HORIZONS[0] <= values.len() {
        let history = &values[at.saturating_sub(HISTORY_H.0)..at];
        let scale = spread(history);
        let limit = limit(history, scale, at);
        let begun = spent();
        let forecast = forecaster(history, limit);
        score.spent += spent() - begun;
        score.asked += 1;
        match forecast.filter(|(intervals, _)| !intervals.is_empty()) {
            None => score.failed += 1,
            Some((intervals, reach)) => {
                score.add(&intervals, &values[at..], scale);
                score.add_reach(reach, &values[at..], limit);
            }
        }
        at += STEP_H;
    }
}

/// The time that this thread has had a CPU: the machine may be busy with other things (Linux).
fn spent() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = stat.split(' ').next().and_then(|ns| ns.parse().ok());
    Duration::from_nanos(ns.unwrap_or_default())
}

/// A limit above all of the last week, by one of four distances.
fn limit(history: &[f64], scale: f64, at: usize) -> f64 {
    let week = history.iter().rev().take(HORIZONS[1]).copied().filter(|value| value.is_finite());
    week.fold(f64::NEG_INFINITY, f64::max) + scale * [0.05, 0.2, 0.5, 1.0][at / STEP_H % 4]
}

/// The distance of the quartiles.
fn spread(history: &[f64]) -> f64 {
    let mut known: Vec<f64> = history.iter().copied().filter(|value| value.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    match known.len() {
        0 => 1.0,
        n => (known[3 * n / 4] - known[n / 4]).max(1e-9),
    }
}
