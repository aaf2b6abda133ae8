//! Whether a request that a cookie vouches for was sent by our own page (CSRF; contract, section 2).

use axum::http::{HeaderMap, Method, header};

/// Whether the request may act by a cookie: it changes nothing, or it is same-origin. `Sec-Fetch-Site` decides, which no
/// page can forge; where a browser does not send it, `Origin` does. A request with neither is refused: every browser
/// sends one of them with a form, and programs have tokens.
pub(crate) fn allows(method: &Method, headers: &HeaderMap, public_origin: Option<&str>) -> bool {
    method.is_safe() || is_same_origin(headers, public_origin).unwrap_or(false)
}

/// Whether the headers say so; `None` when they say nothing.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_origin: Option<&str>) -> Option<bool> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return Some(site == "same-origin");
    }
    let origin = text(header::ORIGIN.as_str())?;
    let ours = |host: &str| {
        ["http://", "https://"]
            .iter()
            .any(|scheme| origin.strip_prefix(scheme) == Some(host))
    };
    Some(public_origin == Some(origin) || text(header::HOST.as_str()).is_some_and(ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_requests_change_nothing() {
        let check = |pairs: &[(&'static str, &str)], expect: bool| {
            let mut headers = HeaderMap::new();
            headers.insert("host", "belfry.test:3000".parse().unwrap());
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            let allowed = allows(&Method::POST, &headers, Some("https://bell.example.org"));
            assert_eq!(allowed, expect, "{pairs:?}");
            assert!(allows(&Method::GET, &headers, None));
        };
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "none")], false);
        check(
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://belfry.test:3000"),
            ],
            false,
        );
        check(&[("origin", "http://belfry.test:3000")], true);
        check(&[("origin", "https://bell.example.org")], true);
        check(&[("origin", "http://belfry.test")], false);
        check(&[("origin", "http://belfry.test:3000.evil.org")], false);
        check(&[("origin", "null")], false);
        check(&[], false);
    }
}
