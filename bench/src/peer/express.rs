//! The Express server of the tutorials, from `bench/peers/express`.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use super::{Door, Server, spawn};
use crate::process::Running;
use crate::publish::Recipe;

/// Whether `npm ci` ran in its folder.
pub(super) fn is_installed(folder: &Path) -> bool {
    folder.join("node_modules/express").is_dir()
}

/// Starts Node.js in the mode that Express advises for production.
pub(super) fn start(folder: &Path, data: TempDir) -> Result<Server> {
    let mut node = Command::new("node");
    node.arg(folder.join("server.js"))
        .env("NODE_ENV", "production");
    let (child, address) = spawn(&mut node)?;
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
