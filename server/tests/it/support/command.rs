//! The real command line, run as an operator runs it.

use super::PATIENCE;
use super::app::PASSWORD;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// Any port that is free.
pub(crate) const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A free port that the system gives to nobody else while the server is down: below those that it hands out.
pub(crate) fn own_port() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let port = first + TAKEN.fetch_add(1, Ordering::Relaxed);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The program, in an environment without settings.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_belfry"));
    command.env_clear();
    command
}

/// Runs a command on the data in `dir` with `input` to read. It must succeed; answers what it printed.
pub(crate) async fn belfry(dir: &Path, args: &[&str], input: &str) -> String {
    let output = run(dir, args, input).await;
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "belfry {args:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes the administrator `root` in `dir` and answers a token of theirs with `scope`.
pub(crate) async fn token(dir: &Path, scope: &str) -> String {
    let add = ["user", "add", "root", "--admin", "--password-stdin"];
    belfry(dir, &add, PASSWORD).await;
    let create = [
        "token", "create", "--user", "root", "--label", "test", "--scope", scope,
    ];
    belfry(dir, &create, "").await.trim().to_owned()
}

/// Runs a command on the data in `dir` that may fail.
pub(crate) async fn run(dir: &Path, args: &[&str], input: &str) -> Output {
    let mut command = program();
    command.args(args).arg("--data-dir").arg(dir);
    finish(command, input).await
}

/// Runs a command to its end, with `input` to read.
pub(crate) async fn finish(mut command: Command, input: &str) -> Output {
    let input = input.to_owned();
    // On a thread of its own: the server of the test has to go on meanwhile.
    let waiting = tokio::task::spawn_blocking(move || {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that does not read its input may have ended already.
        let _ended = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    });
    waiting.await.unwrap()
}

/// The real server as a process of its own, killed at the latest when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts `belfry serve` on the data in `dir` and waits until it says where it listens.
    pub(crate) async fn start(dir: &Path, listen: SocketAddr) -> Self {
        Self::start_with(dir, listen, "error", Stdio::inherit()).await
    }

    /// As [`start`](Self::start), with what `filter` lets through of the log going to `log`.
    pub(crate) async fn start_with(
        dir: &Path,
        listen: SocketAddr,
        filter: &str,
        log: Stdio,
    ) -> Self {
        Self::spawn(&mut program(), dir, listen, filter, log).await
    }

    /// As [`start`](Self::start), by a command that becomes the program with the arguments it is given.
    pub(crate) async fn start_by(by: &mut Command, dir: &Path, listen: SocketAddr) -> Self {
        Self::spawn(by, dir, listen, "off", Stdio::inherit()).await
    }

    async fn spawn(
        program: &mut Command,
        dir: &Path,
        listen: SocketAddr,
        filter: &str,
        log: Stdio,
    ) -> Self {
        let mut child = program
            .args(["serve", "--streams-per-user", "0"])
            .args(["--log", filter, "--listen", &listen.to_string()])
            .arg("--data-dir")
            .arg(dir)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let listening = tokio::task::spawn_blocking(move || {
            stdout.lines().map_while(Result::ok).find_map(|line| {
                let address = line.strip_prefix("listening on http://")?;
                address.parse().ok()
            })
        });
        let address = listening.await.unwrap().expect("the server starts");
        Self { child, address }
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the server holds, once nobody is connected any more.
    pub(crate) async fn settled(&self) -> Holding {
        let began = Instant::now();
        let mut last = self.holding();
        loop {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            let now = self.holding();
            if now.files == last.files && now.memory >= last.memory {
                return last;
            }
            assert!(began.elapsed() < PATIENCE, "{now:?}");
            last = now;
        }
    }

    /// What the server holds now.
    pub(crate) fn holding(&self) -> Holding {
        let process = PathBuf::from("/proc").join(self.child.id().to_string());
        let pages = std::fs::read_to_string(process.join("statm")).unwrap();
        let resident = pages.split(' ').nth(1).unwrap();
        Holding {
            files: std::fs::read_dir(process.join("fd")).unwrap().count(),
            memory: resident.parse::<usize>().unwrap() * 4096,
        }
    }

    /// SIGKILL: nothing is said, finished or written any more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; answers how it ended.
    pub(crate) async fn terminate(self) -> ExitStatus {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.unwrap().success());
        self.ended().await
    }

    /// Waits until it has ended by itself; answers how.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let ended = tokio::task::spawn_blocking(move || self.child.wait().unwrap());
        ended.await.unwrap()
    }
}

/// What a process holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding {
    /// Open files, of which a connection is one.
    pub(crate) files: usize,
    /// Bytes of memory.
    pub(crate) memory: usize,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended_before = self.child.wait();
    }
}
