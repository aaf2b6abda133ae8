//! ntfy with its store in SQLite, as its documentation sets it up for many messages.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{Door, Server, free_address, spawn_at};
use crate::publish::Recipe;

/// Starts `ntfy serve` without the limits that are for strangers.
pub(super) fn start(program: &Path, data: TempDir) -> Result<Server> {
    let address = free_address()?;
    let mut ntfy = Command::new(program);
    ntfy.current_dir(data.path())
        .arg("serve")
        .args(["--listen-http", &address.to_string()])
        .args(["--base-url", &format!("http://{address}")])
        .args(["--cache-file", "cache.db"])
        .args([
            "--cache-startup-queries",
            "pragma journal_mode = WAL; pragma synchronous = normal; pragma temp_store = memory; pragma busy_timeout = 15000;",
        ])
        .args(["--visitor-request-limit-exempt-hosts", "127.0.0.1"])
        .args(["--visitor-subscription-limit", "100000"])
        .args(["--log-level", "error"]);
    let running = spawn_at(&mut ntfy, address)?;
    let host = format!("Host: {address}\r\n");
    Ok(Server {
        running,
        address,
        door: Door {
            follow: format!("GET /bench/sse HTTP/1.1\r\n{host}\r\n").into_bytes(),
            post: Recipe {
                address,
                head: format!("POST /bench HTTP/1.1\r\n{host}"),
                body: Default::default(),
            },
        },
        resume: Some(|server, answer| {
            let answer: serde_json::Value = serde_json::from_str(answer)?;
            let id = answer["id"].as_str().context("a message without an id")?;
            let host = server.address;
            Ok(format!("GET /bench/sse?since={id} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes())
        }),
        token: None,
        _data: data,
    })
}
