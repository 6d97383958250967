//! The test halves told by a hand that knew no detector keep their word.

use super::detect::case::HOUR_MS;
use super::detect::generate::{Half, cases};

#[test]
fn its_stories_are_whole_and_true() {
    for case in [Half::Second, Half::Third, Half::Fourth, Half::Fifth, Half::Sixth, Half::Seventh, Half::Test]
        .into_iter()
        .flat_map(|half| cases(half, "", 0.2))
    {
        let (name, (from_ms, to_ms)) = (&case.name, case.span_ms());
        assert!(case.samples.iter().all(|s| s.1.is_finite() && s.1 >= 0.0), "{name}");
        assert!(case.samples.is_sorted_by(|a, b| a.0 < b.0), "{name} is out of order");
        assert!(case.starts.is_sorted_by(|a, b| a < b), "{name} starts twice at once");
        let reached_ms = case.samples.iter().find(|s| s.1 >= case.limit).map(|s| s.0);
        let Some(leak) = case.leak else {
            assert_eq!(reached_ms, None, "{name} is healthy at its limit");
            continue;
        };
        assert!((from_ms..to_ms).contains(&leak.onset_ms), "{name} begins outside of its record");
        let Some(incident_ms) = leak.incident_ms else {
            assert_eq!(reached_ms, None, "{name} is not hidden");
            let hides = case.starts.iter().filter(|start| **start > leak.onset_ms).count();
            assert!(hides >= 2, "{name} is hidden by {hides} restarts");
            continue;
        };
        assert!(incident_ms - leak.onset_ms >= 5 * HOUR_MS, "{name} leaves no time");
        // The scrape of the incident itself may have been lost.
        assert_eq!(reached_ms, (to_ms == incident_ms).then_some(incident_ms), "{name}");
        assert!(to_ms <= incident_ms, "{name} goes on after its incident");
    }
}
