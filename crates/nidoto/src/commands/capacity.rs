//! `nidoto capacity`: over how long a push must be spread so that a value stays below a limit.

mod text;

use anyhow::{Result, bail};
use nidoto_core::evidence::SpanMs;
use nidoto_core::folder::{Change, Root};
use nidoto_core::{Words, when};
use nidoto_metrics::capacity::{Capacity, Estimate, Past, Plan, Push, capacity};
use nidoto_promql::{Expr, Matrix, Options};
use serde_json::json;

use super::on::{On, resolve};
use super::{moment, open};
use crate::Outcome;
use crate::cli::{self, Cli, ListFormat};
use crate::collect::prometheus;
use crate::output::Output;

/// Before the first push: the weeks that it is compared with.
const EARLIER_MS: i64 = 5 * 604_800_000;

/// Runs `nidoto capacity`. Green if the push fits (the plan `--over`, or any), red if it does not,
/// blind if the past does not tell.
pub fn run(cli: &Cli, output: Output, args: &cli::Capacity) -> Result<Outcome> {
    let (root, output) = open(cli, &cli.root, output)?;
    if !(args.size > 0.0 && args.size.is_finite() && args.below.is_finite()) || args.step.ms() == 0 {
        bail!(Words::new(
            "--size and --step must be above 0, and --below a number",
            "--size と --step は 0 より大きく、--below は数でなければなりません"
        ));
    }
    let zone = root.zone();
    let on = resolve(Some(&root), args.on.as_deref(), &zone, output)?;
    let now_ms = match &on {
        On::Series(recorded) => recorded.span.1,
        On::Server(..) => when::ms(jiff::Timestamp::now()),
    };
    let since_ms = match &args.since {
        Some(since) => when::ms(moment::read(Some(since), &zone)?),
        None => i64::MIN,
    };
    let pushes = pushes(&root, args, (since_ms, now_ms));
    let felt_ms = args.felt.ms();
    let from_ms = pushes.first().map_or(now_ms, |push| push.at_ms.saturating_sub(EARLIER_MS));
    let samples = samples(&on, args, (from_ms, now_ms), output)?;
    let at_ms = args.at.as_ref().map(|at| moment::read(Some(at), &zone).map(when::ms)).transpose()?;
    let past = Past { samples: &samples, step_ms: args.step.ms(), pushes: &pushes, felt_ms, zone: &zone };
    let answer = match capacity(&past, &Plan { size: args.size, limit: args.below, at_ms }) {
        Ok(answer) => answer,
        Err(why) => bail!(why),
    };
    let fits = fits(&answer, args);
    match args.format {
        ListFormat::Json => println!("{}", serde_json::to_string_pretty(&report(&answer, args, fits, &zone))?),
        ListFormat::Text => print!("{}", text::told(&answer, args, fits, &zone, output)),
    }
    Ok(if fits { Outcome::Green } else { Outcome::Red })
}

/// The pushes of known size within a span, in order of time.
fn pushes(root: &Root, args: &cli::Capacity, span: SpanMs) -> Vec<Push> {
    let zone = root.zone();
    let push = |change: &Change| {
        let at_ms = when::ms(change.time(&zone)?);
        let minutes = change.over.map_or(1.0, |over| (over.s as f64 / 60.0).max(1.0));
        let size = change.size.filter(|size| *size > 0.0 && size.is_finite())?;
        Some(Push { at_ms, size, minutes })
    };
    let is_meant = |change: &&Change| change.kind.as_deref() == Some(args.after.as_str());
    let all = root.changes.iter().filter(is_meant).filter_map(push);
    all.filter(|push| (span.0..=span.1).contains(&push.at_ms)).collect()
}

/// The one series of the query.
fn samples(on: &On, args: &cli::Capacity, span: SpanMs, output: Output) -> Result<Vec<(i64, f64)>> {
    let step_ms = args.step.ms();
    let floor = |ms: i64| ms.div_euclid(step_ms) * step_ms;
    let matrix: Matrix = match on {
        On::Series(recorded) => {
            let span = (floor(span.0.max(recorded.span.0)), floor(span.1));
            let expr = Expr::parse(&args.query)?;
            nidoto_promql::range(&recorded.series, &expr, span.0, span.1.max(span.0), step_ms, &Options::default())?
        }
        On::Server(name, source) => {
            let bar = output.progress(1, output.pick("collecting", "収集中"));
            let answer = prometheus::range(name, source, &args.query, (floor(span.0), floor(span.1)), step_ms);
            bar.finish_and_clear();
            answer?
        }
    };
    let n = matrix.len();
    let mut series = matrix.into_iter();
    match (series.next(), series.next()) {
        (Some((_, samples)), None) => Ok(samples),
        (None, _) => bail!(Words::new(
            format!("`{}` has no sample here", args.query),
            format!("`{}` のサンプルがここにはありません", args.query)
        )),
        (Some(_), Some(_)) => bail!(Words::new(
            format!("`{}` has {n} series, one is needed: add them up, or take the highest with max()", args.query),
            format!("`{}` には系列が {n} 本あります: 一本にしてください（sum() や max()）", args.query)
        )),
    }
}

/// Whether the push stays below the limit in nine of ten cases: as planned, or else in any way.
fn fits(answer: &Capacity, args: &cli::Capacity) -> bool {
    let planned = args.over.map_or(f64::INFINITY, |over| (over.s as f64 / 60.0).max(1.0));
    answer.minutes.high.is_finite() && answer.minutes.high <= planned
}

fn report(answer: &Capacity, args: &cli::Capacity, fits: bool, zone: &jiff::tz::TimeZone) -> serde_json::Value {
    let estimate = |e: &Estimate| json!({ "low": e.low, "mid": e.mid, "high": e.high });
    let impacts = answer.impacts.iter().map(|impact| {
        json!({
            "at": when::rfc3339(impact.push.at_ms, zone),
            "size": impact.push.size,
            "over_minutes": impact.push.minutes,
            "base": impact.base,
            "peak": impact.peak,
            "work": impact.work,
            "weeks": impact.weeks,
        })
    });
    json!({
        "query": args.query,
        "size": args.size,
        "below": args.below,
        "at": when::rfc3339(answer.at_ms, zone),
        "fits": fits,
        "faster_than_any_before": answer.beyond(args.size).is_some(),
        "minutes": estimate(&answer.minutes),
        "base": estimate(&answer.base),
        "base_weeks": answer.weeks,
        "peak_per_1000_a_minute": estimate(&answer.peak_per_1000),
        "work_per_1000": estimate(&answer.work_per_1000),
        "pushes": impacts.collect::<Vec<_>>(),
    })
}
