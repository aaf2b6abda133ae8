//! Streams by WebSocket, frame by frame.

use super::{publish, refused, server};
use crate::support::people::Person;
use crate::support::{PATIENCE, TestApp};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A reader that knows the frames of RFC 6455, as far as a server sends them.
struct Reader {
    socket: BufReader<TcpStream>,
}

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;

impl Reader {
    async fn open(person: &Person, path: &str) -> Self {
        let mut socket = TcpStream::connect(person.address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            person.token()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut socket = BufReader::new(socket);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(PATIENCE, socket.read_u8()).await.unwrap().unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        Self { socket }
    }

    /// The next frame: its kind and what it holds.
    async fn frame(&mut self) -> (u8, Vec<u8>) {
        let read = async {
            let kind = self.socket.read_u8().await.unwrap() & 0x0f;
            let length = match self.socket.read_u8().await.unwrap() {
                126 => usize::from(self.socket.read_u16().await.unwrap()),
                short => usize::from(short),
            };
            let mut bytes = vec![0; length];
            self.socket.read_exact(&mut bytes).await.unwrap();
            (kind, bytes)
        };
        timeout(PATIENCE, read).await.unwrap()
    }

    async fn message(&mut self) -> Value {
        loop {
            match self.frame().await {
                (TEXT, bytes) => return serde_json::from_slice(&bytes).unwrap(),
                (PING, _) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn frames_are_messages() {
    let (_app, program) = server().await;
    publish(&program, "/a", &[("Priority", "4"), ("Tags", "x")], "past").await;
    let mut reader = Reader::open(&program, "/a,b/ws?tags=x&priority=4,5&since=all").await;
    let open = reader.message().await;
    assert_eq!(
        (&open["event"], &open["topic"]),
        (&json!("open"), &json!("a,b"))
    );
    publish(&program, "/a", &[("Tags", "x")], "not urgent").await;
    publish(&program, "/b", &[("Priority", "5"), ("Tags", "x")], "now").await;
    for expect in ["past", "now"] {
        assert_eq!(reader.message().await["message"], expect);
    }
}

#[tokio::test]
async fn silence_is_broken_by_pings_and_the_end_is_said() {
    let app = TestApp::start_with(|options| {
        options.overrides.tuning.heartbeat = Duration::from_millis(100);
    })
    .await;
    app.admin().await;
    let program = app.program("root", "subscribe").await;
    let mut reader = Reader::open(&program, "/t/ws").await;
    assert_eq!(reader.message().await["event"], "open");
    assert_eq!(reader.frame().await.0, PING);
    let stopping = tokio::spawn(app.stop());
    let last = loop {
        match reader.frame().await {
            (PING, _) => {}
            (kind, _) => break kind,
        }
    };
    assert_eq!(last, CLOSE);
    stopping.await.unwrap();
}

#[tokio::test]
async fn polling_ends_by_itself() {
    let (_app, program) = server().await;
    publish(&program, "/t", &[], "one").await;
    let mut reader = Reader::open(&program, "/t/ws?poll=1").await;
    assert_eq!(reader.message().await["message"], "one");
    assert_eq!(reader.frame().await.0, CLOSE);
}

#[tokio::test]
async fn who_speaks_no_websocket_is_told() {
    let (_app, program) = server().await;
    refused(&program.get("/t/ws").await, 40016);
}
