//! The server with three readers.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::Running;

/// Account of the reader who has touched nothing, and of the one who archives.
pub(super) const FRESH: &str = "fresh";
pub(super) const TIDY: &str = "tidy";
/// Their password.
pub(super) const PASSWORD: &str = "a long password";

/// A server that runs, and its readers' tokens.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) fresh: String,
    pub(super) tidy: String,
    pub(super) narrow: String,
    /// Ends before its data is removed.
    _running: Running,
    _data: TempDir,
}

impl Server {
    pub(super) fn start(binary: &Path) -> Result<Self> {
        let binary = binary
            .canonicalize()
            .with_context(|| format!("{} is missing: cargo xtask release", binary.display()))?;
        let data = tempfile::tempdir()?;
        let belfry = |args: &[&str]| {
            let mut command = Command::new(&binary);
            command.args(args).current_dir(data.path());
            command
        };
        // Before the server starts, which then knows them.
        let token = |user: &str, more: &[&str]| -> Result<String> {
            let create = [
                "token",
                "create",
                "--user",
                user,
                "--label",
                "bench",
                "--scope",
                "publish,subscribe",
            ];
            output(belfry(&[&create, more].concat()), "")
        };
        for user in [FRESH, TIDY] {
            output(belfry(&["user", "add", user, "--password-stdin"]), PASSWORD)?;
        }
        output(belfry(&["channel", "add", "ch7"]), "")?;
        let (fresh, tidy) = (token(FRESH, &[])?, token(TIDY, &[])?);
        let narrow = token(FRESH, &["--channel", "ch7"])?;
        let mut serve = belfry(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = serve
            .env("BELFRY_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("standard output")?;
        let running = Running(vec![child]);
        for line in BufReader::new(stdout).lines() {
            if let Some(address) = line?.strip_prefix("listening on http://") {
                return Ok(Self {
                    address: address.parse()?,
                    fresh,
                    tidy,
                    narrow,
                    _running: running,
                    _data: data,
                });
            }
        }
        bail!("the server ended before it was ready")
    }
}

fn output(mut command: Command, input: &str) -> Result<String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("standard input")?;
    writeln!(stdin, "{input}")?;
    drop(stdin);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{command:?} failed");
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
