//! The answer for people.

use jiff::tz::TimeZone;
use nidoto_chart::{Cell, Column, Table};
use nidoto_core::{Lang, number, when};
use nidoto_metrics::capacity::{Capacity, Estimate};

use crate::cli;
use crate::output::Output;

/// The answer, what it rests on, and the pushes that it was learnt from.
pub fn told(answer: &Capacity, args: &cli::Capacity, fits: bool, zone: &TimeZone, output: Output) -> String {
    let mut table = Table::new([
        Column::left(output.pick("past push", "過去のプッシュ")),
        Column::right(output.pick("recipients", "宛先")),
        Column::right(output.pick("over", "時間")),
        Column::right(output.pick("without it", "なければ")),
        Column::right(output.pick("rose by", "上昇")),
        Column::right(output.pick("work per 1,000", "1,000件の仕事")),
        Column::right(output.pick("compared weeks", "比べた週")),
    ]);
    for impact in &answer.impacts {
        table.push([
            Cell::from(when::short(impact.push.at_ms, zone)),
            Cell::from(number(impact.push.size)),
            Cell::from(minutes(impact.push.minutes, output)),
            Cell::from(short(impact.base)),
            Cell::from(short(impact.peak)),
            Cell::from(short(1_000.0 * impact.work / impact.push.size)),
            Cell::from(impact.weeks.to_string()),
        ]);
    }
    let beyond = match (answer.beyond(args.size), output.lang) {
        (None, _) => String::new(),
        (Some(fastest), Lang::En) => {
            format!("\n! no past push went faster than {} a minute: go there in steps", number(fastest.round()))
        }
        (Some(fastest), Lang::Ja) => {
            format!("\n! 過去のプッシュは速くても1分に {} 件でした: 少しずつ速めてください", number(fastest.round()))
        }
    };
    format!(
        "{}{beyond}\n{}\n\n{}",
        verdict(answer, args, fits, output),
        basis(answer, zone, output),
        table.render(&output.style)
    )
}

fn verdict(answer: &Capacity, args: &cli::Capacity, fits: bool, output: Output) -> String {
    let (size, limit, query) = (number(args.size), number(args.below), &args.query);
    let Estimate { low, mid, high } = answer.minutes;
    let mark = if fits { "✔" } else { "✘" };
    if !high.is_finite() {
        return match output.lang {
            Lang::En => format!(
                "{mark} however a push of {size} is spread, `{query}` may not stay below {limit}: these hours alone may reach it"
            ),
            Lang::Ja => format!(
                "{mark} {size} 件のプッシュは、どう分けても `{query}` が {limit} を超えるおそれがあります: この時間帯だけで届きます"
            ),
        };
    }
    let (low, mid, high) = (minutes(low, output), minutes(mid, output), minutes(high, output));
    let plan = match (args.over, output.lang) {
        (None, _) => String::new(),
        (Some(over), Lang::En) if fits => format!("; {over} is enough"),
        (Some(over), Lang::En) => format!("; {over} is too short"),
        (Some(over), Lang::Ja) if fits => format!("。{over} で足ります"),
        (Some(over), Lang::Ja) => format!("。{over} では足りません"),
    };
    match output.lang {
        Lang::En => format!(
            "{mark} spread a push of {size} over {high} and `{query}` stays below {limit} (likely {mid}; four of five: {low} to {high}){plan}"
        ),
        Lang::Ja => format!(
            "{mark} {size} 件のプッシュを {high} に分ければ、`{query}` は {limit} より下にとどまります（おそらく {mid}、5回に4回は {low} から {high}）{plan}"
        ),
    }
}

fn basis(answer: &Capacity, zone: &TimeZone, output: Output) -> String {
    let at = when::zoned(answer.at_ms, zone).strftime("%Y-%m-%d %H:%M").to_string();
    let (base, peak, work) = (range(&answer.base), range(&answer.peak_per_1000), range(&answer.work_per_1000));
    let (weeks, n) = (answer.weeks, answer.impacts.len());
    match output.lang {
        Lang::En => format!(
            "Without a push it reaches {base} from {at} on ({weeks} weeks). 1,000 recipients a minute raise it by {peak}; 1,000 recipients bring {work} of work, value times minutes ({n} pushes)."
        ),
        Lang::Ja => format!(
            "プッシュがなければ {at} からの高さは {base}（{weeks} 週）。1分に1,000件で {peak} 上がり、1,000件の仕事（値×分）は {work}（プッシュ {n} 回）。"
        ),
    }
}

fn range(estimate: &Estimate) -> String {
    format!("{} ({} – {})", short(estimate.mid), short(estimate.low), short(estimate.high))
}

/// Three digits: these are estimates.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

/// Whole minutes, never too few; one minute is at once.
fn minutes(minutes: f64, output: Output) -> String {
    if minutes <= 1.0 {
        output.pick("1 min", "1 分").to_owned()
    } else {
        format!("{} {}", minutes.ceil(), output.pick("min", "分"))
    }
}
