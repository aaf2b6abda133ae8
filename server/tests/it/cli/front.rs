//! What stands between a client and its server, and does what networks and hostile servers do.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Waits for connections, and answers each as it is told.
pub(super) struct Front(TcpListener);

impl Front {
    pub(super) async fn open() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// The next request, read to the end of its body, with the connection it came by.
    pub(super) async fn request(&self) -> (String, TcpStream) {
        let (mut socket, _) = self.0.accept().await.unwrap();
        let mut bytes = Vec::new();
        loop {
            assert!(
                socket.read_buf(&mut bytes).await.unwrap() > 0,
                "a whole request"
            );
            let text = String::from_utf8(bytes.clone()).unwrap();
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && body.len() >= header(head, "content-length").parse().unwrap_or(0)
            {
                return (text, socket);
            }
        }
    }
}

/// A header of a request, empty when it is missing.
pub(super) fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let lines = request.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    values.next().map_or("", |(_, value)| value)
}

/// What the server at `address` answers to `request`.
pub(super) async fn forward(address: SocketAddr, request: &str) -> Vec<u8> {
    let mut server = TcpStream::connect(address).await.unwrap();
    let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    server.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.unwrap();
    answer
}

/// Sends an answer and closes the connection.
pub(super) async fn answer(mut socket: TcpStream, bytes: &[u8]) {
    socket.write_all(bytes).await.unwrap();
    socket.shutdown().await.unwrap();
}

/// A stream that ends after `events`.
pub(super) fn stream(events: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    format!("{head}{events}").into_bytes()
}
