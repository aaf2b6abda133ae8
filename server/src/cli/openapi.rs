//! `belfry openapi`.

use super::CliError;
use super::output::print;

/// Prints the OpenAPI document.
pub(super) fn run() -> Result<(), CliError> {
    print([crate::serve::openapi()?])
}
