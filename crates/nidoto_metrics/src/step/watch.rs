//! A step guard at work: it remembers what was before each change.

use std::collections::{BTreeMap, HashMap};

use nidoto_core::evidence::Window;
use nidoto_core::folder::Change;
use nidoto_core::guard::{Judgement, Sketch, Watch};
use nidoto_core::{Blind, Finding, Place, Span, View, Words};
use nidoto_promql::Labels;

use super::jump::{self, Before, Jump};
use super::{Step, message};

/// A step guard at work. What was before a change stays as it was: a look that starts anew finds the
/// same.
pub struct StepWatch<'g> {
    guard: &'g Step,
    /// By the time of the change and by series.
    befores: BTreeMap<i64, HashMap<Labels, Before>>,
}

/// The changes that are still judged, and the times of all.
type Changes<'e> = (Vec<&'e (i64, Change)>, Vec<i64>);

impl<'g> StepWatch<'g> {
    pub fn new(guard: &'g Step) -> Self {
        Self { guard, befores: BTreeMap::new() }
    }

    /// How a series differs from what it was before a change.
    fn jump(
        &mut self,
        view: &View<'_>,
        (labels, samples): (&Labels, &[(i64, f64)]),
        at_ms: i64,
        changes: &[i64],
    ) -> Result<Jump, Words> {
        let windows = &self.guard.windows;
        let befores = self.befores.entry(at_ms).or_default();
        if !befores.contains_key(labels) {
            befores.insert(labels.clone(), Before::of(view, samples, at_ms, windows));
        }
        jump::of(view, samples, &befores[labels], at_ms, changes, windows)
    }

    fn changes<'e>(&mut self, view: &View<'e>) -> Result<Changes<'e>, Blind> {
        let all = self.guard.changes(view);
        if all.is_empty() {
            let kinds = self.guard.kinds.join(", ");
            return Err(Blind::absent(Words::new(
                format!("the journal knows no change of the kind {kinds}: `nidoto change` writes one"),
                format!("変更の記録に {kinds} がありません: `nidoto change` で書けます"),
            )));
        }
        let times = all.iter().map(|(at_ms, _)| *at_ms).collect();
        let judged: Vec<_> =
            all.into_iter().filter(|(at_ms, _)| *at_ms > view.last_ms() - self.guard.within_ms).collect();
        self.befores.retain(|at_ms, _| judged.iter().any(|(judged_ms, _)| judged_ms == at_ms));
        Ok((judged, times))
    }

    /// The window, if the query has a value of late.
    fn window(&self, view: &View<'_>, is_needed: bool) -> Result<Option<Window>, Blind> {
        let late_ms = self.guard.within_ms + self.guard.windows.before_ms;
        let late = view.series(&self.guard.query, late_ms)?;
        if !late.iter().any(|(_, samples)| samples.iter().any(|(_, value)| !value.is_nan())) {
            let (query, late) = (&self.guard.query, Span::seconds(late_ms / 1_000));
            return Err(Blind::broken(Words::new(
                format!("`{query}` has no value in the last {late}"),
                format!("`{query}` には直近 {late} の値がありません"),
            )));
        }
        is_needed.then(|| view.series(&self.guard.query, self.guard.window_ms())).transpose()
    }

    /// Looks at one series after one change.
    fn note(&self, judgement: &mut Judgement, view: &View<'_>, labels: &Labels, change: &Change, jump: &Jump) {
        let guard = self.guard;
        let is_worse = |worst: f64| guard.excess(jump) > worst;
        let worst = judgement.value.zip(judgement.limit).map(|(value, limit)| guard.sign() * (value - limit));
        if worst.is_none_or(is_worse) {
            (judgement.value, judgement.limit) = (Some(jump.after), Some(guard.limit(jump)));
        }
        if guard.excess(jump) > 0.0 {
            let what = message::told(view, change, jump, guard.falls);
            let place = Place::Series { labels: labels.to_string() };
            judgement.findings.push(Finding::new(what, place).since(jump.at_ms));
        }
    }

    /// The jump that is furthest beyond its limit, and its series.
    fn furthest(&mut self, view: &View<'_>) -> Result<Option<(Jump, Labels)>, Blind> {
        let (changes, times) = self.changes(view)?;
        let Some(window) = self.window(view, true)? else { return Ok(None) };
        let mut furthest: Option<(Jump, Labels)> = None;
        for (at_ms, _) in changes.into_iter().filter(|(at_ms, _)| view.last_ms() >= at_ms + self.guard.windows.hold_ms)
        {
            for series in window.iter() {
                let Ok(jump) = self.jump(view, series, *at_ms, &times) else { continue };
                if furthest.as_ref().is_none_or(|(other, _)| self.guard.excess(&jump) > self.guard.excess(other)) {
                    furthest = Some((jump, series.0.clone()));
                }
            }
        }
        Ok(furthest)
    }
}

impl Watch for StepWatch<'_> {
    fn judge(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        let changes = self.changes(view);
        let is_needed = changes.as_ref().is_ok_and(|(judged, _)| !judged.is_empty());
        let window = self.window(view, is_needed)?;
        let (changes, times) = changes?;
        let mut judgement = Judgement::default();
        for (at_ms, change) in changes {
            if view.last_ms() < at_ms + self.guard.windows.hold_ms {
                judgement.pending = true;
                continue;
            }
            for (labels, samples) in window.iter().flat_map(Window::iter) {
                match self.jump(view, (labels, samples), *at_ms, &times) {
                    Ok(jump) => self.note(&mut judgement, view, labels, change, &jump),
                    Err(why) => {
                        let (en, ja) = (format!("{labels}: {}", why.en), format!("{labels}: {}", why.ja));
                        judgement.blind.get_or_insert(Blind::broken(Words::new(en, ja)));
                    }
                }
            }
        }
        Ok(judgement)
    }

    /// The series that jumped furthest: as it was, what it was before, what was to be expected, what
    /// it is.
    fn sketch(&mut self, view: &View<'_>) -> Sketch {
        let Ok(Some((jump, labels))) = self.furthest(view) else { return Sketch::default() };
        let window = view.series(&self.guard.query, self.guard.window_ms()).ok();
        let samples = window.iter().flat_map(Window::iter).find(|(other, _)| **other == labels);
        message::drawing(self.guard, &jump, samples.map_or(&[], |(_, samples)| samples), view.last_ms())
    }
}
