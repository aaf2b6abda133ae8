//! `POST /message`.

use super::credential::Client;
use super::message::{self, Message};
use super::posted::Posted;
use super::refusal::Refusal;
use super::target::Target;
use crate::http::foreign;
use crate::http::query::Query;
use crate::http::state::AppState;
use crate::service::{Naming, ServiceError};
use axum::Json;
use axum::extract::{Request, State};
use domain::{Draft, Scope};

/// Publishes, and answers when it is durable.
pub(super) async fn create(
    State(state): State<AppState>,
    Client(actor): Client,
    query: Query,
    request: Request,
) -> Result<Json<Message>, Refusal> {
    if !actor.may(Scope::Publish) {
        return Err(Refusal::forbidden());
    }
    let services = &state.services;
    let mut posted = Posted::read(request, &query).await?;
    let message = posted.message()?;
    let target = Target::of(&services.directory(), &actor, posted.appid())?;
    let title = posted.title().unwrap_or(target.application);
    let (draft, origin) = message::draft(title, message, posted.priority, posted.extras);
    let draft = Draft {
        channel: Some(target.channel.to_string()),
        ..foreign::settle(draft, services.clock.now())
    };
    let published = services.publish_from(&actor, draft, origin.clone()).await?;
    let notification = published.notification;
    let directory = services.directory();
    let channel = directory
        .channel_named(&notification.channel)
        .ok_or(ServiceError::Unavailable)?
        .id;
    let naming = Naming {
        // A new one is shown by the event that creates it.
        number: notification.seq,
        origin,
    };
    Ok(Json(Message::new(
        notification,
        channel,
        naming,
        &directory,
    )))
}
