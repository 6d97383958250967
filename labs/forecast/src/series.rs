//! Invented and real hourly series.

use std::collections::BTreeMap;
use std::path::Path;

/// Series of one family.
const SERIES_N: u64 = 8;

/// Families of invented series by name: trends, seasons, walks, with correlated noise.
pub fn generated() -> Vec<(&'static str, Vec<Vec<f64>>)> {
    let names = ["trend", "day", "day and week", "trend, day and week", "random walk", "drift that wanders"];
    names.into_iter().map(|name| (name, (0..SERIES_N).map(|seed| invent(name, seed)).collect())).collect()
}

fn invent(name: &str, seed: u64) -> Vec<f64> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d);
    let hours = (21 + (dice.uniform() * 42.0) as usize) * 24;
    let (slope, day, week) = (0.3 * dice.uniform(), 5.0 + 15.0 * dice.uniform(), 20.0 * dice.uniform());
    let (noise, memory) = (0.5 + 4.0 * dice.uniform(), 0.95 * dice.uniform());
    let (mut off, mut walk, mut drift) = (0.0, 0.0, slope);
    let value = |t: usize| {
        off = memory * off + noise * dice.normal();
        walk += dice.normal();
        drift += 0.003 * dice.normal();
        let daily = day * (t as f64 / 24.0 * std::f64::consts::TAU).sin();
        let weekly = if t / 24 % 7 >= 5 { week } else { 0.0 };
        let trend = slope * t as f64;
        match name {
            "trend" => 50.0 + trend + off,
            "day" => 50.0 + daily + off,
            "day and week" => 50.0 + daily + weekly + off,
            "trend, day and week" => 50.0 + trend + daily + weekly + off,
            "random walk" => 100.0 + walk,
            _ => {
                walk += drift;
                walk
            }
        }
    };
    (0..hours).map(value).collect()
}

/// Xorshift (Marsaglia 2003): the same in every run.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// The CSV files (`timestamp,value`) below a folder as the highest values of hours; NaN is a gap.
pub fn nab(folder: &str) -> Vec<Vec<f64>> {
    let mut files = Vec::new();
    gather(Path::new(folder), &mut files);
    files.sort();
    files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).map(|text| hours(&text)).collect()
}

fn gather(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "csv") {
            files.push(path);
        }
    }
}

fn hours(text: &str) -> Vec<f64> {
    let mut highest: BTreeMap<i64, f64> = BTreeMap::new();
    for (at, value) in text.lines().filter_map(|line| line.split_once(',')) {
        if let (Some(hour), Ok(value)) = (hour(at), value.parse::<f64>()) {
            let known = highest.entry(hour).or_insert(value);
            *known = known.max(value);
        }
    }
    let (Some((first, _)), Some((last, _))) = (highest.first_key_value(), highest.last_key_value()) else {
        return Vec::new();
    };
    (*first..=*last).map(|hour| highest.get(&hour).copied().unwrap_or(f64::NAN)).collect()
}

/// Hours since an epoch of `2014-02-14 14:30:00`.
fn hour(at: &str) -> Option<i64> {
    let (date, time) = at.split_once(' ')?;
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    // Days from the civil calendar, with years that begin in March.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (306 * month + 5) / 10 + day;
    Some(24 * days + time.get(..2)?.parse::<i64>().ok()?)
}
