//! The capacity answer: what was put in comes out, and too little past is no answer.

use jiff::tz::TimeZone;
use nidoto_core::Words;
use nidoto_metrics::capacity::{Capacity, Past, Plan, Push, capacity};
use proptest::prelude::*;

const MINUTE_MS: i64 = 60_000;
const WEEK_MS: i64 = 604_800_000;
/// Monday, 2021-02-01 00:00 UTC.
const START_MS: i64 = 1_612_137_600_000;

/// The CPU of some weeks: a daily wave, and pushes of known effect.
fn cpu(weeks: i64, pushes: &[Push], per_1000: f64) -> Vec<(i64, f64)> {
    let at = |n: i64| {
        let at_ms = START_MS + n * MINUTE_MS;
        let day = (n % 1_440) as f64 / 1_440.0;
        let raise: f64 = pushes
            .iter()
            .filter(|push| (push.at_ms + 1..=push.at_ms + (push.minutes * 6e4) as i64).contains(&at_ms))
            .map(|push| per_1000 * push.size / push.minutes / 1_000.0)
            .sum();
        (at_ms, 30.0 + 10.0 * (day * std::f64::consts::TAU).sin() + (n % 7) as f64 * 0.1 + raise)
    };
    (0..weeks * 10_080).map(at).collect()
}

fn friday(week: i64, size: f64, minutes: f64) -> Push {
    Push { at_ms: START_MS + week * WEEK_MS + (4 * 24 + 18) * 60 * MINUTE_MS, size, minutes }
}

fn asked(samples: &[(i64, f64)], pushes: &[Push], size: f64, limit: f64) -> Result<Capacity, Words> {
    let past = Past { samples, step_ms: MINUTE_MS, pushes, felt_ms: 30 * MINUTE_MS, zone: &TimeZone::UTC };
    capacity(&past, &Plan { size, limit, at_ms: None })
}

#[test]
fn what_was_put_in_comes_out() {
    let pushes = [friday(1, 100_000.0, 10.0), friday(2, 60_000.0, 5.0), friday(3, 120_000.0, 20.0)];
    let samples = cpu(4, &pushes, 2.0);
    let capacity = asked(&samples, &pushes, 120_000.0, 60.0).unwrap();
    // At 18:00 the wave is near its lowest, 20 to 21.2, and 120,000 recipients bring 240 minutes of work.
    assert!((20.0..23.0).contains(&capacity.base.mid), "{:?}", capacity.base);
    assert!((capacity.peak_per_1000.mid - 2.0).abs() < 0.2, "{:?}", capacity.peak_per_1000);
    assert!((capacity.work_per_1000.mid - 2.0).abs() < 0.2, "{:?}", capacity.work_per_1000);
    assert!((5.5..7.5).contains(&capacity.minutes.mid), "{:?}", capacity.minutes);
    assert!(capacity.minutes.low <= capacity.minutes.mid && capacity.minutes.mid <= capacity.minutes.high);
    assert_eq!(capacity.impacts[0].weeks, 1, "the week before had no push");
    assert_eq!(Ok(capacity), asked(&samples, &pushes, 120_000.0, 60.0), "the same at every run");
}

#[test]
fn refuses_what_it_cannot_know() {
    let pushes = [friday(1, 100_000.0, 10.0), friday(2, 60_000.0, 5.0), friday(3, 120_000.0, 20.0)];
    let samples = cpu(4, &pushes, 2.0);
    let why = asked(&samples, &pushes[..2], 1e5, 60.0).unwrap_err();
    assert_eq!(why.en, "2 pushes with a size and samples: at least 3 are needed");
    let cut = &samples[..3 * 10_080];
    let why = asked(cut, &pushes, 1e5, 60.0).unwrap_err();
    assert_eq!(
        why.en,
        "2 pushes with a size and samples: at least 3 are needed (2021-02-26 18:00: too few samples before it)"
    );
    assert!(asked(&[], &pushes, 1e5, 60.0).is_err());
    assert_eq!(asked(&samples, &pushes, 1e5, 15.0).unwrap().minutes.low, f64::INFINITY, "no room at all");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// More recipients need more time, more room needs less.
    #[test]
    fn more_needs_more(size in 1e3..1e6f64, limit in 25.0..95.0f64, per_1000 in 0.1..4.0f64) {
        let pushes = [friday(1, 100_000.0, 10.0), friday(2, 60_000.0, 5.0), friday(3, 120_000.0, 20.0)];
        let samples = cpu(4, &pushes, per_1000);
        let minutes = |size, limit| asked(&samples, &pushes, size, limit).unwrap().minutes;
        let (now, more, roomier) = (minutes(size, limit), minutes(2.0 * size, limit), minutes(size, limit + 5.0));
        prop_assert!(now.high <= more.high && now.mid <= more.mid && roomier.high <= now.high);
    }

    /// Whatever the samples are, there is an answer or a reason.
    #[test]
    fn any_samples_get_an_answer(values in prop::collection::vec(any::<f64>(), 1..100)) {
        let pushes = [friday(0, 1e5, 1.0), friday(1, 1e5, 1.0), friday(2, 0.0, 1.0)];
        let samples: Vec<_> = (0..3 * 2_016).map(|n| (START_MS + n * 5 * MINUTE_MS, values[n as usize % values.len()])).collect();
        let past = Past { samples: &samples, step_ms: 5 * MINUTE_MS, pushes: &pushes, felt_ms: 30 * MINUTE_MS, zone: &TimeZone::UTC };
        let _ = capacity(&past, &Plan { size: 1e5, limit: 80.0, at_ms: None });
    }
}
