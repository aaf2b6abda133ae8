//! A command that runs on.

use crate::support::PATIENCE;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;

/// A command that runs on, and the lines that it prints as they come. It is killed at the latest when it is dropped.
pub(super) struct Process {
    child: Child,
    lines: UnboundedReceiver<String>,
}

impl Process {
    /// Starts it, with its output in pipes.
    pub(super) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self::reading(child, stdout)
    }

    /// A command that was started with `output` to print to.
    pub(super) fn reading(child: Child, mut output: impl BufRead + Send + 'static) -> Self {
        let (send, lines) = mpsc::unbounded_channel();
        // On a thread of its own, and byte by byte right: a terminal ends with an error and not with an end.
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while output
                .read_until(b'\n', &mut line)
                .is_ok_and(|count| count > 0)
            {
                let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
                if send
                    .send(text.trim_end_matches(['\r', '\n']).to_owned())
                    .is_err()
                {
                    break; // Nobody reads on: the pipe breaks.
                }
            }
        });
        Self { child, lines }
    }

    /// The next line, which must come.
    pub(super) async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.recv()).await;
        line.expect("a line comes").expect("there is a next line")
    }

    /// The next line, as JSON.
    pub(super) async fn json(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// Reads no more: the pipe breaks with the next line.
    pub(super) fn stop_reading(&mut self) {
        self.lines.close();
    }

    /// Sends a signal.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end; answers how it ended and what it complained of.
    pub(super) async fn end(mut self) -> (ExitStatus, String) {
        let ended = tokio::task::spawn_blocking(move || {
            let mut complaints = String::new();
            if let Some(mut stderr) = self.child.stderr.take() {
                stderr.read_to_string(&mut complaints).unwrap();
            }
            (self.child.wait().unwrap(), complaints)
        });
        timeout(PATIENCE, ended).await.unwrap().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended_before = self.child.wait();
    }
}
