//! `nidoto heap diff`: what grew, and what leaks.

use std::path::Path;

use anyhow::{Context, Result};
use nidoto_heap::{Analysis, Baseline, DiffRow, Limits, Verdict, bytes_text, compare, verdict};
use serde_json::{Map, Value as Json, json};

use super::args::{Diff, Form};
use super::read;
use super::sheet::{Sheet, Value, headings, print};
use super::show::path_text;
use crate::Outcome;
use crate::output::Output;

/// Runs `nidoto heap diff`.
pub fn run(output: Output, args: &Diff) -> Result<Outcome> {
    let files = [Some(args.base.as_path()), Some(args.after.as_path()), args.later.as_deref()];
    judge(output, &args.form, files, args.requests)
}

/// Compares two or three snapshots and prints verdict and table.
pub fn judge(output: Output, form: &Form, files: [Option<&Path>; 3], requests: Option<u64>) -> Result<Outcome> {
    let files: Vec<&Path> = files.into_iter().flatten().collect();
    let (last, earlier) = files.split_last().context("two snapshots are needed")?;
    let earlier: Vec<Baseline> = earlier.iter().map(|path| read(path).map(Baseline::new)).collect::<Result<_>>()?;
    let after = Analysis::without_distances(read(last)?);
    let (base, between) = (&earlier[0], earlier.get(1));
    let verdict = verdict(base, between, &after, &Limits { requests, ..Limits::default() })?;
    let rows = compare(base, &after)?;
    let summary = summary(output, &verdict, base.total(), after.total());
    let mut facts = Map::new();
    facts.insert("verdict".into(), json!(verdict));
    facts.insert("is_leak".into(), Json::Bool(verdict.is_leak()));
    print(form, output, &summary, facts, &[table(output, &rows, form.limit)]);
    Ok(if verdict.is_leak() { Outcome::Red } else { Outcome::Green })
}

fn summary(output: Output, verdict: &Verdict, before: u64, after: u64) -> String {
    let mut text = String::new();
    if !verdict.is_leak() {
        text += output.pick("Nothing leaks", "漏れなし");
        text += &format!(
            ": {} -> {}, {} {}\n",
            bytes_text(before),
            bytes_text(after),
            bytes_text(verdict.grown_bytes),
            output.pick("of new objects, none of which accumulate", "の新しいオブジェクト。溜まるものはない")
        );
        return text;
    }
    for culprit in &verdict.culprits {
        text += &format!("{culprit}\n{}\n\n", path_text(&culprit.path));
    }
    text += &format!(
        "{} -> {}, {} {}\n",
        bytes_text(before),
        bytes_text(after),
        bytes_text(verdict.grown_bytes),
        output.pick("of new objects", "の新しいオブジェクト")
    );
    text
}

fn table(output: Output, rows: &[DiffRow], limit: usize) -> Sheet {
    let most = rows.iter().map(DiffRow::delta_bytes).max().unwrap_or(0).max(1);
    let row = |row: &DiffRow| {
        vec![
            Value::Text(row.class.name.clone()),
            Value::Number(row.added as i64),
            Value::Number(row.removed as i64),
            Value::Number(row.delta()),
            Value::Bytes(row.added_bytes as i64),
            Value::Bytes(row.removed_bytes as i64),
            Value::Bytes(row.delta_bytes()),
            Value::Share(row.delta_bytes().max(0) as f64 / most as f64),
        ]
    };
    Sheet {
        key: "classes",
        title: output.pick("Comparison, by growth (own sizes)", "比較（増加順、自身の大きさ）").into(),
        headings: headings([
            ("class", output.pick("class", "クラス")),
            ("added", output.pick("new", "新")),
            ("removed", output.pick("deleted", "消")),
            ("delta", output.pick("delta", "差")),
            ("added_bytes", output.pick("new size", "新の量")),
            ("removed_bytes", output.pick("freed size", "消の量")),
            ("delta_bytes", output.pick("size delta", "量の差")),
            ("share", ""),
        ]),
        rows: rows.iter().take(limit).map(row).collect(),
    }
}
