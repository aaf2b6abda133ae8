//! What commands print: answers on standard output, complaints on standard error.

use super::{CliError, harmless};
use std::io::Write;

/// Writes lines to standard output.
pub(super) fn print(lines: impl IntoIterator<Item = String>) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// Writes a line to standard error. It may hold what a server answered.
#[expect(
    clippy::print_stderr,
    reason = "this is where complaints of commands are shown"
)]
pub(super) fn complain(line: &str) {
    eprintln!("belfry: {}", harmless::line(line));
}

/// The rows of a list: as one object a line for programs, or in columns for people.
pub(super) fn list<Row, const N: usize>(
    rows: impl IntoIterator<Item = Row>,
    json: bool,
    object: impl Fn(&Row) -> serde_json::Value,
    heads: [&str; N],
    cells: impl Fn(&Row) -> [String; N],
) -> Result<(), CliError> {
    if json {
        return print(rows.into_iter().map(|row| object(&row).to_string()));
    }
    let heads = heads.map(str::to_owned);
    let table: Vec<_> = std::iter::once(heads)
        .chain(rows.into_iter().map(|row| cells(&row)))
        .collect();
    print(align(&table))
}

/// Rows with their cells below one another.
fn align<const N: usize>(table: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| {
        let cells = table.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    table.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_one_another_and_lines_end_with_text() {
        let table = [["NAME", "ROLE"], ["ünï", "admin"], ["longer", ""]];
        let table = table.map(|row| row.map(str::to_owned));
        assert_eq!(align(&table), ["NAME    ROLE", "ünï     admin", "longer"]);
    }
}
