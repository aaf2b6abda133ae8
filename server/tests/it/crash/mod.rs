//! The real server, ended as power cuts and operators end it: nothing that was acknowledged is lost, and no reader sees a
//! gap, a repeat or another order (ARCHITECTURE.md, promises 1 to 3).

mod failpoints;
mod kill;
mod restart;
mod terminate;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};

/// Any port that is free.
const ANYWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A free port that the system gives to nobody else while the server is down: below those that it hands out.
fn own_port() -> SocketAddr {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let port = first + TAKEN.fetch_add(1, Ordering::Relaxed);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The database of a server, as another process sees it.
async fn database(dir: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(dir.join("belfry.db"));
    options.connect().await.unwrap()
}

/// What SQLite finds when it looks through the whole database.
async fn integrity(dir: &Path) -> String {
    let check = sqlx::query_scalar("PRAGMA integrity_check");
    check.fetch_one(&mut database(dir).await).await.unwrap()
}
