//! A Prometheus of its own for one test: free port, own folder, gone at the end.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nidoto_promql::{Labels, Series};
use serde_json::Value as Json;

use super::{Outcome, remote_write};

pub(super) struct Prometheus {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Prometheus {
    pub(super) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = std::env::temp_dir().join(format!("nidoto-promql-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("prometheus.yml"), "global: {evaluation_interval: 1m}\n").unwrap();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .args(["--web.enable-remote-write-receiver", "--log.level=error"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Prometheus is missing: apt-get install prometheus");
        let server = Self { process, port, folder };
        let started = Instant::now();
        while !server.get("/-/ready").is_ok_and(|(status, _)| status == 200) {
            assert!(started.elapsed() < Duration::from_secs(60), "Prometheus did not get ready within a minute");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// In slices of time, for Prometheus refuses samples that are an hour older than the newest.
    pub(super) fn load(&self, series: &[Series]) {
        let slice_ms = 20 * 60_000;
        let times = || series.iter().flat_map(|s| s.samples.timestamps_ms.iter().copied());
        let (first, last) = (times().min().unwrap(), times().max().unwrap());
        for from_ms in (first..=last).step_by(slice_ms as usize) {
            let body = remote_write::request(series, from_ms, from_ms + slice_ms);
            let headers = "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n";
            let (status, text) = self.http("POST", "/api/v1/write", headers, &body).unwrap();
            assert!(status / 100 == 2, "remote write failed with {status}: {text}");
        }
    }

    pub(super) fn version(&self) -> String {
        let (_, body) = self.get("/api/v1/status/buildinfo").unwrap();
        let json: Json = serde_json::from_str(&body).unwrap();
        json["data"]["version"].as_str().unwrap().to_owned()
    }

    pub(super) fn instant(&self, query: &str, t_ms: i64) -> Outcome {
        self.query("/api/v1/query", &format!("query={}&time={}", escaped(query), seconds(t_ms)))
    }

    pub(super) fn range(&self, query: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> Outcome {
        let [start, end, step] = [start_ms, end_ms, step_ms].map(seconds);
        self.query("/api/v1/query_range", &format!("query={}&start={start}&end={end}&step={step}", escaped(query)))
    }

    fn query(&self, path: &str, form: &str) -> Outcome {
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        let (_, body) = self.http("POST", path, headers, form.as_bytes()).unwrap();
        let json: Json = serde_json::from_str(&body).unwrap();
        if json["status"] != "success" {
            return Err(json["error"].as_str().unwrap_or("").to_owned());
        }
        let result = &json["data"]["result"];
        Ok(match json["data"]["resultType"].as_str().unwrap() {
            "scalar" => BTreeMap::from([(Labels::default(), vec![point(result)])]),
            "string" => BTreeMap::new(),
            _ => result.as_array().unwrap().iter().map(series).collect(),
        })
    }

    fn get(&self, path: &str) -> std::io::Result<(u16, String)> {
        self.http("GET", path, "", b"")
    }

    /// HTTP 1.0, so that the answer comes in one piece.
    fn http(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        )?;
        stream.write_all(body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Ok((status, body.to_owned()))
    }
}

fn series(json: &Json) -> (Labels, Vec<(i64, f64)>) {
    let labels = json["metric"].as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap()));
    let values = match json.get("values") {
        Some(values) => values.as_array().unwrap().iter().map(point).collect(),
        None => vec![point(&json["value"])],
    };
    (labels.collect(), values)
}

fn point(json: &Json) -> (i64, f64) {
    let t_ms = (json[0].as_f64().unwrap() * 1000.0).round() as i64;
    (t_ms, json[1].as_str().unwrap().parse().unwrap())
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}
