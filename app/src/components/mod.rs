//! What a page is put together from: plain functions from state to view, none of which asks the server for anything.

pub(crate) mod card;
pub(crate) mod composer;
pub(crate) mod connection;
pub(crate) mod empty;
pub(crate) mod list;
mod markdown;
pub(crate) mod rail;
pub(crate) mod receipt_form;
mod symbol;

pub(crate) use symbol::{hue, symbol};
