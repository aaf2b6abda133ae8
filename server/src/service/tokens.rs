//! Access tokens.

use super::{ServiceError, Services};
use crate::live::writer::Operation;
use crate::store::tokens::{self, NewToken, TokenRow};
use crate::store::{SecretHash, StoreError, TokenId, Tx};
use async_trait::async_trait;
use domain::{ChannelName, Scopes, Timestamp, UserName};
use rand::Rng;
use rand::distr::Alphanumeric;

/// What every token begins with, so that scanners of leaked secrets know it.
pub(crate) const PREFIX: &str = "bf_";

/// `length` random letters and digits, 5.9 bits each.
pub(crate) fn random_text(length: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(length)
        .map(char::from)
        .collect()
}

/// A token to make.
#[derive(Debug, Clone)]
pub(crate) struct TokenRequest {
    pub(crate) user: UserName,
    pub(crate) label: String,
    pub(crate) scopes: Scopes,
    pub(crate) channels: Option<Vec<ChannelName>>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Services {
    /// Makes a token and answers it. This is the only time it is known: the database holds a hash.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such user, [`ServiceError::Invalid`] for the label.
    pub(crate) async fn create_token(&self, request: TokenRequest) -> Result<String, ServiceError> {
        let directory = self.directory();
        let account = directory
            .account_named(&request.user)
            .ok_or(ServiceError::NotFound("user"))?
            .id;
        domain::check_line(&request.label)
            .map_err(|error| ServiceError::invalid("label", error))?;
        if !(1..=64).contains(&request.label.chars().count()) {
            return Err(ServiceError::invalid(
                "label",
                "must have 1 to 64 characters",
            ));
        }
        let token = format!("{PREFIX}{}", random_text(40));
        let hint = token[token.len() - 4..].to_owned();
        let new = NewToken {
            account,
            label: request.label,
            hash: SecretHash::of(&token),
            hint,
            scopes: request.scopes,
            channels: request.channels,
            expires_at: request.expires_at,
        };
        self.writer.write(Create(new)).await?;
        Ok(token)
    }

    /// Every token, without its secret.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn list_tokens(&self) -> Result<Vec<TokenRow>, ServiceError> {
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        Ok(tokens::list(&mut connection).await?)
    }

    /// Ends a token and the streams that were opened with it.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`].
    pub(crate) async fn revoke_token(&self, id: TokenId) -> Result<(), ServiceError> {
        let found = self.writer.write(Revoke(id)).await?;
        if found {
            Ok(())
        } else {
            Err(ServiceError::NotFound("token"))
        }
    }
}

struct Create(NewToken);

#[async_trait]
impl Operation for Create {
    type Output = TokenId;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<TokenId, StoreError> {
        tokens::insert(tx, &self.0).await
    }
}

struct Revoke(TokenId);

#[async_trait]
impl Operation for Revoke {
    type Output = bool;
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        tokens::delete(tx, self.0).await
    }
}
