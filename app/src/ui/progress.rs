//! Progress of a run: a bar for the eye, and the same in numbers.

use chrono::{DateTime, Utc};
use domain::{OperationType, RunState, SummaryCounts, views::runs::RunRow};
use leptos::prelude::*;

use super::number::grouped;

/// "182 of 412", "182, part 5 of 19", "240 · 12 failed · 128 unchanged"; empty before the first count.
pub fn counts_in_words(run: &RunRow) -> String {
    let Some(counts) = run.counts.map(SummaryCounts::with_consistent_total) else {
        return String::new();
    };
    let done = grouped(counts.done());
    let all = match (run.state.status().is_active(), run.parts) {
        (true, Some(parts)) => Some(format!("{done}, part {} of {}", parts.begun, parts.total)),
        (true, None) if counts.done() < counts.total => {
            Some(format!("{done} of {}", grouped(counts.total)))
        }
        (true, None) => Some(format!("{done} so far")),
        // "1 failed" says it; "1 · 1 failed" says it twice.
        (false, _) if counts.failed == counts.total && counts.total > 0 => None,
        (false, _) => Some(grouped(counts.total)),
    };
    let some = |count: u32, word| (count > 0).then(|| format!("{} {word}", grouped(count)));
    let words: Vec<_> = [
        all,
        some(counts.failed, "failed"),
        some(counts.skipped, skipped_word(run)),
    ]
    .into_iter()
    .flatten()
    .collect();
    words.join(" · ")
}

/// What it means for this run that an item was skipped.
pub fn skipped_word(run: &RunRow) -> &'static str {
    match run.operation_type.parse() {
        Ok(OperationType::InventorySync) => "unchanged",
        _ => "skipped",
    }
}

/// A bar: how much is done while active, how it ended after that. Nothing where a share would be made up.
#[component]
pub fn ProgressBar(run: RunRow) -> impl IntoView {
    if !run.state.status().is_active() {
        let counts = run.counts.map(SummaryCounts::with_consistent_total);
        return counts
            .filter(|counts| counts.total > 0)
            .map(ended_bar)
            .into_any();
    }
    share_done(&run)
        .map(|(done, of)| {
            view! {
                <progress class="bar" max=of value=done aria-label="Progress">
                    {format!("{done} of {of}")}
                </progress>
            }
        })
        .into_any()
}

/// Work in parts only learns its items as it goes, so its parts tell more than its items.
fn share_done(run: &RunRow) -> Option<(i64, i64)> {
    if let Some(parts) = run.parts.filter(|parts| parts.total > 0) {
        return Some((i64::from(parts.begun - 1).max(0), i64::from(parts.total)));
    }
    let counts = run.counts?;
    (counts.done() < counts.total).then_some((i64::from(counts.done()), i64::from(counts.total)))
}

/// In seconds, what is left of a running run if it goes on at its pace so far; none before that pace can be known.
pub fn left_at_its_pace(run: &RunRow, as_of: DateTime<Utc>) -> Option<i64> {
    let RunState::Running { started_at } = run.state else {
        return None;
    };
    let lasted = (as_of - started_at).num_seconds();
    let (done, of) = share_done(run)?;
    // The first items say little of the others, and the first seconds go to getting started.
    let is_known = lasted >= 10 && done * 20 >= of;
    is_known.then(|| lasted * (of - done) / done.max(1))
}

/// Widths are SVG attributes: the content security policy forbids inline styles.
fn ended_bar(counts: SummaryCounts) -> impl IntoView {
    let share = |count: u32| f64::from(count) * 100.0 / f64::from(counts.total);
    let (success, failed) = (share(counts.success), share(counts.failed));
    let skipped = share(counts.skipped);
    view! {
        <svg class="bar" viewBox="0 0 100 6" width="100%" height="6" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-rest" x="0" y="0" width="100" height="6" />
            <rect class="bar-success" x="0" y="0" width=format!("{success:.2}") height="6" />
            <rect class="bar-skipped" x=format!("{success:.2}") y="0" width=format!("{skipped:.2}") height="6" />
            <rect class="bar-failed" x=format!("{:.2}", success + skipped) y="0" width=format!("{failed:.2}") height="6" />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use domain::{Outcome, RunId, TenantId, views::runs::Parts};

    use super::*;

    fn run(state: RunState, counts: (u32, u32, u32, u32), parts: Option<Parts>) -> RunRow {
        let (total, success, failed, skipped) = counts;
        RunRow {
            id: RunId(1),
            tenant_id: TenantId(1),
            tenant_name: "Contoso".to_owned(),
            operation_type: "inventory.sync".to_owned(),
            dry_run: false,
            put_right_by: None,
            initiator_name: "System".to_owned(),
            mine: false,
            state,
            counts: Some(SummaryCounts {
                total,
                success,
                failed,
                skipped,
            }),
            parts,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    const RUNNING: RunState = RunState::Running {
        started_at: DateTime::UNIX_EPOCH,
    };

    #[test]
    fn a_run_that_learns_its_items_as_it_goes_never_claims_to_be_done() {
        let known = run(RUNNING, (412, 176, 6, 0), None);
        assert_eq!(counts_in_words(&known), "182 of 412 · 6 failed");
        assert_eq!(share_done(&known), Some((182, 412)));

        let growing = run(RUNNING, (182, 182, 0, 0), None);
        assert_eq!(counts_in_words(&growing), "182 so far");
        assert_eq!(share_done(&growing), None);

        let in_parts = run(
            RUNNING,
            (182, 182, 0, 0),
            Some(Parts {
                begun: 5,
                total: 19,
            }),
        );
        assert_eq!(counts_in_words(&in_parts), "182, part 5 of 19");
        assert_eq!(share_done(&in_parts), Some((4, 19)));
    }

    #[test]
    fn what_is_left_is_told_once_the_pace_is_known() {
        let after = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let half = run(RUNNING, (400, 190, 10, 0), None);
        assert_eq!(left_at_its_pace(&half, after(60)), Some(60));
        assert_eq!(left_at_its_pace(&half, after(9)), None);
        let hardly = run(RUNNING, (400, 19, 0, 0), None);
        assert_eq!(left_at_its_pace(&hardly, after(60)), None);
        let growing = run(RUNNING, (182, 182, 0, 0), None);
        assert_eq!(left_at_its_pace(&growing, after(60)), None);
        let queued = run(RunState::Queued, (400, 200, 0, 0), None);
        assert_eq!(left_at_its_pace(&queued, after(60)), None);
    }

    #[test]
    fn an_ended_run_says_what_it_did_with_its_items() {
        let state = RunState::Completed {
            started_at: None,
            completed_at: DateTime::UNIX_EPOCH,
            outcome: Outcome::PartiallySucceeded,
        };
        let ended = run(state, (240, 100, 12, 128), None);
        assert_eq!(counts_in_words(&ended), "240 · 12 failed · 128 unchanged");
    }
}
