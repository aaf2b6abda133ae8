//! The body of a post: JSON, a form of either kind, or the query.

use super::message::Extras;
use super::refusal::Refusal;
use crate::http::json::{is_json, whole};
use crate::http::query::Query;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// A message as it was asked for (`model/message.go`, `CreateMessage`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Posted {
    appid: Option<u64>,
    message: Option<String>,
    title: Option<String>,
    pub(super) priority: Option<i64>,
    pub(super) extras: Option<Extras>,
}

impl Posted {
    /// Reads it. What is not JSON may stand in the query as well.
    ///
    /// # Errors
    /// 400 and 413.
    pub(super) async fn read(request: Request, query: &Query) -> Result<Self, Refusal> {
        match Body::read(request).await? {
            Body::Json(body) => json(&body),
            Body::Form(form) => Self::from_form(&form, query),
        }
    }

    fn from_form(form: &HashMap<String, String>, query: &Query) -> Result<Self, Refusal> {
        let value = |name: &str| {
            let value = form.get(name).map(String::as_str).or(query.get(name));
            value.filter(|value| !value.is_empty())
        };
        let number = |name: &str| {
            let wrong = || Refusal::bad(format!("Field '{name}' is not valid"));
            let read = |text: &str| text.trim().parse::<i64>().map_err(|_| wrong());
            value(name).map(read).transpose()
        };
        Ok(Self {
            appid: number("appid")?.and_then(|id| id.try_into().ok()),
            message: value("message").map(str::to_owned),
            title: value("title").map(str::to_owned),
            priority: number("priority")?,
            extras: None,
        })
    }

    /// The application that it is for, when one is named.
    pub(super) fn appid(&self) -> Option<u64> {
        self.appid.filter(|id| *id != 0)
    }

    /// The message, which may not be missing.
    ///
    /// # Errors
    /// 400 without one.
    pub(super) fn message(&mut self) -> Result<String, Refusal> {
        let message = self.message.take().filter(|message| !message.is_empty());
        message.ok_or_else(|| missing("message"))
    }

    /// The title, when it says anything.
    pub(super) fn title(&mut self) -> Option<String> {
        self.title.take().filter(|title| !title.trim().is_empty())
    }
}

/// The name that somebody asks for, as JSON or in a form of either kind.
///
/// # Errors
/// 400 without one, and 413.
pub(super) async fn name(request: Request) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    struct Named {
        name: Option<String>,
    }
    let name = match Body::read(request).await? {
        Body::Json(body) => json::<Named>(&body)?.name,
        Body::Form(mut form) => form.remove("name"),
    };
    name.filter(|name| !name.is_empty())
        .ok_or_else(|| missing("name"))
}

fn missing(field: &str) -> Refusal {
    Refusal::bad(format!("Field '{field}' is required"))
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::bad(error.to_string()))
}

enum Body {
    Json(Vec<u8>),
    Form(HashMap<String, String>),
}

impl Body {
    async fn read(request: Request) -> Result<Self, Refusal> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
        if content_type.starts_with("multipart/form-data") {
            return multipart(request).await.map(Self::Form);
        }
        let body = whole(request.into_body()).await?;
        if is_json(&content_type) {
            return Ok(Self::Json(body.into()));
        }
        let mut form = HashMap::new();
        for (name, value) in form_urlencoded::parse(&body) {
            form.entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        Ok(Self::Form(form))
    }
}

async fn multipart(request: Request) -> Result<HashMap<String, String>, Refusal> {
    let wrong = |status: StatusCode, text: String| Refusal::new(status, text);
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|error| wrong(error.status(), error.body_text()))?;
    let mut form = HashMap::new();
    while let Some(part) = parts
        .next_field()
        .await
        .map_err(|error| wrong(error.status(), error.body_text()))?
    {
        let name = part.name().unwrap_or_default().to_owned();
        let value = part.text().await;
        let value = value.map_err(|error| wrong(error.status(), error.body_text()))?;
        form.entry(name).or_insert(value);
    }
    Ok(form)
}
