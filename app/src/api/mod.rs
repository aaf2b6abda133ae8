//! The doors that the page knocks on. Each is an ordinary HTTP endpoint that checks its caller itself, and each that
//! changes something is a `POST` which a form without scripts can send as well.

pub mod notifications;
pub mod receipts;
#[cfg(feature = "ssr")]
mod refusal;

pub(crate) use notifications::{Publish, list, publish};
pub(crate) use receipts::{SetReceipt, set_receipt, unread};
#[cfg(feature = "ssr")]
pub(crate) use refusal::{answer, refusal};
