//! Belfry itself: an account, a token, and the contract's own doors.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::{Server, spawn};
use crate::process::Running;
use crate::publish::Recipe;

/// Starts `belfry serve` and makes a token.
pub(super) fn start(name: String, binary: &Path, data: TempDir) -> Result<Server> {
    let binary = binary
        .canonicalize()
        .with_context(|| format!("{} is missing: cargo xtask release", binary.display()))?;
    let mut serve = Command::new(&binary);
    serve
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--streams-per-user",
            "0",
        ])
        .current_dir(data.path())
        .env("BELFRY_LOG", "warn");
    let (child, address) = spawn(&mut serve)?;
    let running = Running(vec![child]);

    ask(
        &binary,
        &data,
        &["user", "add", "bench", "--password-stdin"],
        "a long password\n",
    )?;
    let token = [
        "token",
        "create",
        "--user",
        "bench",
        "--label",
        "bench",
        "--scope",
        "publish,subscribe",
    ];
    let token = ask(&binary, &data, &token, "")?;
    let fields = format!("Host: {address}\r\nAuthorization: Bearer {token}\r\n");
    Ok(Server {
        name,
        running,
        address,
        follow: format!("GET /events HTTP/1.1\r\n{fields}\r\n").into_bytes(),
        post: Recipe {
            address,
            head: format!(
                "POST /api/v1/notifications HTTP/1.1\r\n{fields}Content-Type: application/json\r\n"
            ),
            body: ("{\"channel\":\"bench\",\"title\":\"", "\"}"),
        },
        resume: Some(resume),
        _data: data,
    })
}

/// With the cursor that lies `behind` events before the head.
fn resume(server: &Server, behind: usize) -> Result<Vec<u8>> {
    let mut socket = TcpStream::connect(server.address)?;
    socket.write_all(&server.follow)?;
    let mut id = String::new();
    let mut lines = BufReader::new(socket).lines();
    while let Some(line) = lines.next().transpose()? {
        if let Some(found) = line.strip_prefix("id: ") {
            found.clone_into(&mut id);
            break;
        }
    }
    let (epoch, head) = id.rsplit_once('-').context("an id")?;
    let place = head.parse::<usize>()?.saturating_sub(behind);
    let mut request = server.follow.clone();
    request.truncate(request.len() - 2);
    request.extend_from_slice(format!("Last-Event-ID: {epoch}-{place}\r\n\r\n").as_bytes());
    Ok(request)
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
