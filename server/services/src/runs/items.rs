//! The items behind a run's counts: written with the counts that they make up, read page by page.

use std::fmt;

use chrono::TimeDelta;
use domain::{
    FailureCode, RunId, sanitize,
    views::runs::{ItemOutcome, RunItemQuery, RunItemRow, RunItemsPage},
};
use graph::PolicyKind;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use super::list;
use crate::{Caller, Db, ServiceError, name_cursor::contains};

const PAGE: usize = 50;
/// How long items that did not fail are kept after their run's end.
const KEPT_DAYS: i32 = 30;

/// What a run did something with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// A policy kind's key.
    pub kind: Option<&'static str>,
    /// What Microsoft knows it by; none for a kind as a whole.
    pub id: Option<String>,
    pub name: String,
}

impl Item {
    pub(crate) fn policy(kind: &PolicyKind, id: &str, name: &str) -> Self {
        Self {
            kind: Some(kind.key),
            id: Some(id.to_owned()),
            // Some kinds have no names of their own.
            name: if name.is_empty() { id } else { name }.to_owned(),
        }
    }

    pub(crate) fn whole_kind(kind: &PolicyKind) -> Self {
        Self {
            kind: Some(kind.key),
            id: None,
            name: format!("All {}", kind.label),
        }
    }

    pub(crate) fn named(id: &str, name: &str) -> Self {
        Self {
            kind: None,
            id: Some(id.to_owned()),
            name: if name.is_empty() { id } else { name }.to_owned(),
        }
    }
}

/// How an item ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemEnd {
    Succeeded,
    Skipped,
    Failed { code: FailureCode, message: String },
}

impl ItemEnd {
    fn outcome(&self) -> ItemOutcome {
        match self {
            Self::Succeeded => ItemOutcome::Succeeded,
            Self::Skipped => ItemOutcome::Skipped,
            Self::Failed { .. } => ItemOutcome::Failed,
        }
    }
}

/// An item that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedItem {
    pub item: Item,
    /// What became of it: "new", "unchanged", "removed".
    pub note: Option<&'static str>,
    pub end: ItemEnd,
}

/// Stores items in one statement, in the transaction of the counts that they make up.
pub(super) async fn store(
    tx: &mut PgConnection,
    run: RunId,
    items: &[EndedItem],
) -> Result<(), sqlx::Error> {
    if items.is_empty() {
        return Ok(());
    }
    let failure = |item: &EndedItem| match &item.end {
        ItemEnd::Failed { code, message } => Some((code.as_str(), sanitize::message(message))),
        _ => None,
    };
    let texts = |text: fn(&EndedItem) -> Option<String>| items.iter().map(text).collect::<Vec<_>>();
    sqlx::query(
        "insert into operation_run_items (run_id, state, kind, item_id, name, note, code, message)
         select $1, f.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
             as f (state, kind, item_id, name, note, code, message)",
    )
    .bind(run)
    .bind(texts(|item| Some(item.end.outcome().as_str().to_owned())))
    .bind(texts(|item| item.item.kind.map(str::to_owned)))
    .bind(texts(|item| item.item.id.as_ref().map(|id| id.replace('\0', "\u{fffd}"))))
    .bind(texts(|item| Some(sanitize::message(&item.item.name))))
    .bind(texts(|item| item.note.map(str::to_owned)))
    .bind(items.iter().map(|item| failure(item).map(|(code, _)| code)).collect::<Vec<_>>())
    .bind(items.iter().map(|item| failure(item).map(|(_, message)| message)).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets what an earlier try did: another one counts anew.
pub(super) async fn forget(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    sqlx::query("delete from operation_run_items where run_id = $1")
        .bind(run)
        .execute(tx)
        .await?;
    Ok(())
}

/// The items of a restore's execution are what its policies say, those of an earlier try included.
pub(crate) async fn of_restore(tx: &mut PgConnection, run: RunId) -> Result<(), sqlx::Error> {
    forget(tx, run).await?;
    sqlx::query(
        "insert into operation_run_items (run_id, state, kind, item_id, name, note, code, message)
         select $1, i.state, v.kind, coalesce(i.result_graph_id, i.target_graph_id), left(v.name, 200), i.action,
                case when i.state = 'failed' then coalesce(i.failure_code, 'internal.error') end,
                case when i.state = 'failed' then coalesce(i.failure_message, '') end
         from restore_runs r join restore_items i on i.restore_run_id = r.id join policy_versions v on v.id = i.version_id
         where r.shadow_run_id = $1 and i.state in ('succeeded', 'failed', 'skipped')
         order by i.finished_at, i.version_id",
    )
    .bind(run)
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Record {
    id: i64,
    state: String,
    kind: Option<String>,
    name: String,
    note: Option<String>,
    code: Option<String>,
    message: Option<String>,
}

/// An item in the order of the list.
#[derive(Clone, Copy)]
enum Place {
    Failed(i64),
    Other(i64),
}

impl Place {
    fn of(item: &Record) -> Self {
        match item.state == ItemOutcome::Failed.as_str() {
            true => Self::Failed(item.id),
            false => Self::Other(item.id),
        }
    }
}

/// Which page: the one after an item, or the one that ends before it.
#[derive(Clone, Copy)]
enum Cursor {
    After(Place),
    Before(Place),
}

impl Cursor {
    fn read(text: &str) -> Result<Self, ServiceError> {
        let (cursor, text): (fn(Place) -> Self, _) = match text.strip_prefix('b') {
            Some(text) => (Self::Before, text),
            None => (Self::After, text),
        };
        let (place, id): (fn(i64) -> Place, _) = match text.strip_prefix('f') {
            Some(id) => (Place::Failed, id),
            None => (Place::Other, text),
        };
        let no_place = |_| ServiceError::Invalid("cursor: not one that this site gave out".into());
        id.parse().map(|id| cursor(place(id))).map_err(no_place)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::After(place) | Self::Before(place)) = self;
        if matches!(self, Self::Before(_)) {
            f.write_str("b")?;
        }
        match place {
            Place::Failed(id) => write!(f, "f{id}"),
            Place::Other(id) => id.fmt(f),
        }
    }
}

/// One page of a run's items: those that failed first, of each the latest first, so that new ones show while it runs.
pub async fn items(
    caller: &Caller,
    db: &Db,
    run: RunId,
    query: &RunItemQuery,
) -> Result<RunItemsPage, ServiceError> {
    let row = list::one(caller, db, run).await?;
    let cursor = query.cursor.as_deref().map(Cursor::read).transpose()?;
    let backwards = matches!(cursor, Some(Cursor::Before(_)));
    // Of those that failed and of the others: the id beyond which the page begins. A place among the others has passed all
    // that failed forwards (`i64::MIN`: none is below) and has them before it backwards (all are above).
    let (failed_beyond, others_beyond) = match cursor {
        None => (i64::MAX, i64::MAX),
        Some(Cursor::After(Place::Failed(id))) => (id, i64::MAX),
        Some(Cursor::After(Place::Other(id))) => (i64::MIN, id),
        Some(Cursor::Before(Place::Failed(id))) => (id, i64::MAX),
        Some(Cursor::Before(Place::Other(id))) => (i64::MIN, id),
    };
    let (beyond, places, ids) = match backwards {
        true => (">", "desc", "asc"),
        false => ("<", "asc", "desc"),
    };
    let statement = format!(
        "select id, state, kind, name, note, code, message from (
             (select 1 as place, * from operation_run_items
              where run_id = $1 and state = 'failed' and ($2::text is null or state = $2) and id {beyond} $6
                and ($3::text is null or lower(name) like $3 or lower(message) like $3)
                and ($4::text is null or code = $4)
              order by id {ids} limit $5)
             union all
             (select 2 as place, * from operation_run_items
              where run_id = $1 and state <> 'failed' and ($2::text is null or state = $2) and id {beyond} $7
                and ($3::text is null or lower(name) like $3) and $4::text is null
              order by id {ids} limit $5)
         ) as found
         order by place {places}, id {ids} limit $5"
    );
    let text = query.text.as_deref().map(contains).transpose()?;
    let mut found: Vec<Record> = sqlx::query_as(AssertSqlSafe(statement))
        .bind(run)
        .bind(query.outcome.map(ItemOutcome::as_str))
        .bind(text)
        .bind(query.code.map(FailureCode::as_str))
        .bind(i64::try_from(PAGE + 1).unwrap_or(i64::MAX))
        .bind(failed_beyond)
        .bind(others_beyond)
        .fetch_all(&db.pool)
        .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    if backwards {
        found.reverse();
    }
    // Where the page came from there is one; in the other direction what was found beyond it tells.
    let (is_newer, is_older) = match backwards {
        true => (more, true),
        false => (cursor.is_some(), more),
    };
    let first = found.first().filter(|_| is_newer).map(Place::of);
    let last = found.last().filter(|_| is_older).map(Place::of);
    Ok(RunItemsPage {
        newer: first.map(|place| Cursor::Before(place).to_string()),
        older: last.map(|place| Cursor::After(place).to_string()),
        rows: found.into_iter().map(into_row).collect::<Result<_, _>>()?,
        only_failed_kept: match row.state.completed_at() {
            Some(at) => db.now().await? - at > TimeDelta::days(KEPT_DAYS.into()),
            None => false,
        },
    })
}

fn into_row(record: Record) -> Result<RunItemRow, ServiceError> {
    let outcome = ItemOutcome::parse(&record.state).ok_or_else(|| {
        ServiceError::Internal(format!("item {} has an unknown state", record.id))
    })?;
    let kind_label = record
        .kind
        .map(|key| PolicyKind::by_key(&key).map_or(key.clone(), |kind| kind.label.to_owned()));
    Ok(RunItemRow {
        id: record.id,
        outcome,
        kind_label,
        name: record.name,
        note: record.note,
        failure: record
            .code
            .and_then(|code| code.parse().ok())
            .zip(record.message),
    })
}

/// Removes items that did not fail, a month after their run's end; what failed stays as long as its run.
pub async fn tidy_items(db: &Db) -> Result<(), ServiceError> {
    sqlx::query(
        "delete from operation_run_items where id in (
             select i.id
             from (select id, run_id from operation_run_items where state <> 'failed' order by id limit 20000) as i
                 join operation_runs r on r.id = i.run_id
             where r.completed_at < now() - make_interval(days => $1)
         )",
    )
    .bind(KEPT_DAYS)
    .execute(&db.pool)
    .await?;
    Ok(())
}
