//! `/api/v1/channels` (contract, section 3).

use super::auth::Caller;
use super::json::JsonBody;
use super::problem::{Problem, Refusal};
use super::state::AppState;
use crate::service::Access;
use crate::service::manage::{ChannelChange, ChannelView};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::{ChannelName, UserName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Channel {
    name: ChannelName,
    title: Option<String>,
    private: bool,
    /// Whether the caller may post to it.
    writable: bool,
    /// Days for which it keeps notifications; null is for ever.
    retention_days: Option<u32>,
    /// Who was granted it: for administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    grants: Option<BTreeMap<UserName, Grant>>,
}

/// What somebody may do with a private channel.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grant {
    /// Nothing.
    None,
    /// Read it.
    Read,
    /// Post to it.
    Write,
    /// Read it and post to it.
    Both,
}

impl From<Access> for Grant {
    fn from(access: Access) -> Self {
        match (access.read, access.write) {
            (true, true) => Self::Both,
            (true, false) => Self::Read,
            (false, true) => Self::Write,
            (false, false) => Self::None,
        }
    }
}

impl From<Grant> for Option<Access> {
    fn from(grant: Grant) -> Self {
        let (read, write) = match grant {
            Grant::None => return None,
            Grant::Read => (true, false),
            Grant::Write => (false, true),
            Grant::Both => (true, true),
        };
        Some(Access { read, write })
    }
}

impl From<ChannelView> for Channel {
    fn from(view: ChannelView) -> Self {
        let ChannelView {
            channel,
            writable,
            grants,
        } = view;
        let granted = |grants: Vec<(UserName, Access)>| {
            let grants = grants.into_iter();
            grants.map(|(name, access)| (name, access.into())).collect()
        };
        Self {
            name: channel.name,
            title: channel.title,
            private: channel.private,
            writable,
            retention_days: channel.retention_days,
            grants: grants.map(granted),
        }
    }
}

/// A list of channels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Channels {
    channels: Vec<Channel>,
}

/// A channel to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChannel {
    name: ChannelName,
    #[schema(max_length = 250)]
    title: Option<String>,
    #[serde(default)]
    private: bool,
    /// Days for which it keeps notifications; for ever when absent.
    #[schema(minimum = 1, maximum = 36500)]
    retention_days: Option<u32>,
    /// By name of the user. Whoever makes a private channel has `both`.
    #[serde(default)]
    grants: BTreeMap<UserName, Grant>,
}

/// Settings of a channel. What is absent stays, `null` takes it away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    #[serde(deserialize_with = "domain::named")]
    #[schema(value_type = Option<String>, max_length = 250)]
    title: Option<Option<String>>,
    private: Option<bool>,
    #[serde(deserialize_with = "domain::named")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 36500)]
    retention_days: Option<Option<u32>>,
    /// By name of the user. `none` takes a grant back.
    grants: BTreeMap<UserName, Grant>,
}

impl From<NewChannel> for ChannelChange {
    fn from(new: NewChannel) -> Self {
        Settings {
            title: Some(new.title),
            private: Some(new.private),
            retention_days: Some(new.retention_days),
            grants: new.grants,
        }
        .into()
    }
}

impl From<Settings> for ChannelChange {
    fn from(settings: Settings) -> Self {
        let grants = settings.grants.into_iter();
        Self {
            title: settings.title,
            private: settings.private,
            retention_days: settings.retention_days,
            grants: grants.map(|(name, grant)| (name, grant.into())).collect(),
        }
    }
}

/// `GET /api/v1/channels`.
#[utoipa::path(
    get, path = "/channels", tag = "channels",
    responses((status = 200, body = Channels), Refusal)
)]
pub(crate) async fn list(State(state): State<AppState>, Caller(actor): Caller) -> Json<Channels> {
    let views = state.services.channel_views(&actor).into_iter();
    Json(Channels {
        channels: views.map(Channel::from).collect(),
    })
}

/// `POST /api/v1/channels`.
#[utoipa::path(
    post, path = "/channels", tag = "channels",
    request_body = NewChannel,
    responses((status = 201, body = Channel), Refusal)
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    JsonBody(new): JsonBody<NewChannel>,
) -> Result<(StatusCode, Json<Channel>), Problem> {
    let name = new.name.clone();
    let made = state
        .services
        .create_channel(&actor, name, new.into())
        .await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// `GET /api/v1/channels/{name}`.
#[utoipa::path(
    get, path = "/channels/{name}", tag = "channels",
    params(("name" = ChannelName, Path)),
    responses((status = 200, body = Channel), Refusal)
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
) -> Result<Json<Channel>, Problem> {
    Ok(Json(
        state.services.channel_view(&actor, &name(text)?)?.into(),
    ))
}

/// `PATCH /api/v1/channels/{name}`.
#[utoipa::path(
    patch, path = "/channels/{name}", tag = "channels",
    params(("name" = ChannelName, Path)),
    request_body = Settings,
    responses((status = 200, body = Channel), Refusal)
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
    JsonBody(settings): JsonBody<Settings>,
) -> Result<Json<Channel>, Problem> {
    let changed = state
        .services
        .change_channel(&actor, &name(text)?, settings.into())
        .await?;
    Ok(Json(changed.into()))
}

/// `DELETE /api/v1/channels/{name}`.
#[utoipa::path(
    delete, path = "/channels/{name}", tag = "channels",
    params(("name" = ChannelName, Path)),
    responses((status = 204), Refusal)
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    state.services.delete_channel(&actor, &name(text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A name in a path. One that breaks the grammar names nothing.
fn name(text: String) -> Result<ChannelName, Problem> {
    ChannelName::parse(text).map_err(|_| Problem::not_found("There is no channel of this name"))
}
