//! Belfry itself: an account, a token, and the contract's own doors.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::{Door, Server, spawn, with_field};
use crate::process::Running;
use crate::publish::Recipe;

/// The account that the token belongs to.
pub(crate) const USER: &str = "bench";
/// Its password.
pub(crate) const PASSWORD: &str = "a long password";

/// Makes an account and a token, and starts `belfry serve` with some more flags. In this order the server knows the token
/// from the start: it looks up only so many that it does not know.
pub(crate) fn start(binary: &Path, data: TempDir, flags: &[&OsStr]) -> Result<Server> {
    let binary = binary
        .canonicalize()
        .with_context(|| format!("{} is missing: cargo xtask release", binary.display()))?;
    let add = ["user", "add", USER, "--password-stdin"];
    ask(&binary, &data, &add, &format!("{PASSWORD}\n"))?;
    let token = [
        "token",
        "create",
        "--user",
        USER,
        "--label",
        "bench",
        "--scope",
        "publish,subscribe",
    ];
    let token = ask(&binary, &data, &token, "")?;
    let mut serve = Command::new(&binary);
    serve
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--streams-per-user",
            "0",
        ])
        .args(flags)
        .current_dir(data.path())
        .env("BELFRY_LOG", "warn");
    let (child, address) = spawn(&mut serve)?;
    let running = Running(vec![child]);
    Ok(Server {
        running,
        address,
        door: Door {
            follow: format!("GET /events HTTP/1.1\r\n{}\r\n", fields(address, &token)).into_bytes(),
            post: post(address, &token, "bench"),
        },
        resume: Some(resume),
        token: Some(token),
        _data: data,
    })
}

/// How one channel alone is followed and posted to.
pub(crate) fn door(server: &Server, channel: &str) -> Result<Door> {
    let (address, token) = (server.address, token(server)?);
    let fields = fields(address, token);
    Ok(Door {
        follow: format!("GET /events?channels={channel} HTTP/1.1\r\n{fields}\r\n").into_bytes(),
        post: post(address, token, channel),
    })
}

/// The token that [`start`] made.
pub(crate) fn token(server: &Server) -> Result<&str> {
    server.token.as_deref().context("a token")
}

fn fields(address: SocketAddr, token: &str) -> String {
    format!("Host: {address}\r\nAuthorization: Bearer {token}\r\n")
}

fn post(address: SocketAddr, token: &str, channel: &str) -> Recipe {
    let fields = fields(address, token);
    Recipe {
        address,
        head: format!(
            "POST /api/v1/notifications HTTP/1.1\r\n{fields}Content-Type: application/json\r\n"
        ),
        body: (
            format!("{{\"channel\":\"{channel}\",\"title\":\""),
            "\"}".to_owned(),
        ),
    }
}

/// With the cursor at the head: the message that was just answered.
fn resume(server: &Server, _answer: &str) -> Result<Vec<u8>> {
    let mut socket = TcpStream::connect(server.address)?;
    socket.write_all(&server.door.follow)?;
    let mut lines = BufReader::new(socket).lines();
    while let Some(line) = lines.next().transpose()? {
        if let Some(id) = line.strip_prefix("id: ") {
            return Ok(with_field(&server.door.follow, "Last-Event-ID", id));
        }
    }
    bail!("a stream without an id")
}

fn ask(binary: &Path, data: &TempDir, args: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new(binary)
        .args(args)
        .current_dir(data.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child
        .stdin
        .take()
        .context("standard input")?
        .write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("belfry {} failed", args.join(" "));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
