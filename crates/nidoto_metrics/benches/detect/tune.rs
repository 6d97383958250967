//! Chooses each peer's settings: best F1 over the training cases, subject to nothing else.

use super::case::Case;
use super::parallel::each;
use super::peers::{Prepared, Rule, all};
use super::score::Score;

/// The best rule of each peer.
pub fn tuned<'c>(cases: impl IntoIterator<Item = &'c Case>, wanted: impl Fn(&str) -> bool) -> Vec<Rule> {
    let prepared: Vec<Prepared<'_>> = cases.into_iter().map(Prepared::new).collect();
    all().into_iter().filter(|rules| wanted(rules[0].peer)).map(|rules| best(rules, &prepared)).collect()
}

/// Of rules with the same F1 the first.
fn best(mut rules: Vec<Rule>, prepared: &[Prepared<'_>]) -> Rule {
    let f1 = each(&rules, |rule| {
        let mut score = Score::default();
        for one in prepared {
            score.add(one.case, &rule.reds(one));
        }
        score.f1()
    });
    let best = (0..f1.len()).reduce(|best, i| if f1[i] > f1[best] { i } else { best });
    rules.swap_remove(best.unwrap_or(0))
}
