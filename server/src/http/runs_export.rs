//! The runs that match, as CSV or JSON, written while they are read.

use std::io;

use app::{AppError, runs::filters::RunFilters};
use axum::{
    Extension,
    extract::{Query, State},
    http::HeaderValue,
    response::Response,
};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    RunId,
    views::run_list::{EXPORTED_AT_MOST, ExportedRun},
};
use futures::{Stream, stream};
use serde_json::json;
use services::{Caller, Db, runs::Export};

use super::{
    refusal::refusal,
    table_export::{Format, Row, download},
};

type Pairs = Vec<(String, String)>;

/// `GET /runs/export.csv`, with the query string of the list, or `runs[0]=…` for chosen runs. With `matching=1` what is
/// chosen does not count.
pub(super) async fn csv(
    State(db): State<Db>,
    Extension(caller): Extension<Option<Caller>>,
    Query(pairs): Query<Pairs>,
) -> Response {
    answer(caller, db, pairs, Format::Csv).await
}

/// `GET /runs/export.json`: the same as one array.
pub(super) async fn json(
    State(db): State<Db>,
    Extension(caller): Extension<Option<Caller>>,
    Query(pairs): Query<Pairs>,
) -> Response {
    answer(caller, db, pairs, Format::Json).await
}

async fn answer(caller: Option<Caller>, db: Db, pairs: Pairs, format: Format) -> Response {
    let Some(caller) = caller else {
        return refusal(AppError::NotSignedIn);
    };
    let asked = RunFilters::from_pairs(&pairs)
        .to_query()
        .and_then(|query| Ok((query, chosen(&pairs)?)));
    let (query, chosen) = match asked {
        Ok(asked) => asked,
        Err(error) => return refusal(error),
    };
    let mut export = match Export::begin(caller, db, &query, &chosen).await {
        Ok(export) => export,
        Err(error) => return refusal(error),
    };
    // The first page decides whether this is an answer at all; what fails later breaks the download off.
    let first = match export.next_page().await {
        Ok(first) => first,
        Err(error) => return refusal(error),
    };
    let mut answer = download("runs", format, &COLUMNS, pages(export, first));
    answer
        .headers_mut()
        .insert("x-export-at-most", HeaderValue::from(EXPORTED_AT_MOST));
    answer
}

/// The values of `runs[…]`, unless everything that matches is asked for.
fn chosen(pairs: &Pairs) -> Result<Vec<RunId>, AppError> {
    if pairs.iter().any(|(name, _)| name == "matching") {
        return Ok(Vec::new());
    }
    let values = pairs.iter().filter(|(name, _)| name.starts_with("runs["));
    values
        .map(|(_, value)| {
            value
                .parse()
                .map_err(|_| AppError::invalid("runs", "each is the number of a run"))
        })
        .collect()
}

/// All pages from the first on; an export that could hold no more says so in a last row.
fn pages(export: Export, first: Vec<ExportedRun>) -> impl Stream<Item = io::Result<Vec<Row>>> {
    stream::try_unfold(Some((export, first)), |under_way| async move {
        let Some((mut export, runs)) = under_way else {
            return Ok(None);
        };
        if runs.is_empty() {
            let note = export.is_full().then(|| vec![full()]);
            return Ok(note.map(|note| (note, None)));
        }
        let rows = runs.into_iter().map(row).collect();
        let next = export.next_page().await.map_err(io::Error::other)?;
        Ok(Some((rows, Some((export, next)))))
    })
}

fn full() -> Row {
    let note =
        format!("Only the newest {EXPORTED_AT_MOST} runs fit; narrow the filters for the others.");
    Row {
        cells: vec![note.clone()],
        object: json!({ "note": note }),
    }
}

/// The columns of the CSV, named as the members of the JSON.
const COLUMNS: [&str; 17] = [
    "id",
    "operation",
    "operation_type",
    "tenant_id",
    "tenant",
    "status",
    "outcome",
    "started_by",
    "created_at",
    "started_at",
    "completed_at",
    "took_seconds",
    "total",
    "success",
    "failed",
    "skipped",
    "failures",
];

fn row(run: ExportedRun) -> Row {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let time = |at: Option<DateTime<Utc>>| {
        at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true))
            .unwrap_or_default()
    };
    let failures: Vec<_> = run
        .failures
        .iter()
        .map(|failure| format!("{} × {}: {}", failure.count, failure.code, failure.message))
        .collect();
    Row {
        cells: vec![
            run.id.to_string(),
            run.operation.clone(),
            run.operation_type.clone(),
            run.tenant_id.to_string(),
            run.tenant.clone(),
            run.status.to_string(),
            run.outcome.to_string(),
            run.started_by.clone(),
            time(Some(run.created_at)),
            time(run.started_at),
            time(run.completed_at),
            number(run.took_seconds),
            number(run.total.map(i64::from)),
            number(run.success.map(i64::from)),
            number(run.failed.map(i64::from)),
            number(run.skipped.map(i64::from)),
            failures.join("; "),
        ],
        object: json!(run),
    }
}
