//! The audit log as a file: what the page's filters choose, as CSV or JSON.

use std::io;

use app::{AppError, audit::filters::AuditFilters};
use axum::{
    Extension,
    extract::{Query, State},
    response::Response,
};
use domain::{
    AuditCursor,
    views::audit::{AuditQuery, AuditRow},
};
use futures::{Stream, stream};
use serde::Deserialize;
use serde_json::json;
use services::{Caller, Db, audit};

use super::{
    refusal::refusal,
    table_export::{Format, Row, download},
};

#[derive(Deserialize)]
pub(super) struct ExportQuery {
    format: String,
    #[serde(flatten)]
    filters: AuditFilters,
}

/// `GET /audit/export?format=csv&…`.
pub(super) async fn audit_log(
    State(db): State<Db>,
    Extension(caller): Extension<Option<Caller>>,
    Query(query): Query<ExportQuery>,
) -> Response {
    let Some(caller) = caller else {
        return refusal(AppError::NotSignedIn);
    };
    let format = match query.format.as_str() {
        "csv" => Format::Csv,
        "json" => Format::Json,
        _ => return refusal(AppError::invalid("format", "it is csv or json")),
    };
    let filters = match query.filters.to_query() {
        // A file holds all that matches; begun at a page's place, it would go over the same events again.
        Ok(filters) => AuditQuery {
            cursor: None,
            ..filters
        },
        Err(error) => return refusal(error),
    };
    // Asked once before anything is sent, so that a filter that can't be used is answered as such.
    let first = match audit::export_page(&caller, &db, &filters).await {
        Ok(first) => first,
        Err(error) => return refusal(error),
    };
    if let Err(error) = audit::note_export(&caller, &db, &query.format).await {
        return refusal(error);
    }
    let rows = pages(caller, db, filters, first);
    download("audit-log", format, &COLUMNS, rows)
}

const COLUMNS: [&str; 12] = [
    "id",
    "at",
    "person",
    "person_id",
    "tenant",
    "tenant_id",
    "action",
    "subject",
    "result",
    "reason",
    "address",
    "means",
];

/// All pages from the first on. Each is asked under the caller's rights of the beginning: minutes at most.
fn pages(
    caller: Caller,
    db: Db,
    query: AuditQuery,
    first: Vec<AuditRow>,
) -> impl Stream<Item = io::Result<Vec<Row>>> {
    stream::try_unfold(
        (caller, db, query, Some(first)),
        |(caller, db, mut query, read)| async move {
            let rows = match read {
                Some(first) => first,
                None => audit::export_page(&caller, &db, &query)
                    .await
                    .map_err(io::Error::other)?,
            };
            let Some(last) = rows.last() else {
                return Ok(None);
            };
            query.cursor = Some(AuditCursor::Older(last.id));
            let page = rows.into_iter().map(row).collect();
            Ok(Some((page, (caller, db, query, None))))
        },
    )
}

fn row(event: AuditRow) -> Row {
    let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let at = event
        .at
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    Row {
        cells: vec![
            event.id.to_string(),
            at.clone(),
            event.actor.clone(),
            number(event.actor_id.map(|id| id.0)),
            text(&event.tenant),
            number(event.tenant_id.map(|id| id.0)),
            event.action.to_string(),
            text(&event.subject),
            event.result.to_string(),
            text(&event.reason),
            text(&event.address),
            event.means.to_string(),
        ],
        object: json!({
            "id": event.id,
            "at": at,
            "person": event.actor,
            "person_id": event.actor_id,
            "tenant": event.tenant,
            "tenant_id": event.tenant_id,
            "action": event.action,
            "subject_kind": event.subject_kind,
            "subject_id": event.subject_id,
            "subject": event.subject,
            "result": event.result,
            "reason": event.reason,
            "address": event.address,
            "means": event.means,
        }),
    }
}
