//! A line with faults, which are switched while it is used: what lies between a reader and the server in the real world.

use socket2::SockRef;
use std::io::Result;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet, yield_now};
use tokio::time::sleep;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// As it should be.
    None,
    /// Each piece arrives so much later.
    Delay(Duration),
    /// One byte at a time.
    Slices,
    /// Connections are reset, also those that come.
    Reset,
    /// Nothing comes through either way, and nobody is told. What was sent meanwhile arrives when it is over.
    BlackHole,
    /// A gateway that has lost the server: connections end in the middle, and those that come are answered with 502.
    BadGateway,
}

/// The line. It ends with the test.
pub(crate) struct FaultProxy {
    /// Where readers connect.
    pub(crate) address: SocketAddr,
    fault: watch::Sender<Fault>,
    carrying: AbortHandle,
}

impl FaultProxy {
    /// A line to `server`, without a fault.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (fault, current) = watch::channel(Fault::None);
        let carrying = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((reader, _)) = listener.accept().await {
                connections.spawn(carry(reader, server, current.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            fault,
            carrying: carrying.abort_handle(),
        }
    }

    /// Makes it so from now on, for connections that are open and for those that come.
    pub(crate) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// Carries one connection. Whatever ends it ends both of its halves.
async fn carry(mut reader: TcpStream, server: SocketAddr, fault: watch::Receiver<Fault>) {
    let _lost = match through(fault.clone()).await {
        Fault::Reset => reset(&reader),
        Fault::BadGateway => refuse(&mut reader).await,
        Fault::None | Fault::Delay(_) | Fault::Slices | Fault::BlackHole => {
            join(reader, server, fault).await
        }
    };
}

async fn join(reader: TcpStream, server: SocketAddr, fault: watch::Receiver<Fault>) -> Result<()> {
    // The system acknowledges what a black hole swallows, as far as it has room for it: little, so that the server
    // soon sees what it would see of a dead line.
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut server = socket.connect(server).await?;
    let mut reader = reader;
    reader.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_reader, to_reader) = reader.split();
    let (from_server, to_server) = server.split();
    let mut cut = fault.clone();
    let cut = tokio::select! {
        ended = pump(from_reader, to_server, fault.clone()) => return ended,
        ended = pump(from_server, to_reader, fault) => return ended,
        cut = cut.wait_for(|fault| matches!(fault, Fault::Reset | Fault::BadGateway)) => cut.map(|cut| *cut),
    };
    if matches!(cut, Ok(Fault::Reset)) {
        reset(&reader)?;
        reset(&server)?;
    }
    Ok(())
}

/// Carries bytes in one direction, to its end.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    fault: watch::Receiver<Fault>,
) -> Result<()> {
    let mut bytes = [0; 4096];
    loop {
        through(fault.clone()).await;
        let count = from.read(&mut bytes).await?;
        // The hole may have opened while nothing came.
        let fault = through(fault.clone()).await;
        if count == 0 {
            return Ok(());
        }
        let bytes = &bytes[..count];
        match fault {
            Fault::Slices => {
                for byte in bytes {
                    to.write_all(&[*byte]).await?;
                    yield_now().await;
                }
            }
            Fault::Delay(time) => {
                sleep(time).await;
                to.write_all(bytes).await?;
            }
            Fault::None | Fault::Reset | Fault::BlackHole | Fault::BadGateway => {
                to.write_all(bytes).await?;
            }
        }
    }
}

/// Waits while there is a black hole. Answers how the line is then; after the test it is as it should be.
async fn through(mut fault: watch::Receiver<Fault>) -> Fault {
    let open = fault.wait_for(|fault| *fault != Fault::BlackHole).await;
    open.map_or(Fault::None, |fault| *fault)
}

/// Has the connection end with RST, when it is dropped.
fn reset(socket: &TcpStream) -> Result<()> {
    SockRef::from(socket).set_linger(Some(Duration::ZERO))
}

async fn refuse(reader: &mut TcpStream) -> Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if reader.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let answer = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    reader.write_all(answer).await
}
