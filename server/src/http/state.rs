//! What handlers share.

use super::address::Proxies;
use crate::service::{Services, Throttle};
use std::sync::Arc;
use tokio::sync::Mutex;

/// What handlers share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct AppState {
    pub(crate) services: Services,
    pub(crate) proxies: Arc<Proxies>,
    /// Requests without a good credential, by address.
    pub(crate) strangers: Arc<Throttle>,
    /// Held by whoever has us look for a token that is not known.
    pub(crate) introductions: Arc<Mutex<()>>,
    /// Scheme, host and port under which browsers reach us, when it was set.
    pub(crate) public_origin: Option<Arc<str>>,
    /// Whether cookies are `Secure`: the public address is https.
    pub(crate) secure: bool,
}
