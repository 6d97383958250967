//! What a query reads: which series, and how far before and after the instant of evaluation.

use crate::parse::ast::{Anchor, Kind, Node, Selector, Shift};
use crate::{Expr, Matchers, Options};

/// One vector selector of a query and the span of time that it reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Which series.
    pub matchers: Matchers,
    /// What the span is relative to.
    pub anchor: SelectionAnchor,
    /// How far before the anchor it reads, in milliseconds: range, offset, subquery and look-back together.
    /// Negative where all that is read lies after the anchor.
    pub back_ms: i64,
    /// How far after the anchor it reads (a negative `offset`), in milliseconds. Negative where all that is
    /// read lies before the anchor.
    pub ahead_ms: i64,
}

/// What the span of a [`Selection`] is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionAnchor {
    /// The instant of evaluation.
    Instant,
    /// The first instant of the query (`@ start()`).
    Start,
    /// The last instant of the query (`@ end()`).
    End,
    /// A fixed time (`@ 1609746000`), in milliseconds since 1970.
    Time(i64),
}

impl Selection {
    /// Whether it may see samples later than the instant of evaluation: a negative `offset` or any `@`.
    pub fn peeks(&self) -> bool {
        self.anchor != SelectionAnchor::Instant || self.ahead_ms > 0
    }

    /// First and last millisecond that it reads when the query is evaluated from `start_ms` to `end_ms`.
    pub fn window_ms(&self, start_ms: i64, end_ms: i64) -> (i64, i64) {
        let (first, last) = match self.anchor {
            SelectionAnchor::Instant => (start_ms, end_ms),
            SelectionAnchor::Start => (start_ms, start_ms),
            SelectionAnchor::End => (end_ms, end_ms),
            SelectionAnchor::Time(ms) => (ms, ms),
        };
        (first.saturating_sub(self.back_ms), last.saturating_add(self.ahead_ms))
    }
}

impl Expr {
    /// Each vector selector, in the order of the query, with what it reads.
    pub fn selectors(&self, options: &Options) -> Vec<Selection> {
        let span = Span { anchor: SelectionAnchor::Instant, back_ms: 0, ahead_ms: 0 };
        let mut found = Vec::new();
        collect(&self.root, span, options, &mut found);
        found
    }

    /// The metric names that the query mentions, sorted, each once. A selector without a name adds none.
    pub fn metric_names(&self) -> Vec<String> {
        let selections = self.selectors(&Options::default());
        let mut names: Vec<String> =
            selections.iter().filter_map(|s| s.matchers.metric_name()).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// The instants at which an expression is evaluated.
#[derive(Clone, Copy)]
struct Span {
    anchor: SelectionAnchor,
    back_ms: i64,
    ahead_ms: i64,
}

impl Span {
    fn shifted(self, shift: Shift) -> Self {
        let base = match shift.at {
            None => self,
            Some(at) => Self {
                anchor: match at {
                    Anchor::Start => SelectionAnchor::Start,
                    Anchor::End => SelectionAnchor::End,
                    Anchor::Time(ms) => SelectionAnchor::Time(ms),
                },
                back_ms: 0,
                ahead_ms: 0,
            },
        };
        Self {
            back_ms: base.back_ms.saturating_add(shift.offset_ms),
            ahead_ms: base.ahead_ms.saturating_sub(shift.offset_ms),
            ..base
        }
    }

    fn reaching_back(self, ms: i64) -> Self {
        Self { back_ms: self.back_ms.saturating_add(ms), ..self }
    }
}

fn collect(node: &Node, span: Span, options: &Options, found: &mut Vec<Selection>) {
    let mut select = |selector: &Selector, range_ms: i64| {
        let Span { anchor, back_ms, ahead_ms } = span.shifted(selector.shift).reaching_back(range_ms);
        found.push(Selection { matchers: selector.matchers.clone(), anchor, back_ms, ahead_ms });
    };
    match &node.kind {
        Kind::Selector(selector) => select(selector, options.look_back_ms),
        Kind::Matrix(selector, range_ms) => select(selector, *range_ms),
        Kind::Subquery(subquery) => {
            let span = span.shifted(subquery.shift).reaching_back(subquery.range_ms);
            collect(&subquery.inner, span, options, found);
        }
        _ => node.children().into_iter().for_each(|child| collect(child, span, options, found)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(query: &str) -> Vec<(SelectionAnchor, i64, i64, bool)> {
        let selections = Expr::parse(query).unwrap().selectors(&Options::default());
        selections.iter().map(|s| (s.anchor, s.back_ms / 1000, s.ahead_ms / 1000, s.peeks())).collect()
    }

    #[test]
    fn range_offset_subquery_and_look_back_add_up() {
        use SelectionAnchor::{Instant, Start, Time};
        assert_eq!(spans("up"), [(Instant, 300, 0, false)]);
        assert_eq!(spans("rate(x[10m] offset 1h)"), [(Instant, 4200, -3600, false)]);
        assert_eq!(spans("max_over_time((x + y)[1h:1m] offset 1m)"), [(Instant, 3960, -60, false); 2]);
        assert_eq!(spans("x offset -1m"), [(Instant, 240, 60, true)]);
        assert_eq!(spans("max_over_time(x[1h] @ 100)"), [(Time(100_000), 3600, 0, true)]);
        assert_eq!(spans("max_over_time(max_over_time(x[1h])[1h:] @ start())"), [(Start, 7200, 0, true)]);
    }

    #[test]
    fn names_once_and_sorted() {
        let expr = Expr::parse(r#"rate(b[5m]) / a + b + {job="x"}"#).unwrap();
        assert_eq!(expr.metric_names(), ["a", "b"]);
    }
}
