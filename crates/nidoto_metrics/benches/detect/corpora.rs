//! The cases, in corpora.

use super::AnyError;
use super::case::Case;
use super::generate::{Half, PAGE_CACHE, cases};
use super::options::Options;
use super::recorded;

/// Cases that are scored together.
pub struct Corpus {
    pub name: &'static str,
    pub cases: Vec<Case>,
    /// Peers are tuned on it, and whoever tunes ours may look at it.
    pub is_training: bool,
    /// It was asked for.
    pub is_shown: bool,
}

pub const TRAIN: &str = "generated, training half";
pub const FORMER: &str = "generated, former test half";
pub const SECOND: &str = "generated, second test half";
pub const THIRD: &str = "generated, third test half";
pub const FOURTH: &str = "generated, fourth test half";
pub const FIFTH: &str = "generated, fifth test half";
pub const SIXTH: &str = "generated, sixth test half";
pub const SEVENTH: &str = "generated, seventh test half";
pub const TEST: &str = "generated, test half";
pub const RUNS: &str = "recorded runs of Node.js and JVM";
pub const NAB: &str = "NAB, CPU of AWS: nothing leaks";
pub const AGING: &str = "llm_aging: slow growth of real hosts";

impl Corpus {
    /// The cases by which detectors are compared: page cache is a corpus of its own.
    pub fn scored(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.family != PAGE_CACHE)
    }
}

/// All corpora that are wanted, and those on which peers are tuned.
pub fn all(options: &Options) -> Result<Vec<Corpus>, AnyError> {
    let wants = |name: &str| name.contains(&options.corpus);
    let mut all = Vec::new();
    let mut add = |name, is_training, is_shown, mut cases: Vec<Case>| {
        cases.retain(|case| case.family.contains(&options.family));
        all.push(Corpus { name, cases, is_training, is_shown: is_shown && wants(name) });
    };
    add(TRAIN, true, options.train, cases(Half::Train, &options.family, options.share));
    add(FORMER, true, options.train, cases(Half::Former, &options.family, options.share));
    add(SECOND, true, options.train, cases(Half::Second, &options.family, options.share));
    add(THIRD, true, options.train, cases(Half::Third, &options.family, options.share));
    add(FOURTH, true, options.train, cases(Half::Fourth, &options.family, options.share));
    add(FIFTH, true, options.train, cases(Half::Fifth, &options.family, options.share));
    add(SIXTH, true, options.train, cases(Half::Sixth, &options.family, options.share));
    add(SEVENTH, true, options.train, cases(Half::Seventh, &options.family, options.share));
    add(RUNS, true, true, recorded::runs()?);
    if !options.train {
        add(TEST, false, true, cases(Half::Test, &options.family, options.share));
        add(NAB, false, true, recorded::nab()?);
        add(AGING, false, true, recorded::aging()?);
    }
    Ok(all)
}
