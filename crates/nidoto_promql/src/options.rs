//! How a query is evaluated.

/// Settings of an evaluation. The defaults are those of Prometheus 3.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How far back an instant selector looks for a sample, in milliseconds. Default 5 minutes.
    pub look_back_ms: i64,
    /// Whether windows leave out a sample exactly at their left edge, as Prometheus 3 does: `x[1m]` over samples
    /// every 15 s then holds 4 samples where Prometheus 2 saw 5 at every fourth second. `false` is the rule of
    /// Prometheus 2. It holds for ranges and for the look-back alike, and decides how `rate` and `increase`
    /// extrapolate a counter near zero, which changed too. Default `true`.
    pub left_open: bool,
    /// The step of a subquery that names none, in milliseconds. Default 1 minute.
    pub subquery_step_ms: i64,
    /// Whether the metric's name is dropped at the end only, so that `label_replace` can still see it
    /// (Prometheus 3's feature `promql-delayed-name-removal`). Default `false`.
    pub delayed_name_removal: bool,
    /// How many values may be read and computed, summed over the whole query. Default 200 million.
    pub max_samples: u64,
    /// How many steps a range query, or a subquery within any query, may have. Default 1 million.
    pub max_steps: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            look_back_ms: 5 * 60_000,
            left_open: true,
            subquery_step_ms: 60_000,
            delayed_name_removal: false,
            max_samples: 200_000_000,
            max_steps: 1_000_000,
        }
    }
}
