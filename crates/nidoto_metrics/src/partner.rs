//! Which series of one query belongs to which series of another: the limit of a process, its
//! start times.

use std::collections::HashMap;

use nidoto_core::Words;
use nidoto_promql::Labels;

/// The series of a query as partners of those of another one. Labels are told without the
/// metric's name.
#[derive(Debug)]
pub struct Partners<'r, T> {
    by_labels: HashMap<&'r Labels, &'r T>,
}

impl<'r, T> Partners<'r, T> {
    /// Gathers partners by their labels.
    pub fn new(all: impl Iterator<Item = (&'r Labels, &'r T)>) -> Self {
        Self { by_labels: all.collect() }
    }

    /// The partner of a series: a single one serves all; of several, the one with equal labels, or
    /// the only one that contradicts in no label and agrees in at least one.
    ///
    /// # Errors
    /// When none fits, or several do.
    pub fn of(&self, labels: &Labels) -> Result<&'r T, Words> {
        if self.by_labels.len() == 1
            && let Some(only) = self.by_labels.values().next()
        {
            return Ok(only);
        }
        if let Some(equal) = self.by_labels.get(labels) {
            return Ok(equal);
        }
        let mut fitting = self.by_labels.iter().filter(|(other, _)| fit(labels, other));
        match (fitting.next(), fitting.next()) {
            (Some((_, partner)), None) => Ok(partner),
            (None, _) => Err(Words::new("none has its labels", "同じラベルのものがありません")),
            (Some(_), Some(_)) => Err(Words::new("several fit its labels", "ラベルに合うものが複数あります")),
        }
    }
}

fn fit(labels: &Labels, other: &Labels) -> bool {
    let pairs = other.iter().map(|(name, value)| (value, labels.get(name)));
    let mut shared = pairs.filter(|(_, own)| !own.is_empty()).peekable();
    shared.peek().is_some() && shared.all(|(value, own)| value == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_labels_then_the_only_one_that_fits() {
        let labels = |pairs: &[(&str, &str)]| Labels::new(pairs.iter().copied());
        let (a, b) = (labels(&[("host", "a")]), labels(&[("host", "b")]));
        let both = Partners::new([(&a, &1), (&b, &2)].into_iter());
        assert_eq!(both.of(&a), Ok(&1));
        assert_eq!(both.of(&labels(&[("host", "b"), ("pid", "7")])), Ok(&2));
        assert!(both.of(&labels(&[("pid", "7")])).is_err());
        assert!(both.of(&labels(&[("host", "c")])).is_err());
        assert_eq!(Partners::new([(&a, &1)].into_iter()).of(&b), Ok(&1), "a single one serves all");
    }
}
