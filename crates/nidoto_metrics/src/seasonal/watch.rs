//! A seasonal guard at work: it foretells once a day and compares once an hour.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use nidoto_core::guard::{Judgement, Sketch, Watch};
use nidoto_core::{Blind, Finding, View, Words, when};
use nidoto_promql::Labels;

use super::compare::{Compared, compare};
use super::peak::{Day, Foretold, days, foretell};
use super::{Seasonal, message};
use crate::fold::{self, Fold, HOUR_MS, Row};
use crate::limit::{self, Limit};
use crate::partner::Partners;

/// How many weeks are known at most.
pub const WEEKS: i64 = 8;
/// As many hours in a row must differ.
pub const HOLD_H: i64 = 3;
/// What the days are made of: the weeks, and the days before the first peak.
const DAYS_H: i64 = (WEEKS + 1) * 7 * 24;
/// What the fold keeps: those, and the day that has begun.
pub const FOLD_H: i64 = DAYS_H + 26;

/// A seasonal guard at work. The days that it knows depend on the hours before midnight alone, so that
/// it may remember them until the next.
pub struct SeasonalWatch<'g> {
    guard: &'g Seasonal,
    values: Fold,
    limits: Option<Fold>,
    /// By series, the midnight (in hours) and the days before it.
    days: BTreeMap<Labels, (i64, Vec<Day>)>,
    /// What was said at the last hour.
    said: Option<(i64, Said)>,
}

#[derive(Clone, Default)]
struct Said {
    judgement: Judgement,
    /// The series that is drawn.
    lead: Option<Labels>,
}

impl Said {
    /// What is foretold of a series.
    fn note(&mut self, row: &Row, limit: f64, foretold: &Foretold, now_h: i64, zone: &TimeZone) {
        let value = foretold.level * foretold.sure;
        let worst = self.judgement.value.zip(self.judgement.limit).map(|(value, limit)| value / limit);
        if worst.is_none_or(|worst| value / limit > worst) {
            (self.judgement.value, self.judgement.limit) = (Some(value), Some(limit));
            self.lead = Some(row.labels.clone());
        }
        if value >= limit {
            self.judgement.findings.push(message::peak(&row.labels, foretold, limit, now_h, zone));
        }
    }
}

impl<'g> SeasonalWatch<'g> {
    pub fn new(guard: &'g Seasonal) -> Self {
        let limits = guard.limit.as_ref().and_then(Limit::query).map(|query| Fold::new(query, FOLD_H));
        Self { guard, values: Fold::new(&guard.query, FOLD_H), limits, days: BTreeMap::new(), said: None }
    }

    fn advance(&mut self, view: &View<'_>) -> Result<i64, Blind> {
        self.values.advance(view)?;
        if let Some(limits) = &mut self.limits {
            limits.advance(view)?;
        }
        let now_h = Fold::hour(view);
        let (_, midnight_h) = today(now_h, view.zone());
        let values = &self.values;
        self.days.retain(|labels, (at_h, _)| *at_h == midnight_h && values.row(labels).is_some());
        for row in values.rows() {
            if !self.days.contains_key(&row.labels) {
                let days = days(row.between(midnight_h - DAYS_H, midnight_h), view.zone());
                self.days.insert(row.labels.clone(), (midnight_h, days));
            }
        }
        Ok(now_h)
    }

    fn say(&self, view: &View<'_>, now_h: i64) -> Said {
        let mut said = Said::default();
        let (mut is_foretold, mut is_compared) = (self.guard.limit.is_none(), self.guard.change.is_none());
        let limits = self.limits.as_ref().map(|fold| Partners::new(fold.rows().map(|row| (&row.bare, row))));
        for row in self.values.rows().filter(|row| row.between(now_h - 2, now_h).next().is_some()) {
            match self.limit(row, limits.as_ref()) {
                Err(why) => said.judgement.blind = Some(Blind::broken(why)),
                Ok(limit) => {
                    let foretold = limit.and_then(|limit| Some((limit, self.foretold(row, now_h, view.zone())?)));
                    is_foretold |= foretold.is_some();
                    if let Some((limit, foretold)) = foretold {
                        said.note(row, limit, &foretold, now_h, view.zone());
                    }
                }
            }
            let (changed, is_known) = self.changed(row, now_h, view.zone());
            is_compared |= is_known;
            said.judgement.findings.extend(changed);
        }
        // What was asked for and could not be judged is not green because something else could.
        if said.judgement.blind.is_none() && !(is_foretold && is_compared) {
            said.judgement.blind = Some(message::too_short(&self.guard.query));
        }
        said
    }

    /// What the days before and the day that runs foretell of a series.
    fn foretold(&self, row: &Row, now_h: i64, zone: &TimeZone) -> Option<Foretold> {
        let (midnight_h, before) = self.days.get(&row.labels)?;
        let (today, _) = today(now_h, zone);
        let mut all = before.clone();
        all.extend(days(row.between(*midnight_h, now_h), zone));
        foretell(&all, today, self.guard.peak.as_deref(), self.guard.sure)
    }

    /// The newest limit of a series; none where the guard has none.
    fn limit(&self, row: &Row, limits: Option<&Partners<'_, Row>>) -> Result<Option<f64>, Words> {
        let limit = match (&self.guard.limit, limits) {
            (None, _) => return Ok(None),
            (Some(Limit::Number(limit)), _) => Some(*limit),
            (Some(Limit::Query(_)), None) => None,
            (Some(Limit::Query(_)), Some(limits)) => {
                let partner = limits.of(&row.bare).map_err(|why| limit::missing(&row.labels, &why))?;
                partner.hours.back().map(|hour| hour.last)
            }
        };
        let not_positive =
            || limit::missing(&row.labels, &Words::new("it is not above zero", "0 より大きくありません"));
        limit.filter(|limit| *limit > 0.0).map(Some).ok_or_else(not_positive)
    }

    /// The finding of a change that lasts, and whether the newest hour could be compared.
    fn changed(&self, row: &Row, now_h: i64, zone: &TimeZone) -> (Option<Finding>, bool) {
        let Some(most) = self.guard.change else { return (None, false) };
        let hours = compare(row, now_h, zone);
        let is_known = hours.first().is_some_and(Option::is_some);
        let hours: Vec<Compared> = hours.into_iter().flatten().collect();
        let rises = hours.iter().all(|hour| hour.change() > most);
        let falls = hours.iter().all(|hour| hour.change() < -most);
        let is_held = hours.len() as i64 == HOLD_H && (rises || falls);
        (is_held.then(|| message::change(&row.labels, &hours)).flatten(), is_known)
    }

    fn look_now(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        let now_h = self.advance(view)?;
        let said = match self.said.take() {
            Some((at_h, said)) if at_h == now_h => said,
            _ => self.say(view, now_h),
        };
        let judgement = said.judgement.clone();
        self.said = Some((now_h, said));
        let window = view.between(&self.guard.query, view.last_ms() - HOUR_MS, view.last_ms())?;
        if window.iter().next().is_none() {
            return Err(fold::fell_silent(&self.guard.query));
        }
        Ok(judgement)
    }

    /// What is foretold of the leading series, as it stands at an instant.
    fn drawn(&mut self, view: &View<'_>) -> Option<Sketch> {
        let now_h = self.advance(view).ok()?;
        let labels = self.say(view, now_h).lead?;
        let row = self.values.row(&labels)?;
        message::drawing(row, &self.foretold(row, now_h, view.zone())?, now_h, view.zone())
    }
}

impl Watch for SeasonalWatch<'_> {
    fn judge(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        self.look_now(view)
    }

    fn sketch(&mut self, view: &View<'_>) -> Sketch {
        self.drawn(view).unwrap_or_default()
    }
}

/// The local day of an hour, and the first clock hour (UTC) that is all of that day.
fn today(now_h: i64, zone: &TimeZone) -> (Date, i64) {
    let now = when::zoned(now_h * HOUR_MS, zone);
    let begin_ms = now.start_of_day().map_or(now_h * HOUR_MS, |begin| when::ms(begin.timestamp()));
    (now.date(), -(-begin_ms).div_euclid(HOUR_MS))
}
