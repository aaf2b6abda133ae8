//! Baselines that are built in: the least that a server can do, the same with one write for all that waits, and what
//! most would write first.

mod axum;
mod raw;

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::process::Command;

use anyhow::Result;
use rustix::net::{AddressFamily, SocketType, bind, listen, socket};
use tempfile::TempDir;

use super::{Door, Server, spawn};
use crate::process::Running;
use crate::publish::Recipe;

/// Connections that may wait to be accepted: as many as Linux allows unless it is told otherwise. The standard library
/// asks for 128, and whoever comes beyond them waits a second.
const BACKLOG: i32 = 4096;

/// Which baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Baseline {
    /// A message is written to every socket, one after the other, and then acknowledged.
    Raw,
    /// The same, but messages that come while others are written leave in one write.
    Coalesced,
    /// axum's own `Sse` over tokio's `broadcast`.
    Axum,
}

impl Baseline {
    /// Starts this program as the baseline.
    pub(super) fn start(self, data: TempDir) -> Result<Server> {
        let word = match self {
            Self::Raw => "raw",
            Self::Coalesced => "coalesced",
            Self::Axum => "axum",
        };
        let mut command = Command::new(std::env::current_exe()?);
        let (child, address) = spawn(command.args(["serve", word]))?;
        let host = format!("Host: {address}\r\n");
        Ok(Server {
            running: Running(vec![child]),
            address,
            door: Door {
                follow: format!("GET /events HTTP/1.1\r\n{host}\r\n").into_bytes(),
                post: Recipe {
                    address,
                    head: format!("POST /post HTTP/1.1\r\n{host}Content-Type: text/plain\r\n"),
                    body: Default::default(),
                },
            },
            resume: None,
            token: None,
            _data: data,
        })
    }

    /// Is the baseline, until it is ended.
    pub(crate) fn serve(self) -> Result<()> {
        let listener = listener()?;
        println!("listening on http://{}", listener.local_addr()?);
        match self {
            Self::Raw => raw::serve(&listener, &raw::Streams::default()),
            Self::Coalesced => raw::serve_coalesced(&listener),
            Self::Axum => axum::serve(listener),
        }
    }
}

fn listener() -> Result<TcpListener> {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
    listen(&socket, BACKLOG)?;
    Ok(socket.into())
}
