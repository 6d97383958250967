//! A server on loopback that answers as it is told, well or badly.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a client asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

pub struct Server {
    pub url: String,
    pub asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers every request with the bytes that `answer` makes, and closes the connection. The
    /// thread ends with the test's process.
    pub fn start(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || {
                    if let Some(request) = read(&stream) {
                        log.lock().unwrap().push(request.clone());
                        // A client that gave up is no concern of the server.
                        let _ = (&stream).write_all(&answer(&request));
                    }
                });
            }
        });
        Self { url, asked }
    }

    /// Always the same status and body.
    pub fn saying(status: &str, body: &str) -> Self {
        let bytes = response(status, body);
        Self::start(move |_| bytes.clone())
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((key, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((key.to_owned(), value.to_owned()));
    }
    let mut request = Request { path, headers, body: String::new() };
    let length = request.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}

/// A whole HTTP response.
pub fn response(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

/// Prometheus's answer to a range query: one series `up` with a sample of `value` at every step.
pub fn steady(request: &Request, value: f64) -> Vec<u8> {
    let number = |name: &str| {
        let pair = request.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.and_then(|value| value.parse::<f64>().ok()).unwrap_or_default()
    };
    let (start, end, step) = (number("start"), number("end"), number("step").max(1.0));
    let count = ((end - start) / step).floor() as u64 + 1;
    let values: Vec<String> = (0..count).map(|i| format!("[{},\"{value}\"]", start + i as f64 * step)).collect();
    let body = format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{"__name__":"up","job":"a"}},"values":[{}]}}]}}}}"#,
        values.join(",")
    );
    response("200 OK", &body)
}
