//! A name and a password with every request, as programs of other servers send them. Checking one takes a tenth of a
//! second of a core, so what was found good is remembered for a while.

use super::{ServiceError, Services, tokens};
use crate::live::gate::{Actor, SignedIn};
use crate::store::SecretHash;
use domain::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;

/// How long a password that was good is not checked again, in milliseconds. A changed one is bad at once all the same.
const REMEMBERED: i64 = 60_000;

/// The most that are remembered.
const MOST: usize = 1_024;

/// Checks at the same time. Those of one credential wait for each other: a program that sends many requests at once is
/// one attempt, not many.
const LANES: usize = 16;

/// Names and passwords that were good a moment ago.
#[derive(Debug)]
pub(super) struct Verified {
    /// Goes into every hash, so that they tell nothing outside this process.
    salt: String,
    good: Mutex<HashMap<SecretHash, (SignedIn, Timestamp)>>,
    lanes: [tokio::sync::Mutex<()>; LANES],
}

impl Default for Verified {
    fn default() -> Self {
        Self {
            salt: tokens::random_text(32),
            good: Mutex::default(),
            lanes: Default::default(),
        }
    }
}

impl Verified {
    fn key(&self, name: &str, password: &str) -> SecretHash {
        SecretHash::of(format!("{}\0{name}\0{password}", self.salt))
    }

    fn find(&self, key: &SecretHash, now: Timestamp) -> Option<SignedIn> {
        let good = self.good.lock();
        let (signed_in, until) = good.get(key)?;
        (now < *until).then_some(*signed_in)
    }

    fn remember(&self, key: SecretHash, signed_in: SignedIn, now: Timestamp) {
        let mut good = self.good.lock();
        good.retain(|_, (_, until)| now < *until);
        if good.len() < MOST {
            good.insert(key, (signed_in, now.plus_millis(REMEMBERED)));
        }
    }
}

impl Services {
    /// Whose name and password these are. A wrong one counts as a failed sign-in.
    ///
    /// # Errors
    /// [`ServiceError::WrongCredentials`] and [`ServiceError::TooMany`].
    pub(crate) async fn by_password(
        &self,
        name: &str,
        password: String,
        address: IpAddr,
    ) -> Result<Actor, ServiceError> {
        let key = self.verified.key(name, &password);
        let known = || {
            let signed_in = self.verified.find(&key, self.clock.now())?;
            self.live.gate.password_actor(signed_in)
        };
        if let Some(actor) = known() {
            return Ok(actor);
        }
        let lane = usize::from(key.0[0]) % LANES;
        let _alone = self.verified.lanes[lane].lock().await;
        if let Some(actor) = known() {
            return Ok(actor);
        }
        let signed_in = self.sign_in(name, password, address).await?;
        self.verified.remember(key, signed_in, self.clock.now());
        let actor = self.live.gate.password_actor(signed_in);
        actor.ok_or(ServiceError::WrongCredentials)
    }
}
