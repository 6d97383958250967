//! `leak`: a floor that rises under the sawtooth of collections and restarts.

mod brink;
mod daily;
mod doubt;
mod fast;
mod found;
mod full;
mod history;
mod masked;
mod message;
mod near;
mod rise;
mod slow;
mod suspect;
mod unfit;
mod watch;

use nidoto_core::guard::{Guard, Judgement, Kind, Need, Watch};
use nidoto_core::yaml::Query;
use nidoto_core::{Blind, Span, View, Words};
use schemars::JsonSchema;
use serde::Deserialize;

pub use found::Tier;
use watch::LeakWatch;

use crate::fold::Fold;
use crate::limit::Limit;

/// `leak`: a floor that rises under the sawtooth of collections and restarts.
pub const KIND: Kind = Kind {
    name: "leak",
    summary: ("memory that is never given back", "返されないメモリ"),
    doc: "\
Looks at the lowest value of each hour, where garbage collection has done what it can, and tells
how it rises towards a limit:

| tier | what it sees | history |
|---|---|---|
| `brink` | higher than ever, still rising, and the limit is reached within hours, or hardly anything is left | 2 days |
| `fast` | the limit is reached within a day; steeper than at these hours on other days, or each day higher than the day before | 3 days, by whole days 4 |
| `slow` | the floor rises day after day, or by much within two, to where it has not been, and reaches the limit within `within`, but no further ahead than was seen | 3 to 8 days |
| `masked` | restarts come first: the last lives ended at the same peak, or all of them climbing, the longest too; or two lives of four days and more climbed evenly to their ends, or two of two days on the second as on the first | 3 restarts, or 2 whole lives of 2 days, or 2 lives of 4 days |
| `suspect` | the floor rises more than chance would have it; a note, not red, unless hardly anything is left: then `slow` | 2 days |

A filling cache flattens, a warm-up follows a start, a report comes every week: none of them is a
leak. As long as less than eight days are known, or a process is younger than four, only what is
urgent turns red. What rises is told with its slope and with the time at which the peaks reach the
limit, as an interval that is meant to hold the truth in four of five cases. One odd hour turns
nothing red: three looks on end must agree, two where half a day is left; `brink` alone cannot wait.
And what has much against it stays a suspicion: a rise from below the usual level, which may only come
back to it; a burst; a rise to the limit in the first three days; what fell as far before and was not
restarted; what restarts keep below half of the limit; without `started`, a slow rise while a fifth is
left, as stores fill to what they are told to keep.
`scripts/bench-detect` measures all this beside the rules that others use.

`started` is a query of start times in Unix seconds (`process_start_time_seconds`,
`node_boot_time_seconds`; for an uptime write `time() - uptime`). Restarts are never guessed from
the values, as a guess is wrong more often than right. Without it only `brink`, `slow`, `suspect`
and `fast` by whole days are judged. A series finds its limit and its start times by its labels; a
single one serves all.

A JVM leaves what died in its old generation until that is nearly full: the floor of
`jvm_memory_used_bytes` is the lowest value over its own rhythm of collections, and little is judged
before the first large one, or before a week has passed without any. `jvm_gc_live_data_size_bytes`
needs no such patience.

Some metrics count the page cache, which grows until memory is full and is given back when needed:
they cannot show a leak, and the guard says so instead of judging.

```yaml
heap-floor-rises:
  leak:
    query: nodejs_heap_size_used_bytes{app=\"bff\"}
    started: process_start_time_seconds{app=\"bff\"}
    limit: 1.4e9
  warn: 7d
  severity: ticket
```",
    every: Span::seconds(300),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        Leak::new(keys).map(|guard| Box::new(guard) as Box<dyn Guard>)
    },
};

/// The keys of `leak`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Leak")]
struct Keys {
    /// What is used, as PromQL.
    query: Query,
    /// What may be used: a number or a query.
    limit: Limit,
    /// When each process started, in Unix seconds, as PromQL.
    started: Option<Query>,
    /// A slow leak is told when the limit is reached within this. Default 4d.
    within: Option<Span>,
    /// The tiers that are red; the others are notes. Default: all but `suspect`.
    red: Option<Vec<Tier>>,
}

#[derive(Debug)]
struct Leak {
    query: String,
    limit: Limit,
    started: Option<String>,
    within_h: f64,
    red: Vec<Tier>,
    /// A metric of the query that cannot show a leak.
    unfit: Option<unfit::Unfit>,
    /// Whether the query is of a heap that is collected as late as possible.
    is_lazy: bool,
}

/// What the fold keeps: the window of each of those looks.
const FOLD_H: i64 = (history::HOURS + found::HOLD_H_MAX - 1) as i64;

impl Leak {
    fn new(keys: Keys) -> Result<Self, Words> {
        keys.limit.above_zero()?;
        let within = keys.within.unwrap_or(Span::seconds(4 * 86_400));
        if within.s < 3_600 {
            return Err(Words::new("`within` must be at least 1h", "`within` は 1h 以上でなければなりません"));
        }
        let red = keys.red.unwrap_or_else(|| vec![Tier::Brink, Tier::Fast, Tier::Slow, Tier::Masked]);
        Ok(Self {
            unfit: unfit::find(&keys.query.0),
            is_lazy: unfit::is_lazy(&keys.query.0),
            query: keys.query.0,
            limit: keys.limit,
            started: keys.started.map(|query| query.0),
            within_h: within.s as f64 / 3_600.0,
            red,
        })
    }

    fn is_red(&self, tier: Tier) -> bool {
        tier == Tier::Reached || self.red.contains(&tier)
    }
}

impl Guard for Leak {
    fn needs(&self) -> Vec<Need> {
        Fold::needs([Some(&*self.query), self.limit.query(), self.started.as_deref()], FOLD_H)
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        LeakWatch::new(self).judge(view)
    }

    fn watch(&self) -> Option<Box<dyn Watch + '_>> {
        Some(Box::new(LeakWatch::new(self)))
    }
}
