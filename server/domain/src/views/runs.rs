//! Runs as the list, the run page and the start surfaces show them.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::handovers::Handover;
use crate::{
    FailureCode, FailureGroup, OperationType, Outcome, RestoreId, RunCursor, RunId, RunPosition,
    RunState, Status, SummaryCounts, TenantId,
    views::run_list::{InitiatorFilter, Last, OutcomeFilter},
};

/// Workers say this often how far a run is, at the most; whoever watches one run asks as often.
pub const REPORTED_EVERY: Duration = Duration::from_millis(250);

/// What the runs list is asked for; every part stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunQuery {
    pub status: Option<Status>,
    pub outcome: Option<OutcomeFilter>,
    /// A type of the taxonomy; one that no run has gives an empty list.
    pub operation_type: Option<String>,
    pub tenant: Option<TenantId>,
    /// Only runs that the reader started.
    pub mine: bool,
    pub initiator: Option<InitiatorFilter>,
    /// First and last day (of UTC) on which they were created.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Created within this time before now.
    pub last: Option<Last>,
    /// In the operation, the tenant's or initiator's name, a failure's text, or as the run's number.
    pub text: Option<String>,
    pub cursor: Option<RunCursor>,
}

impl RunQuery {
    /// Whether a run that has ended can match at all.
    pub fn may_hold_ended(&self) -> bool {
        let only_active = self.status.is_some_and(Status::is_active);
        let only_pending = self.outcome == Some(OutcomeFilter::Is(Outcome::Pending));
        !only_active && !only_pending
    }
}

/// How far work has come that is done in parts: "part 5 of 19".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// Parts that have begun, the current one included.
    pub begun: i32,
    pub total: i32,
}

/// One run in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRow {
    pub id: RunId,
    pub tenant_id: TenantId,
    pub tenant_name: String,
    pub operation_type: String,
    /// A rehearsal: it writes nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// The run that did its work again, or what failed of it, and succeeded.
    #[serde(default)]
    pub put_right_by: Option<RunId>,
    pub initiator_name: String,
    /// Whether the reader started it.
    pub mine: bool,
    pub state: RunState,
    pub counts: Option<SummaryCounts>,
    /// For work that comes in a known number of parts.
    pub parts: Option<Parts>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl RunRow {
    /// Its place in the list.
    pub fn position(&self) -> RunPosition {
        RunPosition {
            created_at: self.created_at,
            id: self.id,
        }
    }

    /// "Inventory sync", or the stored type for one that this version does not know.
    pub fn operation_label(&self) -> &str {
        label_of(&self.operation_type, self.dry_run)
    }

    /// Whether something of it failed that no later run has done.
    pub fn is_to_be_mended(&self) -> bool {
        OutcomeFilter::NotSucceeded.holds(self.state.outcome()) && self.put_right_by.is_none()
    }

    /// How many items of it failed that can be done again by themselves, and were not since.
    pub fn items_to_retry(&self) -> u32 {
        let operation = self.operation_type.parse::<OperationType>();
        match operation.is_ok_and(OperationType::retries_failed_items) && self.is_to_be_mended() {
            true => self.counts.map_or(0, |counts| counts.failed),
            false => 0,
        }
    }
}

/// The label of a stored type, or the type itself if this version does not know it.
pub fn operation_label(operation_type: &str) -> &str {
    match operation_type.parse::<OperationType>() {
        Ok(known) => known.label(),
        Err(_) => operation_type,
    }
}

/// The same of a run that may be a rehearsal.
pub(super) fn label_of(operation_type: &str, dry_run: bool) -> &str {
    match dry_run {
        true => "Dry run of a restore",
        false => operation_label(operation_type),
    }
}

/// One page of the runs list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPage {
    pub rows: Vec<RunRow>,
    /// Cursor of the page before this one, if there is one.
    pub newer: Option<String>,
    pub older: Option<String>,
    /// Since when a text was searched, where that is later than what was asked for.
    pub searched_since: Option<NaiveDate>,
    /// Whether that is because going back further took too long.
    pub cut_off: bool,
    /// The database's clock when it answered.
    pub as_of: DateTime<Utc>,
}

/// Why a run that is active does not move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Waiting {
    /// The shadow of a restore that has been previewed and that nobody has executed yet.
    Execution { restore: RestoreId },
    /// No worker has shown a sign of life lately.
    NoWorker {
        /// When the last one did, if any ever has.
        last_seen: Option<DateTime<Utc>>,
    },
    /// As many runs of this tenant as are allowed are running; this is one of them.
    TenantBusy {
        run: RunId,
        operation_type: String,
        /// In how many seconds that one ends if it takes as long as usual; none once it takes longer.
        usually_left: Option<i64>,
    },
    /// Workers are alive; this many runs were queued before.
    InQueue { ahead: i64 },
    /// Microsoft asked to wait.
    Throttled { until: DateTime<Utc> },
    /// A try failed in a way worth retrying; the next begins then.
    Retry { at: DateTime<Utc> },
}

/// A step of a run that has begun, for the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineStep {
    pub label: String,
    pub at: DateTime<Utc>,
    /// Why a try ended before the work was done.
    #[serde(default)]
    pub failure: Option<String>,
    /// How many items failed in the step; known of steps that are kinds of policies.
    #[serde(default)]
    pub failed_items: i64,
}

/// How one item of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    Succeeded,
    Failed,
    Skipped,
}

impl ItemOutcome {
    pub const ALL: [Self; 3] = [Self::Failed, Self::Succeeded, Self::Skipped];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// What a run's items are asked for; every part stands in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunItemQuery {
    pub outcome: Option<ItemOutcome>,
    /// How it failed.
    pub code: Option<FailureCode>,
    /// In the name or the failure's message.
    pub text: Option<String>,
    pub cursor: Option<String>,
}

/// One item behind a run's counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunItemRow {
    pub id: i64,
    pub outcome: ItemOutcome,
    /// The kind of policy; none for groups and checks.
    pub kind_label: Option<String>,
    pub name: String,
    /// What became of it, in a word: "new", "unchanged", "removed".
    pub note: Option<String>,
    /// For one that failed.
    pub failure: Option<(FailureCode, String)>,
}

/// One page of a run's items: those that failed first, of each the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunItemsPage {
    pub rows: Vec<RunItemRow>,
    /// Cursor of the page before this one, if there is one.
    pub newer: Option<String>,
    /// Cursor of the page after this one, if there is one.
    pub older: Option<String>,
    /// The run ended so long ago that items which did not fail are gone.
    pub only_failed_kept: bool,
}

/// How long runs of this operation on this tenant that succeeded took, the latest fifty at most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct UsualDuration {
    pub runs: i64,
    pub median_seconds: f64,
    /// 95 of 100 took no longer.
    pub p95_seconds: f64,
}

/// Another run that this one has to do with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedRun {
    pub id: RunId,
    pub initiator_name: String,
    pub state: RunState,
    pub created_at: DateTime<Utc>,
}

/// Runs around a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedRuns {
    /// The one of the same operation on the same tenant before it.
    pub previous: Option<RelatedRun>,
    pub next: Option<RelatedRun>,
    /// The run whose work it does again.
    pub repeats: Option<RelatedRun>,
    /// Those that do its work again, the latest ten.
    pub repeated_by: Vec<RelatedRun>,
}

impl RelatedRuns {
    fn all(&self) -> impl Iterator<Item = &RelatedRun> {
        let alone = [&self.previous, &self.next, &self.repeats];
        alone.into_iter().flatten().chain(&self.repeated_by)
    }

    /// Those whose state is going to change.
    pub fn active(&self) -> Vec<RunId> {
        let active = self.all().filter(|run| run.state.status().is_active());
        active.map(|run| run.id).collect()
    }
}

/// Who hears of a run's end beside the one who started it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followers {
    /// Their names and when they joined, the first fifty.
    pub joined: Vec<(String, DateTime<Utc>)>,
    /// Whether the reader is one of them.
    pub reader: bool,
}

/// Everything on one run's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunDetail {
    pub run: RunRow,
    pub failures: Vec<FailureGroup>,
    pub waiting: Option<Waiting>,
    pub followers: Followers,
    pub usual: Option<UsualDuration>,
    pub related: RelatedRuns,
    /// Links that show it to somebody outside, for readers who may make some.
    pub handovers: Vec<Handover>,
    /// Steps within the execution ("Settings catalog", …), in order.
    pub steps: Vec<TimelineStep>,
    /// Last heartbeat of the worker that has it.
    pub last_sign_of_life: Option<DateTime<Utc>>,
    /// When it will be declared lost unless a sign of life comes first; set while running.
    pub lost_at: Option<DateTime<Utc>>,
    /// When it ends as failed unless a worker begins it before; only of one that is queued for a worker.
    pub given_up_at: Option<DateTime<Utc>>,
    /// Which try this is; 1 for the first, 0 before it.
    pub attempt: i32,
    pub identity_hash: String,
    /// The inputs that make up the identity.
    pub inputs: Value,
    /// Other context (sanitized), for readers who debug.
    pub context: Value,
    /// Microsoft's latest request of each failure code: pairs of a code and the request's id.
    pub request_ids: Vec<(String, String)>,
    /// Microsoft's id of the tenant, as its support asks for it.
    pub directory_id: String,
    /// Labels of the kinds of policies in which items failed, by name.
    pub failed_kinds: Vec<String>,
    /// Whether the reader may start this operation on this tenant.
    pub may_start: bool,
    /// Whether the reader may replace the secret with which the tenant's app signs in.
    pub may_replace_secret: bool,
    pub as_of: DateTime<Utc>,
}

/// The answer of a start surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartAnswer {
    pub run: RunRow,
    /// False if the same work was active already; then `run` is that one, as its initiator started it.
    pub created: bool,
}
