//! `nidoto heap show`: what is in a snapshot, and who holds it.

use anyhow::{Context, Result};
use nidoto_heap::{Analysis, Node, Paths, Place, Step, Totals, bytes_text, duplicate_strings};
use serde_json::{Map, json};

use super::args::Show;
use super::sheet::{Sheet, Value, headings, print};
use super::{read, string_text};
use crate::Outcome;
use crate::output::Output;

/// Runs `nidoto heap show`.
pub fn run(output: Output, args: &Show) -> Result<Outcome> {
    let analysis = Analysis::new(read(&args.file)?);
    let find = |id: u32| {
        analysis.snapshot().node_with_id(id).with_context(|| format!("no object @{id} in {}", args.file.display()))
    };
    match (&args.class, args.retainers, args.dominators) {
        (Some(class), ..) => objects(output, args, &analysis, class)?,
        (_, Some(id), _) => retainers(output, args, &analysis, find(id)?)?,
        (_, _, Some(id)) => dominators(output, args, &analysis, find(id)?),
        _ => overview(output, args, &analysis),
    }
    Ok(Outcome::Green)
}

fn overview(output: Output, args: &Show, analysis: &Analysis) {
    let snapshot = analysis.snapshot();
    let totals = snapshot.totals();
    let Totals { all, code, strings, typed_arrays, native, system, .. } = totals;
    let summary = format!(
        "{}: {} objects, {} references\ncode {}, strings {}, native {} (typed arrays {}), V8 itself {}\n",
        bytes_text(all),
        snapshot.node_count(),
        snapshot.edge_count(),
        bytes_text(code),
        bytes_text(strings),
        bytes_text(native),
        bytes_text(typed_arrays),
        bytes_text(system),
    );
    let mut facts = Map::new();
    facts.insert("nodes".into(), json!(snapshot.node_count()));
    facts.insert("edges".into(), json!(snapshot.edge_count()));
    facts.insert("totals".into(), json!(totals));
    let limit = args.form.limit;
    let sheets = [
        classes(output, analysis, limit, all),
        consumers(output, analysis, limit, all),
        duplicates(output, analysis, limit, args.form.redact),
        detached(output, analysis, limit),
    ];
    print(&args.form, output, &summary, facts, &sheets);
}

fn classes(output: Output, analysis: &Analysis, limit: usize, all: u64) -> Sheet {
    let row = |row: &nidoto_heap::ClassRow| {
        vec![
            Value::Text(analysis.class(row.class).name.clone()),
            Value::Number(row.count as i64),
            Value::Bytes(row.shallow as i64),
            Value::Bytes(row.retained as i64),
            Value::Share(row.retained as f64 / all.max(1) as f64),
            Value::Text(place_text(analysis, analysis.class(row.class).place)),
        ]
    };
    Sheet {
        key: "classes",
        title: output
            .pick(
                "Classes, by what would be freed with all their objects (rows overlap)",
                "クラス（全オブジェクトと共に解放される量の順。行は重なる）",
            )
            .into(),
        headings: headings([
            ("class", output.pick("class", "クラス")),
            ("count", output.pick("count", "個数")),
            ("shallow", output.pick("shallow", "自身")),
            ("retained", output.pick("retained", "保持")),
            ("share", ""),
            ("origin", output.pick("made by", "定義")),
        ]),
        rows: analysis.class_rows().iter().take(limit).map(row).collect(),
    }
}

fn consumers(output: Output, analysis: &Analysis, limit: usize, all: u64) -> Sheet {
    let row = |node: Node| {
        let point = analysis.accumulation_point(node);
        let held = analysis.held(point);
        let most = held
            .first()
            .map(|(class, count, bytes)| format!("{} {}, {}", count, analysis.class(*class), bytes_text(*bytes)));
        let at = if point == node {
            String::new()
        } else {
            format!(" in {} @{}", analysis.label(point), analysis.snapshot().id(point))
        };
        vec![
            Value::Text(format!("{} @{}", analysis.label(node), analysis.snapshot().id(node))),
            Value::Bytes(analysis.retained(node) as i64),
            Value::Share(analysis.retained(node) as f64 / all.max(1) as f64),
            Value::Text(most.map(|most| most + &at).unwrap_or_default()),
        ]
    };
    Sheet {
        key: "consumers",
        title: output
            .pick("Objects that hold most, and where it accumulates", "最も多く保持するオブジェクトと、溜まっている所")
            .into(),
        headings: headings([
            ("object", output.pick("object", "オブジェクト")),
            ("retained", output.pick("retained", "保持")),
            ("share", ""),
            ("holds", output.pick("holds", "中身")),
        ]),
        rows: analysis.top_consumers(limit.min(10)).into_iter().map(row).collect(),
    }
}

fn duplicates(output: Output, analysis: &Analysis, limit: usize, is_redacted: bool) -> Sheet {
    let row = |d: nidoto_heap::Duplicate| {
        let text = string_text(&d.text, is_redacted)
            + if d.is_cut { output.pick(" (cut: may differ)", "（途中まで）") } else { "" };
        vec![Value::Text(text), Value::Number(d.count as i64), Value::Bytes(d.wasted as i64)]
    };
    Sheet {
        key: "duplicate_strings",
        title: output.pick("Strings held more than once", "重複する文字列").into(),
        headings: headings([
            ("text", output.pick("string", "文字列")),
            ("count", output.pick("count", "個数")),
            ("wasted", output.pick("wasted", "無駄")),
        ]),
        rows: duplicate_strings(analysis.snapshot(), limit.min(10)).into_iter().map(row).collect(),
    }
}

fn detached(output: Output, analysis: &Analysis, limit: usize) -> Sheet {
    let rows = analysis.class_rows();
    let is_detached = |row: &&nidoto_heap::ClassRow| {
        // Node.js says the same of objects of its own that no script holds.
        let name = &analysis.class(row.class).name;
        name.starts_with("Detached ") && !name.starts_with("Detached Node / ")
    };
    let row = |row: &nidoto_heap::ClassRow| {
        vec![
            Value::Text(analysis.class(row.class).name.clone()),
            Value::Number(row.count as i64),
            Value::Bytes(row.retained as i64),
        ]
    };
    Sheet {
        key: "detached",
        title: output.pick("DOM nodes that no document shows", "文書から外れた DOM ノード").into(),
        headings: headings([
            ("class", output.pick("class", "クラス")),
            ("count", output.pick("count", "個数")),
            ("retained", output.pick("retained", "保持")),
        ]),
        rows: rows.iter().filter(is_detached).take(limit).map(row).collect(),
    }
}

fn objects(output: Output, args: &Show, analysis: &Analysis, name: &str) -> Result<()> {
    let snapshot = analysis.snapshot();
    let mut nodes: Vec<Node> =
        snapshot.nodes().filter(|node| analysis.class(analysis.class_of(*node)).name == name).collect();
    if nodes.is_empty() {
        let rows = analysis.class_rows();
        let names = rows.iter().map(|row| analysis.class(row.class).name.as_str());
        let hint = nidoto_core::diag::did_you_mean(name, names)
            .map(|name| format!(": did you mean `{name}`?"))
            .unwrap_or_default();
        anyhow::bail!("no class `{name}` in {}{hint}", args.file.display());
    }
    let count = nodes.len();
    nodes.sort_by_key(|node| (std::cmp::Reverse(analysis.retained(*node)), *node));
    let row = |node: &Node| object_row(analysis, *node, args.form.redact);
    let sheet = Sheet {
        key: "objects",
        title: format!("{name}: {count}"),
        headings: object_headings(output),
        rows: nodes.iter().take(args.form.limit).map(row).collect(),
    };
    print(&args.form, output, "", Map::new(), &[sheet]);
    Ok(())
}

fn object_headings(output: Output) -> Vec<super::sheet::Heading> {
    headings([
        ("id", "@"),
        ("object", output.pick("object", "オブジェクト")),
        ("shallow", output.pick("shallow", "自身")),
        ("retained", output.pick("retained", "保持")),
        ("distance", output.pick("distance", "距離")),
        ("origin", output.pick("made by", "定義")),
    ])
}

fn object_row(analysis: &Analysis, node: Node, is_redacted: bool) -> Vec<Value> {
    let snapshot = analysis.snapshot();
    let name = if snapshot.kind(node).is_string() {
        string_text(&snapshot.name(node), is_redacted)
    } else {
        analysis.label(node)
    };
    vec![
        Value::Id(snapshot.id(node)),
        Value::Text(name),
        Value::Bytes(snapshot.shallow(node) as i64),
        Value::Bytes(analysis.retained(node) as i64),
        Value::Number(i64::from(analysis.distance(node))),
        Value::Text(place_text(analysis, snapshot.place(node))),
    ]
}

fn place_text(analysis: &Analysis, place: Option<Place>) -> String {
    place.and_then(|place| analysis.snapshot().origin(place)).map(|origin| origin.to_string()).unwrap_or_default()
}

fn retainers(output: Output, args: &Show, analysis: &Analysis, node: Node) -> Result<()> {
    let path = Paths::new(analysis, &[node]).to(node)?;
    let summary = format!("{} @{}\n{}\n", analysis.label(node), analysis.snapshot().id(node), path_text(&path));
    let row = |r: nidoto_heap::Retainers| {
        vec![
            Value::Text(format!("{}{}", r.class, r.over)),
            Value::Number(r.count as i64),
            Value::Id(r.example),
            Value::Number(i64::from(r.distance)),
        ]
    };
    let sheet = Sheet {
        key: "retainers",
        title: output.pick("Who refers to it, lookalikes together", "参照元（同じ形はまとめる）").into(),
        headings: headings([
            ("retainer", output.pick("retainer", "参照元")),
            ("count", output.pick("count", "個数")),
            ("example", output.pick("nearest @", "最も近い @")),
            ("distance", output.pick("distance", "距離")),
        ]),
        rows: analysis.retainers(node)?.into_iter().take(args.form.limit).map(row).collect(),
    };
    let mut facts = Map::new();
    facts.insert("path".into(), json!(path));
    print(&args.form, output, &summary, facts, &[sheet]);
    Ok(())
}

/// A way from a root, one step a line.
pub fn path_text(path: &[Step]) -> String {
    let step = |step: &Step| format!("  {} @{} {}", step.class, step.id, step.over).trim_end().to_owned();
    path.iter().map(step).collect::<Vec<_>>().join("\n")
}

fn dominators(output: Output, args: &Show, analysis: &Analysis, node: Node) {
    let above = std::iter::successors(Some(node), |n| Some(analysis.dominator(*n)).filter(|d| d != n));
    let chain: Vec<String> = above
        .map(|n| format!("{} @{} {}", analysis.label(n), analysis.snapshot().id(n), bytes_text(analysis.retained(n))))
        .collect();
    let (shown, more) = (chain.len().min(30), chain.len().saturating_sub(30));
    let mut summary = chain[..shown].join("\n  <- ");
    if more > 0 {
        summary += &format!("\n  <- ... {more} more");
    }
    summary.push('\n');
    let row = |child: Node| object_row(analysis, child, args.form.redact);
    let sheet = Sheet {
        key: "dominated",
        title: output.pick("What it alone holds", "これだけが保持するもの").into(),
        headings: object_headings(output),
        rows: analysis.dominated(node).into_iter().take(args.form.limit).map(row).collect(),
    };
    let mut facts = Map::new();
    facts.insert("dominators".into(), json!(chain[..shown]));
    print(&args.form, output, &summary, facts, &[sheet]);
}
