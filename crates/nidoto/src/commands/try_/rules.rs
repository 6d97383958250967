//! Trying a Prometheus rule file: every alert in it over the series, and whether it would have
//! caught the outages of that time.

mod blind;
mod caught;
mod fetch;
mod report;
mod text;

use std::path::Path;

use anyhow::{Context, Result, bail};
use nidoto_core::folder::Incident;
use nidoto_core::{Diag, Words};
use nidoto_promql::{Labels, Options};
use nidoto_rules::{AlertRun, Outcome as Backtested, Rule, RuleFile, Settings, backtest, read};

use self::caught::{Caught, Outage};
use super::super::on::On;
use super::Trial;
use crate::Outcome;
use crate::cli::Format;

/// How often a group is evaluated that does not say: Prometheus's own default.
const INTERVAL_MS: i64 = 60_000;

/// What the alerts of a file would have done.
struct Tried<'t> {
    file: &'t RuleFile,
    backtested: Backtested,
    /// Why an alert that never had a result could not look, by its place in the outcome.
    blind: Vec<Option<Words>>,
    outages: Vec<Outage<'t>>,
    /// Whether an outage was named that some alert should have caught.
    is_named: bool,
}

impl<'t> Tried<'t> {
    fn rule(&self, run: &AlertRun) -> Option<&'t Rule> {
        self.file.rules().nth(run.rule).map(|(_, rule)| rule)
    }

    /// What an alert did for each outage.
    fn caught(&self, run: &AlertRun) -> Vec<(&Outage<'t>, Option<Caught>)> {
        self.outages.iter().map(|outage| (outage, outage.caught_by(run))).collect()
    }
}

/// Tries every alert of a rule file.
pub(super) fn run(trial: &Trial<'_>, path: &Path) -> Result<Outcome> {
    let text = std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    let (file, diags) = read(path, &text);
    // What no alert reads need not be fetched.
    let file = file.of_alerts();
    if file.rules().next().is_none() {
        super::super::warn(trial.output, &diags);
        let path = path.display();
        bail!(Words::new(
            format!("{path} holds no alert that can be read"),
            format!("{path} に読めるアラートがありません")
        ));
    }
    let outages = outages(trial)?;
    let settings = settings(trial, &file)?;
    let world = fetch::world(trial, &file, &settings)?;
    let mut backtested = backtest(&file, &world, &settings);
    forget_before(&mut backtested, trial.span.0);
    let blind = blind::reasons(trial, &file, &backtested, &world.series);
    let tried = Tried { file: &file, backtested, blind, is_named: is_named(trial), outages };
    tell(trial, &tried, &diags)
}

fn tell(trial: &Trial<'_>, tried: &Tried<'_>, diags: &[Diag]) -> Result<Outcome> {
    let report = report::report(trial, tried, diags);
    match report.write(trial.args.format, trial.output.lang) {
        Some(text) => print!("{text}"),
        None => print!("{}", text::write(trial, tried)),
    }
    if trial.args.format == Format::Text {
        super::super::warn(trial.output, &report.diags);
    }
    Ok(report.outcome())
}

fn settings(trial: &Trial<'_>, file: &RuleFile) -> Result<Settings> {
    let mut external_labels = Labels::default();
    for label in &trial.args.external_label {
        let Some((name, value)) = label.split_once('=') else {
            bail!(Words::new(
                format!("--external-label {label}: write it like cluster=tokyo"),
                format!("--external-label {label}: cluster=tokyo のように書いてください")
            ));
        };
        external_labels.set(name, value);
    }
    let external_url = match &trial.on {
        On::Server(_, source) if !source.prometheus.contains(['@', '$']) => source.prometheus.clone(),
        _ => String::new(),
    };
    // A server knows what was before: alerts may be pending and records long when the span begins.
    let history_ms = if matches!(trial.on, On::Server(..)) { history_ms(file) } else { 0 };
    Ok(Settings {
        span_ms: (trial.span.0 - history_ms, trial.span.1),
        interval_ms: trial.args.every.map_or(INTERVAL_MS, nidoto_core::Span::ms).max(1_000),
        external_labels,
        external_url,
        options: Options::default(),
    })
}

/// The longest hold and the longest look back at what the file itself writes, at most a day.
fn history_ms(file: &RuleFile) -> i64 {
    let holds = file.rules().filter_map(|(_, rule)| rule.alert()).map(|alert| alert.for_ms);
    let reads = file.rules().filter(|(_, rule)| !file.is_foreign(rule));
    let looks = reads.flat_map(|(_, rule)| rule.expr.selectors(&Options::default())).map(|selection| selection.back_ms);
    (holds.max().unwrap_or(0) + looks.max().unwrap_or(0)).min(86_400_000)
}

/// What was over before the span was only history.
fn forget_before(backtested: &mut Backtested, from_ms: i64) {
    for run in &mut backtested.alerts {
        run.firings.retain(|firing| firing.to_ms >= from_ms);
        run.pendings.retain(|(_, to_ms)| *to_ms >= from_ms);
        run.resets.retain(|reset| reset.due_ms >= from_ms);
    }
}

fn named(trial: &Trial<'_>) -> Option<String> {
    let of_evidence = match &trial.on {
        On::Series(recorded) => recorded.incident.as_ref().map(|(id, _)| id.clone()),
        On::Server(..) => None,
    };
    trial.args.incident.clone().or(of_evidence)
}

fn is_named(trial: &Trial<'_>) -> bool {
    let of_outage = match &trial.on {
        On::Series(recorded) => {
            recorded.incident.as_ref().is_some_and(|(_, phase)| *phase == nidoto_core::folder::Phase::Outage)
        }
        On::Server(..) => false,
    };
    trial.args.incident.is_some() || of_outage
}

/// The outage that is named, and those of the root that fall into the span.
fn outages<'t>(trial: &Trial<'t>) -> Result<Vec<Outage<'t>>> {
    let Some(root) = trial.root else {
        if trial.args.incident.is_some() {
            bail!(Words::new("--incident needs a nidoto.yaml", "--incident には nidoto.yaml が必要です"));
        }
        return Ok(Vec::new());
    };
    let named = named(trial).map(|id| root.incident(&id)).transpose()?;
    let is_wanted = |incident: &&Incident| match named {
        Some(named) => named.id == incident.id,
        None => true,
    };
    let outages = root.incidents.iter().filter(is_wanted).filter_map(|incident| Outage::new(incident, trial.args.warn));
    let outages: Vec<Outage<'t>> = outages.filter(|outage| outage.overlaps(trial.span)).collect();
    match (is_named(trial), outages.is_empty(), named) {
        (true, true, Some(incident)) => {
            let id = &incident.id;
            bail!(Words::new(
                format!("{id} is not within {}: see --from and --to", trial.times()),
                format!("{id} は {} の中にありません: --from と --to を確かめてください", trial.times())
            ))
        }
        _ => Ok(outages),
    }
}
