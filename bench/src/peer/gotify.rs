//! Gotify with its store in SQLite. Its streams are WebSockets (RFC 6455), of which only the server's half is read.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{Door, Server, free_address, spawn_at};
use crate::publish::{Publisher, Recipe};

/// `admin:admin`, the account of a first start.
const ADMIN: &str = "Authorization: Basic YWRtaW46YWRtaW4=\r\n";

/// Starts the server, and makes an application that posts and a client that follows.
pub(super) fn start(program: &Path, data: TempDir) -> Result<Server> {
    let address = free_address()?;
    let mut gotify = Command::new(program);
    gotify
        .current_dir(data.path())
        .env("GOTIFY_SERVER_LISTENADDR", address.ip().to_string())
        .env("GOTIFY_SERVER_PORT", address.port().to_string())
        // Its pings would have to be answered: none falls into a measurement.
        .env("GOTIFY_SERVER_STREAM_PINGPERIODSECONDS", "3600");
    let running = spawn_at(&mut gotify, address)?;
    let application = token(address, "/application")?;
    let client = token(address, "/client")?;
    let host = format!("Host: {address}\r\n");
    Ok(Server {
        running,
        address,
        door: Door {
            follow: format!(
                "GET /stream?token={client} HTTP/1.1\r\n{host}Connection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            .into_bytes(),
            post: Recipe {
                address,
                head: format!(
                    "POST /message?token={application} HTTP/1.1\r\n{host}Content-Type: application/json\r\n"
                ),
                body: ("{\"message\":\"".to_owned(), "\"}".to_owned()),
            },
        },
        resume: None,
        token: None,
        _data: data,
    })
}

/// Makes what `path` makes, and answers its token.
fn token(address: SocketAddr, path: &str) -> Result<String> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{ADMIN}Content-Type: application/json\r\n"
    );
    let body = ("{\"name\":\"".to_owned(), "\"}".to_owned());
    let mut asks = Publisher::connect(Recipe {
        address,
        head,
        body,
    })?;
    asks.send("bench")?;
    let made: serde_json::Value = serde_json::from_str(asks.acknowledged()?)?;
    let token = made["token"]
        .as_str()
        .context("an answer without a token")?;
    Ok(token.to_owned())
}
