//! A proof as a picture: the value, its limit, what the guard saw and said, on one time axis.

use jiff::tz::TimeZone;
use nidoto_chart::{Band, Chart, Level, Limit, Line, Marker, State as Ink, Strip, Style, Unit, terminal};
use nidoto_core::evidence::SpanMs;
use nidoto_core::folder::{Incident, Root, Times};
use nidoto_core::guard::Sketch;
use nidoto_core::prove::{Proof, State, Track};
use nidoto_core::{GuardSpec, Lang, Words, when};

use crate::output::{Output, utc_offset};

/// Rows of the plot.
const HEIGHT: usize = 8;

/// Draws what a guard said of an outage. Empty where there is nothing to draw.
#[must_use]
pub fn draw(root: &Root, incident: &Incident, spec: &GuardSpec, proof: &Proof, output: Output) -> String {
    let (track, sketch) = (&proof.outage, &proof.sketch);
    let (Some(first), Some(last)) = (track.spans.first(), track.spans.last()) else { return String::new() };
    let mut chart = chart(spec, track, sketch, (first.0, last.1), &root.zone(), output);
    chart.to_ms = end_ms(sketch, &incident.times, *first, last.1);
    let (from_ms, to_ms) = (chart.from_ms, chart.to_ms);
    chart.markers.splice(0..0, markers(root, incident, from_ms, to_ms, output));
    rendered(&chart, output)
}

/// Draws what a guard said of any time, with the events of that time.
#[must_use]
pub fn replayed(
    spec: &GuardSpec,
    track: &Track,
    sketch: &Sketch,
    zone: &TimeZone,
    events: Vec<Marker>,
    output: Output,
) -> String {
    let (Some(first), Some(last)) = (track.spans.first(), track.spans.last()) else { return String::new() };
    let mut chart = chart(spec, track, sketch, (first.0, last.1), zone, output);
    chart.to_ms = end_ms(sketch, &Times::default(), *first, last.1);
    chart.markers.splice(0..0, events);
    rendered(&chart, output)
}

fn chart(spec: &GuardSpec, track: &Track, sketch: &Sketch, span: SpanMs, zone: &TimeZone, output: Output) -> Chart {
    let mut chart = Chart::new("", span.0, span.1);
    chart.utc_offset = utc_offset(zone);
    chart.unit = unit(spec);
    let line = values(track, |moment| moment.value);
    if line.iter().any(|(_, value)| value.is_finite()) {
        chart.lines = vec![Line::new(spec.name.clone(), line)];
        chart.limits = vec![Limit { label: output.pick("limit", "限度").to_owned(), level: limit(track) }];
    }
    chart.lines.extend(sketch.lines.iter().map(|(name, line)| Line::straight(output.say(name), line.clone())));
    chart.bands = sketch.bands.iter().map(|(name, band)| Band::new(output.say(name), band.clone())).collect();
    chart.strips = vec![Strip::new(output.pick("verdict", "判定"), strip(track, spec.every_ms()))];
    chart.markers = sketch.marks.iter().map(|(name, at_ms)| mark(name, *at_ms, output)).collect();
    chart
}

fn rendered(chart: &Chart, output: Output) -> String {
    let has_values = !(chart.lines.is_empty() && chart.bands.is_empty());
    let style =
        Style { height: if has_values { HEIGHT } else { 1 }, width: output.style.width.min(140), ..output.style };
    terminal(chart, &style)
}

/// Where the time axis ends. What a guard foresaw lies behind the end of the evidence: it is shown
/// until the outage was resolved, or for a third more, but must not press the past together.
fn end_ms(sketch: &Sketch, times: &Times, first: SpanMs, end_ms: i64) -> i64 {
    let lines = sketch.lines.iter().flat_map(|(_, line)| line.last().map(|(at_ms, _)| *at_ms));
    let bands = sketch.bands.iter().flat_map(|(_, band)| band.last().map(|(at_ms, ..)| *at_ms));
    let foreseen_ms = lines.chain(bands).max().unwrap_or(end_ms);
    let resolved_ms = times.resolved.map_or(end_ms, when::ms);
    let third_ms = end_ms.saturating_add(end_ms.saturating_sub(first.0) / 3);
    foreseen_ms.min(resolved_ms.max(third_ms)).max(end_ms)
}

/// An event that the guard saw, by the first letter of its English name: R for a restart.
fn mark(name: &Words, at_ms: i64, output: Output) -> Marker {
    let letter = name.get(Lang::En).chars().next().unwrap_or('*').to_ascii_uppercase();
    Marker::new(at_ms, letter, output.say(name))
}

/// What the value measures, by the metric's name where the kind does not say it.
fn unit(spec: &GuardSpec) -> Unit {
    match spec.kind.name {
        "silence" => return Unit::Seconds,
        "restarts" => return Unit::Plain,
        "gc" => return Unit::Bytes,
        _ => {}
    }
    let query = spec.guard.needs().into_iter().find_map(|need| match need {
        nidoto_core::Need::Series { query, .. } => Some(query),
        _ => None,
    });
    let Some(query) = query else { return Unit::Plain };
    // Only a bare selector has its metric's unit: a rate of bytes is no number of bytes.
    let Ok(expr) = nidoto_promql::Expr::parse(&query) else { return Unit::Plain };
    let is_bare = !query.contains(['(', '[']);
    match expr.metric_names().as_slice() {
        [name] if is_bare => Unit::of_metric(name),
        _ => Unit::Plain,
    }
}

fn values(track: &Track, of: impl Fn(&nidoto_core::prove::Moment) -> Option<f64>) -> Vec<(i64, f64)> {
    track.moments.iter().map(|moment| (moment.at_ms, of(moment).unwrap_or(f64::NAN))).collect()
}

/// A limit that never moved is drawn as one line.
fn limit(track: &Track) -> Level {
    let mut limits = track.moments.iter().filter_map(|moment| moment.limit);
    let first = limits.next().unwrap_or(f64::NAN);
    if limits.all(|limit| limit == first) {
        Level::Constant(first)
    } else {
        Level::Samples(values(track, |moment| moment.limit))
    }
}

/// Moments to spans: what was said stands until the next word, or for one interval.
fn strip(track: &Track, every_ms: i64) -> Vec<(i64, i64, Ink)> {
    let ink = |state: State| match state {
        State::Green => Ink::Green,
        State::Pending => Ink::Pending,
        State::Blind => Ink::Blind,
        State::Red => Ink::Red,
    };
    let ends = track.moments.iter().skip(1).map(|next| next.at_ms);
    let last = track.moments.last().map_or(0, |moment| moment.at_ms + every_ms);
    track.moments.iter().zip(ends.chain([last])).map(|(moment, end)| (moment.at_ms, end, ink(moment.state))).collect()
}

fn markers(root: &Root, incident: &Incident, from_ms: i64, to_ms: i64, output: Output) -> Vec<Marker> {
    let mut markers = times(incident, output);
    let zone = root.zone();
    for change in &root.changes {
        if let Some(at) = change.time(&zone) {
            markers.push(Marker::new(when::ms(at), change.letter(), change.what.clone()));
        }
    }
    markers.retain(|marker| (from_ms..=to_ms).contains(&marker.t_ms));
    markers
}

/// The times of an incident, each with its letter.
#[must_use]
pub fn times(incident: &Incident, output: Output) -> Vec<Marker> {
    let named = [
        ("started", "開始", 's'),
        ("detected", "検知", 'd'),
        ("declared", "宣言", 'c'),
        ("mitigated", "緩和", 'm'),
        ("resolved", "解決", 'r'),
    ];
    let times = incident.times.named().into_iter().zip(named);
    let marker =
        |((_, at), (en, ja, letter)): ((&str, Option<jiff::Timestamp>), (&'static str, &'static str, char))| {
            at.map(|at| Marker::new(when::ms(at), letter, output.pick(en, ja)))
        };
    times.filter_map(marker).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_goes_on_for_a_third_or_until_all_was_over() {
        let at = |hours: i64| hours * 3_600_000;
        let foreseen = |hours: i64| Sketch {
            lines: vec![(Words::same("trend"), vec![(at(10), 1.0), (at(hours), 2.0)])],
            ..Sketch::default()
        };
        let times = |resolved: Option<i64>| Times {
            resolved: resolved.map(|hours| when::at_ms(at(hours))),
            ..Times::default()
        };
        let end = |sketch: &Sketch, resolved| end_ms(sketch, &times(resolved), (at(0), at(12)), at(12)) / at(1);
        assert_eq!(end(&Sketch::default(), Some(30)), 12, "nothing foreseen");
        assert_eq!(end(&foreseen(9), None), 12, "foreseen within the evidence");
        assert_eq!(end(&foreseen(14), None), 14, "a little more");
        assert_eq!(end(&foreseen(900), None), 16, "a third more");
        assert_eq!(end(&foreseen(900), Some(30)), 30, "until it was resolved");
    }
}
