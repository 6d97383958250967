//! The inspector of a Node.js process: Chrome's DevTools protocol over a web socket.
//!
//! <https://chromedevtools.github.io/devtools-protocol/v8/HeapProfiler/>

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value as Json, json};
use tungstenite::{Message, WebSocket};

/// Where Node.js listens when it is asked to by a signal.
const DEFAULT: &str = "127.0.0.1:9229";
/// How long a process may take to open its inspector.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may be silent: while V8 builds a large snapshot it says nothing.
const SILENCE: Duration = Duration::from_secs(600);

/// A connection to one process.
pub struct Inspector {
    socket: WebSocket<TcpStream>,
    last_id: u64,
}

impl Inspector {
    /// Connects to a process id, `host:port`, or a `ws://` URL.
    pub fn connect(target: &str) -> Result<Self> {
        if let Ok(pid) = target.parse::<i32>() {
            return Self::of_process(pid);
        }
        if target.starts_with("ws://") {
            return Self::open(target);
        }
        let address = target.trim_start_matches("http://").trim_end_matches('/');
        Self::open(&socket_url(address)?)
    }

    /// Asks a process of this machine to open its inspector, and makes sure that it is the one that answers.
    fn of_process(pid: i32) -> Result<Self> {
        let id = rustix::process::Pid::from_raw(pid).context("a process id is greater than 0")?;
        rustix::process::kill_process(id, rustix::process::Signal::USR1)
            .with_context(|| format!("failed to signal process {pid}: does it run, and is it yours?"))?;
        let start = Instant::now();
        let url = loop {
            match socket_url(DEFAULT) {
                Ok(url) => break url,
                Err(error) if start.elapsed() > PATIENCE => {
                    return Err(error.context(format!("process {pid} did not open its inspector: is it Node.js?")));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        let mut inspector = Self::open(&url)?;
        let answer = inspector.call("Runtime.evaluate", &json!({"expression": "process.pid"}), |_| Ok(()))?;
        let found = &answer["result"]["value"];
        ensure!(
            *found == json!(pid),
            "{DEFAULT} is the inspector of process {found}, not {pid}: start yours with --inspect=127.0.0.1:PORT and give that address"
        );
        Ok(inspector)
    }

    fn open(url: &str) -> Result<Self> {
        let address = url.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(address).with_context(|| format!("failed to connect to {address}"))?;
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_nodelay(true)?;
        let (socket, _) = tungstenite::client(url, stream).map_err(|e| anyhow::anyhow!("failed to open {url}: {e}"))?;
        Ok(Self { socket, last_id: 0 })
    }

    /// Collects garbage, then streams a snapshot into `out`. `progress` is told objects done and in all.
    pub fn take_snapshot(&mut self, out: &mut dyn Write, mut progress: impl FnMut(u64, u64)) -> Result<()> {
        let nothing = |_: &Json| Ok(());
        self.call("HeapProfiler.enable", &json!({}), nothing)?;
        // What is freed by the first may hold finalisers whose objects only the second frees.
        for _ in 0..2 {
            self.call("HeapProfiler.collectGarbage", &json!({}), nothing)?;
        }
        let mut written = 0;
        self.call("HeapProfiler.takeHeapSnapshot", &json!({"reportProgress": true}), |event| {
            let told = &event["params"];
            match event["method"].as_str() {
                Some("HeapProfiler.addHeapSnapshotChunk") => {
                    let chunk = told["chunk"].as_str().unwrap_or_default();
                    written += chunk.len();
                    out.write_all(chunk.as_bytes()).context("failed to write the snapshot")?;
                }
                Some("HeapProfiler.reportHeapSnapshotProgress") => {
                    progress(told["done"].as_u64().unwrap_or(0), told["total"].as_u64().unwrap_or(0));
                }
                _ => {}
            }
            Ok(())
        })?;
        ensure!(written > 0, "the process sent an empty snapshot");
        // Never disabled: V8 would forget the numbers of its objects, and no two snapshots could be compared.
        Ok(())
    }

    /// Calls a method and returns its result; events that come first go to `event`.
    fn call(&mut self, method: &str, params: &Json, mut event: impl FnMut(&Json) -> Result<()>) -> Result<Json> {
        self.last_id += 1;
        let question = json!({"id": self.last_id, "method": method, "params": params});
        self.socket.send(Message::text(question.to_string())).with_context(|| format!("failed to send {method}"))?;
        loop {
            let message = self.socket.read().with_context(|| {
                format!("the process went away during {method}: it may have run out of memory or ended")
            })?;
            let Message::Text(text) = message else { continue };
            let mut answer: Json = serde_json::from_str(text.as_str()).context("the inspector sent no JSON")?;
            if answer["id"] != json!(self.last_id) {
                event(&answer)?;
            } else if let Some(error) = answer["error"]["message"].as_str() {
                bail!("{method}: {error}");
            } else {
                return Ok(answer["result"].take());
            }
        }
    }
}

/// Asks an inspector for the web socket of its process.
fn socket_url(address: &str) -> Result<String> {
    let url = format!("http://{address}/json/list");
    let mut answer = ureq::get(&url).call().with_context(|| {
        format!("no inspector at {address}: start Node.js with --inspect={address}, or give the process id")
    })?;
    let targets: Json = answer.body_mut().read_json().with_context(|| format!("{url} answers no JSON"))?;
    let found = targets.as_array().into_iter().flatten().find_map(|target| target["webSocketDebuggerUrl"].as_str());
    let found = found.with_context(|| format!("{url} names no process: is another debugger attached?"))?;
    // The process tells its own idea of its address; behind a forwarded port only ours leads there.
    let path = found.trim_start_matches("ws://").split_once('/').map_or("", |(_, path)| path);
    Ok(format!("ws://{address}/{path}"))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A process that ends with the test.
    struct Process(Child);

    impl Drop for Process {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn a_snapshot_is_streamed_out_of_a_running_process() {
        let script =
            "class Kept {}; globalThis.kept = Array.from({length: 500}, () => new Kept()); setInterval(() => {}, 1000)";
        let node = Command::new("node").args(["--inspect=127.0.0.1:0", "-e", script]).stderr(Stdio::piped()).spawn();
        let Ok(mut node) = node.map(Process) else {
            println!("skipped: no node on this machine");
            return;
        };
        let mut lines = BufReader::new(node.0.stderr.take().expect("its standard error is piped")).lines();
        let url = lines.find_map(|line| line.ok()?.split_once("listening on ").map(|(_, url)| url.to_owned()));
        let mut inspector = Inspector::connect(&url.expect("node tells its address")).expect("the inspector answers");
        let (mut bytes, mut told) = (Vec::new(), 0);
        inspector.take_snapshot(&mut bytes, |_, _| told += 1).expect("the snapshot is taken");
        let snapshot = nidoto_heap::Snapshot::read(nidoto_heap::Input::from_bytes(bytes)).expect("it is whole");
        assert!(snapshot.nodes().filter(|node| snapshot.name(*node) == "Kept").count() >= 500);
        assert!(told > 0, "progress was told");
        let mut again = Vec::new();
        inspector.take_snapshot(&mut again, |_, _| ()).expect("a second snapshot is taken");
        let base = nidoto_heap::Baseline::new(snapshot);
        let later = nidoto_heap::Snapshot::read(nidoto_heap::Input::from_bytes(again)).expect("it is whole");
        nidoto_heap::compare_snapshots(&base, &later).expect("objects keep their numbers on one connection");
    }

    #[test]
    fn nobody_there_is_told_with_the_mend() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let error = Inspector::connect(&format!("127.0.0.1:{port}")).map(drop).expect_err("nobody listens");
        assert!(format!("{error:#}").contains("--inspect="), "{error:#}");
    }
}
