//! Who is measured: how each is started, followed and posted to.

mod baseline;
mod belfry;
mod nchan;

pub(crate) use baseline::Baseline;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process::Running;
use crate::publish::Recipe;

/// A server to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Peer {
    /// The release binary at this path.
    Belfry(PathBuf),
    /// One that is built in.
    Baseline(Baseline),
    /// nginx with nchan, as Debian packs it, with so many workers.
    Nchan(usize),
}

/// Makes a request that continues a stream so many messages back.
type Resume = fn(&Server, usize) -> Result<Vec<u8>>;

/// A server that runs, with what is needed to use it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) running: Running,
    pub(crate) address: SocketAddr,
    /// The request that opens a stream.
    pub(crate) follow: Vec<u8>,
    pub(crate) post: Recipe,
    /// Where there is such a thing.
    resume: Option<Resume>,
    /// Removed when the server has ended.
    _data: TempDir,
}

impl Server {
    /// The request that continues a stream `behind` messages back; `None` when the server keeps none.
    pub(crate) fn resume(&self, behind: usize) -> Result<Option<Vec<u8>>> {
        self.resume.map(|make| make(self, behind)).transpose()
    }
}

impl Peer {
    /// All that can be measured on this machine.
    pub(crate) fn present(belfry: PathBuf) -> Vec<Self> {
        let mut peers = vec![
            Self::Belfry(belfry),
            Self::Baseline(Baseline::Raw),
            Self::Baseline(Baseline::Axum),
        ];
        if nchan::is_installed() {
            peers.extend([Self::Nchan(1), Self::Nchan(2)]);
        } else {
            println!("nchan is not measured: apt-get install nginx libnginx-mod-nchan");
        }
        peers
    }

    /// Its name in the table.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Belfry(_) => "belfry".to_owned(),
            Self::Baseline(Baseline::Raw) => "raw writes".to_owned(),
            Self::Baseline(Baseline::Axum) => "axum Sse + broadcast".to_owned(),
            Self::Nchan(workers) => format!(
                "nchan, {workers} worker{}",
                if *workers == 1 { "" } else { "s" }
            ),
        }
    }

    /// Starts it with empty data.
    pub(crate) fn start(&self) -> Result<Server> {
        let data = tempfile::tempdir()?;
        match self {
            Self::Belfry(binary) => belfry::start(self.name(), binary, data),
            Self::Baseline(baseline) => baseline.start(self.name(), data),
            Self::Nchan(workers) => nchan::start(self.name(), *workers, data),
        }
    }
}

/// Starts a program that says `listening on http://ADDRESS` once it is ready.
fn spawn(command: &mut Command) -> Result<(Child, SocketAddr)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().context("standard output")?;
    for line in BufReader::new(stdout).lines() {
        if let Some(address) = line?.strip_prefix("listening on http://") {
            return Ok((child, address.parse()?));
        }
    }
    anyhow::bail!("the server ended before it was ready")
}
