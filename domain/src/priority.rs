//! How urgent a notification is.

use serde::{Deserialize, Serialize};

/// 1 min, 2 low, 3 default, 4 high, 5 urgent (contract, section 3). Ordered by urgency.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i64", into = "u8")]
pub enum Priority {
    /// 1: nothing to see now.
    Min = 1,
    /// 2: can wait.
    Low = 2,
    /// 3: what is sent when nothing is said.
    #[default]
    Default = 3,
    /// 4: soon.
    High = 4,
    /// 5: now.
    Urgent = 5,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Priority {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let number = utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::Integer)
            .description(Some("1 min, 2 low, 3 default, 4 high, 5 urgent"));
        number.minimum(Some(1)).maximum(Some(5)).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Priority {}

/// A number that is no priority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 (min) to 5 (urgent)")]
pub struct PriorityError;

impl TryFrom<i64> for Priority {
    type Error = PriorityError;
    fn try_from(number: i64) -> Result<Self, PriorityError> {
        match number {
            1 => Ok(Self::Min),
            2 => Ok(Self::Low),
            3 => Ok(Self::Default),
            4 => Ok(Self::High),
            5 => Ok(Self::Urgent),
            _ => Err(PriorityError),
        }
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> Self {
        priority as u8
    }
}
