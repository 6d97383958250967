//! The command line of `nidoto heap`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub struct Heap {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

// No doc comment here and above: it would take the place of the command's own words.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is in a snapshot, and who holds it.
    Show(Show),
    /// What grew between two or three snapshots of one process: package, class, line and holder of a leak.
    Diff(Diff),
    /// Take a snapshot of a running Node.js process.
    Take(Take),
    /// Warm up, snapshot, drive requests, snapshot, rest, snapshot, verdict.
    Watch(Watch),
    /// Copy a snapshot without V8's own objects: small enough to keep with a postmortem.
    Slim(Slim),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto heap show app.heapsnapshot.gz
  nidoto heap show app.heapsnapshot --class Session    its objects
  nidoto heap show app.heapsnapshot --retainers 88203  why is it alive?")]
pub struct Show {
    /// A .heapsnapshot file, plain, .gz or .zst.
    pub file: PathBuf,
    /// List the objects of this class.
    #[arg(long, value_name = "NAME")]
    pub class: Option<String>,
    /// Tell who refers to the object with this number, and the shortest way from a root.
    #[arg(long, value_name = "ID", conflicts_with = "class")]
    pub retainers: Option<u32>,
    /// Tell what the object with this number holds alone, and who holds it alone.
    #[arg(long, value_name = "ID", conflicts_with_all = ["class", "retainers"])]
    pub dominators: Option<u32>,
    #[command(flatten)]
    pub form: Form,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto heap diff before.heapsnapshot after.heapsnapshot --requests 1000
  nidoto heap diff before.heapsnapshot after.heapsnapshot rested.heapsnapshot
Exit status: 0 nothing leaks, 1 something leaks, 2 error.")]
pub struct Diff {
    /// The snapshot after warming up.
    pub base: PathBuf,
    /// The snapshot after some work.
    pub after: PathBuf,
    /// A snapshot after a rest: only what it still holds counts.
    pub later: Option<PathBuf>,
    /// How many requests were served in between.
    #[arg(long, value_name = "N")]
    pub requests: Option<u64>,
    #[command(flatten)]
    pub form: Form,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  nidoto heap take 4711                           a process of this machine; opens its inspector
  nidoto heap take 127.0.0.1:9229 -o app.heapsnapshot.zst
While V8 writes a snapshot the process answers nobody and may need twice its memory.")]
pub struct Take {
    /// A process id, or where its inspector listens: host:port or a ws:// URL.
    pub target: String,
    /// Where to write; `.gz` and `.zst` compress. Default: the time, in this folder.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace what strings hold, so that the file can be shown to others.
    #[arg(long)]
    pub redact: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto heap watch 127.0.0.1:9229 --requests 'ab -q -n $N http://127.0.0.1:3000/orders' -n 1000
Exit status: 0 nothing leaks, 1 something leaks, 2 error.")]
pub struct Watch {
    /// A process id, or where its inspector listens: host:port or a ws:// URL.
    pub target: String,
    /// A command for the shell that makes `$N` requests.
    #[arg(long, value_name = "COMMAND")]
    pub requests: String,
    /// How many requests to make between the snapshots.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1000)]
    pub count: u64,
    /// How many to make before the first snapshot; default: as many again.
    #[arg(long, value_name = "N")]
    pub warm_up: Option<u64>,
    /// How many seconds to rest before the last snapshot.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub rest: u64,
    /// Keep the three snapshots in this folder.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    #[command(flatten)]
    pub form: Form,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  nidoto heap slim app.heapsnapshot -o incidents/a/evidence/outage/heap/1-base.heapsnapshot.zst
Code, hidden classes and what only they hold are left out; their bytes count for the object that holds them. Who holds
what, retained sizes of objects and the verdict of `nidoto heap diff` stay.")]
pub struct Slim {
    /// A .heapsnapshot file, plain, .gz or .zst.
    pub file: PathBuf,
    /// Where to write; `.gz` and `.zst` compress.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace what strings hold, so that the copy can be shown to others.
    #[arg(long)]
    pub redact: bool,
}

/// How to write tables.
#[derive(Clone, Debug, Args)]
pub struct Form {
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// How many rows of each table.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Do not tell what strings hold.
    #[arg(long)]
    pub redact: bool,
}

/// How to write the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// All tables, for programs.
    Json,
    /// The main table.
    Csv,
    /// For the postmortem.
    Markdown,
}
