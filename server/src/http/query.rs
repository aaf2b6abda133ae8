//! The query of a request, read leniently: the first value of a name counts, an unknown name is passed over.

use super::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::collections::HashMap;
use std::convert::Infallible;

/// The parameters of a query.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(HashMap<String, String>);

impl Query {
    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a parameter, read; absent when it is empty.
    ///
    /// # Errors
    /// 422 that names the parameter.
    pub(crate) fn parse<T, E: std::fmt::Display>(
        &self,
        name: &str,
        read: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        read(text.to_owned())
            .map(Some)
            .map_err(|error| Problem::invalid_field(name, error.to_string()))
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let mut values = HashMap::new();
        for (name, value) in
            form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        {
            values
                .entry(name.into_owned())
                .or_insert_with(|| value.into_owned());
        }
        Ok(Self(values))
    }
}
