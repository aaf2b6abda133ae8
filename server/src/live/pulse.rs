//! One pulse for all streams. A stream waits for one thing, its wake-up; what concerns all of them, or is due by the clock,
//! is watched here once and not by each of ten thousand.

use super::Live;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// A heartbeat is late by at most this part of its time.
const PARTS: u32 = 6;

/// Runs until the server stops.
pub(crate) async fn run(live: Arc<Live>) {
    let heartbeat = live.tuning.heartbeat;
    let mut beat = interval((heartbeat / PARTS).max(Duration::from_millis(1)));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut changed = live.gate.changed();
    loop {
        tokio::select! {
            () = live.shutdown.cancelled() => break,
            _ = changed.changed() => live.hub.wake_all(),
            _ = beat.tick() => live.hub.wake_silent(heartbeat),
        }
    }
    live.hub.wake_all();
}
