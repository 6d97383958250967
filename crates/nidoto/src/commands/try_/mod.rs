//! `nidoto try`: what a guard, or every alert of a Prometheus rule file, would have said of the
//! last weeks, before anybody adopts it.

pub mod args;
mod declare;
mod fetch;
mod guards;
mod rules;
mod text;

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nidoto_chart::Marker;
use nidoto_core::evidence::SpanMs;
use nidoto_core::folder::{Incident, Root, Source};
use nidoto_core::{Span, Words, when};

use self::args::Try;
use super::on::{self, On};
use super::prove::picture;
use super::{moment, open};
use crate::Outcome;
use crate::cli::Cli;
use crate::output::Output;

/// So far back a server is asked unless somebody says otherwise.
const SINCE: Span = Span::seconds(28 * 86_400);

/// What is tried, on what, and when.
struct Trial<'t> {
    args: &'t Try,
    root: Option<&'t Root>,
    zone: TimeZone,
    output: Output,
    on: On,
    /// What `--on` was, for the headline and as the name of the source.
    name: String,
    span: SpanMs,
}

/// Runs `nidoto try`.
pub fn run(cli: &Cli, output: Output, args: &Try) -> Result<Outcome> {
    // A file or a server can be tried outside of a root.
    let (root, output) = match open(cli, &cli.root, output) {
        Ok((root, output)) => (Some(root), output),
        Err(_) => (None, output),
    };
    let zone = root.as_ref().map_or(TimeZone::UTC, Root::zone);
    let name = match &args.on {
        Some(name) => name.clone(),
        None => only_source(root.as_ref())?,
    };
    let on = on::resolve(root.as_ref(), Some(&name), &zone, output)?;
    let span = span(args, &on, &zone)?;
    let trial = Trial { args, root: root.as_ref(), zone, output, on, name, span };
    match &args.rules {
        Some(path) => rules::run(&trial, path),
        None => guards::run(&trial),
    }
}

fn only_source(root: Option<&Root>) -> Result<String> {
    let sources = root.iter().flat_map(|root| &root.config.sources);
    let servers: Vec<&String> =
        sources.filter(|(_, source)| matches!(source, Source::Prometheus(_))).map(|(name, _)| name).collect();
    match servers.as_slice() {
        [one] => Ok((*one).clone()),
        _ => bail!(Words::new(
            "say with --on where the series are: a source of nidoto.yaml, a URL, a file or an incident",
            "系列の場所を --on で指定してください: nidoto.yaml の source、URL、ファイル、障害のどれか"
        )),
    }
}

fn span(args: &Try, on: &On, zone: &TimeZone) -> Result<SpanMs> {
    let read = |text: &str| moment::read(Some(text), zone).map(when::ms);
    let whole = match on {
        On::Series(recorded) => recorded.span,
        On::Server(..) => {
            let now_ms = when::ms(Timestamp::now());
            (now_ms - SINCE.ms(), now_ms)
        }
    };
    let to_ms = args.to.as_deref().map(read).transpose()?.unwrap_or(whole.1);
    let from_ms = match (&args.from, args.since) {
        (Some(from), _) => read(from)?,
        (None, Some(since)) => to_ms - since.ms(),
        (None, None) if args.to.is_some() && matches!(on, On::Server(..)) => to_ms - SINCE.ms(),
        (None, None) => whole.0,
    };
    // Nobody recorded what was before and after.
    let (from_ms, to_ms) = match on {
        On::Series(_) => (from_ms.max(whole.0), to_ms.min(whole.1)),
        On::Server(..) => (from_ms, to_ms),
    };
    if from_ms >= to_ms {
        bail!(Words::new(
            "the time to try is empty: see --from, --since and --to",
            "期間が空です: --from、--since、--to を確かめてください"
        ));
    }
    Ok((from_ms, to_ms))
}

impl Trial<'_> {
    /// The headline's times: `2026-10-24 12:00 – 2026-11-21 12:00`.
    fn times(&self) -> String {
        let (from, to) = (when::short(self.span.0, &self.zone), when::short(self.span.1, &self.zone));
        format!("{from} – {to}")
    }

    /// What happened meanwhile: the times of these incidents, and the team's journal.
    fn events<'i>(&self, incidents: impl IntoIterator<Item = &'i Incident>) -> Vec<Marker> {
        let times = incidents.into_iter().flat_map(|incident| picture::times(incident, self.output));
        let changes = self.root.iter().flat_map(|root| &root.changes);
        let timed = changes.filter_map(|change| Some((when::ms(change.time(&self.zone)?), change)));
        let changes = timed.map(|(at_ms, change)| Marker::new(at_ms, change.letter(), change.what.clone()));
        times.chain(changes).filter(|marker| (self.span.0..=self.span.1).contains(&marker.t_ms)).collect()
    }

    /// The incident whose evidence is looked at.
    fn incident(&self) -> Option<&Incident> {
        let On::Series(recorded) = &self.on else { return None };
        let (id, _) = recorded.incident.as_ref()?;
        self.root?.incidents.iter().find(|incident| incident.id == *id)
    }
}
