//! A leak in words and lines.

use jiff::tz::TimeZone;
use nidoto_core::guard::Band;
use nidoto_core::{Blind, Finding, Place, Words, number, when};
use nidoto_promql::Labels;

use super::doubt::Doubt;
use super::found::{Found, Tier};
use super::history::{HOURS, Unjudged};
use super::rise::KNOWN_MIN;
use crate::fold::HOUR_MS;

/// What a finding is told of.
pub struct Told<'t> {
    pub labels: &'t Labels,
    pub limit: f64,
    pub now_h: i64,
    pub knows_starts: bool,
}

impl Told<'_> {
    /// The finding, times in a zone.
    pub fn finding(&self, found: &Found, zone: &TimeZone) -> Finding {
        let what = match found.tier {
            Tier::Reached => self.reached(),
            Tier::Masked => self.masked(found),
            Tier::Brink | Tier::Fast | Tier::Slow | Tier::Suspect => self.rising(found, zone),
        };
        let first_h = self.now_h - HOURS as i64;
        Finding::new(what, Place::Series { labels: self.labels.to_string() })
            .since((first_h + found.from as i64) * HOUR_MS)
    }

    fn reached(&self) -> Words {
        let limit = number(self.limit);
        Words::new(
            format!("the lowest value of each of the last three hours is beyond the limit {limit}"),
            format!("直近 3 時間、最低値も限度 {limit} を超えています"),
        )
    }

    fn masked(&self, found: &Found) -> Words {
        let (agree, lives) = found.lives.unwrap_or_default();
        let slope = self.per_day(found);
        Words::new(
            format!("restarts hide a leak: it kept rising in {agree} of the last {lives} uptimes{}", slope.en),
            format!(
                "再起動がリークを隠しています: 直近 {lives} 回の稼働のうち {agree} 回で上がり続けました{}",
                slope.ja
            ),
        )
    }

    fn rising(&self, found: &Found, zone: &TimeZone) -> Words {
        let (en, ja) = match found.tier {
            Tier::Brink => ("nearly full", "満杯寸前"),
            Tier::Fast => ("fast leak", "急なリーク"),
            Tier::Slow => ("slow leak", "ゆっくりしたリーク"),
            _ => ("suspected leak", "リークの疑い"),
        };
        let (slope, reach) = (self.per_day(found), self.reach(found, zone));
        let starts = if self.knows_starts {
            ("", "")
        } else {
            ("; restarts are not known", "。再起動の時刻は不明です")
        };
        let doubt = found.doubt.map(Doubt::words).unwrap_or_default();
        Words::new(
            format!("{en}: the floor rises{}{}{}{}", slope.en, reach.en, doubt.en, starts.0),
            format!("{ja}: 下限が上昇{}{}{}{}", slope.ja, reach.ja, doubt.ja, starts.1),
        )
    }

    /// The rise in a day, in the query's unit and in percent of the limit.
    fn per_day(&self, found: &Found) -> Words {
        let percent = found.slope * 24.0;
        if percent <= 0.0 {
            return Words::default();
        }
        let (value, percent) = (number(rounded(self.limit * percent / 100.0)), number(rounded(percent)));
        Words::new(
            format!(" by {value} a day ({percent} % of the limit)"),
            format!("（1 日に {value}、限度の {percent} %）"),
        )
    }

    /// When the peaks reach the limit. Beyond a year no date is told.
    fn reach(&self, found: &Found, zone: &TimeZone) -> Words {
        let Some((early_h, mid_h, late_h)) = found.reach_h else { return Words::default() };
        if mid_h > YEAR_H {
            return Words::new("; the limit is more than a year away", "。限度までは 1 年以上");
        }
        let at = |hours: f64| when::short(self.now_h * HOUR_MS + (hours * HOUR_MS as f64) as i64, zone);
        let early = at(early_h);
        if late_h > YEAR_H {
            return Words::new(
                format!("; the limit is reached after {early} (90 % sure)"),
                format!("。限度に達するのは {early} より後（確度 90 %）"),
            );
        }
        let late = at(late_h);
        Words::new(
            format!("; the limit is reached between {early} and {late} (80 % sure)"),
            format!("。限度に達するのは {early} から {late} のあいだ（確度 80 %）"),
        )
    }
}

const YEAR_H: f64 = 8_760.0;

/// Three digits say enough of an estimate.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let unit = 10_f64.powf(value.abs().log10().floor() - 2.0);
    (value / unit).round() * unit
}

/// A leak to be drawn.
pub struct Drawing<'d> {
    pub found: &'d Found,
    pub limit: f64,
    pub now_h: i64,
}

impl Drawing<'_> {
    fn value(&self, percent: f64) -> f64 {
        percent * self.limit / 100.0
    }

    fn at_ms(&self, hours: f64) -> i64 {
        self.now_h * HOUR_MS + (hours.min(YEAR_H) * HOUR_MS as f64) as i64
    }

    /// The floor's line through what was measured, on to the limit.
    pub fn trend(&self) -> Option<(Words, Vec<(i64, f64)>)> {
        let (_, mid_h, _) = self.found.reach_h?;
        let back_h = (HOURS - self.found.from) as f64;
        let begin = self.found.floor - self.found.slope * back_h;
        let end = self.found.floor + self.found.slope * mid_h;
        let line = vec![(self.at_ms(-back_h), self.value(begin)), (self.at_ms(mid_h), self.value(end))];
        Some((Words::new("trend", "傾向"), line))
    }

    /// Where the peaks will be: from now to the limit, early and late.
    pub fn cone(&self) -> Option<(Words, Band)> {
        let (early_h, _, late_h) = self.found.reach_h?;
        let now = self.found.floor + self.found.swing;
        let level = |hours: f64, reach_h: f64| {
            let share = if reach_h > 0.0 { (hours / reach_h).min(1.0) } else { 1.0 };
            self.value(now + (100.0 - now) * share)
        };
        let late_h = late_h.min(YEAR_H);
        let steps = (0..=24).map(|step| late_h * f64::from(step) / 24.0);
        let band = steps.map(|h| (self.at_ms(h), level(h, late_h), level(h, early_h))).collect();
        Some((Words::new("80 % forecast", "80 % 予測"), band))
    }
}

/// Why a series is not judged.
pub fn unjudged(query: &str, why: Unjudged) -> Blind {
    Blind::broken(match why {
        Unjudged::Short => Words::new(
            format!("`{query}` has less than {KNOWN_MIN} h of history: wait, or ask a source that keeps more"),
            format!("`{query}` の履歴が {KNOWN_MIN} 時間に足りません: 待つか、履歴の長いデータ源を使ってください"),
        ),
        Unjudged::Gaps => Words::new(
            format!("`{query}` lacks samples in more than half of the last 24 h: see to its scrapes"),
            format!("`{query}` は直近 24 時間の半分以上でサンプルが足りません: スクレイプを確かめてください"),
        ),
        Unjudged::Uncollected => Words::new(
            format!(
                "`{query}` has not been collected at large since it started, so its floor is unknown: wait, or ask for jvm_gc_live_data_size_bytes"
            ),
            format!(
                "`{query}` は起動後まだ大きく回収されておらず、下限が分かりません: 待つか、jvm_gc_live_data_size_bytes を使ってください"
            ),
        ),
    })
}
