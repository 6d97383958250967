//! A leak guard at work: it looks once an hour, and remembers what it folded and found.

use std::collections::BTreeMap;

use nidoto_core::guard::{Judgement, Sketch, Watch};
use nidoto_core::{Blind, View, Words};
use nidoto_promql::Labels;

use super::found::{Found, HOLD_H_MAX, look};
use super::history::{HOURS, History, Unjudged};
use super::{FOLD_H, Leak, message};
use crate::fold::{self, Fold, HOUR_MS, Row};
use crate::limit::{self, Limit};
use crate::partner::Partners;

/// A leak guard at work. What it finds of an hour depends on the hours before it alone, so that it
/// may remember what it found: a look that starts anew finds the same.
pub struct LeakWatch<'g> {
    leak: &'g Leak,
    values: Fold,
    limits: Option<Fold>,
    starts: Option<Fold>,
    /// What was found at the last hours, newest last.
    looks: Vec<(i64, Looks)>,
    /// What was said at the last hour.
    said: Option<(i64, Said)>,
}

/// What a look found of each series; an error where it could not judge one.
type Looks = BTreeMap<Labels, Result<Look, Words>>;

#[derive(Clone, Debug)]
struct Look {
    /// The newest limit, in the unit of the query.
    limit: f64,
    unjudged: Option<Unjudged>,
    found: Option<Found>,
}

#[derive(Clone, Default)]
struct Said {
    judgement: Judgement,
    /// The series that is drawn, and its limit.
    lead: Option<(Labels, f64)>,
}

impl<'g> LeakWatch<'g> {
    pub fn new(leak: &'g Leak) -> Self {
        let fold = |query: &str| Fold::new(query, FOLD_H);
        Self {
            leak,
            values: fold(&leak.query),
            limits: leak.limit.query().map(fold),
            starts: leak.started.as_deref().map(fold),
            looks: Vec::new(),
            said: None,
        }
    }

    /// Folds the hours that are complete and looks at each that was not looked at yet.
    fn advance(&mut self, view: &View<'_>) -> Result<i64, Blind> {
        self.values.advance(view)?;
        for fold in [&mut self.limits, &mut self.starts].into_iter().flatten() {
            fold.advance(view)?;
        }
        let now_h = Fold::hour(view);
        self.looks.retain(|(at_h, _)| (now_h - HOLD_H_MAX as i64 + 1..=now_h).contains(at_h));
        let points = (HOUR_MS as f64 / view.every_ms() as f64).max(1.0);
        for at_h in now_h - HOLD_H_MAX as i64 + 1..=now_h {
            if !self.looks.iter().any(|(looked_h, _)| *looked_h == at_h) {
                let looks = self.look(at_h, points);
                self.looks.push((at_h, looks));
            }
        }
        self.looks.sort_by_key(|(at_h, _)| *at_h);
        Ok(now_h)
    }

    /// Looks at the hours before an hour, in every series that has some.
    fn look(&self, at_h: i64, points: f64) -> Looks {
        let from_h = at_h - HOURS as i64;
        let has_hours = |row: &&Row| row.between(from_h, at_h).next().is_some();
        let limits = self.limits.as_ref().map(|fold| partners(fold, from_h, at_h));
        let starts = self.starts.as_ref().map(|fold| partners(fold, from_h, at_h));
        let one = |row: &Row| -> Result<Look, Words> {
            let limit = self.limit(row, limits.as_ref(), from_h, at_h)?;
            let starts = starts.as_ref().map(|starts| starts.of(&row.bare).map_err(|why| no_start(&row.labels, &why)));
            let history = History::new(row, limit, starts.transpose()?, at_h, points, self.leak.is_lazy);
            Ok(Look { limit, unjudged: history.unjudged(), found: look(&history, self.leak.within_h) })
        };
        self.values.rows().filter(has_hours).map(|row| (row.labels.clone(), one(row))).collect()
    }

    /// The newest limit of a series.
    fn limit(&self, row: &Row, limits: Option<&Partners<'_, Row>>, from_h: i64, at_h: i64) -> Result<f64, Words> {
        let limit = match (&self.leak.limit, limits) {
            (Limit::Number(limit), _) => Some(*limit),
            (Limit::Query(_), None) => None,
            (Limit::Query(_), Some(limits)) => {
                let partner = limits.of(&row.bare).map_err(|why| limit::missing(&row.labels, &why))?;
                partner.between(from_h, at_h).next_back().map(|hour| hour.last)
            }
        };
        limit.filter(|limit| *limit > 0.0).ok_or_else(|| {
            let not_positive = Words::new("it is not above zero", "0 より大きくありません");
            limit::missing(&row.labels, &not_positive)
        })
    }

    /// What the newest look found, if as many looks on end found something as its tier waits for;
    /// and whether all of them were red.
    fn held(&self, labels: &Labels) -> Option<(&Found, bool)> {
        let newest_first = self.looks.iter().rev();
        let found: Vec<&Found> = newest_first.map_while(|(_, looks)| found_in(looks, labels)).collect();
        let newest = *found.first()?;
        let held = found.get(..newest.hold_h())?;
        Some((newest, held.iter().all(|found| self.leak.is_red(found.tier))))
    }

    fn say(&self, view: &View<'_>, now_h: i64) -> Said {
        let mut said = Said::default();
        let Some((_, newest)) = self.looks.last() else { return said };
        let mut worst: Option<(bool, f64)> = None;
        let (mut is_judged, mut unjudged) = (false, None);
        for (labels, look) in newest {
            let Some(row) = self.values.row(labels).filter(|row| is_current(row, now_h)) else { continue };
            let look = match look {
                Ok(look) => look,
                Err(why) => {
                    said.judgement.blind = Some(Blind::broken(why.clone()));
                    continue;
                }
            };
            is_judged |= look.unjudged.is_none();
            unjudged = look.unjudged.or(unjudged);
            let held = self.held(labels);
            let rank = rank(held, row, look.limit);
            if worst.is_none_or(|worst| rank < worst) {
                worst = Some(rank);
                said.lead = Some((labels.clone(), look.limit));
            }
            if let Some((found, is_red)) = held {
                let told = message::Told { labels, limit: look.limit, now_h, knows_starts: self.starts.is_some() };
                let finding = told.finding(found, view.zone());
                if is_red { &mut said.judgement.findings } else { &mut said.judgement.notes }.push(finding);
            }
        }
        // A young process beside grown ones is no reason to be blind; where none could be judged, all is unknown.
        if !is_judged && said.judgement.blind.is_none() {
            let why = unjudged.unwrap_or(Unjudged::Short);
            said.judgement.blind = Some(message::unjudged(&self.leak.query, why));
        }
        said
    }

    /// What was said at the last hour stands until the next; the value and its presence are of now.
    fn look_now(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        if let Some(unfit) = self.leak.unfit {
            return Err(Blind::broken(unfit.why()));
        }
        let now_h = self.advance(view)?;
        let said = match self.said.take() {
            Some((at_h, said)) if at_h == now_h => said,
            _ => self.say(view, now_h),
        };
        let mut judgement = said.judgement.clone();
        if let Some((labels, limit)) = &said.lead {
            judgement.value = view.point(&self.leak.query, labels)?;
            judgement.limit = Some(*limit);
        }
        self.said = Some((now_h, said));
        if judgement.value.is_none() && !speaks(view, &self.leak.query)? {
            return Err(fold::fell_silent(&self.leak.query));
        }
        Ok(judgement)
    }

    /// The floor, the trend to the limit, the interval, the restarts, as they stand at an instant.
    fn drawn(&mut self, view: &View<'_>) -> Option<Sketch> {
        let now_h = self.advance(view).ok()?;
        let (labels, limit) = self.say(view, now_h).lead?;
        let row = self.values.row(&labels)?;
        let hours: Vec<(i64, f64)> = row.hours.iter().map(|hour| (hour.at_h * HOUR_MS, hour.min)).collect();
        let mut sketch = Sketch { lines: vec![(Words::new("floor", "下限"), hours)], ..Sketch::default() };
        if let Some((found, _)) = self.held(&labels) {
            let drawing = message::Drawing { found, limit, now_h };
            sketch.lines.extend(drawing.trend());
            sketch.bands.extend(drawing.cone());
        }
        let points = HOUR_MS as f64 / view.every_ms() as f64;
        let first_h = now_h - HOURS as i64;
        let starts = self.starts.as_ref().map(|fold| partners(fold, first_h, now_h));
        if let Some(starts) = starts.and_then(|starts| starts.of(&row.bare).ok()) {
            let history = History::new(row, limit, Some(starts), now_h, points, self.leak.is_lazy);
            let restart = |start: &usize| (Words::new("restart", "再起動"), (first_h + *start as i64) * HOUR_MS);
            sketch.marks = history.starts.iter().map(restart).collect();
        }
        Some(sketch)
    }
}

impl Watch for LeakWatch<'_> {
    fn judge(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        self.look_now(view)
    }

    fn sketch(&mut self, view: &View<'_>) -> Sketch {
        self.drawn(view).unwrap_or_default()
    }
}

/// Whether any series has a sample within the last hour.
fn speaks(view: &View<'_>, query: &str) -> Result<bool, Blind> {
    let window = view.between(query, view.last_ms() - HOUR_MS, view.last_ms())?;
    Ok(window.iter().next().is_some())
}

fn found_in<'l>(looks: &'l Looks, labels: &Labels) -> Option<&'l Found> {
    looks.get(labels)?.as_ref().ok()?.found.as_ref()
}

/// A series that spoke in one of the last complete hours.
fn is_current(row: &Row, now_h: i64) -> bool {
    row.hours.back().is_some_and(|hour| now_h - hour.at_h <= 2)
}

/// What to draw first: red before notes, then the nearest limit, then the highest floor.
fn rank(held: Option<(&Found, bool)>, row: &Row, limit: f64) -> (bool, f64) {
    match held {
        Some((found, is_red)) => (!is_red, found.reach_h.map_or(0.0, |reach| reach.1)),
        None => (true, 1e9 - row.hours.back().map_or(0.0, |hour| hour.min / limit)),
    }
}

fn partners(fold: &Fold, from_h: i64, at_h: i64) -> Partners<'_, Row> {
    Partners::new(fold.rows().filter(|row| row.between(from_h, at_h).next().is_some()).map(|row| (&row.bare, row)))
}

fn no_start(labels: &Labels, why: &Words) -> Words {
    Words::new(
        format!("{labels} has no start time: {}", why.en),
        format!("{labels} の開始時刻がありません: {}", why.ja),
    )
}
