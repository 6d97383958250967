//! What a finding says.

use nidoto_core::folder::Change;
use nidoto_core::guard::Sketch;
use nidoto_core::{View, Words, number, when};

use super::Step;
use super::jump::Jump;

/// The change, the jump, and what the same hours of earlier weeks did.
pub fn told(view: &View<'_>, change: &Change, jump: &Jump, falls: bool) -> Words {
    let (before, after, expected) = (number(jump.before), number(jump.after), number(jump.expected()));
    let (who_en, who_ja) = who(view, change, jump.at_ms);
    let (apart_en, apart_ja) = apart(jump);
    let (verb_en, verb_ja) = if falls { ("fell", "下がりました") } else { ("rose", "上がりました") };
    let (weeks_en, weeks_ja) = match jump.usual() {
        Some(usual) => {
            let (n, usual) = (jump.weeks.len(), signed(usual));
            let noun = if n == 1 { "the week before" } else { "earlier weeks" };
            (
                format!("the same hours of {noun} did {usual}, so {expected} was to be expected: {apart_en}"),
                format!("前の {n} 週の同じ時間帯では {usual} だったので、見込みは {expected}: {apart_ja}"),
            )
        }
        None => (
            format!("{apart_en}; no earlier week to compare with, so the limits are doubled"),
            format!("{apart_ja}。比べる前の週がないので、限度を倍にしています"),
        ),
    };
    Words::new(
        format!("the median {verb_en} from {before} to {after} after {who_en}; {weeks_en}"),
        format!("{who_ja}のあと、中央値が {before} から {after} に{verb_ja}。{weeks_ja}"),
    )
}

fn who(view: &View<'_>, change: &Change, at_ms: i64) -> (String, String) {
    let (what, at) = (&change.what, when::short(at_ms, view.zone()));
    let kind = change.kind.as_deref().unwrap_or("operation");
    match &change.by {
        Some(by) => (format!("{kind} `{what}` at {at} by {by}"), format!("{at} の {kind}「{what}」（{by}）")),
        None => (format!("{kind} `{what}` at {at}"), format!("{at} の {kind}「{what}」")),
    }
}

/// How far the value is from what was to be expected.
fn apart(jump: &Jump) -> (String, String) {
    let (excess, expected) = (jump.after - jump.expected(), jump.expected());
    let share = excess / expected.abs();
    let mut en = if share.is_finite() { format!("{:+.0} %", 100.0 * share) } else { signed(excess) };
    let mut ja = en.clone();
    let deviations = excess.abs() / jump.deviation;
    if deviations.is_finite() {
        en += &format!(", {deviations:.1} deviations");
        ja += &format!("、偏差の {deviations:.1} 倍");
    }
    (en, ja)
}

/// Levels before and after a change, and what it may be.
pub fn drawing(guard: &Step, jump: &Jump, samples: &[(i64, f64)], now_ms: i64) -> Sketch {
    let flat = |from_ms: i64, to_ms: i64, level: f64| vec![(from_ms, level), (to_ms, level)];
    let (expected, limit) = (jump.expected(), guard.limit(jump));
    Sketch {
        lines: vec![
            (Words::new("measured", "測定値"), samples.to_vec()),
            (Words::new("before", "変更前"), flat(jump.at_ms - guard.windows.before_ms, jump.at_ms, jump.before)),
            (Words::new("after", "変更後"), flat(now_ms - guard.windows.hold_ms, now_ms, jump.after)),
        ],
        bands: vec![(
            Words::new("expected, up to the limit", "見込みから限度まで"),
            vec![
                (jump.at_ms, expected.min(limit), expected.max(limit)),
                (now_ms, expected.min(limit), expected.max(limit)),
            ],
        )],
        marks: Vec::new(),
    }
}

fn signed(value: f64) -> String {
    if value < 0.0 { number(value) } else { format!("+{}", number(value)) }
}
