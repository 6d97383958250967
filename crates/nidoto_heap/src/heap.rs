//! `heap`: objects that pile up with the requests.

use crate::{Analysis, Baseline, DiffRow, Input, Limits, Snapshot, bytes_text, compare, verdict};
use nidoto_core::evidence::TreeFile;
use nidoto_core::guard::{Guard, Judgement, Kind, Need};
use nidoto_core::{Blind, Finding, Place, Pos, Span, View, Words};
use schemars::JsonSchema;
use serde::Deserialize;

/// `heap`: objects that pile up with the requests.
pub const KIND: Kind = Kind {
    name: "heap",
    summary: (
        "objects of a Node.js process that pile up with its requests",
        "リクエストとともに溜まる Node.js プロセスのオブジェクト",
    ),
    doc: "\
Compares heap snapshots of one process: the files that match `path`, in the order of their names. The
first was taken after warming up, the last after `requests` more requests (and a rest); of files in
between the first counts too: what it lacks came for a moment only and is left out.

Without `class` and `package` it is red where objects of any class accumulate at one place, at least
`objects` for each request (default 0.1) and 20 in all. It names package, class, file and line, and
the old object that holds them.

With `class` or `package` it is red where that class, or all classes defined in that package, grew by
more than `objects` or `bytes` (own sizes) for each request.

`nidoto heap take` takes snapshots, `nidoto heap watch` the whole series. Compress them (`.zst`,
`.gz`): a file of 64 MiB or more is not read; `nidoto heap slim` makes them small enough for git. A missing or damaged snapshot, and snapshots of two
processes, are blind.

```yaml
containers-are-released:
  heap:
    path: /srv/bff/heap/*.heapsnapshot.zst
    requests: 300
    package: \"@inversifyjs/container\"
    objects: 0.1
```",
    every: Span::seconds(86_400),
    schema: |generator| generator.subschema_for::<Keys>(),
    build: |keys| {
        let keys: Keys = serde_json::from_value(keys).map_err(|error| Words::same(error.to_string()))?;
        keys.check()?;
        Ok(Box::new(Heap(keys)))
    },
};

/// The keys of `heap`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Heap")]
struct Keys {
    /// The snapshots: a path with wildcards; they are read in the order of their names.
    path: String,
    /// How many requests were served between the first and the last.
    requests: u64,
    /// Only objects of this class.
    class: Option<String>,
    /// Only objects of classes that this npm package defines.
    package: Option<String>,
    /// How many objects may stay for each request.
    objects: Option<f64>,
    /// How many bytes may stay for each request.
    bytes: Option<f64>,
}

impl Keys {
    fn check(&self) -> Result<(), Words> {
        let is_named = self.class.is_some() || self.package.is_some();
        if self.requests == 0 {
            return Err(Words::new("`requests` must be at least 1", "`requests` は 1 以上です"));
        }
        if is_named && self.objects.is_none() && self.bytes.is_none() {
            return Err(Words::new(
                "with `class` or `package`, `objects` or `bytes` must say how many may stay for each request",
                "`class` や `package` には、リクエストごとに残ってよい `objects` か `bytes` が必要です",
            ));
        }
        if !is_named && self.bytes.is_some() {
            return Err(Words::new(
                "`bytes` needs `class` or `package`",
                "`bytes` には `class` か `package` が必要です",
            ));
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Heap(Keys);

impl Guard for Heap {
    fn needs(&self) -> Vec<Need> {
        vec![Need::Files { pattern: self.0.path.clone() }]
    }

    fn judge(&self, view: &View<'_>) -> Result<Judgement, Blind> {
        let files = view.files(&self.0.path)?;
        let ([first, between @ .., last], true) = (&files.matching[..], files.matching.len() >= 2) else {
            return Err(Blind::broken(Words::new(
                format!("two snapshots are needed at `{}`, there are {}", self.0.path, files.matching.len()),
                format!("`{}` にスナップショットが2つ必要です（{} つあります）", self.0.path, files.matching.len()),
            )));
        };
        let base = Baseline::new(read(first)?);
        let between = between.first().map(|file| read(file).map(Baseline::new)).transpose()?;
        let after = Analysis::without_distances(read(last)?);
        let (seen, value, limit) = self.look(&base, between.as_ref(), &after).map_err(|error| blind(last, &error))?;
        let place = Place::File { path: last.path.clone().into(), at: Pos::default() };
        let findings = seen.into_iter().map(|what| Finding::new(what, place.clone()).since(files.since_ms)).collect();
        Ok(Judgement { findings, value: Some(value), limit: Some(limit), ..Judgement::default() })
    }
}

impl Heap {
    /// What is wrong, the measured value for each request, and its limit.
    fn look(
        &self,
        base: &Baseline,
        between: Option<&Baseline>,
        after: &Analysis,
    ) -> crate::Result<(Vec<Words>, f64, f64)> {
        let Keys { requests, class, package, objects, bytes, .. } = &self.0;
        if class.is_none() && package.is_none() {
            let least = objects.unwrap_or(Limits::default().objects_per_request);
            let limits = Limits { requests: Some(*requests), objects_per_request: least, ..Limits::default() };
            let verdict = verdict(base, between, after, &limits)?;
            let most = verdict.culprits.iter().filter_map(|c| c.objects_per_request).fold(0.0, f64::max);
            return Ok((verdict.culprits.iter().map(|c| Words::same(c.to_string())).collect(), most, least));
        }
        let rows = compare(base, after)?;
        let wanted = |row: &&DiffRow| {
            let in_package =
                || row.class.place.and_then(|p| after.snapshot().origin(p)).and_then(|origin| origin.package);
            class.as_ref().is_none_or(|class| row.class.name == *class)
                && package.as_ref().is_none_or(|package| in_package().as_ref() == Some(package))
        };
        let (mut delta, mut delta_bytes) = (0, 0);
        for row in rows.iter().filter(wanted) {
            delta += row.delta();
            delta_bytes += row.delta_bytes();
        }
        let per = |amount: i64| amount.max(0) as f64 / *requests as f64;
        let is_over =
            objects.is_some_and(|limit| per(delta) > limit) || bytes.is_some_and(|limit| per(delta_bytes) > limit);
        let name = class.as_ref().or(package.as_ref()).map_or("", String::as_str);
        let size = bytes_text(delta_bytes.unsigned_abs());
        let what = Words::new(
            format!("{name} grew by {delta} objects and {size} in {requests} requests"),
            format!("{name} が {requests} リクエストで {delta} 個、{size} 増えた"),
        );
        let (value, limit) = objects.map_or((per(delta_bytes), bytes.unwrap_or(0.0)), |limit| (per(delta), limit));
        Ok((is_over.then_some(what).into_iter().collect(), value, limit))
    }
}

fn read(file: &TreeFile) -> Result<Snapshot, Blind> {
    let bytes = file.bytes.as_ref().map_err(|error| blind(file, error))?;
    Snapshot::read(Input::from_bytes(bytes.clone())).map_err(|error| blind(file, &error))
}

fn blind(file: &TreeFile, error: &impl std::fmt::Display) -> Blind {
    Blind::broken(Words::new(format!("{}: {error}", file.path), format!("{}: {error}", file.path)))
}
