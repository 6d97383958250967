//! Whether an alert would have caught an outage, and how long before.

use nidoto_core::folder::Incident;
use nidoto_core::{Span, when};
use nidoto_rules::AlertRun;

/// An outage with the time in which an alert is about it.
pub(super) struct Outage<'i> {
    pub incident: &'i Incident,
    /// From the earliest warning on.
    warned_ms: i64,
    /// Until it was over.
    over_ms: i64,
}

/// The alert that caught an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caught {
    /// When it began to fire.
    pub from_ms: i64,
    /// How long before anybody noticed, in seconds; negative is late.
    pub detected_s: Option<i64>,
    /// How long before users were hurt, in seconds; negative is late.
    pub started_s: Option<i64>,
}

impl Caught {
    /// Whether it fired before anybody noticed.
    pub(super) fn is_in_time(&self) -> bool {
        self.detected_s.or(self.started_s).is_some_and(|s| s >= 0)
    }
}

impl<'i> Outage<'i> {
    /// `None` for an incident without a time.
    pub(super) fn new(incident: &'i Incident, warn: Span) -> Option<Self> {
        let times = &incident.times;
        let hurt_ms = when::ms(times.started.or(times.detected)?);
        let over_ms = times.resolved.or(times.mitigated).map_or(i64::MAX, when::ms);
        Some(Self { incident, warned_ms: hurt_ms.saturating_sub(warn.ms()), over_ms })
    }

    pub(super) fn overlaps(&self, span: (i64, i64)) -> bool {
        self.warned_ms <= span.1 && self.over_ms >= span.0
    }

    fn is_about(&self, stretch: (i64, i64)) -> bool {
        stretch.1 >= self.warned_ms && stretch.0 <= self.over_ms
    }

    /// The first time that an alert fired for this outage.
    pub(super) fn caught_by(&self, run: &AlertRun) -> Option<Caught> {
        let (from_ms, _) = run.stretches().into_iter().find(|stretch| self.is_about(*stretch))?;
        let before = |at: Option<jiff::Timestamp>| at.map(|at| (when::ms(at) - from_ms) / 1_000);
        let times = &self.incident.times;
        Some(Caught { from_ms, detected_s: before(times.detected), started_s: before(times.started) })
    }
}

/// The times that an alert fired for no outage.
pub(super) fn false_alarms(run: &AlertRun, outages: &[Outage<'_>]) -> usize {
    let is_false = |stretch: &(i64, i64)| !outages.iter().any(|outage| outage.is_about(*stretch));
    run.stretches().iter().filter(|stretch| is_false(stretch)).count()
}
