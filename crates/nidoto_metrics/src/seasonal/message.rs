//! A foretold peak in words and lines.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use nidoto_core::guard::Sketch;
use nidoto_core::{Blind, Finding, Place, Words, number, when};
use nidoto_promql::Labels;

use super::compare::Compared;
use super::peak::{Foretold, WEEKS_MIN};
use crate::fold::{HOUR_MS, Row};
use crate::night::moment;

/// What the coming peak is.
pub fn peak(labels: &Labels, foretold: &Foretold, limit: f64, now_h: i64, zone: &TimeZone) -> Finding {
    let Foretold { level, ratio: (low, mid, high), weeks_n, .. } = *foretold;
    let at = |ratio: f64| number(level * ratio);
    let (level, limit, ratio) = (number(level), number(limit), format!("{mid:.2}"));
    let interval = format!("{low:.2} – {high:.2}");
    let peaks = format!("{} – {}", at(low), at(high));
    let when =
        start_ms(foretold.date, foretold.hour, zone).map(|ms| moment(ms, now_h * HOUR_MS, zone)).unwrap_or_default();
    let what = Words::new(
        format!(
            "at today's level of {level} the peak reaches {} ({peaks}, 80 % sure), about {}; the limit is {limit}. \
             The last {weeks_n} peaks were {ratio} ({interval}) times the level before",
            at(mid),
            when.en
        ),
        format!(
            "今日の水準 {level} なら、ピークは {} 頃に {}（80 % の確度で {peaks}）、限度は {limit}。\
             直近 {weeks_n} 回のピークはその前の水準の {ratio} 倍（{interval}）でした",
            when.ja,
            at(mid)
        ),
    );
    Finding::new(what, Place::Series { labels: labels.to_string() })
}

/// How the last hours differ from the weeks before; the newest first.
pub fn change(labels: &Labels, hours: &[Compared]) -> Option<Finding> {
    let newest = hours.first()?;
    let percent = number((100.0 * newest.change().abs()).round());
    let (value, usual, n) = (number(newest.value), number(newest.usual), hours.len());
    let (en, ja) = if newest.change() > 0.0 { ("above", "高い") } else { ("below", "低い") };
    let what = Words::new(
        format!("{value} is {percent} % {en} the usual {usual} of this hour of the week, for {n} hours"),
        format!("{value} は同じ曜日・時刻の普段の値 {usual} より {percent} % {ja}（{n} 時間続けて）"),
    );
    Some(Finding::new(what, Place::Series { labels: labels.to_string() }))
}

fn start_ms(date: Date, hour: i8, zone: &TimeZone) -> Option<i64> {
    let at = zone.to_ambiguous_zoned(date.at(hour, 0, 0, 0)).compatible().ok()?;
    Some(when::ms(at.timestamp()))
}

/// The hours' highest values, today's level from now on, and the interval of the peak on its days.
pub fn drawing(row: &Row, foretold: &Foretold, now_h: i64, zone: &TimeZone) -> Option<Sketch> {
    let measured = row.hours.iter().map(|hour| (hour.at_h * HOUR_MS, hour.max)).collect();
    let begin_ms = start_ms(foretold.date, 0, zone)?.max(now_h * HOUR_MS);
    let end_ms = begin_ms + 48 * HOUR_MS;
    let level = foretold.level;
    let (low, _, high) = foretold.ratio;
    Some(Sketch {
        lines: vec![
            (Words::new("measured", "測定値"), measured),
            (Words::new("today's level", "今日の水準"), vec![((now_h - 48) * HOUR_MS, level), (begin_ms, level)]),
        ],
        bands: vec![(
            Words::new("the peak, 80 % sure", "ピーク（確度 80 %）"),
            vec![(begin_ms, level * low, level * high), (end_ms, level * low, level * high)],
        )],
        marks: Vec::new(),
    })
}

/// Why a young series is not judged.
pub fn too_short(query: &str) -> Blind {
    Blind::broken(Words::new(
        format!("insufficient history: `{query}` does not know {WEEKS_MIN} weeks of values above zero"),
        format!("履歴が足りません: `{query}` には 0 より大きい値が {WEEKS_MIN} 週間分ありません"),
    ))
}
