//! A limit as guards declare it: a number or a query.

use nidoto_core::Words;
use nidoto_core::yaml::Query;
use nidoto_promql::Labels;
use schemars::JsonSchema;
use serde::Deserialize;

/// What a value is held against.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Limit {
    /// The same for every series.
    Number(f64),
    /// Over time, as PromQL.
    Query(Query),
}

impl Limit {
    /// Its query, where it is one.
    pub(crate) fn query(&self) -> Option<&str> {
        match self {
            Self::Number(_) => None,
            Self::Query(Query(query)) => Some(query),
        }
    }

    /// Refuses a number that nothing can be a share of.
    pub(crate) fn above_zero(&self) -> Result<(), Words> {
        match self {
            Self::Number(limit) if !(limit.is_finite() && *limit > 0.0) => {
                Err(Words::new("`limit` must be above zero", "`limit` は 0 より大きくなければなりません"))
            }
            _ => Ok(()),
        }
    }
}

/// Why a series could not be held against its limit.
pub(crate) fn missing(labels: &Labels, why: &Words) -> Words {
    Words::new(format!("{labels} has no limit: {}", why.en), format!("{labels} の限度がありません: {}", why.ja))
}
