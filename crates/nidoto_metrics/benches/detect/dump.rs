//! One case, hour by hour, for whoever asks why.

use std::io::Write;

use super::AnyError;
use super::case::{Case, HOUR_MS};
use super::corpora::Corpus;
use super::ours;
use super::peers::Prepared;
use nidoto_core::prove::Track;
use nidoto_core::when;

/// Writes a case's floors and tops in per cent of its limit.
pub fn dump(name: &str, corpora: &[Corpus], out: &mut dyn Write) -> Result<(), AnyError> {
    let case = corpora.iter().flat_map(|corpus| &corpus.cases).find(|case| case.name == name);
    let case = case.ok_or_else(|| format!("no case is called {name}"))?;
    let short = |at_ms: i64| when::short(at_ms, &jiff::tz::TimeZone::UTC);
    writeln!(out, "{} of {}, limit {:.4e}", case.name, case.family, case.limit)?;
    match case.leak {
        Some(leak) => {
            let incident = leak.incident_ms.map_or("none".into(), short);
            writeln!(out, "leaks from {}, incident {incident}", short(leak.onset_ms))?;
        }
        None => writeln!(out, "healthy")?,
    }
    let track = match ours::kind("leak") {
        Some(kind) => ours::track(&ours::leak_guard(kind, case)?, case),
        None => Track::default(),
    };
    for (tier, episodes) in [("red", &track.episodes), ("suspect", &track.notes)] {
        for episode in episodes {
            let what = episode.findings.first().map_or("", |finding| &finding.what.en);
            writeln!(out, "{tier} {} to {}: {what}", short(episode.from_ms), short(episode.to_ms))?;
        }
    }
    writeln!(out, "{:16} {:>8} {:>7} {:>7}  said", "hour", "age h", "floor", "top")?;
    let prepared = Prepared::new(case);
    for ((instant, (from, to, _)), floor) in prepared.windows(1.0).zip(&prepared.floors) {
        let top = prepared.shares[from..to].iter().map(|s| s.1).fold(f64::NAN, f64::max);
        let percent =
            |share: Option<f64>| share.filter(|s| s.is_finite()).map_or("-".into(), |s| format!("{:.2}", s * 100.0));
        let said = if is_in(&track.episodes, instant.at_ms) {
            "red"
        } else if is_in(&track.notes, instant.at_ms) {
            "suspect"
        } else {
            ""
        };
        let (at, age) = (short(instant.at_ms), age_h(case, instant.at_ms));
        writeln!(out, "{at} {age:>8} {:>7} {:>7}  {said}", percent(*floor), percent(Some(top)))?;
    }
    Ok(())
}

fn is_in(episodes: &[nidoto_core::prove::Episode], at_ms: i64) -> bool {
    episodes.iter().any(|episode| (episode.from_ms..=episode.to_ms).contains(&at_ms))
}

fn age_h(case: &Case, at_ms: i64) -> String {
    let started = case.starts.iter().rfind(|start| **start <= at_ms);
    started.map_or("-".into(), |start| format!("{:.1}", (at_ms - start) as f64 / HOUR_MS as f64))
}
