//! Everything the browser shows, and the doors it knocks on.

// A view's type is as deep as its tree, deeper than the default allows.
#![recursion_limit = "256"]

pub mod api;
pub mod app;
#[cfg(feature = "ssr")]
pub mod backend;
mod clock;
mod components;
#[cfg(feature = "ssr")]
mod csp;
mod desk;
pub mod error;
pub mod live;
#[cfg(feature = "ssr")]
pub mod page;
mod page_data;
mod pages;
mod place;
#[cfg(feature = "ssr")]
mod shell;
mod text;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
