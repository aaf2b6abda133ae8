//! Who sends a request, as ntfy's clients say it: a name and a password, a token in place of the password, a bearer
//! token, or any of them as `?auth=`, for those who can set no header.

use super::error::Refusal;
use crate::http::address::ClientAddress;
use crate::http::auth::by_token;
use crate::http::state::AppState;
use crate::service::accounts::network;
use crate::service::{Actor, ServiceError};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use std::net::IpAddr;

/// Whoever showed a good credential; nobody when none was shown. One that is not good is refused.
pub(super) struct Visitor(pub(super) Option<Actor>);

/// Whoever showed a good credential. Who showed none is forbidden whatever they asked for.
pub(super) struct Caller(pub(super) Actor);

/// What an `Authorization` holds that we know.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Token(String),
    Password { name: String, password: String },
}

/// Whose credential a request shows in its header or its query. `None` when it shows none that we know: those of other
/// schemes are for others (WebPush).
///
/// # Errors
/// When it is not good, or too many were not.
pub(in crate::http) async fn by_authorization(
    state: &AppState,
    address: IpAddr,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Option<Actor>, Refusal> {
    let stranger = network(address);
    let Some(text) = authorization(headers, uri)? else {
        count(state, &stranger)?;
        return Ok(None);
    };
    let actor = match read(&text) {
        Some(Shown::Token(token)) => by_token(state, &token, &stranger).await,
        Some(Shown::Password { name, password }) => {
            match state.services.by_password(&name, password, address).await {
                Ok(actor) => Some(actor),
                Err(ServiceError::WrongCredentials) => None,
                Err(ServiceError::TooMany { seconds }) => {
                    return Err(Refusal::SIGN_INS.after(seconds));
                }
                Err(error) => return Err(error.into()),
            }
        }
        None => None,
    };
    if actor.is_none() {
        count(state, &stranger)?;
        return Err(Refusal::UNAUTHORIZED);
    }
    Ok(actor)
}

fn count(state: &AppState, stranger: &str) -> Result<(), Refusal> {
    let taken = state.strangers.take(stranger);
    taken.map_err(|throttled| Refusal::REQUESTS.after(throttled.seconds))
}

/// The credential as text, of a scheme that we know. The query wins: it is for those whose headers are not their own.
fn authorization(headers: &HeaderMap, uri: &Uri) -> Result<Option<String>, Refusal> {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut asked = query.filter(|(name, _)| matches!(&**name, "auth" | "authorization"));
    if let Some((_, value)) = asked.next().filter(|(_, value)| !value.is_empty()) {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(value.trim_end_matches('='));
        let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        return text.map(Some).ok_or(Refusal::UNAUTHORIZED);
    }
    let shown = headers.get_all(header::AUTHORIZATION).iter();
    let mut texts = shown.filter_map(|value| value.to_str().ok());
    Ok(texts.find(|text| is_known(text)).map(str::to_owned))
}

fn is_known(text: &str) -> bool {
    let scheme = text.trim().split(' ').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("basic") || scheme.eq_ignore_ascii_case("bearer")
}

fn read(text: &str) -> Option<Shown> {
    let (scheme, value) = text.trim().split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Shown::Token(value.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
    let (name, password) = pair.split_once(':')?;
    let password = password.to_owned();
    Some(if name.is_empty() {
        Shown::Token(password)
    } else {
        let name = name.to_owned();
        Shown::Password { name, password }
    })
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, state).await;
        by_authorization(state, address, &parts.headers, &parts.uri)
            .await
            .map(Self)
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Visitor(actor) = Visitor::from_request_parts(parts, state).await?;
        actor.map(Self).ok_or(Refusal::FORBIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_read_in_all_its_forms() {
        let check = |text: &str, expect: Option<Shown>| assert_eq!(read(text), expect, "{text}");
        let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
        let token = || Some(Shown::Token("bf_x".into()));
        check("Bearer bf_x", token());
        check("bearer  bf_x ", token());
        check(&basic(":bf_x"), token());
        let (name, password) = ("phil".to_owned(), "a:b".to_owned());
        check(&basic("phil:a:b"), Some(Shown::Password { name, password }));
        check(&basic("phil"), None);
        check("Basic %%%", None);
        check("WebPush x", None);
    }

    #[test]
    fn other_schemes_are_for_others_and_the_query_wins() {
        let check = |headers: &[&str], uri: &str, expect: Option<&str>| {
            let mut map = HeaderMap::new();
            for value in headers {
                map.append(header::AUTHORIZATION, value.parse().unwrap());
            }
            let found = authorization(&map, &uri.parse().unwrap()).unwrap();
            assert_eq!(found.as_deref(), expect, "{headers:?} {uri}");
        };
        check(&["vapid t=x"], "/a", None);
        check(&["vapid t=x", "Bearer b"], "/a", Some("Bearer b"));
        // base64url of "Bearer bf_x", without padding and with it.
        check(
            &["Bearer b"],
            "/a?auth=QmVhcmVyIGJmX3g",
            Some("Bearer bf_x"),
        );
        check(
            &[],
            "/a?authorization=QmVhcmVyIGJmX3g%3D",
            Some("Bearer bf_x"),
        );
        check(&[], "/a?auth=", None);
    }
}
