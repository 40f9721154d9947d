//! Where a page of runs begins: an opaque text in the URL, never an offset.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use crate::RunId;

/// A place in the list of runs, which is sorted by when they were created; the id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunPosition {
    pub created_at: DateTime<Utc>,
    pub id: RunId,
}

/// Where a page lies, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCursor {
    /// Runs older than the one at this place.
    Older(RunPosition),
    /// Runs newer than the one at this place.
    Newer(RunPosition),
}

impl fmt::Display for RunCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, at) = match self {
            Self::Older(at) => ('o', at),
            Self::Newer(at) => ('n', at),
        };
        // Microseconds, as the database keeps them.
        write!(f, "{way}{}-{}", at.created_at.timestamp_micros(), at.id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page's cursor is not one that this site gave out")]
pub struct BadCursor;

impl FromStr for RunCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (way, at) = text.split_at_checked(1).ok_or(BadCursor)?;
        let at = position(at).ok_or(BadCursor)?;
        match way {
            "o" => Ok(Self::Older(at)),
            "n" => Ok(Self::Newer(at)),
            _ => Err(BadCursor),
        }
    }
}

fn position(text: &str) -> Option<RunPosition> {
    let (micros, id) = text.split_once('-')?;
    // Digits alone: `parse` would take a sign too.
    let number = |digits: &str| i64::try_from(digits.parse::<u64>().ok()?).ok();
    let plain = !text.contains('+');
    // PostgreSQL knows no later year than this, and chrono one that is earlier still.
    let created_at = DateTime::from_timestamp_micros(number(micros)?)?;
    (plain && created_at < DateTime::from_timestamp(LAST_SECOND, 0)?).then_some(RunPosition {
        created_at,
        id: RunId(number(id)?),
    })
}

/// The beginning of the year 10000.
const LAST_SECOND: i64 = 253_402_300_800;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64, id: i64) -> RunPosition {
        RunPosition {
            created_at: DateTime::from_timestamp_micros(micros).unwrap_or_default(),
            id: RunId(id),
        }
    }

    #[test]
    fn a_cursor_survives_the_url_and_anything_else_is_refused() {
        for cursor in [
            RunCursor::Older(at(1_795_000_000_000_001, 42)),
            RunCursor::Newer(at(0, 7)),
        ] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in [
            "",
            "o",
            "o42",
            "x1-42",
            "o-1",
            "o1--1",
            "o+1-1",
            "o1-+1",
            "o 1-2",
            "é1-2",
            "o1-2'--",
            "o9223372036854775807-1",
            "o99999999999999999999-1",
        ] {
            assert_eq!(text.parse::<RunCursor>(), Err(BadCursor), "{text}");
        }
    }

    #[test]
    fn runs_of_one_moment_are_sorted_by_their_number() {
        assert!(at(1, 9) < at(2, 1));
        assert!(at(1, 1) < at(1, 2));
    }
}
