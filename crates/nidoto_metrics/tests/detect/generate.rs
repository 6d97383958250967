//! The generator.

use super::detect::case::DAY_MS;
use super::detect::generate::{HEALTHY_EACH, Half, LEAKS_EACH, PAGE_CACHE, cases, families};

const HALVES: [Half; 9] = [
    Half::Train,
    Half::Former,
    Half::Second,
    Half::Third,
    Half::Fourth,
    Half::Fifth,
    Half::Sixth,
    Half::Seventh,
    Half::Test,
];

#[test]
fn the_same_seed_tells_the_same_story() {
    for half in HALVES {
        let (once, again) = (cases(half, "", 0.0), cases(half, "", 0.0));
        for (a, b) in once.iter().zip(&again) {
            assert_eq!((a.samples.as_slice(), &a.starts), (b.samples.as_slice(), &b.starts), "{}", a.name);
        }
    }
}

#[test]
fn a_story_keeps_its_word() {
    for case in HALVES.into_iter().flat_map(|half| cases(half, "", 0.1)) {
        let (from_ms, to_ms) = case.span_ms();
        assert!(to_ms - from_ms > DAY_MS, "{} is too short", case.name);
        assert!(case.samples.windows(2).all(|pair| pair[0].0 < pair[1].0), "{}", case.name);
        let Some(leak) = case.leak else {
            assert!(case.samples.iter().all(|s| s.1 < case.limit), "{} is healthy at its limit", case.name);
            continue;
        };
        assert!(leak.onset_ms >= from_ms && leak.onset_ms < to_ms, "{}", case.name);
        if let Some(incident_ms) = leak.incident_ms {
            assert!(incident_ms > leak.onset_ms && incident_ms <= to_ms + DAY_MS, "{}", case.name);
            let early = case.samples.iter().filter(|s| s.0 < incident_ms && s.1 >= case.limit).count();
            assert_eq!(early, 0, "{} reaches its limit before the incident", case.name);
        }
    }
}

#[test]
fn halves_have_families_of_their_own() {
    let mut names: Vec<&str> = HALVES.into_iter().flat_map(families).flatten().map(|family| family.name).collect();
    names.retain(|name| *name != PAGE_CACHE);
    for (at, name) in names.iter().enumerate() {
        assert!(!names[..at].contains(name), "{name} is twice");
    }
    for half in HALVES {
        let [leaks, healthy] = families(half);
        assert!(leaks.len() as u64 * LEAKS_EACH >= 200, "{half:?}");
        assert!((healthy.len() as u64 - 1) * HEALTHY_EACH >= 300, "{half:?}");
    }
}
