//! Webhooks in: `POST /hooks/{channel}`, for programs that can call an address and nothing else. What they send becomes
//! good cards; nothing is refused for what it says, because nobody would read the refusal.

mod alertmanager;
mod delivery;
mod generic;
mod github;
mod grafana;
mod markdown;
mod severity;

use super::address::ClientAddress;
use super::credential::admit;
use super::foreign;
use super::problem::Problem;
use super::query::Query;
use super::state::AppState;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use delivery::{Delivery, Kind};
use domain::{ChannelName, Draft, Notification, Scope};
use serde::Serialize;

/// Its routes. None of them takes a cookie.
pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/hooks/{channel}", post(receive).put(receive))
        .method_not_allowed_fallback(super::wrong_method)
}

/// What was made of a delivery, in its order.
#[derive(Serialize)]
struct Made {
    notifications: Vec<Notification>,
}

/// Publishes the cards of a delivery, one after the other. When one fails, those before it stay: their keys make a second
/// delivery change them instead of adding to them.
async fn receive(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Path(channel): Path<String>,
    query: Query,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Made>, Problem> {
    let actor = admit(&state, address, &headers, &query).await?;
    if !actor.may(Scope::Publish) {
        let detail = "This token may not publish: it needs the scope publish";
        return Err(Problem::forbidden(detail));
    }
    let channel = ChannelName::parse(channel)
        .map_err(|error| Problem::invalid_field("channel", error.to_string()))?;
    let kind = query.parse("kind", Kind::parse)?;
    let delivery = Delivery::read(request).await?;
    let mut notifications = Vec::new();
    for card in cards(&delivery, kind) {
        let draft = Draft {
            channel: Some(channel.to_string()),
            ..foreign::settle(card, state.services.clock.now())
        };
        let published = state.services.publish(&actor, draft, None).await?;
        notifications.push(published.notification);
    }
    Ok(Json(Made { notifications }))
}

/// The cards of a delivery, at least one. What is not of the shape that its sender's deliveries have is shown as it is.
fn cards(delivery: &Delivery, kind: Option<Kind>) -> Vec<Draft> {
    let kind = kind.unwrap_or_else(|| delivery.kind());
    let cards = delivery.json.as_ref().and_then(|json| match kind {
        Kind::Alertmanager => alertmanager::cards(json),
        Kind::Grafana => grafana::cards(json),
        Kind::Github => github::card(delivery.github_event.as_deref(), json).map(|card| vec![card]),
        Kind::Json => Some(vec![generic::json(json)]),
        Kind::Text => None,
    });
    cards.unwrap_or_else(|| match &delivery.json {
        Some(json) if kind != Kind::Text => vec![generic::json(json)],
        _ => vec![generic::text(&delivery.text)],
    })
}
