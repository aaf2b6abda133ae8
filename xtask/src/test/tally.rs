//! Counts what passed and failed, from what the test runners print about it.

use std::fmt;

/// The result of a step. A check that is one thing counts as one test.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// How many passed.
    pub(super) passed: usize,
    /// How many failed.
    pub(super) failed: usize,
    /// What a reader of the summary should know.
    note: Option<String>,
}

impl Tally {
    /// A check that is one thing, and fine.
    pub(super) fn passed() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    /// A check that is one thing, and not fine.
    pub(super) fn failed() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    /// Adds a remark.
    pub(super) fn note(self, note: &str) -> Self {
        Self {
            note: Some(note.to_owned()),
            ..self
        }
    }

    /// Adds what a line of libtest's output says: `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    pub(super) fn libtest(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in result.split(['.', ';']) {
            match count(part) {
                Some((n, "passed")) => self.passed += n,
                Some((n, "failed")) => self.failed += n,
                _ => {}
            }
        }
    }

    /// Adds what a line of Playwright's summary says: `  12 passed (31.0s)`. A test that was lucky the second time, or
    /// never got its turn, has not passed.
    pub(super) fn playwright(&mut self, line: &str) {
        match count(line) {
            Some((n, "passed")) => self.passed += n,
            Some((n, "failed" | "flaky" | "interrupted" | "did not run")) => self.failed += n,
            _ => {}
        }
    }

    /// The end of a run: one that did not succeed, or in which nothing ran, is a failure whatever was counted.
    pub(super) fn ended(mut self, success: bool) -> Self {
        if self.failed == 0 && (!success || self.passed == 0) {
            self.failed = 1;
            self.note = Some("the run itself failed".to_owned());
        }
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        match &self.note {
            Some(note) => write!(f, " ({note})"),
            None => Ok(()),
        }
    }
}

/// A number and the words after it, up to a bracket.
fn count(text: &str) -> Option<(usize, &str)> {
    let (number, words) = text.trim().split_once(' ')?;
    let words = words.split_once(" (").map_or(words, |(words, _)| words);
    Some((number.parse().ok()?, words.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_what_libtest_says() {
        let mut tally = Tally::default();
        for line in [
            "running 7 tests",
            "test a ... ok",
            "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            tally.libtest(line);
        }
        assert_eq!((tally.passed, tally.failed), (8, 2));
    }

    #[test]
    fn adds_up_what_playwright_says() {
        let mut tally = Tally::default();
        for line in [
            "Running 16 tests using 1 worker",
            "  ✓  1 login.spec.ts:3:1 › 12 passed words in a title (1.2s)",
            "  1 failed",
            "  1 flaky",
            "  2 skipped",
            "  3 did not run",
            "  9 passed (31.0s)",
        ] {
            tally.playwright(line);
        }
        assert_eq!((tally.passed, tally.failed), (9, 5));
    }

    #[test]
    fn a_run_without_tests_or_with_a_bad_end_is_a_failure() {
        assert_eq!(Tally::default().ended(true).failed, 1);
        assert_eq!(Tally::passed().ended(false).failed, 1);
        assert_eq!(Tally::passed().ended(true), Tally::passed());
    }
}
