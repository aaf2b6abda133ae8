//! How to write a test here:
//!
//! ```ignore
//! let app = TestApp::start().await;                          // own port, own data folder, no account yet
//! let admin = app.admin().await;                             // made with the set-up link; signed in by cookie
//! let ann = app.user("ann").await;                           // `belfry user add`, then `POST /login`; by cookie
//! let ci = app.program("ann", "publish,subscribe").await;    // `belfry token create`; by Bearer
//! let mut stream = ann.stream("channels=ci").await;          // raw bytes of `/events`, past `connected`
//! let posted = ci.publish(json!({"channel": "ci", "message": "done"})).await;      // asserts 2xx
//! assert_eq!(stream.next("notification").await["seq"], posted["seq"]);             // waits for it, never sleeps
//! let answer = ann.get("/api/v1/notifications").await;       // Answer { status, headers, text }, .json()
//! let app = app.restart().await;                             // same port and folder; people and cookies stay good
//! ```
//! `app.anyone()` has no credential; `app.belfry(&["token", "list"], "")` runs the real command line beside the server;
//! What `app.belfry` did is known to the server when it returns. A test of hundreds of streams waits for
//! [`a_turn`] first. `TestApp::start_with(|options| …)` sets a [`Tuning`](server::serve::Overrides) or a clock that [`TestApp::pass`] moves.

pub(crate) mod app;
pub(crate) mod command;
pub(crate) mod database;
pub(crate) mod install;
pub(crate) mod people;
pub(crate) mod proxy;
pub(crate) mod small_disk;
pub(crate) mod sse;
pub(crate) mod verdict;
pub(crate) mod wire;
pub(crate) mod world;

pub(crate) use app::TestApp;

use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// How long anything that is awaited may take before the test fails. Generous: the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One turn at a time for tests that fill the machine: beside another such test they would measure that one. Taken first,
/// kept to the end.
pub(crate) async fn a_turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}
