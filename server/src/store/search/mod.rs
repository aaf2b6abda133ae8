//! Searches: the index that the writer keeps, and conditions in SQL. What a query means is said by `domain::search`; here
//! it only becomes fast.

pub(super) mod blocks;
mod condition;
pub(super) mod index;
mod readable;

pub(super) use condition::{Condition, Place};
pub(crate) use readable::Readable;
