//! The table.

use std::io::Write;

use super::corpora::{AGING, NAB, RUNS, TEST};
use super::foresight::HORIZONS_H;
use super::generate::PAGE_CACHE;
use super::options::Options;
use super::peers::Rule;
use super::score::{Outcome, Score, WORDS, outcome};
use super::{AnyError, Asked};

/// Writes everything that was asked for.
pub fn write(all: &[Asked<'_>], rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<(), AnyError> {
    writeln!(
        out,
        "{WORDS}\n\nPeers, tuned on the training half, the worn test halves and the recorded runs for the best F1:"
    )?;
    for rule in rules {
        writeln!(out, "  {:26} {}", rule.peer, rule.settings)?;
    }
    for asked in all {
        let has_page_cache = asked.corpus.cases.iter().any(|case| case.family == PAGE_CACHE);
        write_scores(&[asked], asked.corpus.name, false, out)?;
        if has_page_cache {
            write_scores(&[asked], &format!("{}, with page caches", asked.corpus.name), true, out)?;
        }
        write_intervals(asked, out)?;
        if options.failures && asked.corpus.is_training {
            write_failures(asked, out)?;
        }
    }
    let judged: Vec<&Asked<'_>> = all.iter().filter(|a| [TEST, RUNS, NAB].contains(&a.corpus.name)).collect();
    // Half of the detectors would make half of the goals.
    if judged.len() == 3 && options.detector.is_empty() {
        write_scores(&judged, "test half, recorded runs and NAB together", false, out)?;
        write_goals(all, out)?;
    }
    Ok(())
}

/// The scores of all detectors over some corpora.
fn scores(corpora: &[&Asked<'_>], with_page_cache: bool) -> Vec<(String, Score)> {
    let names = corpora.first().map(|asked| asked.detectors.clone()).unwrap_or_default();
    let score = |detector: usize| {
        let pairs = corpora.iter().flat_map(|asked| asked.corpus.cases.iter().zip(&asked.reds));
        let pairs = pairs.filter(|(case, _)| with_page_cache || case.family != PAGE_CACHE);
        Score::of(pairs.map(|(case, reds)| (case, reds[detector].as_slice())))
    };
    names.into_iter().enumerate().map(|(i, name)| (name, score(i))).collect()
}

fn write_scores(corpora: &[&Asked<'_>], title: &str, pages: bool, out: &mut dyn Write) -> Result<(), AnyError> {
    let scores = scores(corpora, pages);
    let Some((_, first)) = scores.first() else { return Ok(()) };
    let weeks = first.calm_weeks;
    writeln!(out, "\n{title}: {} leaks, {} clean series, {weeks:.0} calm series-weeks", first.leaks, first.clean)?;
    writeln!(
        out,
        "  {:26} {:>9} {:>7} {:>6} {:>8} {:>10} {:>15} {:>12} {:>14}",
        "", "precision", "recall", "F1", "lead h", "day ahead", "false days/week", "hits / leaks", "false / clean"
    )?;
    for (name, score) in &scores {
        writeln!(
            out,
            "  {name:26} {:>9} {:>7} {:>6} {:>8} {:>10} {:>15.3} {:>12} {:>14}",
            number(score.precision(), 3),
            number(score.recall(), 3),
            number(if score.leaks == 0 { f64::NAN } else { score.f1() }, 3),
            number(score.lead_h(), 1),
            number(score.day_ahead(), 3),
            score.false_days_a_week(),
            format!("{} / {}", score.hits, score.leaks),
            format!("{} / {}", score.false_series, score.clean),
        )?;
    }
    Ok(())
}

fn write_intervals(asked: &Asked<'_>, out: &mut dyn Write) -> Result<(), AnyError> {
    for (tier, coverage) in ["red", "suspected"].into_iter().zip(&asked.intervals).filter(|(_, c)| c.count() > 0) {
        writeln!(
            out,
            "  80 % intervals of {tier} findings: {:.0} % of {} hold the incident; {} came earlier, {} later",
            coverage.share() * 100.0,
            coverage.count(),
            coverage.before,
            coverage.after
        )?;
    }
    let ahead =
        HORIZONS_H.into_iter().zip(&asked.foresight.values).map(|(hours, one)| (format!("value in {hours} h"), one));
    let all = ahead.chain([("time of the limit".to_owned(), &asked.foresight.reach)]);
    for (what, coverage) in all.filter(|(_, coverage)| coverage.count() > 0) {
        writeln!(
            out,
            "  80 % intervals of forecast, {what}: {:.0} % of {} hold the truth; it was less in {}, more in {}",
            coverage.share() * 100.0,
            coverage.count(),
            coverage.before,
            coverage.after
        )?;
    }
    Ok(())
}

fn number(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:.digits$}") } else { "-".into() }
}

/// What went wrong, by family, then case by case, of nidoto; of the only other detector where one was chosen.
fn write_failures(asked: &Asked<'_>, out: &mut dyn Write) -> Result<(), AnyError> {
    let scores = scores(&[asked], true);
    let ours = asked.detectors.iter().position(|name| name == "nidoto leak").unwrap_or(0);
    let Some((name, score)) = scores.get(ours) else { return Ok(()) };
    writeln!(out, "\n  failures of {name}: bad / cases by family")?;
    for (family, (bad, cases)) in score.families.iter().filter(|(_, (bad, _))| *bad > 0) {
        writeln!(out, "    {family:26} {bad} / {cases}")?;
    }
    for (case, reds) in asked.corpus.cases.iter().zip(&asked.reds) {
        let word = match outcome(case, &reds[ours]) {
            Outcome::Missed => "missed",
            Outcome::False => "false",
            Outcome::Hit(_) | Outcome::Calm => continue,
        };
        let first = reds[ours].first().map(|at| nidoto_core::when::short(*at, &jiff::tz::TimeZone::UTC));
        writeln!(out, "    {word:7} {:30} {}", case.name, first.unwrap_or_default())?;
    }
    Ok(())
}

/// What the project promised, and whether it is so.
fn write_goals(all: &[Asked<'_>], out: &mut dyn Write) -> Result<(), AnyError> {
    let of = |corpus: &str, detector: &str| -> Option<Score> {
        let asked = all.iter().find(|asked| asked.corpus.name == corpus)?;
        scores(&[asked], false).into_iter().find(|(name, _)| name == detector).map(|(_, score)| score)
    };
    let (Some(ours), Some(cpu)) = (of(TEST, "nidoto leak"), of(NAB, "nidoto leak")) else { return Ok(()) };
    let peers =
        all.iter().find(|asked| asked.corpus.name == TEST).map(|asked| scores(&[asked], false)).unwrap_or_default();
    let best_peer = peers.iter().filter(|(name, _)| !name.starts_with("nidoto")).map(|(_, score)| score.f1());
    let ahead = ours.f1() - best_peer.fold(0.0, f64::max);
    let cpu_reds = cpu_false_reds(all) as f64 / cpu.calm_weeks.max(1e-9);
    let mut goal = |what: &str, is: f64, is_met: bool| {
        writeln!(out, "  {what:64} {is:>7.3}  {}", if is_met { "met" } else { "not met" })
    };
    goal("test half: recall >= 0.90", ours.recall(), ours.recall() >= 0.9)?;
    goal("test half: precision >= 0.90", ours.precision(), ours.precision() >= 0.9)?;
    let false_days = ours.false_days_a_week();
    goal("test half: false-red days a series-week <= 0.1", false_days, false_days <= 0.1)?;
    goal("test half: F1 above the best tuned peer by >= 0.10", ahead, ahead >= 0.1)?;
    goal("NAB CPU: false reds a series-week <= 0.05", cpu_reds, cpu_reds <= 0.05)?;
    if let Some(asked) = all.iter().find(|asked| asked.corpus.name == TEST) {
        let share = asked.intervals[0].share();
        goal("test half: 80 % intervals of leak hold 75 to 85 %", share, (0.75..=0.85).contains(&share))?;
        for (hours, coverage) in HORIZONS_H.into_iter().zip(&asked.foresight.values) {
            let (what, share) = (format!("test half: 80 % intervals of forecast, {hours} h"), coverage.share());
            goal(&what, share, (0.75..=0.85).contains(&share))?;
        }
        let share = asked.foresight.reach.share();
        goal("test half: 80 % intervals of forecast, time of the limit", share, (0.75..=0.85).contains(&share))?;
    }
    if let Some(aging) = of(AGING, "nidoto leak, suspects too").filter(|aging| aging.leaks > 0) {
        let what = format!("llm_aging: suspected or red, of {} runs, >= 0.80", aging.leaks);
        goal(&what, aging.recall(), aging.recall() >= 0.8)?;
    }
    Ok(())
}

/// Red stretches (reds more than an hour apart) on NAB.
fn cpu_false_reds(all: &[Asked<'_>]) -> usize {
    let Some(nab) = all.iter().find(|asked| asked.corpus.name == NAB) else { return 0 };
    let Some(ours) = nab.detectors.iter().position(|name| name == "nidoto leak") else { return 0 };
    let stretches = |reds: &[i64]| {
        let breaks = reds.windows(2).filter(|pair| pair[1] - pair[0] > super::case::HOUR_MS).count();
        breaks + usize::from(!reds.is_empty())
    };
    nab.reds.iter().map(|reds| stretches(&reds[ours])).sum()
}
