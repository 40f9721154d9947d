//! Where a page of runs begins: an opaque text in the URL, never an offset.

use std::{fmt, str::FromStr};

use crate::RunId;

/// A position in the list of runs, newest first. Runs are created in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCursor {
    /// Runs older than this one.
    Older(RunId),
    /// Runs newer than this one.
    Newer(RunId),
}

impl fmt::Display for RunCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older(run) => write!(f, "o{run}"),
            Self::Newer(run) => write!(f, "n{run}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page's cursor is not one that this site gave out")]
pub struct BadCursor;

impl FromStr for RunCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = |digits: &str| {
            digits
                .parse::<u64>()
                .ok()
                .and_then(|id| i64::try_from(id).ok())
                .map(RunId)
        };
        match text.split_at_checked(1) {
            Some(("o", digits)) => id(digits).map(Self::Older),
            Some(("n", digits)) => id(digits).map(Self::Newer),
            _ => None,
        }
        .ok_or(BadCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_url_and_anything_else_is_refused() {
        for cursor in [RunCursor::Older(RunId(42)), RunCursor::Newer(RunId(7))] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in ["", "o", "42", "x42", "o-1", "o 1", "é1", "o1'--"] {
            assert_eq!(text.parse::<RunCursor>(), Err(BadCursor), "{text}");
        }
    }
}
