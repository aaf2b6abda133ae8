//! The HTTP client of `publish`, `tail` and `healthcheck`.

use super::CliError;
use crate::config::ClientArgs;
use rand::Rng;
use reqwest::header::RETRY_AFTER;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use std::error::Error;
use std::time::Duration;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// The longest `Retry-After` that is believed.
const LONGEST_RETRY: Duration = Duration::from_secs(300);

/// A server, and what is shown to it.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    pub(super) fn new(args: &ClientArgs) -> Result<Self, CliError> {
        Ok(Self {
            http: http()?,
            base: base(&args.server.url)?,
            token: args.token()?,
        })
    }

    /// Where the server is.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// A request with the access token.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.bearer_auth(&self.token)
    }

    /// Why there was no answer, in a line.
    pub(super) fn unreachable(&self, error: &reqwest::Error) -> String {
        format!("cannot reach {}: {}", self.base, cause(error))
    }
}

/// A client that trusts the certificates that the system trusts. It follows nobody elsewhere: a token is for one server,
/// and a POST that is led elsewhere arrives as something else.
pub(super) fn http() -> Result<reqwest::Client, CliError> {
    reqwest::Client::builder()
        .user_agent(concat!("belfry/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| CliError::Input(format!("there can be no client: {}", cause(&error))))
}

/// The address of a server, without a slash at its end.
pub(super) fn base(url: &str) -> Result<String, CliError> {
    let is_address = Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.has_host()
    });
    if is_address {
        Ok(url.trim_end_matches('/').to_owned())
    } else {
        let wrong =
            format!("url must be an address such as https://bell.example.org, not \"{url}\"");
        Err(CliError::Input(wrong))
    }
}

/// The innermost cause: the outer ones only say that a request failed.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        "it took too long".to_owned()
    } else {
        cause.to_string()
    }
}

/// An answer that is no success.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// When to try again, if the server says so.
    pub(super) retry_after: Option<Duration>,
    /// What it says, in a line.
    pub(super) text: String,
}

impl Refusal {
    /// Reads what a server answered.
    pub(super) async fn read(response: Response) -> Self {
        let status = response.status();
        let seconds = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let place = response.headers().get(reqwest::header::LOCATION);
        let place = place.and_then(|value| value.to_str().ok().map(str::to_owned));
        let text = match place.filter(|_| status.is_redirection()) {
            Some(place) => format!("the server has moved to {place}: set BELFRY_URL to it"),
            None => {
                let problem = response.json::<Problem>().await.unwrap_or_default();
                problem.line(status)
            }
        };
        Self {
            status,
            retry_after: seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST_RETRY)),
            text,
        }
    }

    /// Whether the same request may be answered otherwise in a while: the server, or what stands before it, is busy or
    /// just starting.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 429 | 502 | 503 | 504)
    }
}

/// A problem (RFC 9457), as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    detail: Option<String>,
    errors: Vec<domain::FieldError>,
}

impl Problem {
    fn line(&self, status: StatusCode) -> String {
        let field = |error: &domain::FieldError| {
            if error.field.is_empty() {
                error.message.clone()
            } else {
                error.to_string()
            }
        };
        let fields: Vec<_> = self.errors.iter().map(field).collect();
        match &self.detail {
            _ if !fields.is_empty() => fields.join("; "),
            Some(detail) => detail.clone(),
            None => format!("the server answered {status}"),
        }
    }
}

/// How long to wait after so many failures in a row: `first`, doubled with each up to `most`, and a random part of it
/// less, so that those who were turned away together do not come back together.
pub(super) fn pause(failures: u32, first: Duration, most: Duration) -> Duration {
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled
        .min(most)
        .mul_f64(rand::rng().random_range(0.5..1.0))
}
