//! Programs that `nidoto.yaml` names: no shell, a time limit, an output limit.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nidoto_core::evidence::Answer;
use nidoto_core::folder::CommandSource;
use nidoto_core::{Span, Words};
use serde_json::Value as Json;

const OUTPUT_BYTES_MAX: u64 = 1 << 20;

/// Runs a command in the root's folder and keeps its exit status and standard output.
///
/// # Errors
/// When it cannot be started, takes too long, says too much, or is ended by a signal.
pub fn run(name: &str, source: &CommandSource, dir: &Path, at_ms: i64) -> Result<Answer, Words> {
    let fault =
        |en: String, ja: String| Words::new(format!("command `{name}` {en}"), format!("コマンド `{name}` {ja}"));
    let timeout = source.timeout.unwrap_or(Span::seconds(30));
    let most = source.output_max.unwrap_or(OUTPUT_BYTES_MAX);
    let [program, arguments @ ..] = source.command.as_slice() else {
        return Err(fault("is empty".into(), "が空です".into()));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A group of its own, so that its children end with it.
        .process_group(0)
        .spawn()
        .map_err(|error| fault(format!("did not start: {error}"), format!("を起動できません: {error}")))?;
    let output = read_output(&mut child, most, Duration::from_secs(timeout.s.unsigned_abs().max(1)));
    let outcome = match output {
        Ok(output) => finish(&mut child, &output, at_ms).map_err(|(en, ja)| fault(en, ja)),
        Err(Cut::Time) => Err(fault(format!("took longer than {timeout}"), format!("が {timeout} 以内に終わりません"))),
        Err(Cut::Size) => {
            Err(fault(format!("wrote more than {most} bytes"), format!("の出力が {most} バイトを超えました")))
        }
        Err(Cut::Io(error)) => Err(fault(format!("cannot be read: {error}"), format!("の出力が読めません: {error}"))),
    };
    end_group(&mut child);
    outcome
}

/// Why reading ended early.
enum Cut {
    Time,
    Size,
    Io(std::io::Error),
}

fn read_output(child: &mut Child, most: u64, timeout: Duration) -> Result<Vec<u8>, Cut> {
    let Some(stdout) = child.stdout.take() else { return Ok(Vec::new()) };
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = Vec::new();
        let done = stdout.take(most + 1).read_to_end(&mut output).map(|_| output);
        // Nobody listens any more once the time is over.
        let _ = sender.send(done);
    });
    let deadline = Instant::now() + timeout;
    let output = receiver.recv_timeout(timeout).map_err(|_| Cut::Time)?.map_err(Cut::Io)?;
    if output.len() as u64 > most {
        return Err(Cut::Size);
    }
    // It may close its output and run on.
    while child.try_wait().map_err(Cut::Io)?.is_none() {
        if Instant::now() > deadline {
            return Err(Cut::Time);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(output)
}

fn finish(child: &mut Child, output: &[u8], at_ms: i64) -> Result<Answer, (String, String)> {
    let status = child.wait().map_err(|error| (format!("was lost: {error}"), format!("を見失いました: {error}")))?;
    let Some(code) = status.code() else {
        return Err((format!("was ended: {status}"), format!("が終了させられました: {status}")));
    };
    let stdout =
        serde_json::from_slice(output).unwrap_or_else(|_| Json::String(String::from_utf8_lossy(output).into_owned()));
    Ok(Answer { status: code, stdout, at_ms })
}

fn end_group(child: &mut Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(command: &[&str], timeout_s: i64) -> CommandSource {
        CommandSource {
            command: command.iter().map(|s| (*s).to_owned()).collect(),
            timeout: Some(Span::seconds(timeout_s)),
            output_max: Some(100),
        }
    }

    fn ask(command: &[&str]) -> Result<Answer, String> {
        run("c", &source(command, 1), Path::new("."), 7).map_err(|words| words.en)
    }

    #[test]
    fn answers_and_limits() {
        let json = ask(&["echo", "{\"a\": 1}"]).unwrap();
        assert_eq!((json.status, json.stdout, json.at_ms), (0, serde_json::json!({"a": 1}), 7));
        assert_eq!(ask(&["sh", "-c", "exit 3"]).unwrap().status, 3);
        assert_eq!(ask(&["echo", "$HOME; x"]).unwrap().stdout, serde_json::json!("$HOME; x\n"));
        assert!(ask(&["no-such-program-here"]).unwrap_err().contains("did not start"));
        assert!(ask(&["head", "-c", "101", "/dev/zero"]).unwrap_err().contains("more than 100 bytes"));
        assert!(ask(&["sh", "-c", "sleep 60 & sleep 60"]).unwrap_err().contains("longer than 1s"));
        assert!(ask(&["sh", "-c", "exec >&-; sleep 60"]).unwrap_err().contains("longer than 1s"));
    }
}
