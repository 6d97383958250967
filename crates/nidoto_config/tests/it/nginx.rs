//! The nginx rules against a real nginx: names whose answer changes while it runs.
//!
//! nginx runs in a mount namespace where /etc/hosts gives the addresses of its start; a name server
//! of this test answers its resolver, first with the old address, then with the new one. Two
//! backends, one at each address, note which of them a request reaches.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nidoto_config::scan::{Confidence, Options};

use crate::scan_folder;

pub const OLD: Ipv4Addr = Ipv4Addr::new(127, 83, 0, 1);
const NEW: Ipv4Addr = Ipv4Addr::new(127, 83, 0, 2);

/// Where a request ends after the name's answer has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaches {
    /// The address of nginx's start.
    Old,
    /// The address of now.
    New,
    /// Nothing: nginx refuses.
    Nobody,
}
use Reaches::{New, Nobody, Old};

/// Configuration of a server (`H` is a name of its own, `P` the backends' port; `# probe` marks the
/// line that is asked about; what stands before `||` belongs to http), the rule that must find the
/// marked line, and what nginx does.
const CASES: [(&str, Option<&str>, Reaches); 20] = [
    ("location / { proxy_pass http://H:P; # probe\n }", Some("NGX001"), Old),
    ("RESOLVER location / { proxy_pass http://H:P; # probe\n }", Some("NGX001"), Old),
    ("RESOLVER location / { proxy_pass http://H:P/x/; # probe\n }", Some("NGX001"), Old),
    ("RESOLVER location / { fastcgi_pass H:P; # probe\n }", Some("NGX001"), Old),
    ("RESOLVER location / { uwsgi_pass H:P; # probe\n }", Some("NGX001"), Old),
    ("RESOLVER location / { scgi_pass H:P; # probe\n }", Some("NGX001"), Old),
    ("RESOLVER location / { set $memcached_key k; memcached_pass H:P; # probe\n }", Some("NGX001"), Old),
    ("RESOLVER location / { grpc_pass grpc://H:P; # probe\n }", Some("NGX001"), Old),
    (
        "RESOLVER location / { limit_except GET { deny all; } if ($arg_a = '') { proxy_pass http://H:P; # probe\n } }",
        Some("NGX001"),
        Old,
    ),
    ("upstream up_H { server H:P; # probe\n } || RESOLVER location / { proxy_pass http://up_H; }", Some("NGX001"), Old),
    (
        "upstream up_H { server H:P; # probe\n } || RESOLVER location / { set $u up_H; proxy_pass http://$u; }",
        Some("NGX001"),
        Old,
    ),
    ("RESOLVER location / { set $u H:P; proxy_pass http://$u; # probe\n }", None, New),
    ("RESOLVER location / { proxy_pass http://H:P$request_uri; # probe\n }", None, New),
    ("RESOLVER location / { set $u H; fastcgi_pass $u:P; # probe\n }", None, New),
    ("map $host $u_P_ID { default H:P; } || RESOLVER location / { proxy_pass http://$u_P_ID; # probe\n }", None, New),
    (
        "RESOLVER location /lit { proxy_pass http://H:P; }\n location / { set $u H:P; proxy_pass http://$u; # probe\n }",
        Some("NGX002"),
        Old,
    ),
    (
        "location /lit { proxy_pass http://H:P; }\n location / { set $u H:P; proxy_pass http://$u; # probe\n }",
        Some("NGX002"),
        Old,
    ),
    (
        "RESOLVER location /lit { proxy_pass http://H:1; }\n location / { set $u H:P; proxy_pass http://$u; # probe\n }",
        None,
        New,
    ),
    ("location / { set $u H:P; proxy_pass http://$u; # probe\n }", Some("NGX003"), Nobody),
    ("location / { proxy_pass http://H:P$request_uri; # probe\n }", Some("NGX003"), Nobody),
];

/// Answers every A question with one address, for a second.
pub fn name_server(is_new: Arc<AtomicBool>) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut buffer = [0_u8; 512];
        while let Ok((len, from)) = socket.recv_from(&mut buffer) {
            let question = &buffer[..len];
            let name_end = 12 + question[12..].iter().position(|b| *b == 0).unwrap() + 1;
            let is_a = question[name_end..name_end + 2] == [0, 1];
            let mut answer = question[..name_end + 4].to_vec();
            answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
            if is_a {
                let address = if is_new.load(Ordering::SeqCst) { NEW } else { OLD };
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
                answer.extend(address.octets());
            }
            let _ = socket.send_to(&answer, from);
        }
    });
    port
}

/// Counts who connects.
fn backend(listener: TcpListener) -> Arc<AtomicU32> {
    let count = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut stream: TcpStream = stream;
            let _ = stream.set_read_timeout(Some(Duration::from_millis(50)));
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    count
}

/// A port at both addresses, and who was asked there.
pub fn backends() -> (u16, Backends) {
    loop {
        let old = TcpListener::bind((OLD, 0)).unwrap();
        let port = old.local_addr().unwrap().port();
        if let Ok(new) = TcpListener::bind((NEW, port)) {
            return (port, [backend(old), backend(new)]);
        }
    }
}

/// How often each of the two addresses was asked.
pub type Backends = [Arc<AtomicU32>; 2];

/// A server that ends with the test.
pub struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Writes one file for each case and the main file; returns the port of each case.
fn write(dir: &Path, backend_port: u16, dns_port: u16) -> Vec<u16> {
    let ports: Vec<u16> = CASES.iter().map(|_| free_port()).collect();
    let mut hosts = String::from("127.0.0.1 localhost\n");
    for (i, (text, ..)) in CASES.iter().enumerate() {
        let host = format!("case{i}.lab");
        hosts += &format!("{OLD} {host}\n");
        let text = text
            .replace("RESOLVER", &format!("resolver 127.0.0.1:{dns_port} valid=1s ipv6=off;"))
            .replace("_ID", &format!("_{i}"))
            .replace(":P", &format!(":{backend_port}"))
            .replace("_H", &format!("_case{i}"))
            .replace("H:", &format!("{host}:"))
            .replace(" H;", &format!(" {host};"));
        let (http, server) = text.split_once("||").unwrap_or(("", &text));
        let server = format!("{http}\nserver {{ listen 127.0.0.1:{}; {server} }}\n", ports[i]);
        fs::write(dir.join(format!("conf.d/{i:02}.conf")), server).unwrap();
    }
    fs::write(dir.join("hosts"), hosts).unwrap();
    let temp =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|name| format!("{name}_temp_path t;\n")).concat();
    let main = format!(
        "user root root; pid nginx.pid; daemon off; error_log stderr warn; events {{}}\nhttp {{\naccess_log off;\n{temp}include conf.d/*.conf;\n}}\n"
    );
    fs::write(dir.join("nginx.conf"), main).unwrap();
    ports
}

/// Starts an nginx in a folder that holds its `nginx.conf` and its `hosts`. An error is its log, where it refuses.
pub fn start(nginx: &str, dir: &Path, port: u16) -> Result<Server, String> {
    let script = "mount --bind \"$0/hosts\" /etc/hosts && exec \"$1\" -p \"$0\" -c \"$0/nginx.conf\" -e stderr";
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "--pid", "--kill-child", "--fork", "sh", "-c", script])
        .arg(dir)
        .arg(nginx);
    command.stderr(fs::File::create(dir.join("error.log")).unwrap()).stdout(Stdio::null());
    let mut server = Server(command.spawn().expect("apt-get install util-linux"));
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = fs::read_to_string(dir.join("error.log")).unwrap();
        if server.0.try_wait().unwrap().is_some() {
            return Err(log);
        }
        assert!(started.elapsed() < Duration::from_secs(20), "nginx does not start and does not end: {log}");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(server)
}

/// Which backend a request reaches.
pub fn ask(port: u16, backends: &Backends) -> Reaches {
    let before = [0, 1].map(|i: usize| backends[i].load(Ordering::SeqCst));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    let after = [0, 1].map(|i: usize| backends[i].load(Ordering::SeqCst));
    match (after[0] > before[0], after[1] > before[1]) {
        (true, _) => Old,
        (_, true) => New,
        _ => Nobody,
    }
}

#[test]
fn nginx_does_what_the_rules_say() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("conf.d")).unwrap();
    let is_new = Arc::new(AtomicBool::new(false));
    let dns_port = name_server(Arc::clone(&is_new));
    let (backend_port, backends) = backends();
    let ports = write(dir.path(), backend_port, dns_port);
    let server = start("nginx", dir.path(), ports[0]).expect("apt-get install nginx-light");
    let first: Vec<Reaches> = ports.iter().map(|port| ask(*port, &backends)).collect();
    is_new.store(true, Ordering::SeqCst);
    thread::sleep(Duration::from_millis(2_500));
    // The first request after an answer ran out may still wait for the new one.
    for port in &ports {
        let _ = ask(*port, &backends);
    }
    let second: Vec<Reaches> = ports.iter().map(|port| ask(*port, &backends)).collect();
    drop(server);

    let scan = scan_folder(dir.path(), &Options::default());
    assert_eq!(scan.unchecked, []);
    for (i, (text, rule, reaches)) in CASES.iter().enumerate() {
        let expected_first = if *reaches == Nobody { Nobody } else { Old };
        assert_eq!((first[i], second[i]), (expected_first, *reaches), "nginx, case {i}: {text}");
        let path = format!("/conf.d/{i:02}.conf");
        let marked = scan.issues.iter().filter(|issue| {
            let line = issue.spot.file.text.lines().nth(issue.spot.pos().line - 1).unwrap_or_default();
            issue.spot.file.path == path && line.contains("# probe") && issue.confidence == Confidence::Certain
        });
        let found: Vec<&str> = marked.map(|issue| issue.rule.code).collect();
        assert_eq!(found, rule.iter().copied().collect::<Vec<_>>(), "our rules, case {i}: {text}");
    }
}
