//! One publisher: a connection that is kept, a request, its answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How a peer wants a message: the head without the length, and the body around the text.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) address: SocketAddr,
    /// Request line and fields, each ending with CR LF.
    pub(crate) head: String,
    /// What stands before and after the text.
    pub(crate) body: (String, String),
}

/// A connection of its own.
#[derive(Debug)]
pub(crate) struct Publisher {
    recipe: Recipe,
    socket: TcpStream,
    answer: Vec<u8>,
}

impl Publisher {
    pub(crate) fn connect(recipe: Recipe) -> Result<Self> {
        let socket = TcpStream::connect(recipe.address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            recipe,
            socket,
            answer: Vec::with_capacity(4096),
        })
    }

    /// Sends without waiting for the answer.
    pub(crate) fn send(&mut self, text: &str) -> Result<()> {
        let (before, after) = &self.recipe.body;
        let length = before.len() + text.len() + after.len();
        let request = format!(
            "{}Content-Length: {length}\r\n\r\n{before}{text}{after}",
            self.recipe.head
        );
        self.socket.write_all(request.as_bytes())?;
        Ok(())
    }

    /// Reads the answer and returns its body: anything but 2xx is an error.
    pub(crate) fn acknowledged(&mut self) -> Result<&str> {
        self.answer.clear();
        let mut chunk = [0; 4096];
        loop {
            if let Some((body, end)) = complete(&self.answer)? {
                if end < self.answer.len() {
                    bail!("more was answered than asked");
                }
                return Ok(std::str::from_utf8(&self.answer[body..end])?);
            }
            let count = self.socket.read(&mut chunk)?;
            if count == 0 {
                bail!("the connection ended before the answer");
            }
            self.answer.extend_from_slice(&chunk[..count]);
        }
    }
}

/// Where the answer's body begins and ends, once it is there as a whole.
fn complete(answer: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(head) = memchr::memmem::find(answer, b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&answer[..head])?;
    let status = text.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        bail!("refused: {}", String::from_utf8_lossy(answer));
    }
    let length: usize = text
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim())
        })
        .context("an answer without a length")?
        .parse()?;
    let body = head + 4;
    Ok((answer.len() >= body + length).then_some((body, body + length)))
}

#[cfg(test)]
mod tests {
    use super::complete;

    #[test]
    fn an_answer_is_complete_with_its_body() {
        let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";
        let end = answer.len();
        assert_eq!(complete(answer).unwrap(), Some((end - 2, end)));
        assert_eq!(complete(&answer[..end - 1]).unwrap(), None);
        assert_eq!(complete(b"HTTP/1.1 201").unwrap(), None);
        assert!(complete(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").is_err());
    }
}
