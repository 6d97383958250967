//! A restarts guard at work: it compares each sample with the one before once, and remembers what it
//! saw restart.

use std::collections::{HashMap, VecDeque};

use nidoto_core::guard::{Judgement, Sketch, Watch};
use nidoto_core::{Blind, View, Words};
use nidoto_promql::Labels;

use super::Restarts;
use super::events::{self, Event, Sample};
use super::source::Source;
use crate::fold;

/// A restarts guard at work. What it keeps of a sample depends on those up to a gap before it alone:
/// a look that starts anew with the window finds the same.
pub struct RestartsWatch<'g> {
    guard: &'g Restarts,
    /// The last instant whose samples are known.
    fed_ms: Option<i64>,
    lines: Vec<Line>,
    by_labels: HashMap<Labels, usize>,
    things: Vec<Thing>,
    by_name: HashMap<String, usize>,
}

/// A series.
struct Line {
    labels: Labels,
    thing: usize,
    /// The newest sample, whatever it is.
    last_ms: i64,
    /// The newest value that can be compared.
    last: Option<Sample>,
    /// The newest value that is not what it should be.
    misfit: Option<Sample>,
}

/// What restarts: a series, or several of them.
struct Thing {
    name: String,
    /// When it was seen last, and since when it was without a longer gap.
    seen_ms: Option<(i64, i64)>,
    /// Which series told of it, and what.
    events: VecDeque<(usize, Event)>,
}

/// A thing that restarted, as a finding tells it.
struct Told {
    name: String,
    count: u64,
    events: Vec<Event>,
}

impl<'g> RestartsWatch<'g> {
    pub fn new(guard: &'g Restarts) -> Self {
        let (by_labels, by_name) = (HashMap::new(), HashMap::new());
        Self { guard, fed_ms: None, lines: Vec::new(), by_labels, things: Vec::new(), by_name }
    }

    /// Takes in the samples that are not known yet.
    fn advance(&mut self, view: &View<'_>) -> Result<(), Blind> {
        let last_ms = view.last_ms();
        let first_ms = last_ms - self.guard.window_ms();
        let from_ms = match self.fed_ms {
            Some(fed_ms) if (first_ms..=last_ms).contains(&fed_ms) && !self.is_mostly_stale(first_ms) => fed_ms + 1,
            // A jump back, one over the whole window, or series that nobody sees any more.
            _ => {
                *self = Self::new(self.guard);
                first_ms
            }
        };
        let window = view.between(&self.guard.query, from_ms, last_ms)?;
        let mut samples: Vec<(i64, usize, f64)> = Vec::new();
        for (labels, new) in window.iter() {
            let line = self.line(labels);
            samples.extend(new.iter().map(|(at_ms, value)| (*at_ms, line, *value)));
        }
        samples.sort_by_key(|(at_ms, ..)| *at_ms);
        for together in samples.chunk_by(|a, b| a.0 == b.0) {
            self.look(together);
        }
        self.fed_ms = Some(last_ms);
        let counted_ms = last_ms - self.guard.within_ms;
        for thing in &mut self.things {
            while thing.events.front().is_some_and(|(_, event)| event.seen_ms <= counted_ms) {
                thing.events.pop_front();
            }
        }
        Ok(())
    }

    fn is_mostly_stale(&self, first_ms: i64) -> bool {
        2 * self.lines.iter().filter(|line| line.last_ms < first_ms).count() > self.lines.len()
    }

    fn line(&mut self, labels: &Labels) -> usize {
        if let Some(known) = self.by_labels.get(labels) {
            return *known;
        }
        let name = self.guard.thing(labels);
        let thing = *self.by_name.entry(name.clone()).or_insert(self.things.len());
        if thing == self.things.len() {
            self.things.push(Thing { name, seen_ms: None, events: VecDeque::new() });
        }
        let line = Line { labels: labels.clone(), thing, last_ms: i64::MIN, last: None, misfit: None };
        self.lines.push(line);
        self.by_labels.insert(labels.clone(), self.lines.len() - 1);
        self.lines.len() - 1
    }

    /// Takes in the samples of one instant.
    fn look(&mut self, together: &[(i64, usize, f64)]) {
        for (at_ms, line, value) in together.iter().filter(|(.., value)| !value.is_nan()) {
            let is_fit = self.guard.source.is_fit(&self.lines[*line].labels, *value);
            if let Some(event) = self.event(*line, (*at_ms, *value)).filter(|_| is_fit && !self.is_said(*line, *at_ms))
            {
                self.things[self.lines[*line].thing].events.push_back((*line, event));
            }
        }
        for (at_ms, line, value) in together {
            let line = &mut self.lines[*line];
            line.last_ms = *at_ms;
            if value.is_nan() {
                continue;
            }
            if !self.guard.source.is_fit(&line.labels, *value) {
                line.misfit = Some((*at_ms, *value));
                continue;
            }
            line.last = Some((*at_ms, *value));
            let thing = &mut self.things[line.thing];
            let since_ms = thing.seen_ms.filter(|(_, seen_ms)| at_ms - seen_ms <= self.guard.gap_ms);
            thing.seen_ms = Some((since_ms.map_or(*at_ms, |(since_ms, _)| since_ms), *at_ms));
        }
    }

    /// Of several series that bring the same value of a label at once, the first one counts.
    fn is_said(&self, line: usize, at_ms: i64) -> bool {
        let at_once =
            self.things[self.lines[line].thing].events.iter().rev().take_while(|(_, event)| event.seen_ms == at_ms);
        let is_label = matches!(self.guard.source, Source::Label(_));
        is_label && at_once.into_iter().any(|(other, _)| self.brings(*other) == self.brings(line))
    }

    /// What a sample tells, beside those before it.
    fn event(&self, line: usize, now: Sample) -> Option<Event> {
        let is_near = |before: &Sample| now.0 - before.0 <= self.guard.gap_ms;
        let before = self.lines[line].last.filter(is_near);
        match (&self.guard.source, before) {
            (Source::Counter, before) => events::risen(before?, now),
            (Source::StartTime, Some(before)) => events::restarted(before, now),
            // A series that turns up when others of the thing were seen before, and was started since.
            (Source::StartTime, None) if !self.guard.each => {
                events::started(self.seen(line, |_| true).filter(|ms| now.0 - ms <= self.guard.gap_ms)?, now)
            }
            // A value of the label that turns up when others were seen before.
            (Source::Label(_), None) => {
                let seen = |same: bool| {
                    let seen_ms = self.seen(line, |other| (self.brings(other) == self.brings(line)) == same);
                    seen_ms.filter(|ms| now.0 - ms <= self.guard.gap_ms)
                };
                let from_ms = seen(false).filter(|_| seen(true).is_none())?;
                Some(Event { at_ms: now.0, seen_ms: now.0, from_ms, count: 1 })
            }
            (Source::StartTime | Source::Label(_), _) => None,
        }
    }

    /// When some of the series of a line's thing were seen last.
    fn seen(&self, line: usize, which: impl Fn(usize) -> bool) -> Option<i64> {
        let of_thing = |other: &usize| self.lines[*other].thing == self.lines[line].thing && which(*other);
        (0..self.lines.len()).filter(of_thing).filter_map(|other| Some(self.lines[other].last?.0)).max()
    }

    fn brings(&self, line: usize) -> &str {
        match &self.guard.source {
            Source::Label(label) => self.lines[line].labels.get(label),
            Source::Counter | Source::StartTime => "",
        }
    }

    /// Whether a series shows what it should not in the window.
    fn is_misfit(&self, line: usize, first_ms: i64) -> bool {
        self.lines[line].misfit.is_some_and(|(at_ms, _)| at_ms >= first_ms)
    }

    /// What restarted, by name.
    fn told(&self, first_ms: i64) -> Vec<Told> {
        let told = |thing: &Thing| {
            let own = thing.events.iter().filter(|(line, _)| !self.is_misfit(*line, first_ms));
            let mut events: Vec<Event> = own.map(|(_, event)| *event).collect();
            events.sort_unstable();
            if self.guard.source == Source::StartTime {
                events::join_starts(&mut events);
            }
            let count = events.iter().fold(0, |sum: u64, event| sum.saturating_add(event.count));
            Told { name: thing.name.clone(), count, events }
        };
        let mut all: Vec<Told> = self.things.iter().filter(|thing| !thing.events.is_empty()).map(told).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Why something could not be seen; and whether nothing was seen for as long as it is counted.
    fn unseen(&self, view: &View<'_>) -> (Option<Blind>, bool) {
        let (query, first_ms) = (&self.guard.query, view.last_ms() - self.guard.window_ms());
        let misfits = self.lines.iter().filter_map(|line| Some((line, line.misfit.filter(|m| m.0 >= first_ms)?)));
        if let Some((line, (_, value))) = misfits.min_by(|a, b| a.0.labels.cmp(&b.0.labels)) {
            return (Some(Blind::broken(self.guard.source.misfit(&line.labels, value))), false);
        }
        let current = self.things.iter().filter_map(|thing| thing.seen_ms.filter(|seen| seen.1 == view.last_ms()));
        match current.map(|(since_ms, seen_ms)| seen_ms - since_ms).max() {
            None => (Some(fold::not_current(query)), false),
            Some(0) => {
                let once = Words::new(
                    format!("`{query}` was seen only once: nothing to compare it with"),
                    format!("`{query}` のサンプルは一つだけで、比べるものがありません"),
                );
                (Some(Blind::broken(once)), true)
            }
            Some(longest_ms) => (None, longest_ms < self.guard.within_ms),
        }
    }
}

impl Watch for RestartsWatch<'_> {
    fn judge(&mut self, view: &View<'_>) -> Result<Judgement, Blind> {
        self.advance(view)?;
        let first_ms = view.last_ms() - self.guard.window_ms();
        if self.lines.iter().all(|line| line.last_ms < first_ms) {
            // It says why.
            view.series(&self.guard.query, self.guard.window_ms())?;
        }
        let is_seen = |line: usize| self.lines[line].last_ms >= first_ms && !self.is_misfit(line, first_ms);
        let value = (0..self.lines.len()).any(is_seen).then_some(0.0);
        let mut judgement = Judgement { value, limit: Some(self.guard.at_least as f64), ..Judgement::default() };
        for told in self.told(first_ms) {
            judgement.value = judgement.value.map(|most: f64| most.max(told.count as f64));
            if told.count >= self.guard.at_least {
                judgement.findings.push(self.guard.finding(view, told.name, told.count, &told.events));
            }
        }
        let (blind, is_young) = self.unseen(view);
        judgement.pending = is_young && judgement.findings.is_empty();
        judgement.blind = blind;
        Ok(judgement)
    }

    /// The restarts of the thing that restarted most.
    fn sketch(&mut self, view: &View<'_>) -> Sketch {
        if self.advance(view).is_err() {
            return Sketch::default();
        }
        let told = self.told(view.last_ms() - self.guard.window_ms());
        let most = told.into_iter().max_by_key(|told| told.count);
        let mark = |event: &Event| (Words::new("restart", "再起動"), event.at_ms);
        Sketch { marks: most.iter().flat_map(|told| told.events.iter().map(mark)).collect(), ..Sketch::default() }
    }
}
