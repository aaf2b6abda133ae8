//! Administration of accounts, from the command line.

use super::{ServiceError, Services};
use crate::live::writer::Operation;
use crate::store::{AccountId, StoreError, Tx, accounts};
use async_trait::async_trait;
use domain::{Password, UserName};

impl Services {
    /// Adds an account.
    ///
    /// # Errors
    /// [`ServiceError::Conflict`] when the name is taken.
    pub(crate) async fn add_user(
        &self,
        name: UserName,
        password: Password,
        admin: bool,
    ) -> Result<(), ServiceError> {
        let password_hash = self.hasher.hash(password).await?;
        let taken = ServiceError::Conflict(format!("the name {name} is taken"));
        self.writer
            .write(AddUser {
                name,
                password_hash,
                admin,
            })
            .await?
            .map(drop)
            .ok_or(taken)
    }

    /// Changes a password, which ends the account's sessions.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub(crate) async fn set_password(
        &self,
        name: UserName,
        password: Password,
    ) -> Result<(), ServiceError> {
        let password_hash = self.hasher.hash(password).await?;
        let found = self
            .writer
            .write(SetPassword {
                name,
                password_hash,
            })
            .await?;
        known(found)
    }

    /// Disables an account, which ends its sessions and streams and lets its tokens rest, or enables it again.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub(crate) async fn set_disabled(
        &self,
        name: UserName,
        disabled: bool,
    ) -> Result<(), ServiceError> {
        let found = self.writer.write(SetDisabled { name, disabled }).await?;
        known(found)
    }

    /// Removes an account with its tokens, sessions and receipts. What it posted stays, under its name.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub(crate) async fn remove_user(&self, name: UserName) -> Result<(), ServiceError> {
        known(self.writer.write(Remove(name)).await?)
    }
}

fn known(found: bool) -> Result<(), ServiceError> {
    if found {
        Ok(())
    } else {
        Err(ServiceError::NotFound("user"))
    }
}

struct AddUser {
    name: UserName,
    password_hash: String,
    admin: bool,
}

#[async_trait]
impl Operation for AddUser {
    type Output = Option<AccountId>;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        accounts::insert(tx, &self.name, &self.password_hash, self.admin).await
    }
}

struct SetPassword {
    name: UserName,
    password_hash: String,
}

#[async_trait]
impl Operation for SetPassword {
    type Output = bool;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        accounts::set_password(tx, &self.name, &self.password_hash).await
    }
}

struct SetDisabled {
    name: UserName,
    disabled: bool,
}

#[async_trait]
impl Operation for SetDisabled {
    type Output = bool;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        accounts::set_disabled(tx, &self.name, self.disabled).await
    }
}

struct Remove(UserName);

#[async_trait]
impl Operation for Remove {
    type Output = bool;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        accounts::delete(tx, &self.0).await
    }
}
