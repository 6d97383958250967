//! Growth in words and lines.

use nidoto_core::evidence::LogLine;
use nidoto_core::guard::Sketch;
use nidoto_core::{Span, View, Words, when};

use super::growth::Growth;
use super::process::has_clock;
use crate::size::shown;

const YEAR_H: f64 = 8_766.0;

/// Why collections that happened at no time are not judged.
pub fn no_times() -> Words {
    Words::new(
        "the log does not tell when its collections were: give its lines a time",
        "GCの時刻がログから分かりません: 行に時刻を付けてください",
    )
}

/// What collections left, and the growth from there on to the limit.
pub fn drawing(floors: Vec<(i64, f64)>, growth: Option<&Growth>, limit: Option<f64>) -> Sketch {
    let mut lines = Vec::new();
    if let (Some(growth), Some((first_ms, _)), Some((last_ms, _))) = (growth, floors.first(), floors.last()) {
        let mut trend = vec![(*first_ms, growth.from), (*last_ms, growth.to)];
        let left_h = limit.map_or(0.0, |limit| (limit - growth.to) / growth.per_h.mid);
        if left_h > 0.0 && left_h < YEAR_H {
            trend.push((last_ms + (left_h * 3.6e6) as i64, limit.unwrap_or(growth.to)));
        }
        lines.push((Words::new("trend", "傾向"), trend));
    }
    lines.insert(0, (Words::new("after collections", "GCのあと"), floors));
    Sketch { lines, ..Sketch::default() }
}

fn hours(hours: f64) -> Span {
    Span::seconds((hours * 3_600.0).round() as i64)
}

/// How the heap of a process grew.
pub fn tell(growth: &Growth, pid: u64, is_full: bool) -> Words {
    let (from, to, n, over) = (shown(growth.from), shown(growth.to), growth.collections, hours(growth.hours));
    let (per_h, low, high) = (shown(growth.per_h.mid), shown(growth.per_h.low), shown(growth.per_h.high));
    let each = shown(growth.per_collection);
    let (what_en, what_ja) =
        if is_full { ("full collections", "フルGC") } else { ("cycles over the old generation", "Old領域のGC") };
    let (who_en, who_ja) =
        if pid == 0 { (String::new(), String::new()) } else { (format!("pid {pid}: "), format!("pid {pid}: ")) };
    Words::new(
        format!(
            "{who_en}the heap after {what_en} grew from {from} to {to} over {n} of them in {over}: {per_h} an hour ({low} to {high}), {each} each"
        ),
        format!(
            "{who_ja}{what_ja} {n} 回、{over} のあいだに、そのあとのヒープが {from} から {to} に増えました: 1時間に {per_h}（{low} から {high}）、1回に {each}"
        ),
    )
}

/// When the limit is reached: in the team's zone where the log tells the time of day, else how soon.
pub fn reached(view: &View<'_>, growth: &Growth, limit: f64, last: &LogLine) -> Words {
    let (soon_h, late_h) = ((limit - growth.to) / growth.per_h.high, (limit - growth.to) / growth.per_h.low);
    let limit = shown(limit);
    if soon_h <= 0.0 {
        return Words::new(format!("the limit of {limit} is reached"), format!("限度の {limit} に達しています"));
    }
    if soon_h > YEAR_H {
        return Words::new(
            format!("{limit} is reached in more than a year"),
            format!("{limit} に達するのは1年より先です"),
        );
    }
    let late = late_h <= YEAR_H;
    let at = |h: f64| {
        if has_clock(view, last) {
            when::short(last.at_ms.saturating_add((h * 3.6e6) as i64), view.zone())
        } else {
            hours(h).to_string()
        }
    };
    let (soon, late_en, late_ja) = (
        at(soon_h),
        if late { at(late_h) } else { "more than a year later".to_owned() },
        if late { at(late_h) } else { "1年より先".to_owned() },
    );
    if has_clock(view, last) {
        Words::new(
            format!("{limit} is reached between {soon} and {late_en}"),
            format!("{limit} に達するのは {soon} から {late_ja} のあいだです"),
        )
    } else {
        Words::new(
            format!("{limit} is reached {soon} to {late_en} after the last collection"),
            format!("{limit} に達するのは最後のGCの {soon} から {late_ja} 後です"),
        )
    }
}
