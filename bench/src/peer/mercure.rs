//! The Mercure hub: its standalone server with its own default store, a file of bbolt.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use super::{Door, Server, free_address, spawn_at, with_field};
use crate::publish::Recipe;

/// The key of the hub's own examples; it guards nothing here.
const KEY: &str = "!ChangeThisMercureHubJWTSecretKey!";

/// `{"mercure":{"publish":["*"]}}`, signed with [`KEY`] by HS256 (RFC 7519).
const PUBLISHER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJtZXJjdXJlIjp7InB1Ymxpc2giOlsiKiJdfX0.\
                         a8cjcSRUAcHdnGNMKifA4BK5epRXxQI0UBp2XpNrBdw";

/// Starts the hub. Everybody may follow, as streams of Belfry's show a token that costs about as little.
pub(super) fn start(program: &Path, data: TempDir) -> Result<Server> {
    let address = free_address()?;
    let mut hub = Command::new(program);
    hub.current_dir(data.path())
        .env("ADDR", address.to_string())
        .env("JWT_KEY", KEY)
        .env("ALLOW_ANONYMOUS", "1")
        .env("TRANSPORT_URL", "bolt://updates.db");
    let running = spawn_at(&mut hub, address)?;
    let host = format!("Host: {address}\r\n");
    let path = "/.well-known/mercure";
    Ok(Server {
        running,
        address,
        door: Door {
            follow: format!("GET {path}?topic=bench HTTP/1.1\r\n{host}\r\n").into_bytes(),
            post: Recipe {
                address,
                head: format!(
                    "POST {path} HTTP/1.1\r\n{host}Authorization: Bearer {PUBLISHER}\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\n"
                ),
                body: ("topic=bench&data=".to_owned(), String::new()),
            },
        },
        // A post is answered with the id of its event.
        resume: Some(|server, id| Ok(with_field(&server.door.follow, "Last-Event-ID", id.trim()))),
        token: None,
        _data: data,
    })
}
