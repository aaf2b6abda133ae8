//! Accounts: the first one, and signing in.

use super::{ServiceError, Services, Throttled, password::HashError};
use crate::live::gate::SignedIn;
use crate::live::writer::Operation;
use crate::private;
use crate::store::{AccountId, SecretHash, StoreError, Tx, accounts, meta};
use async_trait::async_trait;
use domain::{Password, UserName};
use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use subtle::ConstantTimeEq;

impl From<HashError> for ServiceError {
    fn from(error: HashError) -> Self {
        tracing::error!(%error, "a password was not checked");
        Self::Unavailable
    }
}

impl From<Throttled> for ServiceError {
    fn from(Throttled { seconds }: Throttled) -> Self {
        Self::TooMany { seconds }
    }
}

impl Services {
    /// Checks a name and a password. An attempt counts against the name and the address before it is judged, so many at
    /// once gain nothing; a good one gives its count back.
    ///
    /// # Errors
    /// [`ServiceError::WrongCredentials`] and [`ServiceError::TooMany`].
    pub(crate) async fn sign_in(
        &self,
        name: &str,
        password: String,
        address: IpAddr,
    ) -> Result<SignedIn, ServiceError> {
        let by_name = format!(
            "name {}",
            name.chars()
                .take(64)
                .collect::<String>()
                .to_ascii_lowercase()
        );
        let by_address = format!("address {}", network(address));
        self.sign_ins.take(&by_address)?;
        if let Err(throttled) = self.sign_ins.take(&by_name) {
            self.sign_ins.give_back(&by_address);
            return Err(throttled.into());
        }
        let signed_in = self
            .check(name, password)
            .await?
            .ok_or(ServiceError::WrongCredentials)?;
        self.sign_ins.give_back(&by_address);
        self.sign_ins.give_back(&by_name);
        Ok(signed_in)
    }

    async fn check(&self, name: &str, password: String) -> Result<Option<SignedIn>, ServiceError> {
        // The account may have been made, or its password changed, a moment ago by the command line.
        self.writer.look().await;
        let directory = self.directory();
        let account = UserName::parse(name)
            .ok()
            .and_then(|name| directory.account_named(&name));
        let hash = match account {
            Some(account) => {
                let mut connection = self
                    .live
                    .store
                    .readers()
                    .acquire()
                    .await
                    .map_err(StoreError::from)?;
                accounts::password_hash(&mut connection, account.id).await?
            }
            None => None,
        };
        let good = self
            .hasher
            .verify(password.chars().take(256).collect(), hash)
            .await?;
        let signed_in = |account: &crate::store::AccountEntry| SignedIn {
            account: account.id,
            version: account.credential_version,
        };
        Ok(account.filter(|_| good).map(signed_in))
    }

    /// Makes the first account, with the code of the set-up link. Of two claims at once, one wins.
    ///
    /// # Errors
    /// [`ServiceError::SetupClosed`], [`ServiceError::WrongSetupCode`], [`ServiceError::Invalid`] and
    /// [`ServiceError::TooMany`].
    pub(crate) async fn claim_setup(
        &self,
        code: &str,
        name: &str,
        password: String,
        address: IpAddr,
    ) -> Result<SignedIn, ServiceError> {
        if self.directory().has_accounts() {
            return Err(ServiceError::SetupClosed);
        }
        let by_address = format!("address {}", network(address));
        self.sign_ins.take(&by_address)?;
        let name =
            UserName::parse(name).map_err(|error| ServiceError::invalid("username", error))?;
        let password =
            Password::parse(password).map_err(|error| ServiceError::invalid("password", error))?;
        // The code goes first: nobody without it makes the server hash.
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        let expected = meta::setup_code(&mut connection).await?;
        drop(connection);
        let code = SecretHash::of(code.trim());
        if !expected.is_some_and(|expected| bool::from(expected.0.ct_eq(&code.0))) {
            return Err(ServiceError::WrongSetupCode);
        }
        let password_hash = self.hasher.hash(password).await?;
        let account = self
            .writer
            .write(Claim {
                code,
                name,
                password_hash,
            })
            .await??;
        self.sign_ins.give_back(&by_address);
        let _gone = std::fs::remove_file(self.setup_link_file());
        Ok(SignedIn {
            account,
            version: 1,
        })
    }

    /// A fresh set-up code, written to `<data-dir>/setup-link` as a link; `None` when there is an account. Only its hash
    /// is in the database, so the link of an earlier start is no longer good.
    ///
    /// # Errors
    /// When the database or the file cannot be written.
    pub(crate) async fn open_setup(
        &self,
        public_url: &str,
    ) -> Result<Option<String>, ServiceError> {
        if self.directory().has_accounts() {
            let _gone = std::fs::remove_file(self.setup_link_file());
            return Ok(None);
        }
        let code = super::tokens::random_text(43);
        self.writer.write(OpenSetup(SecretHash::of(&code))).await?;
        let link = format!("{}/setup#k={code}", public_url.trim_end_matches('/'));
        let written = private::create(&self.setup_link_file());
        let written = written.and_then(|mut file| writeln!(file, "{link}"));
        written.map_err(|error| {
            tracing::error!(%error, "the set-up link cannot be written to its file");
            ServiceError::Unavailable
        })?;
        Ok(Some(link))
    }

    fn setup_link_file(&self) -> PathBuf {
        self.data_dir.join("setup-link")
    }
}

/// What counts as one address: for IPv6 the /64, of which one customer has as many as there are IPv4 addresses.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

struct OpenSetup(SecretHash);

#[async_trait]
impl Operation for OpenSetup {
    type Output = ();
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        meta::set_setup_code(tx, &self.0).await
    }
}

struct Claim {
    code: SecretHash,
    name: UserName,
    password_hash: String,
}

#[async_trait]
impl Operation for Claim {
    type Output = Result<AccountId, ServiceError>;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        if accounts::any(tx.connection().await?).await? {
            return Ok(Err(ServiceError::SetupClosed));
        }
        if meta::setup_code(tx.connection().await?).await? != Some(self.code) {
            return Ok(Err(ServiceError::WrongSetupCode));
        }
        meta::clear_setup_code(tx).await?;
        let id = accounts::insert(tx, &self.name, &self.password_hash, true).await?;
        Ok(id.ok_or(ServiceError::SetupClosed))
    }
}
