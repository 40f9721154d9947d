//! Other vocabularies for the same thing (imports, restores, bulk work), mapped in one place.

use crate::{Outcome, Status};

/// Status and outcome of a run for a foreign status word; none for a word that means no run yet, or nothing known.
pub fn run_state_of(word: &str) -> Option<(Status, Outcome)> {
    Some(match word {
        "pending" | "previewed" | "queued" => (Status::Queued, Outcome::Pending),
        "running" => (Status::Running, Outcome::Pending),
        "completed" => (Status::Completed, Outcome::Succeeded),
        "completed_with_errors" | "partial" => (Status::Completed, Outcome::PartiallySucceeded),
        "failed" | "aborted" => (Status::Completed, Outcome::Failed),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_map_to_one_state_each_and_a_draft_to_none() {
        for (word, expected) in [
            ("draft", None),
            ("scoped", None),
            ("preview_queued", None),
            ("previewed", Some((Status::Queued, Outcome::Pending))),
            ("queued", Some((Status::Queued, Outcome::Pending))),
            ("pending", Some((Status::Queued, Outcome::Pending))),
            ("running", Some((Status::Running, Outcome::Pending))),
            ("completed", Some((Status::Completed, Outcome::Succeeded))),
            (
                "completed_with_errors",
                Some((Status::Completed, Outcome::PartiallySucceeded)),
            ),
            (
                "partial",
                Some((Status::Completed, Outcome::PartiallySucceeded)),
            ),
            ("failed", Some((Status::Completed, Outcome::Failed))),
            ("aborted", Some((Status::Completed, Outcome::Failed))),
        ] {
            assert_eq!(run_state_of(word), expected, "{word}");
        }
    }
}
