//! Rules over configuration: what will cause an outage, found before it does.
//!
//! Pure: files come through [`Source`], the date through [`Options`]. Each rule answers for each file
//! of its room with one of three outcomes: a finding, a pass, or could-not-check with the reason.

mod explain;
mod facts;
mod fix;
mod options;
mod report;
mod room;
mod rule;
mod source;
mod suppress;
mod text;

pub use explain::explain;
pub use facts::Facts;
pub use fix::{Edit, Fix, FixError, apply};
pub use options::{Budget, Options, Pool};
pub use report::{Confidence, Issue, Out, Scan, Unchecked};
pub use room::Room;
pub use rule::{RULES, Rule, Severity, rule};
pub use source::{Found, Recorded, Source};
pub use text::{File, Spot};

/// Looks at the target files, and at what they include, with every rule.
#[must_use]
pub fn scan(source: &dyn Source, targets: &[String], options: &Options) -> Scan {
    let facts = Facts::gather(source, targets, options);
    let mut scan = Scan::default();
    for (path, why) in &facts.unread {
        scan.unchecked.push(Unchecked::whole(path, why.clone()));
    }
    for rule in RULES.iter().filter(|rule| options.wants(rule)) {
        let mut out = Out::new(rule);
        (rule.check)(&facts, &mut out);
        scan.add(out, &facts);
    }
    suppress::apply(&mut scan, &facts, options);
    scan.finish(&facts);
    scan
}
