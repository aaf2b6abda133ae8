//! Two baselines that are built in: the least that a server can do, and what most would write first.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use futures::Stream;
use tempfile::TempDir;
use tokio::sync::broadcast;

use super::{Server, spawn};
use crate::process::Running;
use crate::publish::Recipe;

/// Which baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Baseline {
    /// One prepared chunk is written to every socket, one after the other.
    Raw,
    /// axum's own `Sse` over tokio's `broadcast`.
    Axum,
}

impl Baseline {
    /// Starts this program as the baseline.
    pub(super) fn start(self, name: String, data: TempDir) -> Result<Server> {
        let word = match self {
            Self::Raw => "raw",
            Self::Axum => "axum",
        };
        let mut command = Command::new(std::env::current_exe()?);
        let (child, address) = spawn(command.args(["serve", word]))?;
        let host = format!("Host: {address}\r\n");
        Ok(Server {
            name,
            running: Running(vec![child]),
            address,
            follow: format!("GET /events HTTP/1.1\r\n{host}\r\n").into_bytes(),
            post: Recipe {
                address,
                head: format!("POST /post HTTP/1.1\r\n{host}Content-Type: text/plain\r\n"),
                body: ("", ""),
            },
            resume: None,
            _data: data,
        })
    }

    /// Is the baseline, until it is ended.
    pub(crate) fn serve(self) -> Result<()> {
        match self {
            Self::Raw => raw(),
            Self::Axum => tokio::runtime::Runtime::new()?.block_on(with_axum()),
        }
    }
}

fn announce(address: SocketAddr) {
    println!("listening on http://{address}");
}

fn raw() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    announce(listener.local_addr()?);
    let streams = Arc::new(Mutex::new(Vec::new()));
    for socket in listener.incoming() {
        let (socket, streams) = (socket?, Arc::clone(&streams));
        thread::Builder::new()
            .stack_size(64 * 1024)
            .spawn(move || drop(raw_connection(socket, &streams)))?;
    }
    Ok(())
}

fn raw_connection(mut socket: TcpStream, streams: &Mutex<Vec<TcpStream>>) -> Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = BufReader::new(socket.try_clone()?);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? <= 2 {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        if first.is_empty() {
            return Ok(());
        }
        if first.starts_with("GET") {
            socket.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
            )?;
            lock(streams).push(socket);
            return Ok(());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let frame = [b"data: ".as_slice(), &body, b"\n\n"].concat();
        lock(streams).retain_mut(|stream| stream.write_all(&frame).is_ok());
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn with_axum() -> Result<()> {
    let (sender, _) = broadcast::channel::<Arc<str>>(16 * 1024);
    let app = Router::new()
        .route("/events", get(events))
        .route("/post", post(publish))
        .with_state(sender);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    announce(listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

type Sender = broadcast::Sender<Arc<str>>;

async fn events(
    State(sender): State<Sender>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let messages = futures::stream::unfold(sender.subscribe(), |mut receiver| async {
        let message = receiver.recv().await.ok()?;
        Some((Ok(Event::default().data(&*message)), receiver))
    });
    Sse::new(messages)
}

async fn publish(State(sender): State<Sender>, body: String) {
    let _nobody = sender.send(body.into());
}
