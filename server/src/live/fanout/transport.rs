//! What carries one stream's bytes: a socket, and TLS over it if its peer speaks it.

use mio::net::TcpStream;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use tokio_rustls::rustls::ServerConnection;

/// A connection after its request. It never blocks.
pub(crate) struct Transport {
    socket: TcpStream,
    tls: Option<Box<ServerConnection>>,
}

impl Transport {
    /// Over `socket`, which does not block, and through `tls` after its handshake.
    pub(crate) fn new(socket: std::net::TcpStream, tls: Option<ServerConnection>) -> Self {
        Self {
            socket: TcpStream::from_std(socket),
            tls: tls.map(Box::new),
        }
    }

    /// The socket, to be waited for.
    pub(super) fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// Whether something is encrypted and not with the system yet.
    pub(super) fn is_owing(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// One step on the way of `bytes`: what is encrypted is handed to the system before more is taken. Answers how many
    /// of `bytes` were taken, which is none when they were not reached.
    ///
    /// # Errors
    /// `WouldBlock` when the system takes no more for now, and what a socket fails with.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return some(self.socket.write(bytes)?);
        };
        if tls.wants_write() {
            some(tls.write_tls(&mut self.socket)?)?;
            return Ok(0);
        }
        // It holds 64 kB at most: a reader that stops costs no more than that.
        some(tls.writer().write(bytes)?)
    }

    /// What the peer sent; 0 at its end.
    ///
    /// # Errors
    /// `WouldBlock` when nothing came, and what a socket or a peer that breaks TLS fails with.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return self.socket.read(buffer);
        };
        loop {
            match tls.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return read,
            }
            tls.read_tls(&mut self.socket)?;
            tls.process_new_packets()
                .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        }
    }

    /// Ends it in order, as far as the system takes that.
    pub(super) fn end(mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            while tls.wants_write() && tls.write_tls(&mut self.socket).is_ok_and(|sent| sent > 0) {}
        }
        let _gone = self.socket.shutdown(Shutdown::Write);
    }
}

/// Nothing at all is taken only by a peer that is gone.
fn some(taken: usize) -> io::Result<usize> {
    match taken {
        0 => Err(ErrorKind::WriteZero.into()),
        taken => Ok(taken),
    }
}
