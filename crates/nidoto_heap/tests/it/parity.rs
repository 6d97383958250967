//! The same numbers as Chrome DevTools' own engine, for every object and every class of real snapshots.
//!
//! One difference is meant: DevTools keeps all closures under the key `,Function` and overwrites them with a single
//! object of that name. The closures are then compared with what remains of them: where no such object exists.

use nidoto_heap::{Analysis, Baseline, Class, ClassRow, Input, NodeKind, Snapshot, compare};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Rows of numbers by their key.
type Table = BTreeMap<String, Vec<i64>>;

fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Snapshots of eight versions of Node.js; they lie beside the repository.
fn shared_snapshots() -> Vec<PathBuf> {
    let dir = crate_dir().join("../../../shared/data/heap");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&dir).map(|entries| entries.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    files.sort();
    if files.is_empty() {
        println!("skipped: no snapshots in {}", dir.display());
    }
    files
}

/// Installs the engine once; later runs find it.
fn oracle() -> PathBuf {
    static INSTALLING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = INSTALLING.lock().expect("nobody failed to install");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("heap-oracle");
    let done = Command::new("bash")
        .arg(crate_dir().join("tests/oracle/setup.sh"))
        .arg(&dir)
        .output()
        .expect("bash is installed");
    let text = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success(),
        "the DevTools engine could not be installed: {text}\nmend: needs npm and an npm registry; or fill {} by hand as tests/oracle/setup.sh does",
        dir.display()
    );
    dir
}

fn node(oracle: &Path) -> Command {
    let mut node = Command::new(oracle.join("node/bin/node"));
    node.arg("--max-old-space-size=8000");
    node
}

fn devtools(oracle: &Path, arguments: &[&Path]) -> String {
    let mut command = node(oracle);
    let out = oracle.join(format!("{}-{:?}.tsv", std::process::id(), std::thread::current().id()));
    command.arg(crate_dir().join("tests/oracle/devtools.mjs")).arg(oracle.join("devtools")).arg(&out).args(arguments);
    let done = command.output().expect("the oracle's Node.js starts");
    assert!(done.status.success(), "DevTools failed: {}", String::from_utf8_lossy(&done.stderr));
    let text = std::fs::read(&out).expect("the oracle wrote its numbers");
    let _ = std::fs::remove_file(&out);
    String::from_utf8_lossy(&text).into_owned()
}

fn table(text: &str, mark: &str) -> Table {
    let rows = text.lines().filter_map(|line| line.strip_prefix(mark)?.strip_prefix('\t'));
    let row = |line: &str| {
        let mut fields = line.split('\t');
        let key = fields.next().unwrap_or_default().to_owned();
        (key, fields.map(|field| field.parse().expect("numbers follow the key")).collect())
    };
    rows.map(row).collect()
}

/// The key under which DevTools keeps a class.
fn key(class: &Class) -> String {
    let name = class.name.replace('\n', " ");
    match (class.place, class.kind) {
        (Some(place), _) => format!("{},{},{},{name}", place.script, place.line, place.column),
        (None, Some(NodeKind::Closure)) => CLOSURES.to_owned(),
        (None, _) => format!(",{name}"),
    }
}

const CLOSURES: &str = ",Function (closures)";

/// Renames the closures as DevTools does, and drops them where it loses them.
fn as_devtools_tells(mut ours: Table) -> Table {
    if let Some(closures) = ours.remove(CLOSURES) {
        ours.entry(",Function".into()).or_insert(closures);
    }
    ours
}

fn assert_equal(what: &str, ours: &Table, theirs: &Table) {
    let keys: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let differing: Vec<String> = keys
        .into_iter()
        .filter(|k| ours.get(*k) != theirs.get(*k))
        .map(|k| format!("{k}: ours {:?}, theirs {:?}", ours.get(k), theirs.get(k)))
        .collect();
    println!("{what}: {} rows, {} differ", theirs.len(), differing.len());
    assert!(
        differing.is_empty(),
        "{what}: {} differ, the first: {:#?}",
        differing.len(),
        &differing[..differing.len().min(10)]
    );
}

/// A plain copy where the file is compressed: DevTools reads no other.
fn plain(oracle: &Path, file: &Path) -> PathBuf {
    if file.extension().is_none_or(|e| e != "gz") {
        return file.to_path_buf();
    }
    let copy = oracle.join(file.file_stem().expect("a file has a name"));
    let mut reader = flate2::read::GzDecoder::new(std::fs::File::open(file).expect("the snapshot opens"));
    std::io::copy(&mut reader, &mut std::fs::File::create(&copy).expect("the cache is writable"))
        .expect("the snapshot unpacks");
    copy
}

fn read(file: &Path) -> Snapshot {
    Snapshot::read(Input::open(file).expect("the snapshot opens")).expect("a real snapshot is sound")
}

fn assert_parity(oracle: &Path, file: &Path) {
    let theirs = devtools(oracle, &[Path::new("load"), &plain(oracle, file)]);
    let analysis = Analysis::new(read(file));
    let snapshot = analysis.snapshot();
    let number = |size: u64| i64::try_from(size).expect("sizes fit");
    let nodes = snapshot.nodes().map(|n| {
        (
            snapshot.id(n).to_string(),
            vec![
                number(snapshot.shallow(n)),
                number(analysis.retained(n)),
                i64::from(analysis.distance(n)),
                i64::from(snapshot.kind(n) == NodeKind::Closure),
            ],
        )
    });
    let name = file.file_name().expect("a file has a name").to_string_lossy();
    let their_nodes = table(&theirs, "N");
    assert_equal(&format!("{name}: objects"), &nodes.collect(), &their_nodes);
    let rows = analysis.class_rows();
    assert_closures(&analysis, &rows, &their_nodes);
    assert_equal(&format!("{name}: totals"), &totals(snapshot), &table(&theirs, "S"));
    let classes = rows.iter().map(|row| {
        (key(analysis.class(row.class)), vec![number(row.count), number(row.shallow), number(row.retained)])
    });
    assert_equal(&format!("{name}: classes"), &as_devtools_tells(classes.collect()), &table(&theirs, "C"));
}

/// The row that DevTools loses, from its own numbers of every object.
fn assert_closures(analysis: &Analysis, rows: &[ClassRow], their_nodes: &Table) {
    let row = rows.iter().find(|row| key(analysis.class(row.class)) == CLOSURES).expect("functions are everywhere");
    let theirs: Vec<i64> =
        their_nodes.values().filter(|numbers| numbers[3] == 1 && numbers[0] > 0).map(|numbers| numbers[0]).collect();
    assert_eq!((row.count as usize, row.shallow as i64), (theirs.len(), theirs.iter().sum::<i64>()), "closures");
}

/// DevTools' Statistics view.
fn totals(snapshot: &Snapshot) -> Table {
    let t = snapshot.totals();
    let bytes = [t.all, t.native, t.typed_arrays, t.code, t.strings, t.system, t.js_arrays];
    let keys = ["all", "native", "typed_arrays", "code", "strings", "system", "js_arrays"];
    keys.into_iter().zip(bytes).map(|(key, bytes)| (key.to_owned(), vec![bytes as i64])).collect()
}

fn assert_same_diff(oracle: &Path, base: &Path, after: &Path) {
    let theirs = table(&devtools(oracle, &[Path::new("diff"), &plain(oracle, base), &plain(oracle, after)]), "D");
    let rows = compare(&Baseline::new(read(base)), &Analysis::new(read(after))).expect("both are of one process");
    let number = |amount: u64| i64::try_from(amount).expect("amounts fit");
    let mut ours: Table = rows
        .iter()
        .map(|r| {
            (key(&r.class), vec![number(r.added), number(r.removed), number(r.added_bytes), number(r.removed_bytes)])
        })
        .collect();
    // Where DevTools loses the closures it shows the object that took their key, which did not change, or nothing.
    if !theirs.contains_key(",Function") {
        ours.remove(CLOSURES);
    }
    assert_equal("comparison", &as_devtools_tells(ours), &theirs);
}

#[test]
fn every_version_of_node_gives_the_numbers_of_devtools() {
    let files = shared_snapshots();
    if files.is_empty() {
        return;
    }
    let oracle = oracle();
    for file in &files {
        assert_parity(&oracle, file);
    }
    let named = |name: &str| files.iter().find(|f| f.ends_with(name)).expect("the pair of the express server");
    assert_same_diff(&oracle, named("small-0.heapsnapshot.gz"), named("small-1.heapsnapshot.gz"));
}

#[test]
fn fresh_snapshots_of_the_lab_give_the_numbers_of_devtools() {
    if shared_snapshots().is_empty() {
        return;
    }
    let oracle = oracle();
    for mode in ["leak", "healthy"] {
        let dir = oracle.join("snapshots");
        let mut server = node(&oracle);
        server
            .arg("--expose-gc")
            .arg(oracle.join("lab/server.js"))
            .args(["--mode", mode, "--bursts", "200", "--snapshots"])
            .arg(&dir);
        assert!(server.status().expect("the lab starts").success(), "the lab failed");
        let [base, after] = ["0", "1"].map(|n| dir.join(format!("{mode}-{n}.heapsnapshot")));
        assert_parity(&oracle, &after);
        assert_same_diff(&oracle, &base, &after);
    }
}
