//! Detectors on generated and recorded series.

pub mod case;
mod collections;
mod corpora;
mod dump;
mod foresight;
pub mod generate;
mod intervals;
pub mod line;
mod options;
mod ours;
mod parallel;
pub mod peers;
mod random;
mod recorded;
mod report;
pub mod score;
mod speed;
mod tune;

use std::io::Write;

use corpora::Corpus;
use foresight::Foresight;
use intervals::Coverage;
use options::Options;
use parallel::each;
use peers::{Prepared, Rule};

pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Reads the options and writes what they ask for.
pub fn run(args: impl IntoIterator<Item = String>, out: &mut dyn Write) -> Result<(), AnyError> {
    let options = Options::read(args)?;
    if options.help {
        return Ok(write!(out, "{}", options::HELP)?);
    }
    let corpora = corpora::all(&options)?;
    if let Some(name) = &options.dump {
        return dump::dump(name, &corpora, out);
    }
    let rules =
        tune::tuned(corpora.iter().filter(|c| c.is_training).flat_map(Corpus::scored), |peer| options.wants(peer));
    let results = corpora.iter().filter(|corpus| corpus.is_shown).map(|corpus| ask(corpus, &rules, &options));
    let results: Vec<Asked<'_>> = results.collect::<Result<_, _>>()?;
    report::write(&results, &rules, &options, out)?;
    if options.wants("gc") {
        collections::write(out)?;
    }
    if options.speed {
        speed::write(|kind| options.wants(kind), out)?;
    }
    Ok(())
}

/// What all detectors said of a corpus.
pub struct Asked<'c> {
    pub corpus: &'c Corpus,
    /// Names of the detectors.
    pub detectors: Vec<String>,
    /// For each case and detector the instants of red.
    pub reds: Vec<Vec<Vec<i64>>>,
    /// Of nidoto's red and suspected findings.
    pub intervals: [Coverage; 2],
    /// Of `forecast`.
    pub foresight: Foresight,
}

fn ask<'c>(corpus: &'c Corpus, rules: &[Rule], options: &Options) -> Result<Asked<'c>, AnyError> {
    let kind = ours::kind("leak").filter(|_| options.wants("leak"));
    let mut detectors: Vec<String> = rules.iter().map(|rule| rule.peer.to_owned()).collect();
    if kind.is_some() {
        detectors.extend(["nidoto leak".to_owned(), "nidoto leak, suspects too".to_owned()]);
    }
    let said = each(&corpus.cases, |case| {
        let prepared = Prepared::new(case);
        let mut all: Vec<Vec<i64>> = rules.iter().map(|rule| rule.reds(&prepared)).collect();
        let mut intervals = [Coverage::default(); 2];
        if let Some(kind) = kind {
            let said = ours::said(kind, case)?;
            all.extend([said.reds, said.suspects]);
            intervals = said.intervals;
        }
        let foresight = if options.wants("forecast") { foresight::of(case) } else { Foresight::default() };
        Ok((all, intervals, foresight))
    });
    let mut asked =
        Asked { corpus, detectors, reds: Vec::new(), intervals: Default::default(), foresight: Default::default() };
    for said in said {
        let (reds, intervals, foresight): (_, [Coverage; 2], _) = said.map_err(|error: AnyError| error)?;
        asked.foresight.join(foresight);
        asked.reds.push(reds);
        for (sum, one) in asked.intervals.iter_mut().zip(intervals) {
            sum.join(one);
        }
    }
    Ok(asked)
}
