//! Access tokens.

use super::{ServiceError, Services};
use crate::live::gate::Actor;
use crate::live::writer::Operation;
use crate::store::tokens::{self, NewToken, TokenRow};
use crate::store::{AccountId, SecretHash, StoreError, TokenId, Tx};
use async_trait::async_trait;
use domain::{ChannelName, Scopes, Timestamp, UserName};
use rand::Rng;
use rand::distr::Alphanumeric;

/// What every token begins with, so that scanners of leaked secrets know it.
pub(crate) const PREFIX: &str = "bf_";

/// How often uses are written down, in milliseconds.
pub(super) const USES_ARE_NOTED: i64 = 60_000;

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

/// A token that was made. This is the only time that it is known: the database holds a hash.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) id: TokenId,
    pub(crate) secret: String,
}

impl Services {
    /// Makes a token.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when there is no such user, [`ServiceError::Invalid`] for the label.
    pub(crate) async fn create_token(&self, request: TokenRequest) -> Result<Made, ServiceError> {
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
        let id = self.writer.write(Create(new)).await?;
        Ok(Made { id, secret: token })
    }

    /// Makes a token for `actor`, who cannot give it more than he has.
    ///
    /// # Errors
    /// As [`create_token`](Self::create_token), and [`ServiceError::Forbidden`].
    pub(crate) async fn create_own_token(
        &self,
        actor: &Actor,
        label: String,
        scopes: Scopes,
        channels: Option<Vec<ChannelName>>,
        expires_at: Option<Timestamp>,
    ) -> Result<Made, ServiceError> {
        self.may_manage(actor)?;
        let bound = actor.reader.channels.as_ref().is_some_and(|own| {
            let asked = channels.as_deref();
            asked.is_none_or(|asked| asked.iter().any(|name| !own.contains(name)))
        });
        if bound || !actor.scopes.contains_all(scopes) {
            return Err(ServiceError::Forbidden(
                "a token cannot make one that may do more than itself",
            ));
        }
        let user = self.viewer(actor)?.name;
        self.create_token(TokenRequest {
            user,
            label,
            scopes,
            channels,
            expires_at,
        })
        .await
    }

    /// The tokens of `actor`'s account, without their secrets.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`].
    pub(crate) async fn own_tokens(&self, actor: &Actor) -> Result<Vec<TokenRow>, ServiceError> {
        self.may_manage(actor)?;
        self.note_token_uses().await?;
        self.list_tokens(Some(actor.reader.account)).await
    }

    /// Ends a token of `actor`'s account; an administrator's may end anybody's.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] and [`ServiceError::Forbidden`].
    pub(crate) async fn revoke_own_token(
        &self,
        actor: &Actor,
        id: TokenId,
    ) -> Result<(), ServiceError> {
        self.may_manage(actor)?;
        let own = self.list_tokens(Some(actor.reader.account)).await?;
        if self.viewer(actor)?.admin || own.iter().any(|token| token.id == id) {
            self.revoke_token(id).await
        } else {
            Err(ServiceError::NotFound("token"))
        }
    }

    /// Writes down when tokens were used last. It is called once a minute, so that reading stays free of writing.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(super) async fn note_token_uses(&self) -> Result<(), ServiceError> {
        let since = self.clock.now().plus_millis(-2 * USES_ARE_NOTED);
        let uses = self.directory().uses(since);
        if uses.is_empty() {
            return Ok(());
        }
        Ok(self.writer.write(NoteUses(uses)).await?)
    }

    /// Every token, or every one of an account, without its secret.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn list_tokens(
        &self,
        of: Option<AccountId>,
    ) -> Result<Vec<TokenRow>, ServiceError> {
        let mut connection = self
            .live
            .store
            .readers()
            .acquire()
            .await
            .map_err(StoreError::from)?;
        Ok(tokens::list(&mut connection, of).await?)
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

struct NoteUses(Vec<(SecretHash, Timestamp)>);

#[async_trait]
impl Operation for NoteUses {
    type Output = ();
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tokens::note_uses(tx, &self.0).await
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
