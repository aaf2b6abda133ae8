//! Many readers in one thread: sockets in one epoll, one buffer for all of them, and a search for the mark that every
//! message carries. It must cost less than what it measures.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hdrhistogram::Histogram;
use memchr::memmem::Finder;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// Stands before the time in a message.
const MARK: &[u8] = b"@@";
/// Digits of the time: nanoseconds since the run began, in hexadecimal.
const DIGITS: usize = 16;
/// The most that a mark cut in two may leave behind.
const CARRY: usize = MARK.len() + DIGITS - 1;

/// The mark of a message that is sent now.
pub(crate) fn mark(began: Instant) -> String {
    format!("@@{:0DIGITS$x}", began.elapsed().as_nanos())
}

/// What a reader has seen of its stream.
#[derive(Debug)]
struct Reader {
    socket: TcpStream,
    /// The request until it is sent.
    request: Option<Vec<u8>>,
    /// The end of what was read, in case a mark goes on in the next chunk.
    carry: Vec<u8>,
    answered: bool,
}

/// What a swarm saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Messages, counted for each reader.
    pub(crate) deliveries: u64,
    /// Nanoseconds from sending to reading.
    latency: Histogram<u64>,
    /// When the last one was read.
    pub(crate) last: Instant,
}

/// Readers of one address.
#[derive(Debug)]
pub(crate) struct Swarm {
    poll: Poll,
    readers: Vec<Reader>,
    buffer: Vec<u8>,
    began: Instant,
    answered: usize,
    seen: Seen,
}

impl Swarm {
    /// Opens `count` streams with `request` and returns when the head of each was read. `began` is the zero of the marks.
    pub(crate) fn open(
        address: SocketAddr,
        request: &[u8],
        count: usize,
        began: Instant,
    ) -> Result<Self> {
        let mut swarm = Self {
            poll: Poll::new()?,
            readers: Vec::with_capacity(count),
            buffer: vec![0; 256 * 1024],
            began,
            answered: 0,
            seen: Seen::new()?,
        };
        for index in 0..count {
            let mut socket = TcpStream::connect(address)?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            swarm
                .poll
                .registry()
                .register(&mut socket, Token(index), interest)?;
            swarm.readers.push(Reader {
                socket,
                request: Some(request.to_vec()),
                carry: Vec::with_capacity(CARRY),
                answered: false,
            });
        }
        let limit = Instant::now() + Duration::from_secs(60);
        while swarm.answered < count {
            if Instant::now() > limit {
                bail!("{} of {count} streams were answered", swarm.answered);
            }
            swarm.turn(Duration::from_millis(100))?;
        }
        Ok(swarm)
    }

    /// Reads until `deliveries` were seen in all since the last [`take`](Self::take).
    ///
    /// # Errors
    /// When nothing comes for ten seconds, or a stream ends.
    pub(crate) fn wait_for(&mut self, deliveries: u64) -> Result<()> {
        let mut before = (self.seen.deliveries, Instant::now());
        while self.seen.deliveries < deliveries {
            self.turn(Duration::from_millis(100))?;
            if self.seen.deliveries > before.0 {
                before = (self.seen.deliveries, Instant::now());
            } else if before.1.elapsed() > Duration::from_secs(10) {
                bail!("{} of {deliveries} deliveries came", self.seen.deliveries);
            }
        }
        Ok(())
    }

    /// Reads as long as `busy`.
    ///
    /// # Errors
    /// When a stream ends.
    pub(crate) fn read_while(&mut self, mut busy: impl FnMut(&Seen) -> bool) -> Result<()> {
        while busy(&self.seen) {
            self.turn(Duration::from_millis(10))?;
        }
        Ok(())
    }

    /// What was seen since the last call.
    pub(crate) fn take(&mut self) -> Result<Seen> {
        Ok(std::mem::replace(&mut self.seen, Seen::new()?))
    }

    fn turn(&mut self, patience: Duration) -> Result<()> {
        let mut events = Events::with_capacity(1024);
        match self.poll.poll(&mut events, Some(patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        for event in &events {
            let Token(index) = event.token();
            if event.is_writable() {
                self.send(index)?;
            }
            if event.is_readable() {
                self.receive(index)?;
            }
        }
        Ok(())
    }

    fn send(&mut self, index: usize) -> Result<()> {
        let reader = &mut self.readers[index];
        let Some(request) = reader.request.take() else {
            return Ok(());
        };
        reader
            .socket
            .write_all(&request)
            .context("a request does not fit into a socket's buffer")
    }

    fn receive(&mut self, index: usize) -> Result<()> {
        let reader = &mut self.readers[index];
        loop {
            let kept = reader.carry.len();
            self.buffer[..kept].copy_from_slice(&reader.carry);
            let count = match reader.socket.read(&mut self.buffer[kept..]) {
                Ok(0) => bail!("a stream ended"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let chunk = &self.buffer[..kept + count];
            if !reader.answered {
                // A WebSocket is switched to (RFC 6455).
                let opened = [&b"HTTP/1.1 200"[..], b"HTTP/1.1 101"];
                if !opened.iter().any(|status| chunk.starts_with(status)) {
                    bail!("a stream was refused: {}", String::from_utf8_lossy(chunk));
                }
                reader.answered = true;
                self.answered += 1;
            }
            let consumed = self.seen.count(chunk, self.began);
            reader.carry.clear();
            reader
                .carry
                .extend_from_slice(&chunk[consumed.max(chunk.len().saturating_sub(CARRY))..]);
        }
    }
}

impl Seen {
    /// Milliseconds that this part of the deliveries took at most.
    pub(crate) fn millis(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1e6
    }

    fn new() -> Result<Self> {
        Ok(Self {
            deliveries: 0,
            latency: Histogram::new_with_bounds(1_000, 120_000_000_000, 3)?,
            last: Instant::now(),
        })
    }

    /// Counts the marks in `chunk` and answers where the last one ends.
    fn count(&mut self, chunk: &[u8], began: Instant) -> usize {
        let finder = Finder::new(MARK);
        let (mut at, now) = (0, began.elapsed().as_nanos() as u64);
        while let Some(found) = finder.find(&chunk[at..]) {
            let digits = at + found + MARK.len();
            let Some(time) = chunk.get(digits..digits + DIGITS) else {
                break;
            };
            at = digits + DIGITS;
            let sent = std::str::from_utf8(time)
                .ok()
                .and_then(|time| u64::from_str_radix(time, 16).ok());
            if let Some(sent) = sent {
                self.deliveries += 1;
                self.latency.saturating_record(now.saturating_sub(sent));
                self.last = Instant::now();
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_counted_once_wherever_it_is_cut() -> Result<()> {
        let text = format!(
            "data: {} and {}\n\n",
            mark(Instant::now()),
            mark(Instant::now())
        );
        for cut in 0..=text.len() {
            let (began, mut seen) = (Instant::now(), Seen::new()?);
            let (first, second) = text.as_bytes().split_at(cut);
            let consumed = seen.count(first, began);
            let carry = &first[consumed.max(first.len().saturating_sub(CARRY))..];
            seen.count(&[carry, second].concat(), began);
            assert_eq!(seen.deliveries, 2, "cut at {cut}");
        }
        Ok(())
    }
}
