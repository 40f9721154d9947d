//! The runs that match, as CSV or JSON, written while they are read.

use app::{AppError, runs::filters::RunFilters};
use axum::{
    Extension,
    body::Body,
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::{RunId, views::run_list::ExportedRun};
use services::{
    Caller, Db, ServiceError,
    runs::{EXPORTED_AT_MOST, Export},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::refusal::refusal;

/// Pages that wait for a slow reader; the database is not asked meanwhile.
const PAGES: usize = 2;

type Pairs = Vec<(String, String)>;

/// `GET /runs/export.csv`, with the query string of the list, or `runs[0]=…` for chosen runs.
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
    let (chunks, body) = mpsc::channel(PAGES);
    tokio::spawn(async move { write(export, first, format, &chunks).await });
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CONTENT_DISPOSITION, format.disposition()),
        (
            header::HeaderName::from_static("x-export-at-most"),
            HeaderValue::from(EXPORTED_AT_MOST),
        ),
    ];
    (headers, Body::from_stream(ReceiverStream::new(body))).into_response()
}

/// The values of `runs[…]`.
fn chosen(pairs: &Pairs) -> Result<Vec<RunId>, AppError> {
    let values = pairs.iter().filter(|(name, _)| name.starts_with("runs["));
    values
        .map(|(_, value)| {
            value
                .parse()
                .map_err(|_| AppError::invalid("runs", "each is the number of a run"))
        })
        .collect()
}

async fn write(
    mut export: Export,
    first: Vec<ExportedRun>,
    format: Format,
    chunks: &mpsc::Sender<Result<String, ServiceError>>,
) {
    let mut page = Ok(first);
    let mut text = format.beginning();
    let mut is_first = true;
    loop {
        let runs = match page {
            Ok(runs) => runs,
            Err(error) => {
                tracing::error!(%error, "an export of runs broke off");
                let _the_reader_has_gone = chunks.send(Err(error)).await;
                return;
            }
        };
        let is_last = runs.is_empty();
        for run in &runs {
            format.push(&mut text, run, is_first);
            is_first = false;
        }
        if is_last {
            text.push_str(&format.end(export.is_full()));
        }
        let sent = chunks.send(Ok(std::mem::take(&mut text))).await;
        if is_last || sent.is_err() {
            return;
        }
        page = export.next_page().await;
    }
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    Json,
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

impl Format {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        })
    }

    fn disposition(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Csv => "attachment; filename=\"runs.csv\"",
            Self::Json => "attachment; filename=\"runs.json\"",
        })
    }

    fn beginning(self) -> String {
        match self {
            Self::Csv => format!("{}\r\n", COLUMNS.join(",")),
            Self::Json => "[".to_owned(),
        }
    }

    /// What stands after the last run. An export that could hold no more says so in a last row.
    fn end(self, is_full: bool) -> String {
        let note = format!(
            "Only the newest {EXPORTED_AT_MOST} runs fit; narrow the filters for the others."
        );
        match (self, is_full) {
            (Self::Csv, true) => format!("{}\r\n", field(&note)),
            (Self::Csv, false) => String::new(),
            (Self::Json, true) => format!(",\n{}]\n", serde_json::json!({ "note": note })),
            (Self::Json, false) => "]\n".to_owned(),
        }
    }

    fn push(self, text: &mut String, run: &ExportedRun, is_first: bool) {
        match self {
            Self::Csv => text.push_str(&row(run)),
            Self::Json => {
                text.push_str(if is_first { "\n" } else { ",\n" });
                // A plain struct of texts and numbers always becomes JSON.
                text.push_str(&serde_json::to_string(run).unwrap_or_default());
            }
        }
    }
}

/// A line as RFC 4180 has it.
fn row(run: &ExportedRun) -> String {
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
    let fields = [
        run.id.to_string(),
        field(&run.operation),
        field(&run.operation_type),
        run.tenant_id.to_string(),
        field(&run.tenant),
        field(run.status),
        field(run.outcome),
        field(&run.started_by),
        time(Some(run.created_at)),
        time(run.started_at),
        time(run.completed_at),
        number(run.took_seconds),
        number(run.total.map(i64::from)),
        number(run.success.map(i64::from)),
        number(run.failed.map(i64::from)),
        number(run.skipped.map(i64::from)),
        field(&failures.join("; ")),
    ];
    format!("{}\r\n", fields.join(","))
}

/// A text as a field. A spreadsheet would take one that begins like a formula for one, so it gets an apostrophe before.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = match is_formula {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match text.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_has_to_be_and_never_a_formula() {
        assert_eq!(field("Contoso"), "Contoso");
        assert_eq!(field("Contoso, Ltd."), "\"Contoso, Ltd.\"");
        assert_eq!(field("the \"big\" one"), "\"the \"\"big\"\" one\"");
        assert_eq!(field("a\nb"), "\"a\nb\"");
        for formula in ["=1+1", "+1", "-1", "@sum", "\tx"] {
            assert!(field(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(
            field("=hyperlink(\"x\",\"y\")"),
            "\"'=hyperlink(\"\"x\"\",\"\"y\"\")\""
        );
    }

    #[test]
    fn a_full_export_says_that_there_is_more() {
        assert!(Format::Csv.end(true).contains("100000 runs fit"));
        let json = format!("[{{}}{}", Format::Json.end(true));
        let read: Result<Vec<serde_json::Value>, _> = serde_json::from_str(&json);
        assert_eq!(read.map(|all| all.len()).ok(), Some(2));
        assert_eq!(Format::Json.end(false), "]\n");
    }
}
