//! One prepared chunk is written to every socket, one after the other. Nothing else is done that could be left out.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

/// The answer to a request for a stream.
const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
/// The answer to a post.
const ACCEPTED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Whatever becomes of a message.
pub(super) trait Sink: Clone + Send + 'static {
    /// Adds a stream.
    fn join(&self, stream: TcpStream);
    /// Writes a message, as its frame, to all streams.
    fn send(&self, frame: &[u8]);
}

/// The open streams. Whoever posts writes to all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams(Arc<Mutex<Vec<TcpStream>>>);

impl Sink for Streams {
    fn join(&self, stream: TcpStream) {
        lock(&self.0).push(stream);
    }

    fn send(&self, frame: &[u8]) {
        lock(&self.0).retain_mut(|stream| stream.write_all(frame).is_ok());
    }
}

/// Streams that a thread of their own writes to: all frames that wait leave in one write.
#[derive(Debug, Clone, Default)]
struct Waiting {
    streams: Streams,
    shared: Arc<(Mutex<Frames>, Condvar)>,
}

/// What waits to be written.
#[derive(Debug, Default)]
struct Frames {
    bytes: Vec<u8>,
    /// Frames that ever came, and how many of them are written.
    came: u64,
    written: u64,
}

impl Sink for Waiting {
    fn join(&self, stream: TcpStream) {
        self.streams.join(stream);
    }

    /// Returns when it is written, as when everybody writes alone: a message is acknowledged at the same point.
    fn send(&self, frame: &[u8]) {
        let (frames, changed) = &*self.shared;
        let mut frames = lock(frames);
        frames.bytes.extend_from_slice(frame);
        frames.came += 1;
        let place = frames.came;
        changed.notify_all();
        let _written = changed.wait_while(frames, |frames| frames.written < place);
    }
}

impl Waiting {
    /// Writes what waits, for ever.
    fn write(&self) {
        let (frames, changed) = &*self.shared;
        loop {
            let some = changed.wait_while(lock(frames), |frames| frames.bytes.is_empty());
            let mut some = some.unwrap_or_else(PoisonError::into_inner);
            let (all, upto) = (std::mem::take(&mut some.bytes), some.came);
            drop(some);
            self.streams.send(&all);
            lock(frames).written = upto;
            changed.notify_all();
        }
    }
}

/// As [`serve`], with one write for all that waits.
pub(super) fn serve_coalesced(listener: &TcpListener) -> Result<()> {
    let waiting = Waiting::default();
    let writer = waiting.clone();
    thread::spawn(move || writer.write());
    serve(listener, &waiting)
}

/// Accepts, for ever. Whoever posts gets a thread.
pub(super) fn serve(listener: &TcpListener, sink: &impl Sink) -> Result<()> {
    for socket in listener.incoming() {
        let socket = socket?;
        socket.set_nodelay(true)?;
        let mut reader = BufReader::new(socket);
        match read(&mut reader)? {
            Some(Request::Follow) => {
                reader.get_mut().write_all(HEAD)?;
                sink.join(reader.into_inner());
            }
            Some(Request::Post(first)) => {
                let sink = sink.clone();
                thread::spawn(move || drop(publisher(reader, first, &sink)));
            }
            None => {}
        }
    }
    Ok(())
}

/// What is asked.
enum Request {
    Follow,
    Post(Vec<u8>),
}

fn publisher(mut reader: BufReader<TcpStream>, first: Vec<u8>, sink: &impl Sink) -> Result<()> {
    let mut next = Some(Request::Post(first));
    while let Some(Request::Post(body)) = next {
        sink.send(&[b"data: ".as_slice(), &body, b"\n\n"].concat());
        reader.get_mut().write_all(ACCEPTED)?;
        next = read(&mut reader)?;
    }
    Ok(())
}

/// The next request; `None` at the end.
fn read(reader: &mut impl BufRead) -> Result<Option<Request>> {
    let (mut line, mut length) = (String::new(), 0);
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let follows = line.starts_with("GET");
    loop {
        line.clear();
        if reader.read_line(&mut line)? <= 2 {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    if follows {
        return Ok(Some(Request::Follow));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request::Post(body)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
