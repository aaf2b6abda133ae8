//! What arrived, and from what kind of sender.

use crate::http::json::{Unread, whole};
use axum::extract::Request;
use axum::http::header;
use serde_json::{Map, Value};

/// The senders that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Alertmanager,
    Grafana,
    Github,
    /// Any JSON.
    Json,
    /// Anything.
    Text,
}

impl Kind {
    /// Reads `?kind=`.
    ///
    /// # Errors
    /// The rule, for a word that names none.
    pub(super) fn parse(word: String) -> Result<Self, &'static str> {
        match word.as_str() {
            "alertmanager" => Ok(Self::Alertmanager),
            "grafana" => Ok(Self::Grafana),
            "github" => Ok(Self::Github),
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err("must be alertmanager, grafana, github, json or text"),
        }
    }
}

/// A delivery. What is not UTF-8 in it is replaced.
#[derive(Debug)]
pub(super) struct Delivery {
    /// The name of GitHub's event, when it says that it is one.
    pub(super) github_event: Option<String>,
    /// The body, when it is JSON, or a form.
    pub(super) json: Option<Value>,
    pub(super) text: String,
}

impl Delivery {
    /// Reads the body. What it is matters more than what its header calls it.
    ///
    /// # Errors
    /// 413, and 400 when it did not arrive whole.
    pub(super) async fn read(request: Request) -> Result<Self, Unread> {
        let (parts, body) = request.into_parts();
        let header = |name| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
        let github_event = header("x-github-event");
        let content_type = header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let body = whole(body).await?;
        let form = content_type
            .to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded");
        let json = serde_json::from_slice(&body).ok();
        // A number or a word alone is what somebody wrote, not what a program built.
        let json = json.filter(|json: &Value| json.is_object() || json.is_array());
        let json = json.or_else(|| form.then(|| from_form(&body)).flatten());
        Ok(Self {
            github_event,
            json,
            text: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// From whom it seems to be.
    pub(super) fn kind(&self) -> Kind {
        let Some(json) = &self.json else {
            return Kind::Text;
        };
        let has = |name| json.get(name).is_some();
        let alerts = json.get("alerts").is_some_and(Value::is_array);
        if self.github_event.is_some() {
            Kind::Github
        } else if (alerts && has("orgId")) || (has("ruleName") && has("state")) {
            Kind::Grafana
        } else if alerts && (has("groupKey") || has("receiver") || has("version")) {
            Kind::Alertmanager
        } else {
            Kind::Json
        }
    }
}

/// A form as an object. GitHub sends its JSON as the field `payload` unless it is told otherwise.
fn from_form(body: &[u8]) -> Option<Value> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        fields
            .entry(name)
            .or_insert_with(|| Value::String(value.into_owned()));
    }
    if let Some(Value::String(payload)) = fields.get("payload")
        && let Ok(payload @ Value::Object(_)) = serde_json::from_str(payload)
    {
        return Some(payload);
    }
    // A text without names is no form, whatever curl says of it.
    let named = fields.values().any(|value| value != "");
    named.then_some(Value::Object(fields))
}
