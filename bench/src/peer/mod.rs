//! Who is measured: how each is started, followed and posted to.

mod baseline;
pub(crate) mod belfry;
mod express;
mod gotify;
mod mercure;
mod nchan;
mod ntfy;

pub(crate) use baseline::Baseline;

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::Running;
use crate::publish::Recipe;

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server to measure. The path is the program's, or for Express the folder of its `server.js`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The release binary.
    Belfry(PathBuf),
    /// One that is built in.
    Baseline(Baseline),
    /// nginx with nchan, as Debian packs it, with so many workers.
    Nchan(usize),
    /// The Mercure hub.
    Mercure(PathBuf),
    /// ntfy.
    Ntfy(PathBuf),
    /// Gotify, whose streams are WebSockets.
    Gotify(PathBuf),
    /// The loop of the tutorials, in Node.js.
    Express(PathBuf),
}

/// How one channel is used.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    /// The request that opens a stream.
    pub(crate) follow: Vec<u8>,
    pub(crate) post: Recipe,
}

/// Makes the request that continues a stream behind the message that was answered with this.
type Resume = fn(&Server, &str) -> Result<Vec<u8>>;

/// A server that runs, with what is needed to use it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
    pub(crate) door: Door,
    /// Where there is such a thing.
    pub(crate) resume: Option<Resume>,
    /// An access token for Belfry.
    token: Option<String>,
    /// Removed when the server has ended.
    _data: TempDir,
}

impl Peer {
    /// All that can be measured on this machine. `folder` is where `cargo xtask peers` puts programs.
    pub(crate) fn present(belfry: PathBuf, folder: &Path) -> Vec<Self> {
        let mut peers = vec![Self::Belfry(belfry)];
        peers.extend([Baseline::Raw, Baseline::Coalesced, Baseline::Axum].map(Self::Baseline));
        if nchan::is_installed() {
            peers.extend([Self::Nchan(1), Self::Nchan(2)]);
        } else {
            println!("nchan is not measured: apt-get install nginx libnginx-mod-nchan");
        }
        let installed = "cargo xtask peers";
        let express = folder.join("express");
        let others = [
            (
                "Mercure",
                program(folder, "mercure").map(Self::Mercure),
                installed,
            ),
            (
                "Gotify",
                program(folder, "gotify").map(Self::Gotify),
                installed,
            ),
            (
                "ntfy",
                program(folder, "ntfy").map(Self::Ntfy),
                "put its program on the PATH",
            ),
            (
                "Express",
                express::is_installed(&express).then_some(Self::Express(express)),
                installed,
            ),
        ];
        for (name, peer, how) in others {
            match peer {
                Some(peer) => peers.push(peer),
                None => println!("{name} is not measured: {how}"),
            }
        }
        peers
    }

    /// Its name in the tables.
    pub(crate) fn name(&self) -> String {
        let name = match self {
            Self::Belfry(_) => "belfry",
            Self::Baseline(Baseline::Raw) => "raw writes",
            Self::Baseline(Baseline::Coalesced) => "raw writes, coalesced",
            Self::Baseline(Baseline::Axum) => "axum Sse + broadcast",
            Self::Nchan(1) => "nchan, 1 worker",
            Self::Nchan(workers) => return format!("nchan, {workers} workers"),
            Self::Mercure(_) => "Mercure",
            Self::Ntfy(_) => "ntfy",
            Self::Gotify(_) => "Gotify",
            Self::Express(_) => "Express",
        };
        name.to_owned()
    }

    /// Starts it with empty data.
    pub(crate) fn start(&self) -> Result<Server> {
        let data = tempfile::tempdir()?;
        match self {
            Self::Belfry(binary) => belfry::start(binary, data, &[]),
            Self::Baseline(baseline) => baseline.start(data),
            Self::Nchan(workers) => nchan::start(*workers, data),
            Self::Mercure(program) => mercure::start(program, data),
            Self::Ntfy(program) => ntfy::start(program, data),
            Self::Gotify(program) => gotify::start(program, data),
            Self::Express(folder) => express::start(folder, data),
        }
    }
}

/// A program that was installed for this, or is on the PATH.
fn program(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = vec![folder.join("bin")];
    folders.extend(std::env::split_paths(&path));
    let mut files = folders.into_iter().map(|folder| folder.join(name));
    // Servers are started in folders of their own.
    files.find(|file| file.is_file())?.canonicalize().ok()
}

/// Starts a program that says `listening on ` and its URL once it is ready.
fn spawn(command: &mut Command) -> Result<(Child, SocketAddr)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().context("standard output")?;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if let Some((_, address)) = line
            .strip_prefix("listening on ")
            .and_then(|url| url.split_once("://"))
        {
            return Ok((child, address.parse()?));
        }
    }
    bail!("the server ended before it was ready")
}

/// Starts a program that was told to listen at `address` and says nothing of use.
fn spawn_at(command: &mut Command, address: SocketAddr) -> Result<Running> {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = quiet.spawn()?;
    let mut running = Running(vec![child]);
    let limit = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        if Instant::now() > limit || running.has_ended()? {
            bail!("{} does not listen", command.get_program().display());
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    Ok(running)
}

/// A port that is free now, for those who cannot choose one by themselves.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// `request` with one more field.
fn with_field(request: &[u8], name: &str, value: &str) -> Vec<u8> {
    let head = request.strip_suffix(b"\r\n").unwrap_or(request);
    [head, format!("{name}: {value}\r\n\r\n").as_bytes()].concat()
}
