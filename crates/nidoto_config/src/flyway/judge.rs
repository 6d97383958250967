//! How sure it is that a start fails, by the settings of production.

use nidoto_core::Words;

use super::location::Location;
use super::name::Version;
use crate::scan::{Confidence, Issue, Out, Spot};
use crate::spring::Said;

/// Finds what the settings under these keys let happen: certain, unless the database may have been there before
/// Flyway; with who says so. Where a setting comes from elsewhere it could not be checked, which is told.
pub fn find<'o>(
    out: &'o mut Out,
    location: &Location,
    keys: &[&str],
    version: Option<&Version>,
    spot: &Spot,
    what: Words,
) -> Option<&'o mut Issue> {
    let said: Vec<&Said> = keys.iter().filter_map(|key| location.settings.said(key)).collect();
    let baseline = version.and_then(|_| location.settings.said("baselineonmigrate"));
    if let Some((name, said)) = said.iter().chain(&baseline).find_map(|said| Some((said.value.as_ref().err()?, said))) {
        let why = Words::new(
            format!("`{name}`, which has no value here, decides: {}", what.en),
            format!("ここに値のない `{name}` によって決まります: {}", what.ja),
        );
        out.cannot(&said.spot, why);
        return None;
    }
    let is_before = location.settings.baseline.as_ref().zip(version).is_some_and(|(baseline, own)| own <= baseline);
    let confidence = if is_before { Confidence::Likely } else { Confidence::Certain };
    let issue = out.find(confidence, spot, what);
    issue.also.extend(said.into_iter().map(Said::also));
    let baseline = location.settings.said("baselineversion").filter(|_| is_before);
    issue.also.extend(baseline.map(Said::also));
    Some(issue)
}
