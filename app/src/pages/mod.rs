//! One file a page. Sign-in, set-up and errors are plain documents: they load no code.

pub(crate) mod dashboard;
#[cfg(feature = "ssr")]
pub(crate) mod failed;
#[cfg(feature = "ssr")]
pub(crate) mod login;
#[cfg(feature = "ssr")]
pub(crate) mod not_found;
#[cfg(feature = "ssr")]
mod plain;
#[cfg(feature = "ssr")]
pub(crate) mod setup;
