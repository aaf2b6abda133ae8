//! The OpenAPI 3.1 document, made from the handlers: a route of `/api/v1` is registered and described in one place, so
//! that neither can be without the other.

use super::state::AppState;
use super::{channels, events, notifications, problem, session, stats, tokens};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use std::future::{Ready, ready};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Info, OpenApi as Document, Server};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where the routes of [`routes`] are.
const PREFIX: &str = "/api/v1";

/// The calls under `/api/v1`.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::default())
        .routes(routes!(notifications::list, notifications::publish))
        .routes(routes!(
            notifications::get,
            notifications::edit,
            notifications::delete
        ))
        .routes(routes!(notifications::restore))
        .routes(routes!(notifications::set_receipt))
        .routes(routes!(notifications::read_all))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::get, channels::change, channels::delete))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(session::session))
        .routes(routes!(stats::get))
}

/// The calls of the contract that are at the root, and what errors and parameters look like.
#[derive(OpenApi)]
#[openapi(
    paths(notifications::notify, events::subscribe),
    components(schemas(
        problem::Wire,
        domain::ListState,
        domain::ChannelName,
        domain::NotificationId
    ))
)]
struct AtTheRoot;

/// The whole document.
pub(crate) fn document() -> Document {
    complete(routes().into_openapi())
}

/// Answers the document of the calls that `api` describes.
pub(super) fn serve(api: &Document) -> impl Fn() -> Ready<Response> + Clone + use<> {
    // What cannot be written would be refused by the test that reads it.
    let json = Bytes::from(complete(api.clone()).to_json().unwrap_or_default());
    move || {
        let media = (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        ready(([media], json.clone()).into_response())
    }
}

fn complete(api: Document) -> Document {
    let mut document = Document::new(info(), utoipa::openapi::Paths::new()).nest(PREFIX, api);
    document.merge(AtTheRoot::openapi());
    document.info = info();
    document.servers = Some(vec![Server::new("/")]);
    Credentials.modify(&mut document);
    document
}

fn info() -> Info {
    let mut info = Info::new("Belfry", env!("CARGO_PKG_VERSION"));
    info.description =
        Some("Live notifications: post them, list them, follow them, put them away.".to_owned());
    info
}

/// How callers say who they are (contract, section 2).
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An access token: bf_…"))
            .build();
        let cookie = ApiKeyValue::with_description(
            "belfry",
            "A browser's session; __Host-belfry with https",
        );
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let either =
            ["token", "session"].map(|name| SecurityRequirement::new(name, Vec::<String>::new()));
        document.security = Some(either.to_vec());
    }
}
