//! `belfry openapi`.

use super::{CliError, print};

/// Prints the OpenAPI document.
pub(super) fn run() -> Result<(), CliError> {
    print([crate::serve::openapi()?])
}
