//! A forecast guard at work: it looks once an hour, and remembers what it folded and fitted.

use std::collections::BTreeMap;

use nidoto_core::guard::{Judgement, Sketch, Watch};
use nidoto_core::{Blind, Finding, View, Words};
use nidoto_promql::Labels;

use super::Forecast;
use super::backtest::{Backtest, FIT_H};
use super::message::{self, Told};
use super::outlook::{Outlook, Reach};
use crate::fold::{self, Fold, HOUR_MS, Row};
use crate::limit::Limit;
use crate::night::{Ahead, ahead};
use crate::partner::Partners;

/// The history of a backtest, in hours: that of one fit, and the time over which it is tried.
const HISTORY_H: i64 = 2 * FIT_H as i64;
/// Backtests are made of what was known at the last midnight (UTC).
const DAY_H: i64 = 24;
/// As many looks in a row must agree: one odd hour turns nothing red.
const HOLD_H: i64 = 3;
/// What the fold keeps: the window of each of those looks.
pub const FOLD_H: i64 = HISTORY_H + DAY_H + HOLD_H;
/// Less history than this tells nothing.
const HISTORY_MIN_H: i64 = 72;
/// How long before bedtime people can still act.
const EVENING_MS: i64 = 4 * HOUR_MS;

/// A forecast guard at work. What it foresees at an hour depends on the hours before it alone, so
/// that it may remember: a look that starts anew foresees the same.
pub struct ForecastWatch<'g> {
    guard: &'g Forecast,
    values: Fold,
    limits: Option<Fold>,
    /// By series and midnight.
    backtests: BTreeMap<(Labels, i64), Option<Backtest>>,
    /// What was foreseen at the last hours, newest last.
    looks: Vec<(i64, Looks)>,
    /// What was said at the last hour.
    said: Option<(i64, Said)>,
}

/// What a look foresaw of each series; an error where it could not judge it.
type Looks = BTreeMap<Labels, Result<Look, Words>>;

#[derive(Clone, Copy, Debug)]
struct Look {
    /// The newest limit, in the unit of the query.
    limit: f64,
    /// The newest value, the highest of its hour (with `below` the lowest).
    value: f64,
    /// None of a series that is too young.
    reach: Option<Reach>,
}

#[derive(Clone, Default)]
struct Said {
    judgement: Judgement,
    /// The limits of all series that were judged.
    limits: BTreeMap<Labels, f64>,
    /// The series that is drawn.
    lead: Option<Labels>,
}

impl<'g> ForecastWatch<'g> {
    pub fn new(guard: &'g Forecast) -> Self {
        let limits = guard.limit.query().map(|query| Fold::new(query, FOLD_H));
        let values = Fold::new(&guard.query, FOLD_H);
        Self { guard, values, limits, backtests: BTreeMap::new(), looks: Vec::new(), said: None }
    }

    /// Folds the hours that are complete and looks at each that was not looked at yet.
    fn advance(&mut self, view: &View<'_>) -> Result<i64, Blind> {
        self.values.advance(view)?;
        if let Some(limits) = &mut self.limits {
            limits.advance(view)?;
        }
        let now_h = Fold::hour(view);
        let hours = now_h - HOLD_H + 1..=now_h;
        let midnights = midnight(*hours.start())..=midnight(now_h);
        self.backtests.retain(|(_, at_h), _| midnights.contains(at_h));
        self.looks.retain(|(at_h, _)| hours.contains(at_h));
        for at_h in hours {
            if !self.looks.iter().any(|(looked_h, _)| *looked_h == at_h) {
                let looks = self.look(at_h);
                self.looks.push((at_h, looks));
            }
        }
        self.looks.sort_by_key(|(at_h, _)| *at_h);
        Ok(now_h)
    }

    /// Looks ahead from an hour, in every series that speaks.
    fn look(&mut self, at_h: i64) -> Looks {
        let mut looks = Looks::new();
        let from_h = at_h - HISTORY_H;
        let limits = self
            .limits
            .as_ref()
            .map(|fold| Partners::new(fold.rows().filter(|row| speaks(row, from_h, at_h)).map(|row| (&row.bare, row))));
        for row in self.values.rows().filter(|row| speaks(row, at_h - 2, at_h)) {
            let limit = match limit(self.guard, row, limits.as_ref(), from_h, at_h) {
                Ok(limit) => limit,
                Err(why) => {
                    looks.insert(row.labels.clone(), Err(why));
                    continue;
                }
            };
            let midnight_h = midnight(at_h);
            let backtest = self.backtests.entry((row.labels.clone(), midnight_h)).or_insert_with(|| {
                let history = history(self.guard, row, midnight_h - HISTORY_H, midnight_h);
                (history.len() as i64 >= HISTORY_MIN_H - DAY_H).then(|| Backtest::of(&history)).flatten()
            });
            let Some(value) = newest(self.guard, row, at_h) else { continue };
            let outlook = outlook(self.guard, row, backtest.as_ref(), at_h);
            let reach = outlook.map(|outlook| outlook.reach(self.guard.turned(limit), self.guard.sure));
            looks.insert(row.labels.clone(), Ok(Look { limit, value, reach }));
        }
        looks
    }

    /// Whether the limit of a series is due within the time, and whether it may be in the night. All
    /// looks of the hold must agree.
    fn held(&self, labels: &Labels, night: Option<Ahead>) -> (bool, bool) {
        let reach = |looks: &Looks| looks.get(labels)?.as_ref().ok()?.reach;
        let all: Vec<(i64, Reach)> =
            self.looks.iter().filter_map(|(at_h, looks)| Some((*at_h, reach(looks)?))).collect();
        let is_held = all.len() as i64 == HOLD_H;
        let within = |reach: &Reach| reach.sure.is_some_and(|hour| hour < self.guard.within_h);
        let may_be_tonight = |(at_h, reach): &(i64, Reach)| {
            let at_ms = |hour: usize| (at_h + hour as i64) * HOUR_MS;
            night
                .zip(reach.early.zip(reach.mid))
                .is_some_and(|(night, (early, mid))| at_ms(early) < night.wake_ms && at_ms(mid) < night.next_bed_ms)
        };
        (is_held && all.iter().all(|(_, reach)| within(reach)), is_held && all.iter().all(may_be_tonight))
    }

    fn say(&self, view: &View<'_>, now_h: i64) -> Said {
        let mut said = Said::default();
        let Some((_, newest)) = self.looks.last() else { return said };
        let evening = self.evening(view, now_h);
        let mut is_old_enough = false;
        let mut first: Option<(bool, usize)> = None;
        for (labels, look) in newest {
            let look = match look {
                Ok(look) => look,
                Err(why) => {
                    said.judgement.blind = Some(Blind::broken(why.clone()));
                    continue;
                }
            };
            is_old_enough |= look.reach.is_some();
            said.limits.insert(labels.clone(), look.limit);
            let finding = self.finding(view, now_h, labels, look, evening);
            let mid = look.reach.and_then(|reach| reach.mid);
            let rank = (finding.is_none(), mid.unwrap_or(usize::MAX));
            if first.is_none_or(|first| rank < first) {
                first = Some(rank);
                said.lead = Some(labels.clone());
            }
            said.judgement.findings.extend(finding);
        }
        if said.judgement.blind.is_none() && !is_old_enough {
            said.judgement.blind = Some(message::too_short(&self.guard.query, HISTORY_MIN_H));
        }
        said
    }

    /// The night that people must prepare for now.
    fn evening(&self, view: &View<'_>, now_h: i64) -> Option<Ahead> {
        let night = view.night().filter(|_| self.guard.nights)?;
        let night = ahead(now_h * HOUR_MS, view.zone(), night)?;
        (now_h * HOUR_MS >= night.bed_ms - EVENING_MS).then_some(night)
    }

    fn finding(
        &self,
        view: &View<'_>,
        now_h: i64,
        labels: &Labels,
        look: &Look,
        evening: Option<Ahead>,
    ) -> Option<Finding> {
        let told = Told { guard: self.guard, labels, now_h, zone: view.zone() };
        if self.guard.turned(look.value) >= self.guard.turned(look.limit) {
            return Some(told.reached(look.value, look.limit));
        }
        let (due, tonight) = self.held(labels, evening);
        let reach = look.reach.filter(|_| due || tonight)?;
        Some(told.coming(look.limit, look.value, reach, evening.filter(|_| tonight)))
    }

    /// What was said at the last hour stands until the next; the values are of now.
    fn look_now(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        let now_h = self.advance(view)?;
        let said = match self.said.take() {
            Some((at_h, said)) if at_h == now_h => said,
            _ => self.say(view, now_h),
        };
        let mut judgement = said.judgement.clone();
        let window = view.between(&self.guard.query, view.last_ms() - HOUR_MS, view.last_ms())?;
        let mut has_spoken = false;
        for (labels, samples) in window.iter() {
            has_spoken = true;
            let (Some(limit), Some((at_ms, value))) = (said.limits.get(labels), samples.last()) else { continue };
            if *at_ms != view.last_ms() {
                continue;
            }
            if said.lead.as_ref() == Some(labels) {
                (judgement.value, judgement.limit) = (Some(*value), Some(*limit));
            }
            let told = Told { guard: self.guard, labels, now_h, zone: view.zone() };
            let is_told = judgement.findings.iter().any(|finding| finding.place == told.place());
            if !is_told && self.guard.turned(*value) >= self.guard.turned(*limit) {
                judgement.findings.push(told.reached(*value, *limit));
            }
        }
        self.said = Some((now_h, said));
        if !has_spoken {
            return Err(fold::fell_silent(&self.guard.query));
        }
        Ok(judgement)
    }

    /// The forecast of the leading series, as it stands at an instant.
    fn drawn(&mut self, view: &View<'_>) -> Option<Sketch> {
        let now_h = self.advance(view).ok()?;
        let labels = self.say(view, now_h).lead?;
        let row = self.values.row(&labels)?;
        let backtest = self.backtests.get(&(labels.clone(), midnight(now_h)))?.as_ref();
        let outlook = outlook(self.guard, row, backtest, now_h)?;
        let reach = self.looks.last()?.1.get(&labels)?.as_ref().ok()?.reach?;
        // A little behind the middle of the interval, so that the crossing is seen.
        let within_h = self.guard.within_h;
        let horizon_h = reach.mid.map_or(within_h, |mid| (mid + mid / 4 + 6).min(2 * within_h));
        Some(message::drawing(self.guard, &outlook.values(horizon_h), now_h))
    }
}

impl Watch for ForecastWatch<'_> {
    fn judge(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        self.look_now(view)
    }

    fn sketch(&mut self, view: &View<'_>) -> Sketch {
        self.drawn(view).unwrap_or_default()
    }
}

fn midnight(at_h: i64) -> i64 {
    at_h.div_euclid(DAY_H) * DAY_H
}

fn speaks(row: &Row, from_h: i64, to_h: i64) -> bool {
    row.between(from_h, to_h).next().is_some()
}

/// The hourly values from one hour to another from the first that is known, turned so that the limit
/// is above; NaN where there is none.
fn history(guard: &Forecast, row: &Row, from_h: i64, to_h: i64) -> Vec<f64> {
    let hours = row.between(from_h, to_h);
    let Some(first) = hours.clone().next() else { return Vec::new() };
    let mut out = vec![f64::NAN; (to_h - first.at_h) as usize];
    for hour in hours {
        out[(hour.at_h - first.at_h) as usize] = guard.turned(if guard.below { hour.min } else { hour.max });
    }
    out
}

/// The newest value before an hour.
fn newest(guard: &Forecast, row: &Row, at_h: i64) -> Option<f64> {
    row.between(at_h - 2, at_h).next_back().map(|hour| if guard.below { hour.min } else { hour.max })
}

/// What lies ahead of an hour.
fn outlook<'b>(guard: &Forecast, row: &Row, backtest: Option<&'b Backtest>, at_h: i64) -> Option<Outlook<'b>> {
    Outlook::new(&history(guard, row, at_h - FIT_H as i64, at_h), backtest?)
}

/// The newest limit of a series.
fn limit(
    guard: &Forecast,
    row: &Row,
    limits: Option<&Partners<'_, Row>>,
    from_h: i64,
    at_h: i64,
) -> Result<f64, Words> {
    let no_limit = |why: &Words| {
        let labels = &row.labels;
        Words::new(format!("{labels} has no limit: {}", why.en), format!("{labels} の限度がありません: {}", why.ja))
    };
    match (&guard.limit, limits) {
        (Limit::Number(limit), _) => Ok(*limit),
        (Limit::Query(_), limits) => {
            let none = Words::new("its query answers nothing", "クエリの答えがありません");
            let limits = limits.ok_or_else(|| no_limit(&none))?;
            let partner = limits.of(&row.bare).map_err(|why| no_limit(&why))?;
            partner.between(from_h, at_h).next_back().map(|hour| hour.last).ok_or_else(|| no_limit(&none))
        }
    }
}
