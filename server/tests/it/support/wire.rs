//! A stream as it comes over the wire: TCP, the head of HTTP/1.1, chunks, events. No client in between decides what is
//! shown.

use super::PATIENCE;
use super::sse::{Event, Parser};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Status line and headers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?;
        let headers = lines.filter_map(|line| line.split_once(": "));
        let own = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.to_owned());
        Some(Self {
            status: status.parse().ok()?,
            headers: headers.map(own).collect(),
        })
    }

    /// A header, empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

/// An answer that is being read.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) head: Head,
    /// The data of `connected`, when it was read.
    pub(crate) connected: Value,
    /// The body so far, without its chunks.
    pub(crate) body: Vec<u8>,
    /// The id to come back with.
    pub(crate) last_id: String,
    socket: TcpStream,
    chunks: Chunks,
    parser: Parser,
    events: VecDeque<Event>,
}

impl Stream {
    /// Sends a GET and reads the head of the answer.
    ///
    /// # Errors
    /// When the connection cannot be made or is lost before the head is there.
    pub(crate) async fn open(
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> std::io::Result<Self> {
        Self::open_on(TcpStream::connect(address).await?, path, headers).await
    }

    /// As [`open`](Self::open), on a connection that is there already.
    ///
    /// # Errors
    /// When the connection is lost before the head is there.
    pub(crate) async fn open_on(
        mut socket: TcpStream,
        path: &str,
        headers: &[(&str, &str)],
    ) -> std::io::Result<Self> {
        let address = socket.peer_addr()?;
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n").into_bytes();
        for (name, value) in headers {
            request.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        socket.write_all(&request).await?;

        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            read(&mut socket, &mut bytes, PATIENCE).await?;
        };
        let head =
            Head::parse(&String::from_utf8_lossy(&bytes[..end])).ok_or(ErrorKind::InvalidData)?;
        let mut stream = Self {
            chunks: Chunks::new(&head),
            head,
            connected: Value::Null,
            body: Vec::new(),
            last_id: String::new(),
            socket,
            parser: Parser::default(),
            events: VecDeque::new(),
        };
        stream.take(&bytes[end + 4..]);
        Ok(stream)
    }

    fn take(&mut self, bytes: &[u8]) {
        let before = self.body.len();
        self.chunks.feed(bytes, &mut self.body);
        self.events.extend(self.parser.feed(&self.body[before..]));
    }

    /// The next event; `None` when the server has ended the stream well.
    ///
    /// # Errors
    /// When the connection is lost, or nothing came for as long as a test waits.
    pub(crate) async fn try_next(&mut self) -> std::io::Result<Option<Event>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                self.last_id.clone_from(&event.id);
                return Ok(Some(event));
            }
            if self.chunks.ended() {
                return Ok(None);
            }
            let mut bytes = Vec::new();
            read(&mut self.socket, &mut bytes, PATIENCE).await?;
            self.take(&bytes);
        }
    }

    /// The next event, which must come.
    pub(crate) async fn next_event(&mut self) -> Event {
        match self.try_next().await {
            Ok(Some(event)) => event,
            other => panic!("{other:?} after {:?}", String::from_utf8_lossy(&self.body)),
        }
    }

    /// The data of the next event, which must have this name.
    pub(crate) async fn next(&mut self, name: &str) -> Value {
        let event = self.next_event().await;
        assert_eq!(event.name, name, "{event:?}");
        serde_json::from_str(&event.data).unwrap()
    }

    /// The next event that is no heartbeat: its name, id and data.
    pub(crate) async fn next_change(&mut self) -> (String, String, Value) {
        loop {
            let event = self.next_event().await;
            if event.name != "heartbeat" {
                let data = serde_json::from_str(&event.data).unwrap();
                return (event.name, event.id, data);
            }
        }
    }

    /// Reads to the end, which the server must make well; answers the events that came before it.
    pub(crate) async fn rest(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.try_next().await.unwrap() {
            events.push(event);
        }
        events
    }

    /// The body as text, of a refusal.
    pub(crate) async fn refusal(&mut self) -> String {
        self.rest().await;
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The `retry` that the stream set last.
    pub(crate) fn retry(&self) -> Option<u64> {
        self.parser.retry
    }
}

async fn read(
    socket: &mut TcpStream,
    into: &mut Vec<u8>,
    patience: Duration,
) -> std::io::Result<()> {
    let lost = || Error::from(ErrorKind::UnexpectedEof);
    match timeout(patience, socket.read_buf(into)).await? {
        Ok(0) => Err(lost()),
        result => result.map(drop),
    }
}

/// How the body is delimited (RFC 9112, 6.3), and how far it has been read.
#[derive(Debug)]
enum Chunks {
    /// This many bytes are to come.
    Length(usize),
    /// Inside the line before a chunk.
    Size(Vec<u8>),
    /// This many bytes of a chunk are to come, its line end included.
    Data(usize),
    /// The last chunk is there.
    End,
}

impl Chunks {
    fn new(head: &Head) -> Self {
        match head.header("content-length").parse() {
            Ok(length) => Self::Length(length),
            Err(_) => Self::Size(Vec::new()),
        }
    }

    fn ended(&self) -> bool {
        matches!(self, Self::End | Self::Length(0))
    }

    fn feed(&mut self, mut bytes: &[u8], body: &mut Vec<u8>) {
        while let [byte, after @ ..] = bytes {
            match self {
                Self::Length(left) => {
                    let (part, after) = bytes.split_at(bytes.len().min(*left));
                    body.extend_from_slice(part);
                    *left -= part.len();
                    bytes = if part.is_empty() { &[] } else { after };
                }
                Self::Size(line) if *byte == b'\n' => {
                    let digits = String::from_utf8_lossy(line);
                    let size = usize::from_str_radix(digits.trim_end(), 16);
                    *self = match size.expect("a chunk begins with its size") {
                        0 => Self::End,
                        size => Self::Data(size + 2),
                    };
                    bytes = after;
                }
                Self::Size(line) => {
                    line.push(*byte);
                    bytes = after;
                }
                Self::Data(left) => {
                    let (part, after) = bytes.split_at(bytes.len().min(*left));
                    body.extend_from_slice(&part[..part.len().min(left.saturating_sub(2))]);
                    *left -= part.len();
                    if *left == 0 {
                        *self = Self::Size(Vec::new());
                    }
                    bytes = after;
                }
                Self::End => return,
            }
        }
    }
}
