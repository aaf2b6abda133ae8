//! How many connections there may be, in all and for each address.

use crate::http::Proxies;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The connections that there may be.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    for_each: usize,
    /// Many people may stand behind one of these.
    proxies: Arc<Proxies>,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

impl Places {
    /// `all` connections, and `for_each` (0: any number) for an address. This machine itself and proxies that are trusted
    /// may have any number.
    pub(crate) fn new(all: usize, for_each: usize, proxies: Arc<Proxies>) -> Arc<Self> {
        Arc::new(Self {
            all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))),
            for_each,
            proxies,
            taken: Mutex::default(),
        })
    }

    /// Waits until there is room: who comes meanwhile waits in the system's queue.
    pub(super) async fn free(&self) {
        let _closed_never = self.all.acquire().await;
    }

    /// A place for a connection from `address`; `None` when it has as many as it may.
    pub(super) fn take(places: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let permit = Arc::clone(&places.all).try_acquire_owned().ok()?;
        let address = address.to_canonical();
        let counted =
            places.for_each > 0 && !address.is_loopback() && !places.proxies.trusts(address);
        if counted {
            let mut taken = places.taken.lock();
            let count = taken.entry(address).or_default();
            if *count >= places.for_each {
                return None;
            }
            *count += 1;
        }
        Some(Place {
            places: Arc::clone(places),
            address: counted.then_some(address),
            _permit: permit,
        })
    }
}

/// The place of one connection, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    address: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut taken = self.places.taken.lock();
        if let Some(count) = taken.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_and_gives_them_back() {
        let proxies = Arc::new(Proxies(vec!["10.0.0.0/8".parse().unwrap()]));
        let places = Places::new(5, 2, proxies);
        let take = |address: &str| Places::take(&places, address.parse().unwrap());
        let first = take("192.0.2.1").unwrap();
        let second = take("::ffff:192.0.2.1").unwrap();
        assert!(take("192.0.2.1").is_none());
        drop(first);
        let third = take("192.0.2.1").unwrap();
        let inside = ["10.0.0.1", "10.0.0.1", "127.0.0.1"].map(|one| take(one).unwrap());
        assert!(take("127.0.0.1").is_none(), "there are five in all");
        drop((second, third, inside));
        assert!(places.taken.lock().is_empty());
        assert_eq!(places.all.available_permits(), 5);
    }
}
