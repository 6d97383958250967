//! Real servers of Debian's packages, started for one test on free ports, gone at its end.

use std::fs::File;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::free_port;

/// A server of a test.
pub struct Process {
    child: Child,
    pub port: u16,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Process {
    /// Starts a program of Debian's package `package`, its output in `log`. `arguments` is given
    /// the port that it shall listen on.
    pub fn start(program: &str, package: &str, log: &Path, arguments: impl Fn(u16) -> Vec<String>) -> Self {
        let port = free_port();
        let output = File::create(log).unwrap();
        let child = Command::new(program)
            .args(arguments(port))
            .current_dir(log.parent().unwrap())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} cannot be started ({error}): apt-get install {package}"));
        let mut process = Self { child, port };
        let listens = within(Duration::from_secs(60), || TcpStream::connect(("127.0.0.1", port)).is_ok());
        let text = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(listens && process.child.try_wait().unwrap().is_none(), "{program} does not listen: {}", text());
        process
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it at once, as a machine that fails would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether something comes true within a time.
pub fn within(time: Duration, mut is_true: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < time {
        if is_true() {
            return true;
        }
        thread::sleep(Duration::from_millis(100));
    }
    false
}
